"""The list of invoices: what each filter holds is what it counts and sums."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext

from relance.models import Invoice
from relance.queries import invoices as queries
from relance.services import invoices as service
from relance.services import payments
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
    rows = list(queries.listed(queries.Criteria(which=which), today=TODAY))
    totals = queries.totals(queries.chosen(which, today=TODAY))

    assert queries.counts(today=TODAY)[which] == len(rows)
    assert len({row.pk for row in rows}) == len(rows)
    assert sum(total.count for total in totals) == len(rows)
    for total in totals:
        mine = [row.signed_balance for row in rows if row.currency == total.currency]
        assert (total.count, total.balance) == (len(mine), sum(mine))
    assert [total.currency for total in totals] == sorted({r.currency for r in rows})


def test_a_credit_note_comes_off_the_sum_of_a_list() -> None:
    owner = make.customer()
    make.invoice(owner, total=Decimal("1000.00"))
    make.invoice(owner, kind="credit_note", total=Decimal("350.00"))
    [total] = queries.totals(queries.chosen("all", today=TODAY))
    assert (total.count, total.balance) == (2, Decimal("650.00"))


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
    assert (
        numbers(queries.listed(queries.Criteria(which="all", words=words), today=TODAY))
        == expected
    )


@pytest.mark.parametrize("sort", [*queries.SORTS, "unknown"])
def test_each_column_sorts_both_ways(ledger, sort) -> None:
    values = {
        "number": lambda i: i.number,
        "customer": lambda i: i.customer.name,
        "issued": lambda i: i.issued_on,
        "total": lambda i: i.total,
        "balance": lambda i: i.balance,
    }.get(sort, lambda i: i.due_date)
    up = [
        values(i)
        for i in queries.listed(queries.Criteria(which="all", sort=sort), today=TODAY)
    ]
    down = [
        values(i)
        for i in queries.listed(
            queries.Criteria(which="all", sort=f"-{sort}"), today=TODAY
        )
    ]

    assert up == list(reversed(down))
    assert len(set(up)) == 1 or up != down


def test_the_list_its_counts_and_totals_take_four_queries(ledger) -> None:
    with CaptureQueriesContext(
        connection,
    ) as asked:
        for row in queries.listed(queries.Criteria(which="all"), today=TODAY):
            assert row.customer.name
        queries.counts(today=TODAY)
        queries.totals(queries.chosen("held", today=TODAY))
    assert len(asked) == 4


# --- what is paid, and how long it took --------------------------------------


def paid(issued_on: date, due_date: date, *days: date) -> Invoice:
    """An invoice paid on these days in equal parts."""
    invoice = make.invoice(
        issued_on=issued_on, due_date=due_date, total=D("100.00") * len(days)
    )
    for day in days:
        make.payment(invoice, "100.00", received_on=day)
    return invoice


def test_the_delay_runs_to_the_last_payment() -> None:
    paid(date(2026, 9, 1), date(2026, 10, 1), date(2026, 9, 15), date(2026, 10, 11))
    paid(date(2026, 9, 1), date(2026, 10, 1), date(2026, 9, 22))
    make.payment(make.invoice(), "100.00")

    delay = queries.delay(Invoice.objects.all())

    assert (delay.count, delay.days, delay.days_late) == (2, 40 + 21, 10 - 9)
    assert (delay.average, delay.average_late) == (31, 1)


def test_no_payment_is_no_delay() -> None:
    credited = make.invoice()
    credit = make.invoice(credited.customer, kind="credit_note")
    share = payments.Share(invoice=credited, amount=credited.total)
    payments.allocate(credit, share, by=None, now=NOW)

    delay = queries.delay(Invoice.objects.all())

    assert (delay.count, delay.average, delay.average_late) == (0, 0, 0)


def test_paid_invoices_are_found_between_two_days() -> None:
    days = [date(2026, 9, day) for day in (10, 20, 30)]
    made = {day: paid(date(2026, 9, 1), date(2026, 10, 1), day) for day in days}
    make.invoice()

    def between(first: date | None, last: date | None) -> set[Invoice]:
        criteria = queries.Criteria(which="paid", paid_from=first, paid_to=last)
        return set(queries.listed(criteria, today=TODAY))

    assert between(None, None) == set(made.values())
    assert between(days[1], None) == {made[days[1]], made[days[2]]}
    assert between(None, days[1]) == {made[days[0]], made[days[1]]}
    assert between(days[1], days[1]) == {made[days[1]]}


def test_a_payment_taken_back_is_no_payment() -> None:
    invoice = paid(date(2026, 9, 1), date(2026, 10, 1), date(2026, 9, 20))
    payments.undo_allocation(invoice.allocations.get(), by=None, now=NOW)

    assert list(queries.chosen("paid", today=TODAY)) == []


def test_invoices_settled_before_the_column_get_their_day() -> None:
    twice = paid(
        date(2026, 9, 1), date(2026, 10, 1), date(2026, 9, 20), date(2026, 9, 10)
    )
    back = paid(date(2026, 9, 1), date(2026, 10, 1), date(2026, 9, 20))
    payments.undo_allocation(back.allocations.get(), by=None, now=NOW)
    make.payment(back, "100.00", received_on=date(2026, 9, 12))
    Invoice.objects.update(paid_on=None)

    migration = import_module("relance.migrations.0002_runs")
    migration.write_paid_on(apps, None)

    days = dict(Invoice.objects.values_list("pk", "paid_on"))
    assert days == {twice.pk: date(2026, 9, 20), back.pk: date(2026, 9, 12)}


# --- addresses ---------------------------------------------------------------


@pytest.mark.parametrize(
    "criteria",
    [
        queries.Criteria(),
        queries.Criteria(which="late", words="a b", currency="CHF", sort="-balance"),
        queries.Criteria(
            which="paid", paid_from=date(2026, 1, 31), paid_to=date(2026, 2, 28)
        ),
    ],
)
def test_an_address_says_the_criteria(criteria) -> None:
    assert queries.Criteria.from_query(criteria.as_query()) == criteria


def test_a_day_that_is_none_is_left_out() -> None:
    read = queries.Criteria.from_query({"paid_from": "31/01/2026", "paid_to": "?"})
    assert read == queries.Criteria()


def test_a_currency_is_alone(ledger) -> None:
    criteria = queries.Criteria(which="all", currency="CHF")
    assert numbers(queries.listed(criteria, today=TODAY)) == {"NEXT"}
