"""Reminders: made once, kept as they were, cancelled but never deleted."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import batched

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from relance.models import (
    Channel,
    Company,
    Invoice,
    Reminder,
    ReminderLine,
    User,
)
from relance.rules.escalation import Reason
from relance.services import (
    contents,
    drafts,
    history,
    live_balances,
    making,
    printing,
)
from relance.services.drafts import Draft, Wish
from relance.services.history import About
from relance.services.overriding import check_override
from relance.services.reasons import in_words
from relance.services.refusal import Refused
from relance.services.touching import touch

# A slip in the year of a day to wait for would silence an invoice for ever.
FARTHEST = timedelta(days=366)

# Made together after a crash.
_AT_ONCE = 50


class ReminderRefused(Refused):
    """Something stands against this reminder; nothing was created."""

    def __init__(self, reasons: Sequence[Reason], *, currency: str) -> None:
        self.reasons = tuple(reasons)
        words = " ".join(in_words(reason, currency=currency) for reason in reasons)
        super().__init__(words)


def remind(
    wish: Wish,
    *,
    key: uuid.UUID,
    by: User | None,
    now: datetime,
    today: date,
    last_known: bool = False,
) -> Reminder:
    """Make one reminder, whole, and return it.

    A letter is ready to print when this returns; an e-mail waits in the outbox.
    The same key returns the reminder it made the first time and makes no other.
    Raises ReminderRefused, with nothing created, when a reason stands against it,
    and making.NotMade when its page cannot be composed. Balances of Dolibarr are read
    again first: DolibarrAway when it does not answer, unless the ``last_known`` ones
    will do.
    """
    invoices = [invoice.pk for invoice in wish.invoices]
    live = live_balances.read_again(invoices, now=now, today=today)
    if live.trouble and not last_known:
        raise live_balances.away(live)
    reminder = claim(wish, key=key, by=by, now=now, today=today)
    return making.finish(reminder.pk, live=live, now=now, today=today)


@transaction.atomic
def claim(
    wish: Wish, *, key: uuid.UUID, by: User | None, now: datetime, today: date
) -> Reminder:
    """Decide again under lock and write the reminder down, *being made*."""
    # Of two clicks at once the second waits here, then finds the first one's row.
    Company.objects.select_for_update().get()
    made = Reminder.objects.filter(request_key=key).first()
    if made is not None:
        return made
    draft = drafts.draft(_locked(wish), today=today)
    if draft.in_the_way:
        raise ReminderRefused(draft.in_the_way, currency=draft.currency)
    _check_overrides(draft, by=by)
    _check_next(draft.next_on, today=today)
    return _write(draft, key=key, by=by, now=now)


@dataclass(frozen=True, kw_only=True)
class Note:
    """What was said on the telephone, or anything else to remember."""

    text: str
    next_on: date | None = None


def take_note(
    invoice: Invoice,
    note: Note,
    *,
    key: uuid.UUID,
    by: User | None,
    now: datetime,
    today: date,
) -> Reminder:
    """Record a call or a note about an invoice, without reminding the customer."""
    text = note.text.strip()
    if not text:
        raise Refused(_("Write the note to keep."), field="note")
    if note.next_on is not None:
        _check_next(note.next_on, today=today)
        if note.next_on > today + FARTHEST:
            raise Refused(
                _("This day is more than a year away: check the year."), field="next_on"
            )
    with transaction.atomic():
        Company.objects.select_for_update().get()
        made = Reminder.objects.filter(request_key=key).first()
        if made is not None:
            return made
        reminder = Reminder.objects.create(
            number=next_number(),
            customer=invoice.customer,
            channel=Channel.NONE,
            language=invoice.customer.language,
            currency=invoice.currency,
            note=text,
            made_by=by,
            made_on=today,
            made_at=now,
            next_on=note.next_on,
            state=Reminder.State.MADE,
            request_key=key,
        )
        ReminderLine.objects.create(
            reminder=reminder, invoice=invoice, balance=invoice.balance
        )
        about = About(invoice=invoice, reminder=reminder)
        words = _("Note: %(note)s") % {"note": text}
        history.record("reminder.noted", words, about=about, by=by, at=now)
    return reminder


@transaction.atomic
def cancel_letter(
    reminder: Reminder, reason: str, *, by: User | None, now: datetime
) -> Reminder:
    """Cancel a letter that has not been posted; it stays, with the reason.

    E-mails are cancelled in the outbox, while they have not left.
    """
    if not reason.strip():
        raise Refused(_("Say why the reminder is cancelled."), field="reason")
    won = (
        Reminder.objects.filter(
            pk=reminder.pk, state__in=(Reminder.State.BEING_MADE, Reminder.State.MADE)
        )
        .exclude(channel=Channel.EMAIL)
        .update(
            state=Reminder.State.CANCELLED,
            cancelled_by=by,
            cancelled_at=now,
            cancel_reason=reason.strip()[:240],
        )
    )
    if not won:
        raise Refused(_("This reminder can no longer be cancelled: it has left."))
    words = _("Reminder %(reference)s cancelled: %(reason)s") % {
        "reference": reminder.reference,
        "reason": reason.strip(),
    }
    history.record("reminder.cancelled", words, about=About.of(reminder), by=by, at=now)
    if reminder.run_id is not None:
        printing.forget_print(reminder.run_id)
    reminder.refresh_from_db()
    return reminder


def finish_interrupted(*, older_than: datetime, now: datetime, today: date) -> int:
    """Finish the reminders of no run that a crash left *being made*; return how many.

    Nothing of them has left. One that can no longer be made is cancelled, with its
    reason, and the others go on; while Dolibarr is waited for, so do they all.
    """
    left = Reminder.objects.filter(
        state=Reminder.State.BEING_MADE, made_at__lt=older_than, run__isnull=True
    ).values_list("pk", flat=True)
    finished = 0
    for some in batched(left.order_by("number"), _AT_ONCE):
        troubles = making.finish_many(some, now=now, today=today)
        finished += len(some) - len(troubles)
    return finished


def _locked(wish: Wish) -> Wish:
    """Return the wish with its invoices as they are now, locked."""
    found = locked_invoices(invoice.pk for invoice in wish.invoices)
    return replace(
        wish,
        invoice=found[wish.invoice.pk],
        others=tuple(
            replace(part, invoice=found[part.invoice.pk]) for part in wish.others
        ),
    )


def locked_invoices(pks: Iterable[int]) -> dict[int, Invoice]:
    """Lock invoices and return them by id."""
    rows = Invoice.objects.locked().select_related("customer", "document")
    return {invoice.pk: invoice for invoice in rows.filter(pk__in=list(pks))}


def _check_next(next_on: date, *, today: date) -> None:
    if next_on < today:
        raise Refused(_("The next reminder cannot be in the past."), field="next_on")


def _check_overrides(draft: Draft, *, by: User | None) -> None:
    """A soft reason is overridden with a reason of one's own, by who may."""
    for item in draft.items:
        soft = {reason.code for reason in item.reasons}
        for code, why in item.part.overrides.items():
            if code in soft:
                check_override(code, why, by=by)


