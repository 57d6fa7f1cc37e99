"""What was reminded before Relance: written down, or said to be nothing.

Until somebody has answered, no run is approved (``services/runs.py``).
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from relance.gateways import wording
from relance.models import (
    Channel,
    Company,
    Document,
    ImportBatch,
    Invoice,
    Level,
    Reminder,
    ReminderLine,
    Step,
    User,
)
from relance.models.reminders import reminder_reference
from relance.queries.procedures import steps_of_procedures
from relance.services import history
from relance.services.history import About, Entry
from relance.services.next_days import next_day
from relance.services.refusal import Refused
from relance.services.reminders import next_number
from relance.services.touching import touch_all


@dataclass(frozen=True, kw_only=True)
class TakeoverAnswer:
    """That everything is taken over, or that there was nothing; and from when."""

    nothing_before: date | None = None
    # Past reminders were written down, all of them.
    done: bool = False


@dataclass(frozen=True, kw_only=True)
class PastReminder:
    """A reminder sent before Relance, as a row or a line of a file tells it.

    ``level`` is ``None`` for a note or a call.
    """

    invoice: Invoice
    made_on: date
    level: Level | None
    channel: str = Channel.LETTER.value
    note: str = ""
    document: Document | None = None


@dataclass(frozen=True, kw_only=True)
class TakenOver:
    """What became of past reminders: how many were written, how many were known."""

    batch: ImportBatch | None
    new: int
    known: int


@transaction.atomic
def answer(said: TakeoverAnswer, *, by: User | None, now: datetime) -> None:
    """Keep the answer; it may be given again, and every proposal is decided anew."""
    ours = Company.objects.select_for_update().get()
    ours.takeover_answered_at = now
    ours.nothing_before = said.nothing_before
    ours.save(update_fields=["takeover_answered_at", "nothing_before"])
    words = _("Past reminders: nothing to take over.")
    if said.done:
        words = _("Past reminders: all taken over.")
    if said.nothing_before is not None:
        words += " " + _("Nothing is proposed before %(day)s.") % {
            "day": wording.short_date(said.nothing_before)
        }
    history.record("takeover.answered", words, about=About(), by=by, at=now)
    touch_all()


@transaction.atomic
def take_over(
    rows: Sequence[PastReminder],
    *,
    file_name: str = "",
    by: User | None,
    now: datetime,
    today: date,
) -> TakenOver:
    """Write past reminders down together; each is a level reached from its day on.

    One that is there already (same invoice, day and level) is left. Raises Refused
    with nothing written when a day is in the future, or before the invoice's own.
    """
    # Numbers are given one after the other.
    ours = Company.objects.select_for_update().get()
    for row in rows:
        if why := why_not(row.invoice, row.made_on, today=today):
            raise Refused(why)
    fresh, known = _fresh(rows), len(rows)
    known -= len(fresh)
    if not fresh:
        return TakenOver(batch=None, new=0, known=known)
    batch = ImportBatch.objects.create(
        kind=ImportBatch.Kind.REMINDERS,
        file_name=file_name or _("entered by hand"),
        fingerprint=hashlib.sha256(uuid.uuid4().bytes).hexdigest(),
        counts={"created": len(fresh), "unchanged": known},
        made_by=by,
        made_at=now,
    )
    made = _write(fresh, batch, ours, by=by, now=now)
    entries = [
        Entry(
            action="reminder.taken_over",
            words=_taken_words(reminder),
            about=About(reminder=reminder, invoice=row.invoice),
            by=by,
        )
        for reminder, row in zip(made, fresh, strict=True)
    ]
    history.record_many(entries, at=now)
    return TakenOver(batch=batch, new=len(fresh), known=known)


@transaction.atomic
def undo(batch: ImportBatch, *, by: User | None, now: datetime) -> ImportBatch:
    """Take back the past reminders that were written down together: they stay,
    cancelled, and their levels count as not reached."""
    Company.objects.select_for_update().get()
    found = ImportBatch.objects.select_for_update().get(pk=batch.pk)
    if found.kind != ImportBatch.Kind.REMINDERS:
        raise Refused(_("This import brought no past reminders."))
    if found.state == ImportBatch.State.UNDONE:
        raise Refused(_("This import was already undone."))
    standing = Reminder.objects.filter(batch=found, state=Reminder.State.TAKEN_OVER)
    rows = list(standing.prefetch_related("lines__invoice"))
    why = _("Past reminder taken back with its import.")
    standing.update(
        state=Reminder.State.CANCELLED,
        cancelled_by=by,
        cancelled_at=now,
        cancel_reason=why,
    )
    found.state, found.undone_by, found.undone_at = ImportBatch.State.UNDONE, by, now
    found.save(update_fields=["state", "undone_by", "undone_at"])
    entries = [
        Entry(
            action="reminder.cancelled",
            words=why,
            about=About(reminder=row, invoice=row.lines.all()[0].invoice),
            by=by,
        )
        for row in rows
    ]
    history.record_many(entries, at=now)
    return found


def why_not(invoice: Invoice, made_on: date, *, today: date) -> str:
    """Return why a past reminder cannot be of this day; empty: it can."""
    said = {"number": invoice.number, "day": wording.short_date(made_on)}
    if made_on > today:
        words = _("%(number)s: %(day)s is in the future; a past reminder is past.")
        return words % said
    if made_on < invoice.issued_on:
        return _("%(number)s: %(day)s is before the day of the invoice.") % said
    return ""


def _fresh(rows: Sequence[PastReminder]) -> list[PastReminder]:
    """Leave out what is there already, in the table or earlier among the rows."""
    known: set[tuple[int, date, int | None]] = set(
        ReminderLine.objects.filter(
            invoice__in={row.invoice.pk for row in rows},
            reminder__state=Reminder.State.TAKEN_OVER,
        ).values_list("invoice", "reminder__made_on", "reminder__level")
    )
    fresh = []
    for row in rows:
        key = (row.invoice.pk, row.made_on, row.level.pk if row.level else None)
        if key not in known:
            known.add(key)
            fresh.append(row)
    return fresh


def _write(
    rows: Sequence[PastReminder],
    batch: ImportBatch,
    ours: Company,
    *,
    by: User | None,
    now: datetime,
) -> list[Reminder]:
    number = next_number()
    steps = _steps(rows)
    made = Reminder.objects.bulk_create(
        (
            _reminder(
                row,
                number=number + rank,
                next_on=_next_on(row, steps, ours),
                by=by,
                now=now,
                batch=batch,
            )
            for rank, row in enumerate(rows)
        ),
        batch_size=1000,
    )
    ReminderLine.objects.bulk_create(
        (
            ReminderLine(
                reminder=reminder, invoice=row.invoice, balance=row.invoice.balance
            )
            for reminder, row in zip(made, rows, strict=True)
        ),
        batch_size=1000,
    )
    return made


def _reminder(
    row: PastReminder,
    *,
    number: int,
    next_on: date | None,
    by: User | None,
    now: datetime,
    batch: ImportBatch,
) -> Reminder:
    level = row.level
    return Reminder(
        number=number,
        customer_id=row.invoice.customer_id,
        level=level,
        level_rank=level.rank if level else None,
        level_name=level.name if level else "",
        level_kind=level.kind if level else "",
        stamp=level.stamp if level else "",
        channel=row.channel if level else Channel.NONE,
        language=row.invoice.customer.language,
        currency=row.invoice.currency,
        note=row.note.strip(),
        made_by=by,
        made_on=row.made_on,
        made_at=now,
        next_on=next_on,
        state=Reminder.State.TAKEN_OVER,
        document=row.document,
        request_key=uuid.uuid4(),
        batch=batch,
    )


def _steps(rows: Sequence[PastReminder]) -> Mapping[int, tuple[Step, ...]]:
    """Return the steps that each invoice follows."""
    steps = steps_of_procedures()
    return {row.invoice.pk: steps.of(row.invoice, row.invoice.customer) for row in rows}


def _next_on(
    row: PastReminder, steps: Mapping[int, tuple[Step, ...]], ours: Company
) -> date | None:
    """Return the day that Relance would have prefilled, had it made the reminder."""
    theirs = steps[row.invoice.pk]
    step = next((one for one in theirs if one.level == row.level), None)
    if step is None:
        return None
    return next_day(step, [(row.invoice, theirs)], ours, today=row.made_on)


def _taken_words(reminder: Reminder) -> str:
    said = {
        "level": reminder.level_name or _("Note"),
        "day": wording.short_date(reminder.made_on),
        "reference": reminder_reference(reminder.number),
    }
    return _("Past reminder taken over: %(level)s of %(day)s (%(reference)s).") % said


def in_words(done: TakenOver) -> str:
    """Say what became of past reminders."""
    words = ngettext(
        "%(count)s past reminder taken over.",
        "%(count)s past reminders taken over.",
        done.new,
    ) % {"count": done.new}
    if done.known:
        known = ngettext(
            "%(count)s was here already.",
            "%(count)s were here already.",
            done.known,
        )
        words = f"{words} {known % {'count': done.known}}"
    return words
