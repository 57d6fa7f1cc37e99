"""Pending payments: told by the bank, not yet recorded by Dolibarr; each counts once.

Which of them have arrived is found anew from all that is known, whatever came first.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from relance.gateways import wording
from relance.models import (
    BankLine,
    Customer,
    Invoice,
    PendingPayment,
    User,
)
from relance.models.money import ZERO
from relance.queries import pending as queries
from relance.rules.pending import recognised
from relance.services import history
from relance.services.fact_words import amount_in_words
from relance.services.history import About, Entry
from relance.services.payments import Share
from relance.services.refusal import Refused

State = PendingPayment.State


def wait_for(
    line: BankLine,
    customer: Customer,
    shares: Sequence[Share],
    *,
    rest: Decimal = ZERO,
    by: User | None,
    now: datetime,
) -> None:
    """Let parts of a receipt wait to be recorded in Dolibarr, inside the caller's
    transaction.

    ``rest``: what no invoice was chosen for. Refused above what an invoice has left
    once those that already wait are counted; what Dolibarr has recorded meanwhile
    ends at once.
    """
    Customer.objects.select_for_update(no_key=True).get(pk=customer.pk)
    made = []
    for share in shares:
        _check(share, customer=customer, line=line)
        start = (line, customer, share.amount)
        made.append(_start(*start, invoice=share.invoice, by=by, now=now))
    if rest > ZERO:
        _start(line, customer, rest, invoice=None, by=by, now=now)
    reconcile([customer.pk], now=now)
    for row, share in zip(made, shares, strict=True):
        _check_left(row, share.invoice)


@transaction.atomic
def reconcile(customer_ids: Iterable[int], *, now: datetime) -> None:
    """Bring pending payments to what the ledger says: arrived once Dolibarr recorded
    them, waiting again when their payment was removed there."""
    ids = sorted(set(customer_ids))
    rows = PendingPayment.objects.filter(customer__in=ids).standing()
    if not rows.exists():
        return
    # A receipt matched and a payment arriving at once: the second waits here, then
    # sees the first.
    list(
        Customer.objects.select_for_update(no_key=True)
        .filter(pk__in=ids)
        .order_by("pk")
    )
    locked = rows.select_for_update(of=("self",)).order_by("pk")
    known = list(locked.select_related("invoice", "customer"))
    found = recognised(map(queries.expected, known), queries.arrivals(known))
    moves = [_target(row, found.get(row.pk)) for row in known]
    changes = [move for move in moves if not move.is_made]
    # Freed first: two of them may have changed places.
    PendingPayment.objects.filter(pk__in=[move.row.pk for move in changes]).update(
        state=State.WAITING, arrived_as=None, ended_at=None
    )
    entries = [move.make(now=now) for move in changes]
    history.record_many([entry for entry in entries if entry], at=now)


@transaction.atomic
def give_up(
    pending: PendingPayment, why: str, *, by: User | None, now: datetime
) -> None:
    """Wait no longer for Dolibarr to record it; the reason is kept."""
    found = _locked(pending)
    if not why.strip():
        raise Refused(_("Say why it is no longer waited for."), field="why")
    if not found.is_holding:
        raise Refused(_("This payment is no longer waited for."))
    _end(found, State.GIVEN_UP, note=why, by=by, now=now)
    words = _(
        "Payment of %(amount)s received on %(day)s: no longer waited for. %(why)s"
    )
    said = _said(found) | {"why": why.strip()}
    history.record("pending.given_up", words % said, about=_about(found), by=by, at=now)


def take_back(line: BankLine, *, by: User | None, now: datetime) -> None:
    """Undo what a line waits for, inside the transaction that takes its match back.

    Refused once it was written in Dolibarr from here: it would stay there.
    """
    rows = PendingPayment.objects.filter(bank_line=line).exclude(state=State.UNDONE)
    for row in rows.select_for_update().order_by("pk"):
        if row.written_as:
            raise Refused(
                _(
                    "This payment was written in Dolibarr from here: delete it there, "
                    "synchronise, then take the match back."
                )
            )
        _end(row, State.UNDONE, note="", by=by, now=now)
        words = _("%(amount)s received on %(day)s: the match is taken back.")
        about = _about(row)
        history.record("pending.undone", words % _said(row), about=about, by=by, at=now)
        reconcile([row.customer_id], now=now)


@dataclass(frozen=True, kw_only=True)
class _Move:
    """What the ledger says of a pending payment."""

    row: PendingPayment
    state: str
    payment: int | None = None

    @property
    def is_made(self) -> bool:
        return (self.row.state, self.row.arrived_as_id) == (self.state, self.payment)

    def make(self, *, now: datetime) -> Entry | None:
        """Write it down; return its entry, none where only the payment is another."""
        row, before = self.row, self.row.state
        row.state, row.arrived_as_id = self.state, self.payment
        row.ended_at = None if row.is_holding else now
        if before == State.ARRIVED and row.is_holding:
            # Removed there: under that name it does not come again.
            row.written_as = ""
        row.save()
        if before == row.state:
            return None
        action, words = _told(row)
        return Entry(action=action, words=words % _said(row), about=_about(row))


def _target(row: PendingPayment, payment: int | None) -> _Move:
    if payment is not None:
        return _Move(row=row, state=State.ARRIVED, payment=payment)
    if row.invoice is not None and not row.invoice.is_unpaid:
        return _Move(row=row, state=State.SETTLED)
    if row.written_as and row.state != State.ARRIVED:
        return _Move(row=row, state=State.WRITTEN)
    return _Move(row=row, state=State.WAITING)


def _told(row: PendingPayment) -> tuple[str, str]:
    if row.state == State.ARRIVED:
        return "pending.arrived", _(
            "The payment of %(amount)s received on %(day)s is recorded in Dolibarr."
        )
    if row.state == State.SETTLED:
        return "pending.settled", _(
            "The payment of %(amount)s received on %(day)s is no longer waited for: "
            "Dolibarr has nothing left to pay on the invoice."
        )
    return "pending.waiting", _(
        "The payment of %(amount)s received on %(day)s is no longer in Dolibarr: it is "
        "waited for again."
    )


def _start(
    line: BankLine,
    customer: Customer,
    amount: Decimal,
    *,
    invoice: Invoice | None,
    by: User | None,
    now: datetime,
) -> PendingPayment:
    row = PendingPayment.objects.create(
        bank_line=line,
        customer=customer,
        invoice=invoice,
        amount=amount,
        currency=line.currency,
        received_on=line.booked_on,
        made_by=by,
        made_at=now,
    )
    words = _(
        "%(amount)s received on %(day)s by the bank: waits to be recorded in Dolibarr."
    )
    history.record("pending.made", words % _said(row), about=_about(row), by=by, at=now)
    return row


def _end(
    row: PendingPayment, state: str, *, note: str, by: User | None, now: datetime
) -> None:
    row.state, row.arrived_as = state, None
    row.ended_by, row.ended_at, row.end_note = by, now, note.strip()[:240]
    row.save()


def _check(share: Share, *, customer: Customer, line: BankLine) -> None:
    if share.invoice.customer_id != customer.pk:
        raise Refused(_("The invoice belongs to another customer."))
    if share.invoice.currency != line.currency:
        raise Refused(
            _("The invoice is in %(currency)s: currencies are not mixed.")
            % {"currency": share.invoice.currency}
        )
    if share.amount <= ZERO:
        raise Refused(_("Enter an amount above zero."), field="amount")


def _check_left(made: PendingPayment, invoice: Invoice) -> None:
    """Refuse what can neither be waited for nor has arrived already."""
    row = _locked(made)
    invoice.refresh_from_db(fields=["balance"])
    waiting = queries.waiting_by_invoice([invoice.pk]).get(invoice.pk, ZERO)
    if row.state == State.SETTLED or (row.is_holding and waiting > invoice.balance):
        left = max(invoice.balance - waiting + row.amount, ZERO)
        if row.state == State.SETTLED:
            left = invoice.balance
        said = {
            "number": invoice.number,
            "balance": amount_in_words(left, invoice.currency),
        }
        words = _("Invoice %(number)s has only %(balance)s left to pay.")
        raise Refused(words % said, field="amount")


def _locked(pending: PendingPayment) -> PendingPayment:
    return (
        PendingPayment.objects.select_for_update(of=("self",))
        .select_related("invoice", "customer")
        .get(pk=pending.pk)
    )


def _said(row: PendingPayment) -> dict[str, str]:
    return {
        "amount": amount_in_words(row.amount, row.currency),
        "day": wording.short_date(row.received_on),
    }


def _about(row: PendingPayment) -> About:
    return About(customer=row.customer, invoice=row.invoice)
