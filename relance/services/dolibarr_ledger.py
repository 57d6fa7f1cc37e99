"""The ledger of an invoice, brought to what Dolibarr says of it.

What remains to pay is right there in every version, the rest explains it: payments
and credit notes are told one by one, and a difference that they leave becomes a row
of its own, *according to Dolibarr*, never a silent balance.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from relance.gateways import dolibarr_content as there
from relance.models import Allocation, Invoice, Payment, Source
from relance.models.money import CENT, ZERO
from relance.services import payments
from relance.services.first_payments import FirstPayment
from relance.services.payments import PaymentData, Share

# What a rounding of exchange may leave on the last of several payments.
ROUNDING = Decimal("0.05")
_METHODS = {
    "VIR": Payment.Method.TRANSFER,
    "CHQ": Payment.Method.CHEQUE,
    "CB": Payment.Method.CARD,
    "PRE": Payment.Method.DIRECT_DEBIT,
    "LIQ": Payment.Method.CASH,
}


@dataclass(frozen=True, kw_only=True)
class Told:
    """What was read of an invoice's ledger, beside the invoice itself."""

    payments: Sequence[there.Payment]
    # Our rows of the credit notes used on it, by number.
    credits: Mapping[str, Invoice]


def bring_in_line(
    invoice: Invoice,
    read: there.Invoice,
    told: Told,
    *,
    balance: Decimal,
    now: datetime,
    today: date,
) -> None:
    """Add what was paid there, take back what was not, and explain the rest.

    To be called inside the transaction that locked the invoice, which is open or
    settled. ``balance`` is what is left according to Dolibarr.
    """
    ledger = _Ledger(invoice, read, now=now, today=today)
    gone, new = _compared(ledger, told)
    if not gone and not new and invoice.balance == balance:
        return
    for payment in ledger.standing():
        if _name(payment).startswith("="):
            ledger.correct(payment, _("Dolibarr now says otherwise."))
    for payment in gone:
        ledger.correct(payment, _("No longer recorded so in Dolibarr."))
    _undo_credits(ledger, told)
    _add_payments(ledger, new, balance)
    _add_credits(ledger, told)
    _explain(ledger, balance)


def first_payments(
    invoice: Invoice,
    read: there.Invoice,
    told: Sequence[there.Payment],
    *,
    balance: Decimal,
    today: date,
) -> list[FirstPayment]:
    """Return the payments of an invoice that was just created, to be recorded
    together with those of others; empty unless they explain its balance by
    themselves, in its own currency."""
    paid = sum((one.amount for one in told), ZERO)
    names = {_called(one) for one in told}
    plain = read.rate == 1 and len(names) == len(told)
    if not plain or invoice.total - paid != balance:
        return []
    if any(one.is_credit or one.amount <= ZERO for one in told):
        return []
    return [
        FirstPayment(
            invoice=invoice,
            data=_data(
                invoice,
                one,
                amount=one.amount,
                name=f"{read.id}/{_called(one)}"[:90],
                today=today,
            ),
            key=_key("record", f"{read.id}/{_called(one)}"[:90]),
        )
        for one in told
    ]


class _Ledger:
    """One invoice at work, and when."""

    def __init__(
        self, invoice: Invoice, read: there.Invoice, *, now: datetime, today: date
    ) -> None:
        self.invoice, self.read, self.now, self.today = invoice, read, now, today

    @property
    def tolerance(self) -> Decimal:
        """What rounding may change of an amount that was told in another currency."""
        return ZERO if self.read.rate == 1 else ROUNDING

    def standing(self) -> list[Payment]:
        """Return what came from there for this invoice and was not corrected."""
        return list(
            Payment.objects.filter(
                source=Source.DOLIBARR,
                external_id__startswith=f"{self.read.id}/",
                corrects__isnull=True,
                correction__isnull=True,
            ).order_by("pk")
        )

    def convert(self, amount: Decimal) -> Decimal:
        """Return an amount of the company's currency in the invoice's."""
        return (amount * self.read.rate).quantize(CENT)

    def correct(self, payment: Payment, why: str) -> None:
        key = _key("correct", payment.pk)
        payments.correct_payment(
            payment, why, key=key, there=True, by=None, now=self.now
        )
        self.invoice.refresh_from_db()

    def record(self, data: PaymentData) -> None:
        """Record a payment, and set it against the invoice as far as something is
        left."""
        part = min(data.amount, self.invoice.balance)
        shares = [Share(invoice=self.invoice, amount=part)] if part > ZERO else []
        key = _key("record", data.external_id)
        payments.record_payment(data, shares, key=key, by=None, now=self.now)
        self.invoice.refresh_from_db()

    def free_name(self, name: str) -> str:
        """Return a name that no other row has: a number that was deleted there may
        be given again."""
        name = f"{self.read.id}/{name}"[:90]
        taken = Payment.objects.filter(
            source=Source.DOLIBARR, external_id__startswith=name
        ).values_list("external_id", flat=True)
        used = {str(one) for one in taken}
        nth, free = 1, name
        while free in used:
            nth += 1
            free = f"{name}#{nth}"
        return free


