"""Procedures: which levels, when, and for whom; nothing sent is rewritten."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from relance.models import Company, Customer, Level, Procedure, Step, Tag, User
from relance.models.money import LARGEST, ZERO
from relance.models.search import plain
from relance.rules.delays import InvalidDelay, parse_delay
from relance.rules.regimes import Regime
from relance.services import history
from relance.services.history import About
from relance.services.refusal import Refused
from relance.services.touching import touch_all

MOST = 30
LONGEST_NAME = 80
# Days after the due date: two years; before it, for a courtesy: two months.
LATEST, EARLIEST = 730, 60
LONGEST_TO_PAY = 90


@dataclass(frozen=True, kw_only=True)
class StepData:
    """A level of a procedure. ``days_after_due`` is negative before the due date; an
    empty delay is the general one."""

    level: Level
    days_after_due: int | None
    days_to_pay: int | None = 8
    next_delay: str = ""


@dataclass(frozen=True, kw_only=True)
class PlannedStep:
    """A step that was checked, as it is stored."""

    level: Level
    days_after_due: int
    days_to_pay: int
    next_delay: str


@dataclass(frozen=True, kw_only=True)
class ProcedureData:
    """What a procedure's form says; fields at fault of a step are named after its
    level's id: ``days_after_due-3``."""

    name: str
    steps: Sequence[StepData]
    regime: str = ""
    tag: Tag | None = None
    amount_from: Decimal | None = None
    amount_of: str = Procedure.AmountOf.BALANCE.value
    amount_regime: str = ""


@transaction.atomic
def add_procedure(data: ProcedureData, *, by: User | None, now: datetime) -> Procedure:
    """Add a procedure. One for a type of customer takes the place of the one that
    was; so for a tag."""
    _lock()
    if Procedure.objects.count() >= MOST:
        raise Refused(_("%(count)s procedures at most.") % {"count": MOST})
    values, steps = _checked(data, procedure=None)
    _take_over(values, procedure=None)
    made = Procedure.objects.create(**values)
    _write_steps(made, steps)
    words = _("Procedure %(name)s added: %(steps)s.")
    said = {"name": made.name, "steps": _steps_words(steps)}
    _record("procedure.added", words % said, by=by, at=now)
    return made


@transaction.atomic
def edit_procedure(
    procedure: Procedure, data: ProcedureData, *, by: User | None, now: datetime
) -> Procedure:
    """Change a procedure; what was sent stays, what is proposed is decided again."""
    _lock()
    found = Procedure.objects.select_for_update().get(pk=procedure.pk)
    values, steps = _checked(data, procedure=found)
    if found.regime and values["regime"] != found.regime:
        raise Refused(
            _(
                "Customers of this type would be left without a procedure: choose "
                "the type on the procedure that takes its place."
            ),
            field="regime",
        )
    before = (_values_of(found), _steps_of(found))
    if before == (values, steps):
        return found
    _take_over(values, procedure=found)
    for name, value in values.items():
        setattr(found, name, value)
    found.save()
    _write_steps(found, steps)
    words = _("Procedure %(name)s changed: %(steps)s.")
    said = {"name": found.name, "steps": _steps_words(steps)}
    _record("procedure.changed", words % said, by=by, at=now)
    return found


@transaction.atomic
def copy_procedure(
    procedure: Procedure, *, by: User | None, now: datetime
) -> Procedure:
    """Add a procedure with the same steps, for nobody yet."""
    data = ProcedureData(
        name=_name_of_copy(procedure.name),
        steps=[StepData(**vars(step)) for step in _steps_of(procedure)],
    )
    return add_procedure(data, by=by, now=now)


@transaction.atomic
def delete_procedure(procedure: Procedure, *, by: User | None, now: datetime) -> None:
    """Delete a procedure that is nobody's own and no type of customer's."""
    _lock()
    found = Procedure.objects.select_for_update().get(pk=procedure.pk)
    if found.regime:
        raise Refused(
            _("It is the procedure of a type of customer: give them another first.")
        )
    customers = Customer.objects.filter(procedure=found).count()
    if customers:
        words = ngettext(
            "%(count)s customer follows it by choice: give them another first.",
            "%(count)s customers follow it by choice: give them another first.",
            customers,
        )
        raise Refused(words % {"count": customers})
    found.delete()
    words = _("Procedure %(name)s deleted.") % {"name": procedure.name}
    _record("procedure.deleted", words, by=by, at=now)


def check_steps(steps: Sequence[StepData]) -> list[PlannedStep]:
    """Return steps as they are stored, lowest rank first; raise Refused on the first
    answer that is wrong."""
    if not steps:
        raise Refused(_("Tick at least one level."), field="steps")
    order = sorted(steps, key=lambda step: step.level.rank)
    found = [_checked_step(step) for step in order]
    for before, after in pairwise(found):
        if after.days_after_due <= before.days_after_due:
            words = _("It comes after “%(level)s”: more than %(days)s days.")
            said = {"level": before.level.name, "days": before.days_after_due}
            field = f"days_after_due-{after.level.pk}"
            raise Refused(words % said, field=field)
    return found


