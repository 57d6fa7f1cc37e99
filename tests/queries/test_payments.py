"""The list of payments, with what each has left."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from relance.models import Payment
from relance.queries import payments as queries
from relance.services import payments as service
from tests import make
from tests.make import NOW, TODAY

pytestmark = pytest.mark.django_db


def test_each_says_what_it_has_left_whatever_is_looked_for() -> None:
    invoice = make.invoice(number="FA-77")
    payment = make.payment(invoice, "100.00")
    row = payment.allocations.get()
    service.undo_allocation(row, by=None, now=NOW)
    for number, part in (("FA-77", "30.00"), ("FA-78", "20.00")):
        target = (
            invoice
            if number == "FA-77"
            else make.invoice(invoice.customer, number=number)
        )
        share = service.Share(invoice=target, amount=Decimal(part))
        service.allocate(payment, share, by=None, now=NOW)
    other = make.payment(received_on=date(2026, 11, 1))

    for words in ("FA-77", "fa-78", invoice.customer.code, invoice.customer.name):
        [found] = queries.listed(queries.Criteria(words=words), today=TODAY)
        assert (found, found.left) == (payment, Decimal("50.00"))
        assert found.left == service.left_of(payment)
    assert list(queries.listed(queries.Criteria(), today=TODAY)) == [other, payment]
    assert (
        list(queries.listed(queries.Criteria(words="FA-77 nothing"), today=TODAY)) == []
    )


def test_one_query(django_assert_num_queries) -> None:
    for _ in range(3):
        make.payment(make.invoice())
    with django_assert_num_queries(1):
        for payment in queries.listed(queries.Criteria(), today=TODAY):
            assert (payment.customer.name, payment.recorded_by) != ("", "")
            assert not hasattr(payment, "correction")


def test_what_a_customer_may_be_paying() -> None:
    owner = make.customer()
    late = make.invoice(owner, due_date=date(2026, 10, 2))
    older = make.invoice(owner, due_date=date(2026, 10, 1))
    francs = make.invoice(owner, currency="CHF")
    make.invoice(owner, kind="credit_note")
    make.payment(make.invoice(owner, total=Decimal("100.00")))
    make.invoice()

    assert list(queries.open_invoices(owner.pk)) == [older, late]
    assert list(queries.open_invoices(owner.pk, "CHF")) == [francs]


# --- collected after a reminder ----------------------------------------------


def paid_after(days: int, *, ago: int = 0, **values) -> Payment:
    """A payment of 100.00 ``ago`` days before TODAY, ``days`` after a reminder."""
    received_on = TODAY - timedelta(days=ago)
    invoice = make.invoice(issued_on=date(2026, 1, 1), due_date=date(2026, 2, 1))
    make.reminder(invoice, **({"made_on": received_on - timedelta(days=days)} | values))
    return make.payment(invoice, "100.00", received_on=received_on)


def after(days: int) -> list[Payment]:
    criteria = queries.Criteria(after_reminder=days)
    return list(queries.listed(criteria, today=TODAY))


@pytest.mark.parametrize(
    ("days", "counts"), [(-1, False), (0, True), (30, True), (31, False)]
)
def test_a_reminder_reaches_for_thirty_days(days: int, counts: bool) -> None:
    payment = paid_after(days)

    assert after(30) == ([payment] if counts else [])


@pytest.mark.parametrize(
    ("ago", "month", "quarter"),
    [(0, 1, 1), (29, 1, 1), (30, 0, 1), (89, 0, 1), (90, 0, 0)],
)
def test_a_period_ends_today(ago: int, month: int, quarter: int) -> None:
    paid_after(5, ago=ago)

    found = queries.collected(today=TODAY)

    assert (len(after(30)), len(after(90))) == (month, quarter)
    assert [sum(one.payments for one in found[days]) for days in (30, 90)] == [
        month,
        quarter,
    ]


@pytest.mark.parametrize(
    ("values", "counts"),
    [
        ({"channel": "none"}, False),
        ({"state": "cancelled"}, False),
        ({"state": "failed", "channel": "email"}, False),
        ({"state": "sent", "channel": "email"}, True),
        ({"state": "posted"}, True),
    ],
)
def test_only_a_reminder_that_reached_its_level_counts(values, counts) -> None:
    paid_after(3, **values)

    assert len(after(30)) == counts


def test_the_figure_is_the_sum_of_the_list_and_of_its_parts() -> None:
    reminded, other = make.invoice(), make.invoice(currency="CHF")
    for invoice in (reminded, other):
        make.reminder(invoice, made_on=TODAY - timedelta(days=2))
        make.reminder(invoice, made_on=TODAY - timedelta(days=1))
    never = make.invoice(reminded.customer)
    data = service.PaymentData(
        customer=reminded.customer, received_on=TODAY, amount=Decimal("500.00")
    )
    shares = [
        service.Share(invoice=reminded, amount=Decimal("300.00")),
        service.Share(invoice=never, amount=Decimal("150.00")),
    ]
    service.record_payment(data, shares, key=uuid.uuid4(), by=None, now=NOW)
    francs = replace(
        data, customer=other.customer, currency="CHF", amount=Decimal("80.00")
    )
    share = service.Share(invoice=other, amount=Decimal("80.00"))
    service.record_payment(francs, [share], key=uuid.uuid4(), by=None, now=NOW)

    criteria = queries.Criteria(after_reminder=30)
    parts = queries.brought_in(after(30), criteria, today=TODAY)
    shown = queries.collected(today=TODAY)[30]

    assert sorted(parts.values()) == [Decimal("80.00"), Decimal("300.00")]
    assert shown == queries.collected_by(criteria, today=TODAY)
    assert [(one.currency, one.amount) for one in shown] == [
        ("CHF", Decimal("80.00")),
        ("EUR", Decimal("300.00")),
    ]
    only = queries.Criteria(after_reminder=30, currency="EUR")
    assert queries.collected_by(only, today=TODAY) == shown[1:]


def test_what_was_taken_back_or_credited_was_not_collected() -> None:
    payment = paid_after(3)
    service.undo_allocation(payment.allocations.get(), by=None, now=NOW)
    service.correct_payment(paid_after(3), "x", key=uuid.uuid4(), by=None, now=NOW)
    invoice = make.invoice()
    make.reminder(invoice)
    credit = make.invoice(invoice.customer, kind="credit_note")
    share = service.Share(invoice=invoice, amount=Decimal("10.00"), effective_on=TODAY)
    service.allocate(credit, share, by=None, now=NOW)

    assert after(90) == []
    assert queries.collected(today=TODAY) == {30: [], 90: []}


@pytest.mark.parametrize(
    "criteria",
    [
        queries.Criteria(),
        queries.Criteria(words="a b", currency="CHF", after_reminder=90),
    ],
)
def test_an_address_says_the_criteria(criteria) -> None:
    assert queries.Criteria.from_query(criteria.as_query()) == criteria


def test_an_address_that_says_nothing_is_left_out() -> None:
    read = queries.Criteria.from_query({"after_reminder": "12"})
    assert read == queries.Criteria()
