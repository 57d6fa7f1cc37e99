"""An item of a ledger written down here: an invoice, a payment, or what settles one
that is known."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext as _

from relance.gateways import wording
from relance.models import Customer, FecFile, FecItem, Invoice, Payment, Source, User
from relance.models.money import LARGEST, ZERO
from relance.services import history, payments
from relance.services.currencies import check_currency
from relance.services.fec_known import NEAR
from relance.services.history import About
from relance.services.invoices import OWN_NUMBERING, due_date_for
from relance.services.payments import PaymentData, Share
from relance.services.refusal import Refused

Kind = FecItem.Kind
_KEYS = uuid.UUID("0f6f6a30-9b0c-4c5e-8e0e-6f0f2b1d7c11")


@dataclass(frozen=True, kw_only=True)
class Step:
    """An item at work: of which file, in whose name, when."""

    item: FecItem
    file: FecFile
    by: User | None
    now: datetime


def invoice_of(step: Step, customer: Customer) -> Invoice:
    """Create the invoice, or the credit note, that an item is; what was lettered of
    it is a payment."""
    item = step.item
    credit = item.kind == Kind.CREDIT_NOTE
    # Of a credit note partly used, what is left: the rest settled what is not here.
    total = -item.left if credit else item.amount
    if item.currency != "EUR":
        check_currency(item.currency)
    if not ZERO < total <= LARGEST:
        raise Refused(_("Enter an amount above zero."))
    same = Invoice.objects.filter(numbering=OWN_NUMBERING, number=item.number)
    if other := same.select_related("customer").first():
        raise Refused(
            _("Invoice %(number)s already exists: %(customer)s.")
            % {"number": other.number, "customer": other.customer}
        )
    due_date = item.due_date or due_date_for(customer, item.day)
    invoice = Invoice.objects.create(
        numbering=OWN_NUMBERING,
        number=item.number,
        kind=Invoice.Kind.CREDIT_NOTE if credit else Invoice.Kind.INVOICE,
        customer=customer,
        issued_on=item.day,
        due_date=max(due_date, item.day),
        due_date_computed=item.due_date is None,
        subject=_subject(item),
        currency=item.currency,
        total=total,
        balance=total,
        source=Source.ENTRIES,
        fingerprint=item.mark,
        batch=step.file.batch,
        created_by=step.by,
        created_at=step.now,
    )
    words = _("Invoice %(number)s imported from the FEC %(file)s.") % {
        "number": invoice.number,
        "file": step.file.name,
    }
    about = About(invoice=invoice)
    history.record("invoice.imported", words, about=about, by=step.by, at=step.now)
    if not credit and item.left < item.amount:
        settle(step, invoice)
    return invoice


def _subject(item: FecItem) -> str:
    if item.kind == Kind.CARRIED_OVER:
        return _("Balance carried over")
    return item.label[:200]


def settle(step: Step, invoice: Invoice) -> None:
    """Bring an invoice down to what the ledger says is left of it: by the payments
    and credit notes known here that lettered it, and a new payment for the rest."""
    item = step.item
    invoice = Invoice.objects.select_for_update(of=("self",)).get(pk=invoice.pk)
    left = ZERO if item.kind in (Kind.SETTLED, Kind.VANISHED) else item.left
    rest = invoice.balance - left
    if rest <= ZERO or invoice.state != Invoice.State.OPEN:
        return
    for source, available in _known_sources(invoice, item):
        part = min(rest, available)
        if part > ZERO:
            share = Share(invoice=invoice, amount=part)
            payments.allocate(source, share, by=step.by, now=step.now)
            rest -= part
    if rest > ZERO:
        _pay(step, invoice, rest)


def _pay(step: Step, invoice: Invoice, amount: Decimal) -> None:
    item = step.item
    day = item.settled_on or step.file.last_on or item.day
    data = PaymentData(
        customer=invoice.customer,
        received_on=_not_after_today(day, step.now),
        amount=amount,
        currency=invoice.currency,
        method=Payment.Method.OTHER.value,
        reference=item.letter,
        note=_why_settled(item, step.file),
    )
    # The same letter again, for another amount, is another payment.
    key = uuid.uuid5(_KEYS, f"{item.mark} {invoice.pk} {invoice.balance}")
    share = Share(invoice=invoice, amount=amount)
    made = payments.record_payment(data, [share], key=key, by=step.by, now=step.now)
    _ours(made, step, external_id=None)


def _why_settled(item: FecItem, file: FecFile) -> str:
    until = wording.short_date(file.last_on) if file.last_on else file.name
    if item.kind == Kind.VANISHED:
        return _("No longer open in the FEC until %(day)s.") % {"day": until}
    said = {"letter": item.letter, "day": until}
    return _("Lettered %(letter)s in the FEC until %(day)s.") % said


def _known_sources(
    invoice: Invoice, item: FecItem
) -> Iterator[tuple[Payment | Invoice, Decimal]]:
    """Yield what of the lettering is here with something left: told by an earlier
    ledger, else a payment of that amount in these days."""
    theirs = Payment.objects.filter(
        customer=invoice.customer_id,
        currency=invoice.currency,
        corrects=None,
        correction=None,
    )
    for mark, day, amount in item.by:
        known = theirs.filter(source=Source.ENTRIES, external_id=mark).first()
        if known is None:
            said = date.fromisoformat(day)
            known = next(
                (
                    one
                    for one in theirs.filter(
                        amount=Decimal(amount),
                        received_on__range=(said - NEAR, said + NEAR),
                    ).order_by("received_on", "pk")
                    if payments.left_of(one)
                ),
                None,
            )
        if known is not None:
            yield known, payments.left_of(known)
            continue
        credit = Invoice.objects.filter(
            kind=Invoice.Kind.CREDIT_NOTE,
            customer=invoice.customer_id,
            currency=invoice.currency,
            state=Invoice.State.OPEN,
            fingerprint=mark,
        ).first()
        if credit is not None:
            yield credit, credit.balance


def payment_of(step: Step, customer: Customer) -> Payment:
    """Record what was received and is not lettered, with what it was confirmed to
    settle; the rest stays the customer's, and holds reminders back."""
    item = step.item
    amount = -item.left
    shares, rest = [], amount
    for mark, part in item.shares if item.matched else ():
        invoice = _invoice_marked(step.file, mark)
        if invoice is None or invoice.customer_id != customer.pk:
            continue
        share = min(Decimal(part), invoice.balance, rest)
        if share > ZERO and invoice.is_unpaid:
            shares.append(Share(invoice=invoice, amount=share))
            rest -= share
    data = PaymentData(
        customer=customer,
        received_on=_not_after_today(item.day, step.now),
        amount=amount,
        currency=item.currency,
        reference=item.number[:120],
        note=item.label,
    )
    key = uuid.uuid5(_KEYS, item.mark)
    made = payments.record_payment(data, shares, key=key, by=step.by, now=step.now)
    _ours(made, step, external_id=item.mark)
    return made


def _invoice_marked(file: FecFile, mark: str) -> Invoice | None:
    found = (
        FecItem.objects.filter(file=file, mark=mark, invoice__isnull=False)
        .select_related("invoice")
        .first()
    )
    return found.invoice if found else None


def _ours(payment: Payment, step: Step, *, external_id: str | None) -> None:
    Payment.objects.filter(pk=payment.pk).update(
        source=Source.ENTRIES, external_id=external_id, batch=step.file.batch
    )


def _not_after_today(day: date, now: datetime) -> date:
    return min(day, timezone.localdate(now))
