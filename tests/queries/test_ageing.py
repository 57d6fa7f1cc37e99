"""The aged balance: each unpaid invoice in one age, currencies apart."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from relance.models import Invoice
from relance.queries.ageing import Age, aged_balances, of_age
from relance.services import invoices as service
from tests import make
from tests.make import NOW, TODAY

pytestmark = pytest.mark.django_db

D = Decimal

# Days late, and the age that they make: both ends of each.
EDGES = [
    (-30, Age.NOT_DUE),
    (0, Age.NOT_DUE),
    (1, Age.TO_30),
    (30, Age.TO_30),
    (31, Age.TO_60),
    (60, Age.TO_60),
    (61, Age.TO_90),
    (90, Age.TO_90),
    (91, Age.OVER_90),
    (900, Age.OVER_90),
]


def late(days: int, amount: str = "100.00", **values) -> Invoice:
    due = TODAY - timedelta(days=days)
    return make.invoice(
        due_date=due,
        issued_on=due - timedelta(days=30),
        total=D(amount),
        **values,
    )


@pytest.mark.parametrize(("days", "age"), EDGES)
def test_an_invoice_is_in_one_age_and_its_list(days: int, age: Age) -> None:
    invoice = late(days)

    [balance] = aged_balances(today=TODAY)

    assert [part.age for part in balance.parts if part.count] == [age]
    assert [one for one in Age if invoice in of_age(one, today=TODAY)] == [age]


def test_each_age_is_the_sum_of_its_list_currencies_apart() -> None:
    for days, _age in EDGES:
        late(days, "10.10")
        late(days, "5.00", currency="CHF")
    late(40, "1000.00", currency="CHF")

    francs, euros = aged_balances(today=TODAY)

    assert (francs.currency, euros.currency) == ("CHF", "EUR")
    for balance in (francs, euros):
        for part in balance.parts:
            listed = of_age(part.age, today=TODAY).filter(currency=balance.currency)
            sums = [invoice.balance for invoice in listed]
            assert (part.count, part.balance) == (len(sums), sum(sums))
    assert euros.balance == D("101.00")
    assert euros.late_balance == D("80.80")
    assert (francs.count, francs.late_count) == (11, 9)


def test_only_what_is_unpaid_counts_and_only_what_is_left_of_it() -> None:
    make.payment(late(10), "30.00")
    make.payment(late(10), "100.00")
    service.write_off(late(10), "x", by=None, now=NOW)
    service.cancel_invoice(late(10), "x", by=None, now=NOW)
    late(10, kind="credit_note")

    [balance] = aged_balances(today=TODAY)

    assert (balance.count, balance.balance) == (1, D("70.00"))


def test_nothing_is_no_currency() -> None:
    assert aged_balances(today=date(2026, 1, 1)) == []


def test_one_query(django_assert_num_queries) -> None:
    late(3)
    late(3, currency="CHF")
    with django_assert_num_queries(1):
        aged_balances(today=TODAY)
