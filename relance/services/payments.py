"""The ledger: payments recorded, set against invoices, corrected by new rows."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Max
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from relance.models import Allocation, Customer, Invoice, Payment, Source, User
from relance.models.money import LARGEST, ZERO, sum_of
from relance.services import history
from relance.services.currencies import check_currency
from relance.services.customers import who_now
from relance.services.fact_words import amount_in_words
from relance.services.history import About
from relance.services.ledger_words import received_words, settled_words
from relance.services.refusal import Refused


@dataclass(frozen=True, kw_only=True)
class PaymentData:
    """Money received, as it was typed or read."""

    customer: Customer
    received_on: date
    amount: Decimal
    currency: str = "EUR"
    method: str = Payment.Method.TRANSFER.value
    reference: str = ""
    note: str = ""
    # Which program recorded it, and under which name.
    source: str = Source.HAND.value
    external_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class Share:
    """A part of a payment or credit note set against an invoice.

    ``effective_on`` is the day from which it counts; ``None``: the payment's day,
    or the invoice's own issue date for a credit note (retroactive: no penalty on
    what was credited).
    """

    invoice: Invoice
    amount: Decimal
    effective_on: date | None = None


@transaction.atomic
def record_payment(
    data: PaymentData,
    shares: Sequence[Share] = (),
    *,
    key: uuid.UUID,
    by: User | None,
    now: datetime,
) -> Payment:
    """Record money received, with the invoices it settles, all or nothing.

    The same key returns the first payment and records nothing more. What is set
    against no invoice stays on the customer, and holds reminders back.
    """
    # Of two clicks at once the second waits here, then finds the first one's row.
    customer = who_now(data.customer)
    known = Payment.objects.filter(request_key=key).first()
    if known is not None:
        return known
    if not ZERO < data.amount <= LARGEST:
        raise Refused(_("Enter an amount above zero."), field="amount")
    if data.received_on > localdate(now):
        raise Refused(
            _("A payment cannot be received in the future."), field="received_on"
        )
    check_currency(data.currency)
    payment = Payment.objects.create(
        customer=customer,
        received_on=data.received_on,
        amount=data.amount,
        currency=data.currency,
        method=data.method,
        reference=data.reference.strip(),
        note=data.note.strip(),
        source=data.source,
        external_id=data.external_id,
        request_key=key,
        recorded_by=by,
        recorded_at=now,
    )
    words, about = received_words(payment), About(payment=payment)
    history.record("payment.recorded", words, about=about, by=by, at=now)
    # Always in the same order: two payments at once cannot wait for each other.
    for share in sorted(shares, key=lambda share: share.invoice.pk):
        there = data.source == Source.DOLIBARR
        allocate(payment, share, there=there, by=by, now=now)
    return payment


@transaction.atomic
def allocate(
    source: Payment | Invoice,
    share: Share,
    *,
    there: bool = False,
    by: User | None,
    now: datetime,
) -> Allocation:
    """Set a part of a payment, or of a credit note, against an invoice.

    Refused above what the invoice or the source has left, across customers or
    currencies, on what is cancelled, and on an invoice of Dolibarr unless it was done
    ``there``: its balance is the one that Dolibarr gives.
    """
    _check_done_there(share.invoice, there=there)
    payment = _locked_payment(source) if isinstance(source, Payment) else None
    invoice = _locked(share.invoice)
    credit = _locked(source) if isinstance(source, Invoice) else None
    left = credit.balance if credit else left_of(payment) if payment else ZERO
    _check(credit or source, invoice, share.amount, left=left)
    allocation = Allocation.objects.create(
        payment=payment,
        credit=credit,
        invoice=invoice,
        amount=share.amount,
        effective_on=share.effective_on or _effective_on(source, invoice),
        made_by=by,
        made_at=now,
    )
    settle(invoice)
    if credit is not None:
        settle(credit)
    words = settled_words(share.amount, invoice)
    about = About(invoice=invoice, payment=payment)
    history.record("allocation.made", words, about=about, by=by, at=now)
    return allocation


@transaction.atomic
def undo_allocation(
    allocation: Allocation,
    *,
    there: bool = False,
    by: User | None,
    now: datetime,
) -> Allocation:
    """Take an allocation back by a negative row; the first stays, for the record.

    On an invoice of Dolibarr: only when it was done ``there``.
    """
    _check_done_there(allocation.invoice, there=there)
    if allocation.payment is not None:
        _locked_payment(allocation.payment)
    invoice = _locked(allocation.invoice)
    credit = _locked(allocation.credit) if allocation.credit is not None else None
    if allocation.undoes_id is not None:
        raise Refused(_("This row already takes an allocation back."))
    if Allocation.objects.filter(undoes=allocation).exists():
        raise Refused(_("This allocation was already taken back."))
    undone = Allocation.objects.create(
        payment=allocation.payment,
        credit=credit,
        invoice=invoice,
        amount=-allocation.amount,
        effective_on=allocation.effective_on,
        undoes=allocation,
        made_by=by,
        made_at=now,
    )
    settle(invoice)
    if credit is not None:
        settle(credit)
    words = _("%(amount)s taken back from invoice %(number)s.") % {
        "amount": amount_in_words(allocation.amount, invoice.currency),
        "number": invoice.number,
    }
    about = About(invoice=invoice, payment=allocation.payment)
    history.record("allocation.undone", words, about=about, by=by, at=now)
    return undone


@transaction.atomic
def correct_payment(
    payment: Payment,
    why: str,
    *,
    key: uuid.UUID,
    there: bool = False,
    by: User | None,
    now: datetime,
) -> Payment:
    """Cancel a payment by a negative row, after taking its allocations back.

    One that Dolibarr recorded: only when it was removed ``there``.
    """
    if payment.source == Source.DOLIBARR and not there:
        raise Refused(
            _("This payment comes from Dolibarr: correct it there, then synchronise.")
        )
    locked = _locked_payment(payment)
    known = Payment.objects.filter(corrects=locked).first()
    if known is not None:
        if known.request_key == key:
            return known
        raise Refused(_("This payment was already corrected."))
    if locked.corrects_id is not None:
        raise Refused(_("This row already corrects a payment."))
    if not why.strip():
        raise Refused(_("Say why the payment is corrected."), field="why")
    open_allocations = locked.allocations.filter(
        undoes__isnull=True, undone_by__isnull=True
    ).order_by("invoice_id")  # locked as everywhere, not by due date
    for allocation in open_allocations:
        undo_allocation(allocation, there=there, by=by, now=now)
    correction = Payment.objects.create(
        customer=locked.customer,
        received_on=locked.received_on,
        amount=-locked.amount,
        currency=locked.currency,
        method=locked.method,
        reference=locked.reference,
        note=why.strip()[:240],
        corrects=locked,
        request_key=key,
        recorded_by=by,
        recorded_at=now,
    )
    words = _("Payment of %(amount)s corrected: %(why)s") % {
        "amount": amount_in_words(locked.amount, locked.currency),
        "why": why.strip(),
    }
    history.record(
        "payment.corrected", words, about=About(payment=locked), by=by, at=now
    )
    return correction


def left_of(payment: Payment) -> Decimal:
    """Return what of a payment settles nothing yet; a corrected one has nothing."""
    if payment.corrects_id is not None:
        return ZERO
    if Payment.objects.filter(corrects=payment).exists():
        return ZERO
    used: Decimal = payment.allocations.aggregate(sum=sum_of("amount"))["sum"]
    return payment.amount - used


def oldest_first(invoices: Sequence[Invoice], amount: Decimal) -> Mapping[int, Decimal]:
    """Propose how an amount settles invoices: the oldest due first (art. 1342-10
    of the Civil Code), by the invoice's id."""
    shares: dict[int, Decimal] = {}
    for invoice in sorted(invoices, key=lambda found: (found.due_date, found.number)):
        part = min(invoice.balance, amount)
        if part > 0:
            shares[invoice.pk] = part
            amount -= part
    return shares


