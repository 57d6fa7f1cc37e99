"""The list of payments, with what each has left."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from relance.queries import payments as queries
from relance.services import payments as service
from tests import make
from tests.make import NOW

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
        [found] = queries.listed(words=words)
        assert (found, found.left) == (payment, Decimal("50.00"))
        assert found.left == service.left_of(payment)
    assert list(queries.listed()) == [other, payment]
    assert list(queries.listed(words="FA-77 nothing")) == []


def test_one_query(django_assert_num_queries) -> None:
    for _ in range(3):
        make.payment(make.invoice())
    with django_assert_num_queries(1):
        for payment in queries.listed():
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
