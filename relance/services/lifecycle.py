"""Life-cycle statuses brought in: they hold, stop or release the follow-up."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from relance.gateways import lifecycle as gateway
from relance.gateways import wording
from relance.gateways.lifecycle import LifecycleError, StatusMessage
from relance.gateways.lifecycle_content import SENTENCES
from relance.models import Company, Hold, Invoice, LifecycleStatus, Payment, User
from relance.models.money import ZERO
from relance.rules.lifecycle import EFFECTS, Event, Standing, standing
from relance.services import history, holds, payments
from relance.services.history import About
from relance.services.holds import HoldData
from relance.services.import_results import ImportResult, Status
from relance.services.invoices import OWN_NUMBERING
from relance.services.lifecycle_words import label, why
from relance.services.payments import PaymentData, Share
from relance.services.refusal import Refused

_KEYS = uuid.UUID("b7a3f2c4-54a5-4d0f-9f10-1a2f3d7c9e55")
# Those of a customer who has their reasons, and of a promise.
_PAID = "212"


def import_statuses(
    name: str, data: bytes, *, by: User | None, now: datetime
) -> Iterator[ImportResult]:
    """Apply the statuses of a file, one by one: one that is wrong is refused with its
    reason, the others go on. The same file again changes nothing."""
    try:
        messages = gateway.read(data)
    except LifecycleError as error:
        words = _(SENTENCES[error.reason]) % error.values
        yield ImportResult(file=name, status=Status.REFUSED, error=words)
        return
    for message in sorted(messages, key=lambda one: (one.at, one.code)):
        yield _import_one(name, message, by=by, now=now)


def _import_one(
    name: str, message: StatusMessage, *, by: User | None, now: datetime
) -> ImportResult:
    said = _("%(number)s: status %(status)s") % {
        "number": message.number,
        "status": label(message.code),
    }
    try:
        with transaction.atomic():
            return replace(_apply(message, by=by, now=now), file=name)
    except Refused as refused:
        words = f"{said}. {refused.message}"
        return ImportResult(file=name, status=Status.REFUSED, error=words)


def _apply(message: StatusMessage, *, by: User | None, now: datetime) -> ImportResult:
    _check(message)
    invoice = _invoice(message)
    before = _standing(invoice)
    row, is_new = LifecycleStatus.objects.get_or_create(
        invoice=invoice,
        code=message.code,
        at=message.at,
        defaults={
            "day": message.day,
            "reason_code": message.reason_code,
            "reason": message.reason,
            "amount": (  # type: ignore[misc]
                message.paid if message.code == _PAID else message.not_approved
            ),
            "read_by": by,
            "read_at": now,
        },
    )
    if not is_new:
        return ImportResult(file="", status=Status.UNCHANGED, invoice=invoice)
    after = _standing(invoice)
    reason = why(row.reason_code, row.reason)
    words = _("E-invoice status of %(day)s: %(status)s.") % {
        "day": wording.short_date(row.day),
        "status": f"{label(row.code)} ({reason})" if reason else label(row.code),
    }
    about = About(invoice=invoice)
    history.record("einvoice.status", words, about=about, by=by, at=now)
    invoice.einvoice_status = after.code
    invoice.save(update_fields=["einvoice_status"])
    _hold(invoice, before, after, note=reason, by=by, now=now)
    _pay(invoice, after, day=message.day, by=by, now=now)
    invoice.refresh_from_db()
    told = (words, *_consequence(before, after, row))
    return ImportResult(file="", status=Status.UPDATED, invoice=invoice, warnings=told)


def _check(message: StatusMessage) -> None:
    if message.code not in EFFECTS:
        raise Refused(_("This status is not one that is known."))
    if message.code == _PAID and message.paid is None:
        raise Refused(_("It does not say which amount was paid."))
    ours = Company.objects.first()
    if ours and ours.siren and message.seller and message.seller != ours.siren:
        raise Refused(
            _("It is of an invoice of another company (SIREN %(siren)s).")
            % {"siren": message.seller}
        )


def _invoice(message: StatusMessage) -> Invoice:
    """Return the invoice, locked; one number may be in two numberings."""
    found = list(
        Invoice.objects.locked()
        .select_related("customer")
        .filter(number=message.number)
    )
    if len(found) > 1 and message.issued_on:
        found = [one for one in found if one.issued_on == message.issued_on] or found
    if not found:
        raise Refused(_("No invoice has this number here."))
    if len(found) > 1:
        raise Refused(_("Several invoices have this number here."))
    return found[0]


def _standing(invoice: Invoice) -> Standing:
    return standing(
        Event(code=row.code, at=row.at, day=row.day, amount=row.amount)
        for row in LifecycleStatus.objects.filter(invoice=invoice)
    )


def _hold(
    invoice: Invoice,
    before: Standing,
    after: Standing,
    *,
    note: str,
    by: User | None,
    now: datetime,
) -> None:
    """Suspend the reminders, or take them up again, when that has changed."""
    if (before.held, before.at) == (after.held, after.at):
        return
    ended = _("Status %(status)s.") % {"status": label(after.code)}
    for running in Hold.objects.filter(
        invoice=invoice, reason=Hold.Reason.EINVOICE, ended_at=None
    ):
        holds.end_hold(running, note=ended, by=by, now=now)
    today = timezone.localdate(now)
    if not after.held or (after.until and after.until < today):
        return
    data = HoldData(
        reason=Hold.Reason.EINVOICE.value,
        starts_on=today,
        until=after.until,
        amount=after.amount,
        note=f"{label(after.code)}. {note}".strip(),
    )
    holds.hold(invoice, data, by=by, now=now)


def _pay(
    invoice: Invoice, after: Standing, *, day: date, by: User | None, now: datetime
) -> None:
    """Record what was paid by the statuses and is not known here: a payment that
    came by the bank first counts once. Dolibarr says itself what was paid there."""
    settled = invoice.total - invoice.balance
    missing = min(after.paid - settled, invoice.balance)
    if missing <= ZERO or invoice.numbering != OWN_NUMBERING or not invoice.is_unpaid:
        return
    known = _unallocated(invoice, missing)
    share = Share(invoice=invoice, amount=missing)
    if known is not None:
        payments.allocate(known, share, by=by, now=now)
        return
    data = PaymentData(
        customer=invoice.customer,
        received_on=min(day, timezone.localdate(now)),
        amount=missing,
        currency=invoice.currency,
        method=Payment.Method.OTHER.value,
        reference=invoice.number,
        note=_("Paid, says the status of the e-invoice."),
    )
    key = uuid.uuid5(_KEYS, f"{invoice.pk} {after.paid}")
    payments.record_payment(data, [share], key=key, by=by, now=now)


def _unallocated(invoice: Invoice, amount: Decimal) -> Payment | None:
    """Return a payment of the customer that has this amount left."""
    found = Payment.objects.filter(
        customer=invoice.customer_id,
        currency=invoice.currency,
        amount=amount,
        corrects=None,
        correction=None,
    ).order_by("received_on", "pk")
    return next((one for one in found if payments.left_of(one) == amount), None)


def _consequence(
    before: Standing, after: Standing, row: LifecycleStatus
) -> Iterator[str]:
    if after.at != row.at or after.code != row.code:
        if after.at is not None and after.at > row.at:
            yield _("A later status is known: this one changes nothing.")
    elif after.stopped:
        yield _("No reminder leaves: the invoice must be corrected first.")
    elif after.held and after.until:
        until = wording.short_date(after.until)
        yield _("Reminders suspended until %(day)s.") % {"day": until}
    elif after.held:
        yield _("Reminders suspended until another status says otherwise.")
    elif before.held or before.stopped:
        yield _("Reminders are taken up again.")