def settle(invoice: Invoice) -> None:
    """Bring balance and state to what the allocations say; the row is locked."""
    received: Decimal = invoice.allocations.aggregate(sum=sum_of("amount"))["sum"]
    given: Decimal = invoice.given_allocations.aggregate(sum=sum_of("amount"))["sum"]
    invoice.balance = invoice.total - received - given
    if invoice.state in (Invoice.State.OPEN, Invoice.State.SETTLED):
        settled = invoice.balance == ZERO
        invoice.state = Invoice.State.SETTLED if settled else Invoice.State.OPEN
        invoice.paid_on = _last_paid_on(invoice) if settled else None
    invoice.save(update_fields=["balance", "state", "paid_on"])


def _last_paid_on(invoice: Invoice) -> date | None:
    """Return the day of the last payment that still counts."""
    standing = invoice.allocations.filter(
        payment__isnull=False, undoes__isnull=True, undone_by__isnull=True
    )
    last: date | None = standing.aggregate(day=Max("effective_on"))["day"]
    return last


def _check_done_there(invoice: Invoice, *, there: bool) -> None:
    if invoice.is_kept_elsewhere and not there:
        raise Refused(
            _(
                "Invoice %(number)s comes from Dolibarr, which says what is left to "
                "pay: record it there, then synchronise."
            )
            % {"number": invoice.number}
        )


def _locked_payment(payment: Payment) -> Payment:
    """Locks are taken in one order: the payment, then the invoice, then the credit."""
    return Payment.objects.select_for_update(no_key=True).get(pk=payment.pk)


def _locked(invoice: Invoice) -> Invoice:
    return (
        Invoice.objects.select_for_update(of=("self",))
        .select_related("customer")
        .get(pk=invoice.pk)
    )


def _effective_on(source: Payment | Invoice, invoice: Invoice) -> date:
    if isinstance(source, Payment):
        return source.received_on
    return invoice.issued_on


def _check(
    source: Payment | Invoice, invoice: Invoice, amount: Decimal, *, left: Decimal
) -> None:
    if invoice.is_credit_note:
        raise Refused(_("A credit note is not paid: it settles other invoices."))
    if invoice.state in (Invoice.State.CANCELLED, Invoice.State.ABANDONED):
        raise Refused(_("This invoice is cancelled or written off."))
    if isinstance(source, Invoice):
        if not source.is_credit_note:
            raise Refused(_("Only a payment or a credit note settles an invoice."))
        if source.state in (Invoice.State.CANCELLED, Invoice.State.ABANDONED):
            raise Refused(_("This credit note is cancelled."))
    if source.customer_id != invoice.customer_id:
        raise Refused(_("The invoice belongs to another customer."))
    if source.currency != invoice.currency:
        raise Refused(
            _("The invoice is in %(currency)s: currencies are not mixed.")
            % {"currency": invoice.currency}
        )
    if amount <= ZERO:
        raise Refused(_("Enter an amount above zero."), field="amount")
    if amount > invoice.balance:
        raise Refused(
            _("Invoice %(number)s has only %(balance)s left to pay.")
            % {
                "number": invoice.number,
                "balance": amount_in_words(invoice.balance, invoice.currency),
            },
            field="amount",
        )
    if amount > left:
        raise Refused(
            _("Only %(left)s are left to set against an invoice.")
            % {"left": amount_in_words(left, invoice.currency)},
            field="amount",
        )