def _write(draft: Draft, *, key: uuid.UUID, by: User | None, now: datetime) -> Reminder:
    reminder, lines = as_rows(draft, number=next_number(), key=key, by=by, now=now)
    reminder.save()
    ReminderLine.objects.bulk_create(lines)
    touch([reminder.customer_id])
    return reminder


def as_rows(
    draft: Draft, *, number: int, key: uuid.UUID, by: User | None, now: datetime
) -> tuple[Reminder, list[ReminderLine]]:
    """Return the reminder of a draft, *being made*, and its lines; saves nothing."""
    made = contents.content_of(draft, number=number)
    level = draft.step.level
    if draft.destination is None:
        raise ValueError("a draft without destination has a reason against it")
    reminder = Reminder(
        number=number,
        customer=draft.customer,
        level=level,
        level_rank=level.rank,
        level_name=level.name,
        level_kind=level.kind,
        stamp=level.stamp,
        channel=draft.wish.channel,
        language=draft.language,
        currency=draft.currency,
        recipient=draft.destination.as_data(),
        note=draft.wish.note.strip(),
        made_by=by,
        made_on=draft.made_on,
        made_at=now,
        next_on=draft.next_on,
        pay_by=draft.pay_by,
        text=draft.text,
        subject=made.subject,
        body=made.plain,
        content=made.data,
        amounts=_amounts(draft),
        overrides=list(_overridden(draft)),
        request_key=key,
    )
    return reminder, [
        ReminderLine(
            reminder=reminder,
            invoice=claim.invoice,
            balance=claim.balance,
            penalties=claim.penalties,
            indemnity=claim.indemnity,
        )
        for claim in draft.claims
    ]


def _amounts(draft: Draft) -> dict[str, object]:
    if not draft.grouped:
        return draft.claim.as_data()
    return {
        "balance": str(draft.balance),
        "total": str(draft.total),
        "invoices": [claim.as_data() for claim in draft.claims],
        "credits": [
            {
                "on": credit.on.isoformat(),
                "amount": str(credit.amount),
                "number": credit.number,
            }
            for credit in draft.credits
        ],
    }


def _overridden(draft: Draft) -> Iterator[dict[str, object]]:
    for item in draft.items:
        soft = {reason.code for reason in item.reasons}
        for code, why in item.part.overrides.items():
            if code in soft:
                yield {
                    "code": code.value,
                    "why": why.strip(),
                    "invoice": item.invoice.pk,
                }


def next_number() -> int:
    """Return the next number; the caller holds the company's lock."""
    last = Reminder.objects.aggregate(last=Max("number"))["last"]
    return (last or 0) + 1
