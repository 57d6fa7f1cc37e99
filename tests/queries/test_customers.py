"""The list of customers, with what each owes."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from relance.models import Customer, Tag
from relance.queries import customers as queries
from tests import make
from tests.make import TODAY

pytestmark = pytest.mark.django_db

D = Decimal


@pytest.fixture(autouse=True)
def _ledger() -> None:
    owing = make.customer(code="A", name="Alpha", city="Lyon", siren="732829320")
    make.invoice(owing, total=D("100.00"))
    make.invoice(owing, total=D("50.00"), due_date=TODAY)
    make.invoice(owing, total=D("70.00"), currency="CHF")
    make.invoice(owing, total=D("30.00"), kind="credit_note")
    make.payment(make.invoice(owing, total=D("40.00")), "40.00")
    make.invoice(
        make.customer(code="B", name="Bêta", city="Brest", email="b@b.example"),
        total=D("500.00"),
        due_date=date(2026, 12, 1),
    )
    make.customer(code="C", name="Gamma", city="Arles")


def rows(**asked) -> dict[str, tuple[int, int, Decimal]]:
    found = queries.rows(queries.listed(today=TODAY, **asked), today=TODAY)
    return {row.customer.code: (row.unpaid, row.late, row.owed) for row in found}


def test_each_customer_says_what_it_owes() -> None:
    assert rows() == {
        "A": (3, 2, D("150.00")),
        "B": (1, 0, D("500.00")),
        "C": (0, 0, D("0.00")),
    }


def test_the_order_is_that_of_the_alphabet() -> None:
    names = ["Cabinet Roux", "CARLIER", "Durand", "Ébénisterie", "Électricité", "Zoé"]
    for name in reversed(names):
        make.customer(name=name)
    listed = [one.name for one in Customer.objects.all() if one.name in names]
    assert listed == names


def test_those_who_owe() -> None:
    assert set(rows(owing=True)) == {"A", "B"}


@pytest.mark.parametrize(
    ("words", "codes"),
    [
        ("alpha", "A"),
        ("732829", "A"),
        ("brest", "B"),
        ("b@b", "B"),
        ("alpha brest", ""),
    ],
)
def test_words_are_looked_for_without_changing_the_sums(words, codes) -> None:
    found = rows(words=words)
    assert "".join(found) == codes
    assert found.get("A", (3,))[0] == 3


@pytest.mark.parametrize("sort", ["name", "late", "balance"])
def test_those_who_owe_are_counted_once(sort: str) -> None:
    assert queries.listed(owing=True, sort=sort, today=TODAY).count() == 2


@pytest.mark.parametrize(
    ("sort", "codes"),
    [
        ("name", "ABC"),
        ("-name", "CBA"),
        ("code", "ABC"),
        ("city", "CBA"),
        ("-late", "ACB"),
        ("balance", "CAB"),
        ("-balance", "BAC"),
        ("unknown", "ABC"),
    ],
)
def test_each_column_sorts(sort: str, codes: str) -> None:
    assert "".join(rows(sort=sort)) == codes


def test_three_queries(django_assert_num_queries) -> None:
    with django_assert_num_queries(3):
        rows()


@pytest.mark.parametrize("sort", ["name", "late", "balance"])
def test_a_tag_keeps_its_customers_with_the_same_sums(sort: str) -> None:
    alpha, gamma = Customer.objects.filter(code__in="AC").order_by("code")
    tag, other = Tag.objects.create(name="VIP"), Tag.objects.create(name="export")
    alpha.tags.set([tag, other])
    gamma.tags.set([tag])

    assert rows(tag=tag, sort=sort) == {
        "A": (3, 2, D("150.00")),
        "C": (0, 0, D("0.00")),
    }
    assert set(rows(tag=tag, owing=True, sort=sort)) == {"A"}
    assert set(rows(tag=other, sort=sort)) == {"A"}
