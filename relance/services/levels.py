"""Levels: named, stamped, ordered, added, switched off; never rewriting what was
sent, which keeps its own copy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import ProtectedError
from django.utils.translation import gettext as _

from relance.models import Company, Level, Reminder, RunLine, User
from relance.models.search import plain
from relance.services import history, texts
from relance.services.history import About
from relance.services.refusal import Refused
from relance.services.touching import touch_all

# As many as anybody can tell apart.
MOST = 9
LONGEST_NAME = 60
# What fits on an invoice and is still read.
LONGEST_STAMP = 30
# Above any rank in use, while they move.
_ASIDE = 1000


@dataclass(frozen=True, kw_only=True)
class LevelData:
    """What a level's form says."""

    name: str
    kind: str = Level.Kind.REMINDER.value
    stamp: str = ""
    needs_approval: bool = False


@transaction.atomic
def add_level(
    data: LevelData,
    *,
    after: Level | None,
    texts_of: Level | None,
    by: User,
    now: datetime,
) -> Level:
    """Add a level after another one, the first when there is none; those behind it
    move up. ``texts_of``: the level whose texts it starts with.

    No procedure has it yet: nothing is proposed at it until one does.
    """
    levels = _locked()
    if len(levels) >= MOST:
        words = _("%(count)s levels at most.") % {"count": MOST}
        raise Refused(words)
    values = _checked(data, levels, level=None)
    place = levels.index(after) + 1 if after in levels else 0
    made = Level(rank=_ASIDE - 1, **values)
    order = [*levels[:place], made, *levels[place:]]
    _check_order(order, field="after")
    made.save()
    _renumber(order)
    if texts_of is not None:
        texts.copy_texts(texts_of, made, by=by, now=now)
    words = _("Level %(name)s added.") % {"name": made.name}
    _record("level.added", words, by=by, at=now)
    return made


@transaction.atomic
def edit_level(
    level: Level, data: LevelData, *, by: User | None, now: datetime
) -> Level:
    """Change what a level is called, stamps and asks for. Reminders already made
    keep what they said."""
    levels = _locked()
    found = _same(level, levels)
    values = _checked(data, levels, level=found)
    changed = [name for name, value in values.items() if getattr(found, name) != value]
    if not changed:
        return found
    if "kind" in changed and is_used(found):
        raise Refused(
            _(
                "Reminders of this level were made already: what it is cannot change "
                "any more. Switch it off and add another one."
            ),
            field="kind",
        )
    before = found.name
    for name in changed:
        setattr(found, name, values[name])
    _check_order(levels, field="kind")
    found.save(update_fields=changed)
    what = ", ".join(str(_LABELS[name]) for name in changed)
    words = _("Level %(name)s changed: %(what)s.") % {"name": before, "what": what}
    _record("level.changed", words, by=by, at=now)
    return found


@transaction.atomic
def move_level(level: Level, *, up: bool, by: User | None, now: datetime) -> Level:
    """Let a level come one place earlier (``up``) or later.

    An invoice that had come to it stays there, wherever it now is: what follows for
    that invoice is what stands behind it from now on.
    """
    levels = _locked()
    found = _same(level, levels)
    place = levels.index(found)
    other = place - 1 if up else place + 1
    if not 0 <= other < len(levels):
        return found
    order = list(levels)
    order[place], order[other] = order[other], order[place]
    _check_order(order, field=None)
    _exchange_days(found, levels[other])
    _renumber(order)
    words = _("Levels put in another order: %(order)s.") % {
        "order": ", ".join(one.name for one in order)
    }
    _record("level.moved", words, by=by, at=now)
    return found


@transaction.atomic
def switch_level(
    level: Level, *, active: bool, by: User | None, now: datetime
) -> Level:
    """Switch a level on or off: off, it is proposed no more, and what was made of it
    stays."""
    found = _same(level, _locked())
    if found.active == active:
        return found
    found.active = active
    found.save(update_fields=["active"])
    words = (
        _("Level %(name)s switched on.")
        if active
        else _("Level %(name)s switched off.")
    )
    _record("level.switched", words % {"name": found.name}, by=by, at=now)
    return found


