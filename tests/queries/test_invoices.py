"""The list of invoices: what each filter holds is what it counts and sums."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from relance.models import Invoice
from relance.queries import invoices as queries
from relance.services import invoices as service
from tests import make
from tests.make import NOW, TODAY

pytestmark = pytest.mark.django_db

FILTERS = ("unpaid", "late", "held", "credits", "settled", "all")
D = Decimal


@pytest.fixture
def ledger() -> None:
    """One invoice of each sort, some in two sorts at once."""
    held_customer = make.customer(name="Brasserie du Port")
    make.invoice(number="LATE")
    make.invoice(number="TODAY", due_date=TODAY)
    make.invoice(number="NEXT", due_date=date(2026, 12, 1), currency="CHF")
    make.hold(make.invoice(number="HELD", total=D("50.00")))
    make.hold(held_customer, "manual")
    make.invoice(held_customer, number="HELD-BY-CUSTOMER", due_date=date(2026, 12, 1))
    ended = make.invoice(number="HOLD-OVER")
    make.hold(ended, until=date(2026, 11, 23))
    make.invoice(number="CREDIT", kind="credit_note")
    make.payment(make.invoice(number="PAID", total=D("100.00")))
    make.payment(make.invoice(number="PART"), "200.00")
    lost, wrong = make.invoice(number="LOST"), make.invoice(number="WRONG")
    service.write_off(lost, "x", by=None, now=NOW)
    service.cancel_invoice(wrong, "x", by=None, now=NOW)
    make.hold(lost)


def numbers(found) -> set[str]:
    return {invoice.number for invoice in found}


@pytest.mark.parametrize(
    ("which", "expected"),
    [
        ("unpaid", "LATE TODAY NEXT HELD HELD-BY-CUSTOMER HOLD-OVER PART"),
        ("late", "LATE HELD HOLD-OVER PART"),
        ("held", "HELD HELD-BY-CUSTOMER"),
        ("credits", "CREDIT"),
        ("settled", "PAID LOST WRONG"),
        ("unknown", "LATE TODAY NEXT HELD HELD-BY-CUSTOMER HOLD-OVER PART"),
    ],
)
def test_a_filter_holds_what_its_name_says(ledger, which, expected) -> None:
    assert numbers(queries.chosen(which, today=TODAY)) == set(expected.split())


@pytest.mark.parametrize("which", FILTERS)
def test_a_filter_is_what_it_counts_and_sums(ledger, which) -> None:
    rows = list(queries.listed(which, today=TODAY))
    totals = queries.totals(queries.chosen(which, today=TODAY))

    assert queries.counts(today=TODAY)[which] == len(rows)
    assert len({row.pk for row in rows}) == len(rows)
    assert sum(total.count for total in totals) == len(rows)
    for total in totals:
        mine = [row.balance for row in rows if row.currency == total.currency]
        assert (total.count, total.balance) == (len(mine), sum(mine))
    assert [total.currency for total in totals] == sorted({r.currency for r in rows})


def test_unpaid_says_the_same_in_both_places(ledger) -> None:
    unpaid = queries.chosen("unpaid", today=TODAY)
    assert numbers(unpaid) == numbers(i for i in Invoice.objects.all() if i.is_unpaid)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("port", {"HELD-BY-CUSTOMER"}),
        ("Brasserie held", {"HELD-BY-CUSTOMER"}),
        ("held", {"HELD", "HELD-BY-CUSTOMER"}),
        ("held nothing", set()),
    ],
)
def test_every_word_is_looked_for(ledger, words, expected) -> None:
    assert numbers(queries.listed("all", words=words, today=TODAY)) == expected


@pytest.mark.parametrize("sort", [*queries.SORTS, "unknown"])
def test_each_column_sorts_both_ways(ledger, sort) -> None:
    values = {
        "number": lambda i: i.number,
        "customer": lambda i: i.customer.name,
        "issued": lambda i: i.issued_on,
        "total": lambda i: i.total,
        "balance": lambda i: i.balance,
    }.get(sort, lambda i: i.due_date)
    up = [values(i) for i in queries.listed("all", sort=sort, today=TODAY)]
    down = [values(i) for i in queries.listed("all", sort=f"-{sort}", today=TODAY)]

    assert up == list(reversed(down))
    assert len(set(up)) == 1 or up != down


def test_the_list_its_counts_and_totals_take_three_queries(ledger) -> None:
    with CaptureQueriesContext(
        connection,
    ) as asked:
        for row in queries.listed("all", today=TODAY):
            assert row.customer.name
        queries.counts(today=TODAY)
        queries.totals(queries.chosen("held", today=TODAY))
    assert len(asked) == 3
