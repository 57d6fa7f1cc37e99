"""What a person makes of a bank line: a payment, one already entered, or nothing."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from relance.gateways import wording
from relance.models import BankLine, Customer, PayerAccount, Payment, User
from relance.services import history, payments
from relance.services.history import About
from relance.services.payments import PaymentData, Share
from relance.services.refusal import Refused

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
) -> Payment:
    """Record a receipt as a payment of this customer, with what it settles.

    What it settles nothing of stays on the customer, and holds reminders back. The
    account that paid is remembered. Raises Refused when an invoice has less left than
    its share, or when somebody else already decided on the line.
    """
    found = _locked(line)
    payment = payments.record_payment(
        PaymentData(
            customer=customer,
            received_on=found.booked_on,
            amount=found.amount,
            currency=found.currency,
            reference=(found.reference or found.label)[:120],
            note=found.label[:240],
        ),
        shares,
        key=_key(found),
        by=by,
        now=now,
    )
    _decide(found, BankLine.State.MATCHED, payment=payment, by=by, now=now)
    _learn(found, payment.customer, now=now)
    return payment


@transaction.atomic
def link(line: BankLine, payment: Payment, *, by: User | None, now: datetime) -> None:
    """Say that a line tells of a payment that was already entered: it counts once."""
    found = _locked(line)
    known = Payment.objects.select_for_update().get(pk=payment.pk)
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
    otherwise stays as it was.
    """
    found = BankLine.objects.select_for_update().get(pk=line.pk)
    if found.state == BankLine.State.OPEN:
        return
    payment = found.payment
    if payment is not None and payment.request_key == _key(found, earlier=True):
        payments.correct_payment(
            payment,
            _("matched with the wrong invoice"),
            key=uuid.uuid5(_KEYS, f"undo-{payment.pk}"),
            by=by,
            now=now,
        )
    found.why_ignored = ""
    _decide(found, BankLine.State.OPEN, payment=None, by=by, now=now)
    words = _("Bank line of %(day)s waits to be matched again.") % {
        "day": wording.short_date(found.booked_on)
    }
    about = About(payment=payment) if payment is not None else About()
    history.record("receipts.reopened", words, about=about, by=by, at=now)


def _locked(line: BankLine) -> BankLine:
    """Lock a line that waits; raise Refused when it does no more."""
    found = BankLine.objects.select_for_update().get(pk=line.pk)
    if found.state == BankLine.State.MATCHED:
        raise Refused(_("This receipt is already recorded as a payment."))
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


def _key(line: BankLine, *, earlier: bool = False) -> uuid.UUID:
    times = line.matched_times - 1 if earlier else line.matched_times
    return uuid.uuid5(_KEYS, f"{line.pk}-{times}")


def _learn(line: BankLine, customer: Customer, *, now: datetime) -> None:
    if line.payer_iban:
        PayerAccount.objects.update_or_create(
            iban=line.payer_iban,
            defaults={"customer": customer, "learnt_at": now},
        )
