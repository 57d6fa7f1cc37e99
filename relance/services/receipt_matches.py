"""What a person makes of a bank line: a payment, one already entered, one that is
waited for, or nothing."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from relance.gateways import wording
from relance.models import BankLine, Customer, PayerAccount, Payment, Source, User
from relance.models.money import ZERO
from relance.services import history, payments, pending
from relance.services.customers import who_now
from relance.services.history import About
from relance.services.payments import PaymentData, Share
from relance.services.refusal import Refused
from relance.services.returned import ReturnData, return_payment, usual_reason

# Payment keys are made of the line's, so that two clicks record one payment.
_KEYS = uuid.UUID("6b1d4c52-6f0e-4e8a-9d27-1f3f3f0c9d10")


@transaction.atomic
def accept(
    line: BankLine,
    customer: Customer,
    shares: Sequence[Share] = (),
    *,
    by: User | None,
    now: datetime,
) -> Payment | None:
    """Record a receipt as a payment of this customer, with what it settles.

    What it settles nothing of stays on the customer, and holds reminders back. What
    is set against invoices of Dolibarr waits until it is recorded there, and so does
    what is left of a receipt of its customers: ``None`` when that is all. The account
    that paid is remembered. Raises Refused when an invoice has less left than its
    share, or when somebody else already decided on the line.
    """
    found, customer = _locked(line), who_now(customer)
    ours = [share for share in shares if not share.invoice.is_kept_elsewhere]
    theirs = [share for share in shares if share.invoice.is_kept_elsewhere]
    rest = found.amount - _sum(shares)
    waits_there = bool(theirs) or customer.source == Source.DOLIBARR
    if rest < ZERO and waits_there:
        raise Refused(_("More is shared out than was received."), field="amount")
    stays_here = _sum(ours)
    if not waits_there:
        stays_here, rest = stays_here + rest, ZERO
    payment = None
    if stays_here > ZERO:
        payment = payments.record_payment(
            _data(found, customer, stays_here), ours, key=_key(found), by=by, now=now
        )
    if theirs or rest > ZERO:
        pending.wait_for(found, customer, theirs, rest=rest, by=by, now=now)
    _decide(found, BankLine.State.MATCHED, payment=payment, by=by, now=now)
    _learn(found, customer, now=now)
    return payment


@transaction.atomic
def link(line: BankLine, payment: Payment, *, by: User | None, now: datetime) -> None:
    """Say that a line tells of a payment that was already entered: it counts once.

    One that settled several invoices in Dolibarr is here in as many parts, of which
    any is given.
    """
    found = _locked(line)
    known = Payment.objects.select_for_update().get(pk=payment.pk)
    if known.source == Source.DOLIBARR and known.amount < found.amount:
        _link_parts(found, known, by=by, now=now)
        return
    if (known.amount, known.currency) != (found.amount, found.currency):
        raise Refused(_("This payment is of another amount."))
    if BankLine.objects.filter(payment=known).exists():
        raise Refused(_("Another line of the bank already tells of this payment."))
    if known.corrects_id or Payment.objects.filter(corrects=known).exists():
        raise Refused(_("This payment was corrected."))
    _decide(found, BankLine.State.MATCHED, payment=known, by=by, now=now)
    _learn(found, known.customer, now=now)
    words = _("Payment of %(day)s found on the bank statement.") % {
        "day": wording.short_date(known.received_on)
    }
    history.record("receipts.linked", words, about=About(payment=known), by=by, at=now)
    pending.reconcile([known.customer_id], now=now)


def _link_parts(
    line: BankLine, known: Payment, *, by: User | None, now: datetime
) -> None:
    """Let a line be all the parts of one payment there; refused when they are not of
    its amount."""
    pending.wait_for(line, known.customer, (), rest=line.amount, by=by, now=now)
    if line.pending.holding().exists():
        raise Refused(_("This payment is of another amount."))
    _decide(line, BankLine.State.MATCHED, payment=None, by=by, now=now)
    _learn(line, known.customer, now=now)


@transaction.atomic
def accept_return(
    line: BankLine, payment: Payment, *, by: User | None, now: datetime
) -> Payment:
    """Record that a line takes an earlier payment back; what it settled is owed
    again. Raises Refused for another amount, and for a payment already corrected."""
    found = _locked(line)
    if (payment.amount, payment.currency) != (-found.amount, found.currency):
        raise Refused(_("This payment is of another amount."))
    data = ReturnData(
        returned_on=found.booked_on,
        reason=usual_reason(payment).value,
        note=found.label[:200],
    )
    row = return_payment(payment, data, key=_key(found), by=by, now=now)
    _decide(found, BankLine.State.MATCHED, payment=row, by=by, now=now)
    return row


@transaction.atomic
def ignore(line: BankLine, why: str, *, by: User | None, now: datetime) -> None:
    """Set a line aside: it is no customer's payment."""
    found = _locked(line)
    found.why_ignored = why.strip()[:240]
    _decide(found, BankLine.State.IGNORED, payment=None, by=by, now=now)
    words = _("Bank line of %(day)s set aside: %(label)s") % {
        "day": wording.short_date(found.booked_on),
        "label": found.label,
    }
    history.record("receipts.ignored", words, about=About(), by=by, at=now)


