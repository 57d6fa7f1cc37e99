"""Payments that the bank took back: owed again, proposed again, told."""

from __future__ import annotations

import uuid
from datetime import date, timedelta
from decimal import Decimal

import pytest

from relance.models import HistoryEntry, Invoice, Payment, Proposal, Source
from relance.services import payments, proposals
from relance.services.refusal import Refused
from relance.services.returned import ReturnData, return_payment
from tests import make
from tests.make import NOW, TODAY

pytestmark = pytest.mark.django_db

DAY = date(2026, 11, 3)


@pytest.fixture(autouse=True)
def _company() -> None:
    make.company()


def give_back(payment: Payment, *, key=None, by=None, **values) -> Payment:
    data = ReturnData(**({"returned_on": DAY, "reason": "rejected_debit"} | values))
    return return_payment(payment, data, key=key or uuid.uuid4(), by=by, now=NOW)


def codes(invoice: Invoice) -> list[str]:
    proposals.refresh(today=TODAY)
    return [str(one["code"]) for one in Proposal.objects.get(invoice=invoice).reasons]


def test_what_it_settled_is_owed_again_and_proposed() -> None:
    alice = make.user()
    one, other = make.invoice(), None
    other = make.invoice(one.customer)
    paid = payments.record_payment(
        payments.PaymentData(
            customer=one.customer, received_on=date(2026, 10, 15), amount=Decimal(1500)
        ),
        [
            payments.Share(invoice=one, amount=Decimal(1200)),
            payments.Share(invoice=other, amount=Decimal(300)),
        ],
        key=uuid.uuid4(),
        by=None,
        now=NOW,
    )

    row = give_back(paid, note="Compte soldé", by=alice)

    one.refresh_from_db()
    other.refresh_from_db()
    assert (one.balance, one.state, one.paid_on) == (one.total, "open", None)
    assert other.balance == other.total
    assert (row.amount, row.corrects, row.received_on) == (Decimal(-1500), paid, DAY)
    assert row.return_reason == "rejected_debit"
    assert payments.left_of(paid) == 0
    assert codes(one) == codes(other) == []
    entry = HistoryEntry.objects.get(action="payment.returned")
    assert (entry.payment, entry.customer, entry.user) == (paid, one.customer, alice)
    assert "03/11/2026" in entry.words
    assert "Compte soldé" in entry.words


def test_a_debit_that_was_rejected_no_longer_holds_the_reminder_back() -> None:
    invoice = make.invoice(payment_mode="direct_debit")
    assert codes(invoice) == ["direct_debit"]
    paid = make.payment(invoice, "1200.00")

    give_back(paid)

    assert codes(invoice) == []
    # Another invoice of theirs is still debited.
    assert codes(make.invoice(invoice.customer, payment_mode="direct_debit")) == [
        "direct_debit"
    ]


def test_two_clicks_return_it_once() -> None:
    paid, key = make.payment(make.invoice(), "100.00"), uuid.uuid4()

    assert give_back(paid, key=key) == give_back(paid, key=key)
    assert HistoryEntry.objects.filter(action="payment.returned").count() == 1
    with pytest.raises(Refused, match="déjà"):
        give_back(paid)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"returned_on": date(2026, 10, 14)}, "returned_on"),
        ({"returned_on": TODAY + timedelta(days=1)}, "returned_on"),
        ({"reason": "why not"}, "reason"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_changes(values, field) -> None:
    invoice = make.invoice()
    paid = make.payment(invoice, "100.00")

    with pytest.raises(Refused) as refused:
        give_back(paid, **values)

    assert refused.value.field == field
    invoice.refresh_from_db()
    assert invoice.balance == Decimal(1100)


def test_one_of_dolibarr_is_returned_there() -> None:
    paid = make.payment(make.invoice(), "100.00")
    Payment.objects.filter(pk=paid.pk).update(source=Source.DOLIBARR)
    paid.refresh_from_db()

    with pytest.raises(Refused, match="Dolibarr"):
        give_back(paid)


def test_what_waited_on_the_customer_goes_too() -> None:
    invoice = make.invoice()
    waiting = make.payment(of=invoice.customer)
    assert codes(invoice) == ["unallocated"]

    give_back(waiting, reason="unpaid_cheque")

    assert codes(invoice) == []