def _checked_step(step: StepData) -> PlannedStep:
    lowest, highest = 1, LATEST
    if step.level.is_courtesy:
        lowest, highest = -EARLIEST, -1
    days, pk = step.days_after_due, step.level.pk
    if days is None or not lowest <= days <= highest:
        words = _("Enter a number of days from %(least)s to %(most)s.")
        if step.level.is_courtesy:
            words = _(
                "Before the due date: enter a number of days from %(least)s to "
                "%(most)s."
            )
        # People say five days before, not minus five.
        least, most = sorted((abs(lowest), abs(highest)))
        said = {"least": least, "most": most}
        raise Refused(words % said, field=f"days_after_due-{pk}")
    if step.days_to_pay is None or not 0 <= step.days_to_pay <= LONGEST_TO_PAY:
        words = _("Enter a number of days from %(least)s to %(most)s.")
        raise Refused(
            words % {"least": 0, "most": LONGEST_TO_PAY}, field=f"days_to_pay-{pk}"
        )
    return PlannedStep(
        level=step.level,
        days_after_due=days,
        days_to_pay=step.days_to_pay,
        next_delay=_delay(step.next_delay, level=step.level),
    )


def _delay(text: str, *, level: Level) -> str:
    if not text.strip():
        return ""
    try:
        return str(parse_delay(text))
    except InvalidDelay as error:
        raise Refused(
            _("“%(text)s” is not a delay. Examples: + 15 days, 15 jours, 2 weeks.")
            % {"text": text.strip()},
            field=f"next_delay-{level.pk}",
        ) from error


def _lock() -> None:
    """Wait for whoever makes a reminder or changes a procedure at this instant."""
    Company.objects.select_for_update().get()


def _checked(
    data: ProcedureData, *, procedure: Procedure | None
) -> tuple[dict[str, Any], list[PlannedStep]]:
    name = " ".join(data.name.split())
    if not name:
        raise Refused(_("Enter the procedure's name."), field="name")
    if len(name) > LONGEST_NAME:
        words = _("Too long: %(count)s characters at most.") % {"count": LONGEST_NAME}
        raise Refused(words, field="name")
    others = _others(procedure)
    if any(plain(other.name) == plain(name) for other in others):
        raise Refused(_("Another procedure has this name already."), field="name")
    for field in ("regime", "amount_regime"):
        if getattr(data, field) not in ("", *Regime):
            raise Refused(_("Choose a type of customer."), field=field)
    amount = data.amount_from
    if amount is not None and not ZERO < amount <= LARGEST:
        raise Refused(_("Enter an amount above zero."), field="amount_from")
    if data.amount_of not in Procedure.AmountOf.values:
        raise Refused(_("Choose which amount."), field="amount_of")
    values: dict[str, Any] = {
        "name": name,
        "regime": data.regime or None,
        "tag": data.tag,
        "amount_from": amount,
        "amount_of": data.amount_of,
        "amount_regime": data.amount_regime if amount is not None else "",
    }
    return values, check_steps(data.steps)


def _take_over(values: dict[str, Any], *, procedure: Procedure | None) -> None:
    """A type of customer, or a tag, has one procedure: the last one chosen."""
    others = _others(procedure)
    if values["regime"]:
        others.filter(regime=values["regime"]).update(regime=None)
    if values["tag"] is not None:
        others.filter(tag=values["tag"]).update(tag=None)


def _others(procedure: Procedure | None) -> QuerySet[Procedure]:
    every = Procedure.objects.all()
    return every if procedure is None else every.exclude(pk=procedure.pk)


def _write_steps(procedure: Procedure, steps: Sequence[PlannedStep]) -> None:
    procedure.steps.exclude(level__in=[step.level for step in steps]).delete()
    for step in steps:
        Step.objects.update_or_create(
            procedure=procedure,
            level=step.level,
            defaults={
                "days_after_due": step.days_after_due,
                "days_to_pay": step.days_to_pay,
                "next_delay": step.next_delay,
            },
        )


def _values_of(procedure: Procedure) -> dict[str, Any]:
    names = ("name", "regime", "tag", "amount_from", "amount_of", "amount_regime")
    return {name: getattr(procedure, name) for name in names}


def _steps_of(procedure: Procedure) -> list[PlannedStep]:
    return [
        PlannedStep(
            level=step.level,
            days_after_due=step.days_after_due,
            days_to_pay=step.days_to_pay,
            next_delay=step.next_delay,
        )
        for step in procedure.steps.select_related("level").order_by("level__rank")
    ]


def _steps_words(steps: Sequence[PlannedStep]) -> str:
    return ", ".join(
        _("%(level)s at %(days)s days")
        % {"level": step.level.name, "days": f"{step.days_after_due:+d}"}
        for step in steps
    )


def _name_of_copy(name: str) -> str:
    """Return the first free name: "Professionals (copy)", "(copy 2)"…"""
    known = {plain(name) for name in Procedure.objects.values_list("name", flat=True)}
    number = 1
    while True:
        mark = _("copy") if number == 1 else _("copy %(number)s") % {"number": number}
        found = f"{name[: LONGEST_NAME - len(mark) - 3]} ({mark})"
        if plain(found) not in known:
            return found
        number += 1


def _record(action: str, words: str, *, by: User | None, at: datetime) -> None:
    history.record(action, words, about=About(), by=by, at=at)
    touch_all()