@transaction.atomic
def reopen(line: BankLine, *, by: User | None, now: datetime) -> None:
    """Take a decision back: the line waits again.

    A payment that the line made is corrected by a negative row; one that was entered
    otherwise stays as it was; what waits for Dolibarr is waited for no more.
    """
    found = BankLine.objects.select_for_update().get(pk=line.pk)
    if found.state == BankLine.State.OPEN:
        return
    if found.amount < ZERO and found.payment is not None:
        raise Refused(
            _("A payment that was returned stays so: record it anew if it was not.")
        )
    payment = found.payment
    if payment is not None and payment.request_key == _key(found, earlier=True):
        payments.correct_payment(
            payment,
            _("matched with the wrong invoice"),
            key=uuid.uuid5(_KEYS, f"undo-{payment.pk}"),
            by=by,
            now=now,
        )
    pending.take_back(found, by=by, now=now)
    found.why_ignored = ""
    _decide(found, BankLine.State.OPEN, payment=None, by=by, now=now)
    if payment is not None:
        pending.reconcile([payment.customer_id], now=now)
    words = _("Bank line of %(day)s waits to be matched again.") % {
        "day": wording.short_date(found.booked_on)
    }
    about = About(payment=payment) if payment is not None else About()
    history.record("receipts.reopened", words, about=about, by=by, at=now)


def _locked(line: BankLine) -> BankLine:
    """Lock a line that waits; raise Refused when it does no more."""
    found = BankLine.objects.select_for_update().get(pk=line.pk)
    if found.state == BankLine.State.MATCHED:
        raise Refused(_("This receipt is already matched."))
    if found.state == BankLine.State.IGNORED:
        raise Refused(_("This receipt was set aside: take it back first."))
    return found


def _decide(
    line: BankLine,
    state: BankLine.State,
    *,
    payment: Payment | None,
    by: User | None,
    now: datetime,
) -> None:
    line.state, line.payment = state, payment
    line.decided_by, line.decided_at = by, now
    if state == BankLine.State.MATCHED:
        line.matched_times += 1
    line.save()


def _sum(shares: Sequence[Share]) -> Decimal:
    return sum((share.amount for share in shares), ZERO)


def _data(line: BankLine, customer: Customer, amount: Decimal) -> PaymentData:
    return PaymentData(
        customer=customer,
        received_on=line.booked_on,
        amount=amount,
        currency=line.currency,
        reference=(line.reference or line.label)[:120],
        note=line.label[:240],
    )


def _key(line: BankLine, *, earlier: bool = False) -> uuid.UUID:
    times = line.matched_times - 1 if earlier else line.matched_times
    return uuid.uuid5(_KEYS, f"{line.pk}-{times}")


def _learn(line: BankLine, customer: Customer, *, now: datetime) -> None:
    if line.payer_iban:
        PayerAccount.objects.update_or_create(
            iban=line.payer_iban,
            defaults={"customer": customer, "learnt_at": now},
        )
