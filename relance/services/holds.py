"""Holds: reminders suspended, and taken up again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from relance.gateways import wording
from relance.models import Customer, Hold, Invoice, Source, User
from relance.models.money import ZERO
from relance.services import history
from relance.services.active_language import active_language
from relance.services.customers import who_now
from relance.services.history import About
from relance.services.refusal import Refused


@dataclass(frozen=True, kw_only=True)
class HoldData:
    """Why reminders stop, from when, until when, for how much."""

    reason: str
    starts_on: date
    until: date | None = None
    amount: Decimal | None = None
    note: str = ""
    # Dolibarr, when it is for Dolibarr to end it.
    source: str = Source.HAND.value


@transaction.atomic
def hold(
    on: Customer | Invoice, data: HoldData, *, by: User | None, now: datetime
) -> Hold:
    """Suspend the reminders of an invoice, or of all a customer's invoices."""
    invoice = on if isinstance(on, Invoice) else None
    _check(on, data, today=timezone.localdate(now))
    # Two clicks at once make one hold.
    customer = who_now(on) if isinstance(on, Customer) else None
    if invoice is not None:
        Invoice.objects.select_for_update(no_key=True).get(pk=invoice.pk)
    running = Hold.objects.running(on=data.starts_on).filter(
        invoice=invoice, customer=customer, reason=data.reason
    )
    if running.exists():
        raise Refused(_("A hold with this reason is already running."), field="reason")
    made = Hold.objects.create(
        invoice=invoice,
        customer=customer,
        reason=data.reason,
        note=data.note.strip()[:240],
        source=data.source,
        starts_on=data.starts_on,
        until=data.until,
        amount=data.amount,  # type: ignore[misc]
        made_by=by,
        made_at=now,
    )
    words = _("Reminders suspended: %(reason)s.") % {
        "reason": made.get_reason_display()
    }
    if made.note:
        words = f"{words} {made.note}"
    about = About(customer=customer, invoice=invoice)
    history.record("hold.made", words, about=about, by=by, at=now)
    return made


@transaction.atomic
def end_hold(held: Hold, *, note: str = "", by: User | None, now: datetime) -> Hold:
    """End a hold; it stays, with who ended it."""
    won = Hold.objects.filter(pk=held.pk, ended_at__isnull=True).update(
        ended_at=now, ended_by=by, end_note=note.strip()[:240]
    )
    if not won:
        raise Refused(_("This hold has already ended."))
    held.refresh_from_db()
    words = _("Reminders taken up again: %(reason)s ended.") % {
        "reason": held.get_reason_display()
    }
    about = About(customer=held.customer, invoice=held.invoice)
    history.record("hold.ended", words, about=about, by=by, at=now)
    return held


def _check(on: Customer | Invoice, data: HoldData, *, today: date) -> None:
    if data.reason not in Hold.Reason.values:
        raise Refused(_("Choose a reason."), field="reason")
    if data.until is not None and data.until < data.starts_on:
        raise Refused(_end_too_early(data, today=today), field="until")
    if data.reason == Hold.Reason.PROMISE:
        _check_promise(on, data)
    if data.amount is not None and data.amount <= ZERO:
        raise Refused(_("Enter an amount above zero."), field="amount")
    if data.reason == Hold.Reason.INSOLVENCY and isinstance(on, Invoice):
        raise Refused(
            _("Insolvency concerns the customer: suspend it there."), field="reason"
        )


def _end_too_early(data: HoldData, *, today: date) -> str:
    """Say what is wrong with an end before the start; a line asks for one day only."""
    if data.starts_on != today:
        return _("The end is before the start.")
    if data.reason == Hold.Reason.PROMISE:
        return _("The announced day is over: choose today or a later day.")
    return _("This day is over: choose today or a later day.")


def _check_promise(on: Customer | Invoice, data: HoldData) -> None:
    if data.until is None:
        raise Refused(_("Until which day is payment promised?"), field="until")
    if not isinstance(on, Invoice) or data.amount is None or data.amount <= on.balance:
        return
    language = active_language()
    left = wording.money(on.balance, currency=on.currency, language=language)
    words = _("The amount is above what is left to pay: %(left)s.") % {"left": left}
    raise Refused(words, field="amount")
