"""What the decision looks at: as many queries for fifty invoices as for one."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from relance.models import Invoice
from relance.queries import situations as queries
from relance.queries.company import NotSetUp
from tests import make
from tests.make import TODAY

pytestmark = pytest.mark.django_db


def asked_for(count: int) -> int:
    invoices = list(Invoice.objects.select_related("customer")[:count])
    assert len(invoices) == count
    with CaptureQueriesContext(connection) as asked:
        assert len(queries.situations(invoices, today=TODAY)) == count
    return len(asked)


def test_fifty_invoices_take_no_more_queries_than_one() -> None:
    for _ in range(25):
        owner = make.customer()
        make.hold(make.invoice(owner))
        make.hold(owner, "manual")
        make.payment(make.invoice(owner))

    assert asked_for(1) == asked_for(50)
    assert asked_for(50) <= 9


def test_holds_of_the_invoice_and_of_its_customer_both_count() -> None:
    invoice = make.invoice()
    make.hold(invoice, "dispute")
    make.hold(invoice.customer, "manual")
    make.hold(invoice, "manual", until=date(2026, 11, 23))
    make.hold(make.invoice(), "plan")

    found = queries.situation(invoice, today=TODAY)

    assert [hold.reason for hold in found.holds] == ["dispute", "manual"]


def test_what_is_not_allocated_counts_by_customer_and_currency() -> None:
    owner = make.customer()
    francs = make.invoice(owner, currency="CHF")
    euros = make.invoice(owner)
    make.payment(of=owner, amount="70.00")
    make.invoice(owner, kind="credit_note", total=Decimal("30.00"))
    make.invoice(owner, kind="credit_note", total=Decimal("8.00"), currency="CHF")
    make.payment(amount="500.00")

    assert queries.situation(euros, today=TODAY).unallocated == Decimal("100.00")
    assert queries.situation(francs, today=TODAY).unallocated == Decimal("8.00")


def test_the_limits_are_the_company_s_own() -> None:
    with pytest.raises(NotSetUp):
        queries.thresholds()
    make.company(minimum_amount=Decimal("5.00"), minimum_interval=9)
    found = queries.thresholds()
    assert (found.minimum_amount, found.minimum_interval) == (Decimal("5.00"), 9)