@transaction.atomic
def delete_level(level: Level, *, by: User | None, now: datetime) -> None:
    """Delete a level that nothing was ever made of and that no procedure has."""
    levels = _locked()
    found = _same(level, levels)
    try:
        with transaction.atomic():
            found.texts.all().delete()
            found.delete()
    except ProtectedError as error:
        raise Refused(
            _("“%(name)s” is in use: switch it off instead.") % {"name": level.name}
        ) from error
    _renumber([one for one in levels if one.pk is not None])
    words = _("Level %(name)s deleted.") % {"name": level.name}
    _record("level.deleted", words, by=by, at=now)


def is_used(level: Level) -> bool:
    """Say whether a reminder was ever made of it, or is about to be."""
    made = Reminder.objects.filter(level=level)
    return made.exists() or RunLine.objects.filter(level=level).exists()


def _locked() -> list[Level]:
    """Return all levels in order, while nobody else changes them or makes a
    reminder."""
    Company.objects.select_for_update().get()
    return list(Level.objects.select_for_update().order_by("rank"))


def _same(level: Level, levels: Sequence[Level]) -> Level:
    for one in levels:
        if one.pk == level.pk:
            return one
    raise Refused(_("This level no longer exists."))


def _checked(
    data: LevelData, levels: Sequence[Level], *, level: Level | None
) -> dict[str, object]:
    name, stamp = " ".join(data.name.split()), " ".join(data.stamp.split())
    if not name:
        raise Refused(_("Enter the level's name."), field="name")
    for text, longest, field in (
        (name, LONGEST_NAME, "name"),
        (stamp, LONGEST_STAMP, "stamp"),
    ):
        if len(text) > longest:
            words = _("Too long: %(count)s characters at most.") % {"count": longest}
            raise Refused(words, field=field)
        if not text.isprintable():
            raise Refused(_("Use plain characters only."), field=field)
    others = [one for one in levels if level is None or one.pk != level.pk]
    if any(plain(one.name) == plain(name) for one in others):
        raise Refused(_("Another level has this name already."), field="name")
    if data.kind not in Level.Kind.values:
        raise Refused(_("Choose what this level is."), field="kind")
    if data.kind == Level.Kind.COURTESY and any(one.is_courtesy for one in others):
        raise Refused(
            _("There is already a level before the due date; one is enough."),
            field="kind",
        )
    return {
        "name": name,
        "kind": data.kind,
        "stamp": stamp,
        "needs_approval": data.needs_approval,
    }


def _check_order(order: Sequence[Level], *, field: str | None) -> None:
    if any(level.is_courtesy for level in order[1:]):
        raise Refused(
            _("The level before the due date comes before all the others."),
            field=field or "",
        )


def _exchange_days(one: Level, other: Level) -> None:
    """Keep the days in the order of the levels: where a procedure has both, each
    comes when the other did."""
    steps = one.steps.all()
    others = {step.procedure_id: step for step in other.steps.all()}
    for step in steps:
        its = others.get(step.procedure_id)
        if its is not None:
            step.days_after_due, its.days_after_due = (
                its.days_after_due,
                step.days_after_due,
            )
            step.save(update_fields=["days_after_due"])
            its.save(update_fields=["days_after_due"])


def _renumber(order: Sequence[Level]) -> None:
    """Give the levels the ranks of their places: 0 is before the due date. Ranks are
    unique at every moment, hence the two times."""
    first = 0 if order and order[0].is_courtesy else 1
    for place, level in enumerate(order):
        Level.objects.filter(pk=level.pk).update(rank=_ASIDE + place)
    for place, level in enumerate(order, start=first):
        level.rank = place
        Level.objects.filter(pk=level.pk).update(rank=place)


def _record(action: str, words: str, *, by: User | None, at: datetime) -> None:
    history.record(action, words, about=About(), by=by, at=at)
    touch_all()


_LABELS = {column.name: column.verbose_name for column in Level._meta.concrete_fields}
