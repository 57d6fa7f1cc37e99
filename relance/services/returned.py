"""Payments that the bank took back: a rejected direct debit, an unpaid cheque."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from relance.gateways import wording
from relance.models import Payment, User
from relance.services import history, payments
from relance.services.fact_words import amount_in_words
from relance.services.history import About
from relance.services.refusal import Refused


@dataclass(frozen=True, kw_only=True)
class ReturnData:
    """When the bank took the money back, and why."""

    returned_on: date
    reason: str
    note: str = ""


# Why money of each kind most often comes back.
_USUAL = {
    Payment.Method.DIRECT_DEBIT.value: Payment.Return.REJECTED_DEBIT,
    Payment.Method.CHEQUE.value: Payment.Return.UNPAID_CHEQUE,
    Payment.Method.TRANSFER.value: Payment.Return.RECALLED,
}


def usual_reason(payment: Payment) -> Payment.Return:
    """Return the reason that is prefilled for a payment."""
    return _USUAL.get(payment.method, Payment.Return.UNPAID)


@transaction.atomic
def return_payment(
    payment: Payment,
    data: ReturnData,
    *,
    key: uuid.UUID,
    by: User | None,
    now: datetime,
) -> Payment:
    """Record that a payment came to nothing, and return the negative row.

    What it settled is owed again, from the day on which it was due: it is proposed
    anew, even where the customer pays by direct debit. The same key records it once.
    Raises Refused for a day before the payment's or in the future, and for a payment
    that was already corrected or that another program keeps.
    """
    if data.reason not in Payment.Return.values:
        raise Refused(_("Choose a reason."), field="reason")
    if data.returned_on < payment.received_on:
        raise Refused(
            _("The payment was received on %(day)s: it is not returned before.")
            % {"day": wording.short_date(payment.received_on)},
            field="returned_on",
        )
    if data.returned_on > localdate(now):
        raise Refused(
            _("A payment is not returned in the future."), field="returned_on"
        )
    reason = Payment.Return(data.reason)
    why = f"{reason.label}. {data.note.strip()}" if data.note.strip() else reason.label
    correction = payments.correct_payment(payment, str(why), key=key, by=by, now=now)
    if correction.return_reason:
        # A second click.
        return correction
    correction.received_on = data.returned_on
    correction.return_reason = reason
    correction.save(update_fields=["received_on", "return_reason"])
    words = _("Payment of %(amount)s returned on %(day)s: %(why)s") % {
        "amount": amount_in_words(payment.amount, payment.currency),
        "day": wording.short_date(data.returned_on),
        "why": why,
    }
    history.record(
        "payment.returned", words, about=About(payment=payment), by=by, at=now
    )
    return correction
