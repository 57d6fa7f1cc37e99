"""The next ledger settles what is known here already, and counts nothing twice."""

from __future__ import annotations

import uuid
from datetime import date
from decimal import Decimal

import pytest

from relance.models import Customer, Invoice, Payment, Proposal
from relance.services import fec_choices, payments
from relance.services.payments import PaymentData
from relance.services.proposals import refresh
from tests import fec_samples as samples
from tests import make
from tests.make import NOW, TODAY
from tests.services._fec import FIRST, Kind, bring, imported, received

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _company() -> None:
    make.company()


# The next month


def test_what_is_lettered_next_month_is_settled_here_with_its_reason() -> None:
    bring(FIRST)
    file = bring(
        [
            *samples.sale("F-01", 100, letter="AC"),
            *samples.payment("VIR", 100, letter="AC", day="20261105"),
            *samples.sale("F-02", 200),
            *samples.sale("F-03", 300),
        ]
    )
    paid = Invoice.objects.get(number="F-01")
    assert (paid.state, paid.paid_on) == (Invoice.State.SETTLED, date(2026, 11, 5))
    [payment] = Payment.objects.all()
    assert (payment.batch, payment.reference) == (file.batch, "AC")
    assert payment.note == "Lettré AC dans le FEC jusqu’au 05/11/2026."
    assert Invoice.objects.get(number="F-02").balance == Decimal(200)
    assert Invoice.objects.get(number="F-03").balance == Decimal(300)


def test_a_payment_brought_in_before_its_lettering_counts_once() -> None:
    bring([*FIRST, *samples.payment("VIR", 77, day="20261105")])
    assert Payment.objects.count() == 1
    bring(
        [
            *samples.sale("F-01", 100, letter="AC"),
            *samples.payment("VIR", 77, letter="AC", day="20261105"),
            *samples.payment("VIR2", 23, letter="AC", day="20261110"),
            *samples.sale("F-02", 200),
        ]
    )
    assert sorted(one.amount for one in Payment.objects.all()) == [23, 77]
    assert Invoice.objects.get(number="F-01").state == Invoice.State.SETTLED
    assert not any(payments.left_of(one) for one in Payment.objects.all())


def test_a_payment_of_the_bank_settles_what_is_lettered() -> None:
    bring(FIRST)
    customer = Customer.objects.get(code="C002")
    payments.record_payment(
        PaymentData(
            customer=customer, received_on=date(2026, 11, 4), amount=Decimal(100)
        ),
        key=uuid.uuid4(),
        by=None,
        now=NOW,
    )
    bring(
        [
            *samples.sale("F-01", 100, letter="AC"),
            *samples.payment("VIR", 100, letter="AC", day="20261105"),
            *samples.sale("F-02", 200),
        ]
    )
    assert Payment.objects.count() == 1
    assert Invoice.objects.get(number="F-01").state == Invoice.State.SETTLED


def test_a_credit_note_lettered_next_month_settles_its_invoice() -> None:
    bring([*FIRST, *samples.sale("AV-1", -100, day="20260910")])
    bring(
        [
            *samples.sale("F-01", 100, letter="Z"),
            *samples.sale("AV-1", -100, letter="Z", day="20260910"),
            *samples.sale("F-02", 200),
        ]
    )
    assert Payment.objects.count() == 0
    credit = Invoice.objects.get(number="AV-1")
    assert credit.balance == 0
    assert Invoice.objects.get(number="F-01").state == Invoice.State.SETTLED


def test_what_is_in_the_file_no_more_waits_for_a_person() -> None:
    bring(FIRST)
    file = received(
        [*samples.sale("F-02", 200), *samples.sale("F-03", 1, day="20261101")]
    )
    gone = file.items.get(kind=Kind.VANISHED)
    assert (gone.number, gone.wanted) == ("F-01", False)
    fec_choices.keep_items(file, shown=[gone.pk], ticked=[gone.pk])
    imported(file)
    assert Invoice.objects.get(number="F-01").state == Invoice.State.SETTLED
    assert "FEC" in Payment.objects.get().note


def test_a_part_lettered_more_next_month_adds_the_difference() -> None:
    part = [
        *samples.sale("F-01", 100, letter="A"),
        *samples.payment("P1", 60, letter="A", day="20261003"),
    ]
    bring(part)
    bring([*part, *samples.payment("P2", 15, letter="A", day="20261103")])
    assert Invoice.objects.get().balance == Decimal(25)
    assert sorted(one.amount for one in Payment.objects.all()) == [15, 60]


def test_what_was_proposed_is_decided_again() -> None:
    bring(FIRST)
    refresh(today=TODAY)
    assert Proposal.objects.filter(stale=False).exists()
    bring(
        [
            *samples.sale("F-01", 100, letter="AC"),
            *samples.payment("VIR", 100, letter="AC"),
            *samples.sale("F-02", 200),
        ]
    )
    assert not Proposal.objects.filter(stale=False).exists()
