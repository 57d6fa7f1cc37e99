"""What would happen to an invoice that nobody pays: each level, its day, its
amounts, what moves it or stops it, until nothing more is proposed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum

from relance.rules.calendar import deadline
from relance.rules.debts import Debt, PenaltyStatement
from relance.rules.delays import Delay
from relance.rules.escalation import (
    Code,
    HoldFact,
    LastReminder,
    LevelRule,
    Reason,
    Situation,
    Thresholds,
    Weight,
    day_after_courtesy,
    next_level,
    possible_from,
    reasons_against,
)
from relance.rules.penalties import compute
from relance.rules.rates import MissingRate, RateTable

# Of looks at one level: a hold, an interval, another hold… then one gives up.
MOST_MOVES = 40
_ONE_DAY = timedelta(days=1)

# A person will do what these wait for; the simulation supposes that it is done.
_SUPPOSED_DONE = frozenset(
    {
        Code.NOT_POSTED,
        Code.APPROVAL_NEEDED,
        Code.APPROVAL_ASKED,
        Code.APPROVAL_REFUSED,
        Code.APPROVAL_OUTGROWN,
    }
)


@dataclass(frozen=True, kw_only=True)
class CourseStep:
    """A step of the procedure: the level, and what comes with it."""

    level: LevelRule
    days_to_pay: int
    # None: the general delay.
    next_delay: Delay | None = None
    # A letter takes days to arrive.
    by_post: bool = False


@dataclass(frozen=True, kw_only=True)
class Event:
    """A level that would be made, on the first day that allows it."""

    rank: int
    on: date
    pay_by: date
    # When the next one would come at the soonest.
    next_on: date
    # What it waited for, and what a person has to do before.
    moved_by: tuple[Reason, ...] = ()
    to_do: tuple[Reason, ...] = ()
    # Penalties on that day; a rate that is missing is named instead.
    statement: PenaltyStatement | None = None
    missing: MissingRate | None = None


class End(StrEnum):
    """Why it goes no further."""

    LAST_LEVEL = "last_level"
    STOPPED = "stopped"
    NO_LEVEL = "no_level"


@dataclass(frozen=True, kw_only=True)
class Simulation:
    """The whole of it, in order."""

    events: tuple[Event, ...]
    end: End
    # The level that would have come, and what stops it for good.
    stopped_at: int | None = None
    stopped_by: tuple[Reason, ...] = ()
    # The last day on which a court can be asked.
    limitation_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class Course:
    """What a simulation goes by; ``holds`` are all those known, later ones too."""

    steps: Sequence[CourseStep]
    thresholds: Thresholds
    general_delay: Delay
    holds: Sequence[HoldFact] = ()
    # Without a debt no penalties are worked out.
    debt: Debt | None = None
    rates: RateTable = field(default_factory=lambda: RateTable([]))
    stop_at_last_rate: bool = False


def simulate(situation: Situation, course: Course, *, today: date) -> Simulation:
    """Return what would happen from a day on, if nothing is paid and each reminder
    is made on the first day that allows it."""
    events: list[Event] = []
    day, state, debt = today, situation, course.debt
    while True:
        found = _next(state, course, day=day)
        if found is None:
            end = End.LAST_LEVEL if _any_reached(state, events) else End.NO_LEVEL
            return _ended(situation, events, end)
        if found.stopped_by:
            return replace(
                _ended(situation, events, End.STOPPED),
                stopped_at=found.step.level.rank,
                stopped_by=found.stopped_by,
            )
        event = _event(found, state, course, debt)
        events.append(event)
        last = LastReminder(rank=event.rank, made_on=event.on, next_on=event.next_on)
        state = replace(state, last=last, customer_reminded_on=event.on, under_way="")
        day = event.on
        if found.step.level.is_formal_notice and debt is not None:
            # Interest of those who owe none before it runs from then on.
            debt = replace(debt, notice=debt.notice or event.on)


@dataclass(frozen=True, kw_only=True)
class _Found:
    step: CourseStep
    on: date
    moved_by: tuple[Reason, ...] = ()
    to_do: tuple[Reason, ...] = ()
    stopped_by: tuple[Reason, ...] = ()


def _next(state: Situation, course: Course, *, day: date) -> _Found | None:
    """Return the next level with its first free day; ``None`` past the last."""
    levels = [step.level for step in course.steps]
    moved: dict[Code, Reason] = {}
    for _move in range(MOST_MOVES):
        level = next_level(state, levels, today=day)
        if level is None:
            return None
        step = course.steps[levels.index(level)]
        start = possible_from(state, level)
        if start > day:
            # The calendar alone: it is planned for that day, nothing moves it.
            day = start
            continue
        reasons = reasons_against(
            replace(state, holds=_running(course.holds, day)),
            level,
            levels=levels,
            thresholds=course.thresholds,
            today=day,
        )
        against = [one for one in reasons if one.weight != Weight.WARNING]
        to_do = tuple(one for one in against if one.code in _SUPPOSED_DONE)
        waiting = [one for one in against if one.code not in _SUPPOSED_DONE]
        ends = [_free_on(one, state) for one in waiting]
        known = [end for end in ends if end is not None]
        if len(known) < len(waiting):
            stopping = (
                one for one, end in zip(waiting, ends, strict=True) if end is None
            )
            return _Found(step=step, on=day, stopped_by=tuple(stopping))
        if not known:
            return _Found(
                step=step, on=day, moved_by=tuple(moved.values()), to_do=to_do
            )
        moved |= {one.code: one for one in waiting}
        day = max(*known, day + _ONE_DAY)
    return None


def _free_on(reason: Reason, state: Situation) -> date | None:
    """Return the first day on which a reason no longer stands; ``None``: one cannot
    know."""
    if reason.code == Code.NOT_DUE:
        return state.due_date + _ONE_DAY
    if reason.code in (Code.TOO_SOON, Code.CUSTOMER_TOO_SOON, Code.BEFORE_START):
        on = reason.facts["on"]
        return on if isinstance(on, date) else None
    until = reason.facts.get("until")
    return until + _ONE_DAY if isinstance(until, date) else None


def _running(holds: Sequence[HoldFact], day: date) -> tuple[HoldFact, ...]:
    return tuple(
        hold
        for hold in holds
        if hold.starts_on <= day and (hold.until is None or hold.until >= day)
    )


def _event(found: _Found, state: Situation, course: Course, debt: Debt | None) -> Event:
    step, day = found.step, found.on
    statement = missing = None
    try:
        if debt is not None:
            statement = compute(
                debt,
                until=day,
                rates=course.rates,
                stop_at_last_rate=course.stop_at_last_rate,
            )
    except MissingRate as error:
        missing = error
    return Event(
        rank=step.level.rank,
        on=day,
        pay_by=deadline(day, days=step.days_to_pay, by_post=step.by_post),
        next_on=_next_on(step, state, course, day=day),
        moved_by=found.moved_by,
        to_do=found.to_do,
        statement=statement,
        missing=missing,
    )


def _next_on(step: CourseStep, state: Situation, course: Course, *, day: date) -> date:
    if step.level.is_courtesy and step.next_delay is None:
        levels = [one.level for one in course.steps]
        later = day_after_courtesy(state.due_date, step.level, levels)
        if later is not None:
            return max(later, day)
    return (step.next_delay or course.general_delay).after(day)


def _any_reached(state: Situation, events: Sequence[Event]) -> bool:
    return bool(events) or state.last is not None


def _ended(situation: Situation, events: Sequence[Event], end: End) -> Simulation:
    return Simulation(
        events=tuple(events), end=end, limitation_on=situation.limitation_on
    )
