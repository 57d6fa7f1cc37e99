"""What would happen to an invoice that nobody pays, case by case."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from relance.rules.debts import Debt
from relance.rules.delays import Delay, Unit
from relance.rules.escalation import (
    Agreement,
    Code,
    HoldFact,
    LastReminder,
    LevelRule,
    Situation,
    Thresholds,
)
from relance.rules.rates import HalfYear, RateKind, RateRow, RateTable
from relance.rules.regimes import Regime
from relance.rules.simulation import Course, CourseStep, End, Simulation, simulate

D = Decimal
DUE = date(2026, 10, 1)
# Before it is due.
START = date(2026, 9, 15)
TWO_DAYS = Delay(count=2, unit=Unit.DAYS)
FORTNIGHT = Delay(count=15, unit=Unit.DAYS)
MONTH = Delay(count=1, unit=Unit.MONTHS)
SMALL = Thresholds(minimum_amount=D(10))


def level(rank: int, days: int, **values: object) -> LevelRule:
    return LevelRule(
        rank=rank,
        days_after_due=days,
        **({"is_formal_notice": rank == 3} | values),  # type: ignore[arg-type]
    )


def step(rank: int, days: int, **values: object) -> CourseStep:
    return CourseStep(level=level(rank, days), days_to_pay=8, **values)  # type: ignore[arg-type]


COURTESY = CourseStep(level=level(0, -5, is_courtesy=True), days_to_pay=0)
STEPS = (step(1, 5), step(2, 15), step(3, 30, by_post=True))
WHOLE = Situation(
    kind="invoice",
    state="open",
    balance=D(1000),
    issued_on=date(2026, 9, 1),
    due_date=DUE,
    limitation_on=date(2031, 9, 1),
)


def simulated(
    situation: Situation = WHOLE, *, start: date = START, **course: object
) -> Simulation:
    values: dict[str, object] = {
        "steps": STEPS,
        "thresholds": Thresholds(),
        "general_delay": FORTNIGHT,
    }
    return simulate(situation, Course(**(values | course)), today=start)  # type: ignore[arg-type]


def days(found: Simulation) -> list[tuple[int, date]]:
    return [(event.rank, event.on) for event in found.events]


def october(day: int) -> date:
    return date(2026, 10, 1) + timedelta(days=day - 1)


HELD = HoldFact(reason="manual", starts_on=october(4), until=october(20))
FOREVER = HoldFact(reason="dispute", starts_on=october(10))


@pytest.mark.parametrize(
    ("situation", "start", "course", "expected"),
    [
        # Each level a fortnight after the one before: the delay written decides.
        ({}, START, {}, [(1, october(6)), (2, october(21)), (3, october(36))]),
        # A courtesy five days before, then the first level on its own day.
        (
            {},
            START,
            {"steps": (COURTESY, *STEPS)},
            [
                (0, date(2026, 9, 26)),
                (1, october(6)),
                (2, october(21)),
                (3, october(36)),
            ],
        ),
        # Looked at after the due date, the courtesy is over.
        (
            {},
            october(3),
            {"steps": (COURTESY, *STEPS)},
            [(1, october(6)), (2, october(21)), (3, october(36))],
        ),
        # Imported late: one level at a time, from today on.
        (
            {},
            date(2026, 12, 1),
            {},
            [
                (1, date(2026, 12, 1)),
                (2, date(2026, 12, 16)),
                (3, date(2026, 12, 31)),
            ],
        ),
        # A level's own delay.
        (
            {},
            START,
            {
                "steps": (
                    step(1, 5, next_delay=MONTH),
                    *STEPS[1:],
                )
            },
            [(1, october(6)), (2, date(2026, 11, 6)), (3, date(2026, 11, 21))],
        ),
        # A short delay waits for the interval between two reminders.
        (
            {},
            START,
            {
                "steps": (
                    step(1, 5, next_delay=TWO_DAYS),
                    STEPS[1],
                ),
                "thresholds": Thresholds(minimum_interval=10),
            },
            [(1, october(6)), (2, october(16))],
        ),
        # A hold that ends puts off what falls in it, and all that follows.
        (
            {},
            START,
            {"holds": (HELD,)},
            [(1, october(21)), (2, october(36)), (3, october(51))],
        ),
        # One that has not begun yet lets the first level through.
        ({}, START, {"holds": (FOREVER,)}, [(1, october(6))]),
        # Reminded already: the next one, when it was said.
        (
            {
                "last": LastReminder(
                    rank=1, made_on=october(8), next_on=october(25), posted=False
                )
            },
            october(10),
            {},
            [(2, october(25)), (3, october(40))],
        ),
        # Nothing beyond the customer's highest level.
        (
            {"highest_rank": 2, "highest_name": "Rappel"},
            START,
            {},
            [(1, october(6)), (2, october(21))],
        ),
        (
            {"balance": D(5)},
            START,
            {"thresholds": SMALL},
            [],
        ),
        ({}, START, {"steps": ()}, []),
    ],
)
def test_each_level_comes_on_the_first_day_that_allows_it(
    situation: dict[str, object],
    start: date,
    course: dict[str, object],
    expected: list[tuple[int, date]],
) -> None:
    found = simulated(replace(WHOLE, **situation), start=start, **course)  # type: ignore[arg-type]
    assert days(found) == expected
    assert found.limitation_on == date(2031, 9, 1)


@pytest.mark.parametrize(
    ("situation", "course", "end", "stopped_at", "code"),
    [
        ({}, {}, End.LAST_LEVEL, None, None),
        ({}, {"steps": ()}, End.NO_LEVEL, None, None),
        ({}, {"holds": (FOREVER,)}, End.STOPPED, 2, Code.DISPUTE),
        ({"highest_rank": 2}, {}, End.STOPPED, 3, Code.ABOVE_HIGHEST),
        ({"payment_mode": "factored"}, {}, End.STOPPED, 1, Code.FACTORED),
        ({"unallocated": D(1)}, {}, End.STOPPED, 1, Code.UNALLOCATED),
        ({"state": "settled"}, {}, End.STOPPED, 1, Code.SETTLED),
        ({"limitation_on": october(5)}, {}, End.STOPPED, 3, Code.LIMITATION_OVER),
    ],
)
def test_it_ends_for_a_reason(
    situation: dict[str, object],
    course: dict[str, object],
    end: End,
    stopped_at: int | None,
    code: Code | None,
) -> None:
    found = simulated(replace(WHOLE, **situation), **course)  # type: ignore[arg-type]
    assert (found.end, found.stopped_at) == (end, stopped_at)
    assert [reason.code for reason in found.stopped_by] == ([code] if code else [])


def test_what_moved_a_level_is_said_with_it() -> None:
    [first, *_others] = simulated(holds=(HELD,)).events
    assert [reason.code for reason in first.moved_by] == [Code.MANUAL_HOLD]


def test_an_agreement_to_ask_for_is_said_and_supposed_given() -> None:
    guarded = CourseStep(level=level(3, 30, needs_approval=True), days_to_pay=8)
    found = simulated(steps=(*STEPS[:2], guarded))
    assert [reason.code for reason in found.events[-1].to_do] == [Code.APPROVAL_NEEDED]

    given = Agreement(rank=3, state="agreed", amount=D(1000), by="Dora", on=START)
    agreed = simulated(replace(WHOLE, agreements=(given,)), steps=(*STEPS[:2], guarded))
    assert agreed.events[-1].to_do == ()


def test_the_days_to_pay_are_those_of_the_letter() -> None:
    found = simulated().events
    # Eight days; five more for the post; moved to a working day.
    assert [event.pay_by for event in found] == [
        date(2026, 10, 14),
        date(2026, 10, 29),
        date(2026, 11, 18),
    ]


RATES = RateTable(
    [
        RateRow(
            kind=RateKind.ECB,
            half_year=HalfYear(2026, 2),
            percent=D("2.15"),
            verified=True,
        )
    ]
)
DEBT = Debt(regime=Regime.B2B, due=DUE, amount=D(1000))


def test_penalties_are_those_of_the_day() -> None:
    found = simulated(debt=DEBT, rates=RATES).events
    statements = [event.statement for event in found]
    # 12.15 % of 1 000 € over 5, 20 and 35 days, and the 40 €.
    assert [one and one.penalties for one in statements] == [
        D("1.66"),
        D("6.66"),
        D("11.65"),
    ]
    assert {one and one.indemnity for one in statements} == {D(40)}


def test_a_missing_rate_is_named_and_the_days_stay() -> None:
    late = simulated(start=date(2026, 12, 20), debt=DEBT, rates=RATES)
    first, second, _third = late.events
    assert first.missing is None
    assert second.missing is not None
    assert second.missing.half_year == HalfYear(2027, 1)
    assert second.statement is None


def test_a_consumer_owes_interest_from_the_notice_on() -> None:
    legal = RateRow(
        kind=RateKind.LEGAL,
        half_year=HalfYear(2026, 2),
        percent=D("2.62"),
        verified=True,
    )
    last = step(4, 60)
    found = simulated(
        steps=(*STEPS, last),
        debt=replace(DEBT, regime=Regime.B2C),
        rates=RateTable([legal]),
    )
    owed = [event.statement.penalties for event in found.events if event.statement]
    assert owed[:3] == [0, 0, 0]
    assert owed[3] > 0