def _compared(ledger: _Ledger, told: Told) -> tuple[list[Payment], list[there.Payment]]:
    """Return our rows that Dolibarr tells no more, and what it tells that is new."""
    ours = [one for one in ledger.standing() if not _name(one).startswith("=")]
    new = []
    for one in told.payments:
        amount = ledger.convert(one.amount)
        if one.ref in told.credits or amount <= ZERO:
            continue
        same = next(
            (
                payment
                for payment in ours
                if _name(payment) == _called(one)
                and abs(payment.amount - amount) <= ledger.tolerance
            ),
            None,
        )
        if same is None:
            new.append(one)
        else:
            ours.remove(same)
    return ours, new


def _undo_credits(ledger: _Ledger, told: Told) -> None:
    used = {one.ref for one in told.payments if one.is_credit}
    for allocation in _credits_on(ledger.invoice):
        if allocation.credit is not None and allocation.credit.number not in used:
            payments.undo_allocation(allocation, there=True, by=None, now=ledger.now)
    ledger.invoice.refresh_from_db()


def _add_payments(
    ledger: _Ledger, new: Sequence[there.Payment], balance: Decimal
) -> None:
    for place, one in enumerate(new):
        amount, rest = ledger.convert(one.amount), ledger.invoice.balance - balance
        is_last = place == len(new) - 1
        if is_last and abs(rest - amount) <= ledger.tolerance:
            amount = max(rest, CENT)
        name = ledger.free_name(_called(one))
        ledger.record(
            _data(ledger.invoice, one, amount=amount, name=name, today=ledger.today)
        )


def _add_credits(ledger: _Ledger, told: Told) -> None:
    standing = {
        allocation.credit.number
        for allocation in _credits_on(ledger.invoice)
        if allocation.credit is not None
    }
    for one in told.payments:
        credit = told.credits.get(one.ref)
        if credit is None or one.ref in standing:
            continue
        credit.refresh_from_db()
        amount = ledger.convert(one.amount)
        part = min(amount, credit.balance, ledger.invoice.balance)
        same_owner = credit.customer_id == ledger.invoice.customer_id
        if part > ZERO and same_owner and credit.state == Invoice.State.OPEN:
            share = Share(invoice=ledger.invoice, amount=part)
            payments.allocate(credit, share, there=True, by=None, now=ledger.now)
            ledger.invoice.refresh_from_db()


def _explain(ledger: _Ledger, balance: Decimal) -> None:
    """Leave the balance that Dolibarr gives, by rows that say so."""
    if ledger.invoice.balance == balance:
        return
    # More is due there than these rows leave: the newest give way.
    while ledger.invoice.balance < balance:
        newest = (
            ledger.invoice.allocations.filter(
                undoes__isnull=True, undone_by__isnull=True
            )
            .order_by("-pk")
            .first()
        )
        if newest is None:
            break
        payments.undo_allocation(newest, there=True, by=None, now=ledger.now)
        ledger.invoice.refresh_from_db()
    rest = ledger.invoice.balance - balance
    if rest > ZERO:
        data = PaymentData(
            customer=ledger.invoice.customer,
            received_on=ledger.today,
            amount=rest,
            currency=ledger.invoice.currency,
            method=Payment.Method.OTHER.value,
            reference=_("according to Dolibarr"),
            note=_rest_note(ledger.read),
            source=Source.DOLIBARR.value,
            external_id=ledger.free_name(f"={ledger.today}"),
        )
        ledger.record(data)


def _data(
    invoice: Invoice, one: there.Payment, *, amount: Decimal, name: str, today: date
) -> PaymentData:
    return PaymentData(
        customer=invoice.customer,
        received_on=min(one.on, today),
        amount=amount,
        currency=invoice.currency,
        method=_METHODS.get(one.method, Payment.Method.OTHER).value,
        reference=(one.number or one.ref)[:120],
        note=_note(one)[:240],
        source=Source.DOLIBARR.value,
        external_id=name[:100],
    )


def _rest_note(read: there.Invoice) -> str:
    if read.close_code == "discount_vat":
        words = _("Discount granted, says Dolibarr. %(note)s")
    elif read.status == there.Status.CLOSED and not read.paid:
        words = _("Closed in Dolibarr with a rest that is not asked for. %(note)s")
    else:
        words = _("Dolibarr leaves less to pay than its payments explain. %(note)s")
    return (words % {"note": read.close_note}).strip()[:240]


def _note(one: there.Payment) -> str:
    if one.is_credit:
        return _("Credit used in Dolibarr: %(number)s") % {"number": one.ref}
    return _("Payment of Dolibarr: %(number)s") % {"number": one.ref}


def _called(one: there.Payment) -> str:
    return one.ref or f"{one.on}"


def _name(payment: Payment) -> str:
    """Return how Dolibarr names a payment: its number, without what makes it ours."""
    name = (payment.external_id or "").partition("/")[2]
    return name.partition("#")[0]


def _credits_on(invoice: Invoice) -> list[Allocation]:
    return list(
        invoice.allocations.select_related("credit").filter(
            credit__source=Source.DOLIBARR, undoes__isnull=True, undone_by__isnull=True
        )
    )


def _key(what: str, of: object) -> uuid.UUID:
    """One row for each thing that is told, whatever how often."""
    return uuid.uuid5(uuid.NAMESPACE_OID, f"dolibarr {what} {of}")
