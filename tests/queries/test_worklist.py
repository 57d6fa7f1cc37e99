"""The worklist: which rows a filter keeps, in which order, and its totals."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.http import QueryDict

from relance.models import Invoice, Level, Proposal, Tag
from relance.queries import ticked
from relance.queries.worklist import (
    WHICH,
    Criteria,
    chips,
    currencies,
    next_day,
    totals,
    worklist,
)
from relance.services import proposals
from relance.services.proposals import Choice
from tests import make
from tests.make import NOW, TODAY

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _company() -> None:
    make.company()


def late(days: int = 20, **values: Any) -> Invoice:
    due = TODAY - timedelta(days=days)
    dates = {"due_date": due, "issued_on": due - timedelta(days=30)}
    return make.invoice(**(dates | values))


def found(**criteria: Any) -> list[Invoice]:
    proposals.refresh(today=TODAY)
    return [row.invoice for row in worklist(Criteria(**criteria), today=TODAY)]


def choose(invoice: Invoice, **choice: Any) -> None:
    proposals.refresh(today=TODAY)
    pk = Proposal.objects.get(invoice=invoice).pk
    proposals.choose(pk, Choice(**choice), by=None, now=NOW, today=TODAY)


@pytest.fixture
def five() -> dict[str, Invoice]:
    """Invoices of every standing; the first is the oldest."""
    made = {
        "reminded": late(50),
        "held": late(40),
        "ready": late(30),
        "early": late(2),
        "stopped": late(10),
        "not due": late(-5),
    }
    make.reminder(made["reminded"], made_on=TODAY - timedelta(days=20), next_on=TODAY)
    make.hold(made["held"])
    make.reminder(made["stopped"], state="queued", channel="email")
    choose(made["ready"], channel="letter")
    return made


@pytest.mark.parametrize(
    ("which", "names"),
    [
        ("today", ["reminded", "ready"]),
        ("late", ["reminded", "held", "ready", "stopped", "early"]),
        ("unpaid", ["reminded", "held", "ready", "stopped", "early", "not due"]),
        ("held", ["held", "stopped"]),
        ("reminded", ["reminded"]),
        ("ticked", ["reminded", "ready"]),
    ],
)
def test_each_filter_keeps_its_rows_the_oldest_first(
    which: str, names: list[str], five: dict[str, Invoice]
) -> None:
    assert found(which=which) == [five[name] for name in names]


def test_chips_count_what_each_filter_keeps(five: dict[str, Invoice]) -> None:
    for others in ({}, {"words": five["ready"].number}, {"min_days": 25}):
        counts = chips(Criteria(**others), today=TODAY)
        assert counts == {which: len(found(which=which, **others)) for which in WHICH}


def test_level_is_the_one_that_counts() -> None:
    one, two = late(), late()
    second = Level.objects.get(rank=2)
    choose(one, level=second.pk)
    assert found(which="unpaid", level=second.pk) == [one]
    assert found(which="unpaid", level=Level.objects.get(rank=1).pk) == [two]


def test_it_is_narrowed_by_customer_currency_tag_amount_and_age() -> None:
    vip = Tag.objects.create(name="VIP")
    one = late(10, total=Decimal("90.00"))
    two = late(20, total=Decimal("100.00"), currency="CHF")
    three = late(30, total=Decimal("110.00"))
    three.customer.tags.add(vip)
    for criteria, kept in (
        ({"customer": one.customer_id}, [one]),
        ({"currency": "CHF"}, [two]),
        ({"tag": vip.pk}, [three]),
        ({"min_amount": Decimal("100.00")}, [three, two]),
        ({"max_amount": Decimal("100.00")}, [two, one]),
        ({"min_days": 20}, [three, two]),
        ({"max_days": 20}, [two, one]),
        ({"min_days": 15, "max_days": 25, "currency": "CHF"}, [two]),
        ({"min_days": 10**9}, []),
    ):
        assert found(which="unpaid", **criteria) == kept, criteria


@pytest.mark.parametrize(
    "words",
    ["lefevre", "LEFÈVRE", "FA-77", "bon 12", "c077", "ets fa-77", "1284,00", "642.00"],
)
def test_words_are_searched_and_amounts_found(words: str) -> None:
    customer = make.customer(name="Éts Lefèvre", code="C077")
    one = late(
        customer=customer,
        number="FA-77",
        customer_reference="Bon 12",
        total=Decimal("1284.00"),
    )
    make.payment(one, "642.00")
    late()
    assert found(which="unpaid", words=words) == [one]


def test_every_word_must_be_found() -> None:
    late(customer=make.customer(name="Lefèvre"))
    assert found(which="unpaid", words="lefevre garage") == []


@pytest.mark.parametrize(
    ("sort", "names"),
    [
        ("", "cba"),
        ("due", "cba"),
        ("-due", "abc"),
        ("customer", "bca"),
        ("amount", "acb"),
        ("-amount", "cba"),
        ("level", "bac"),
        ("-level", "cba"),
        ("last", "bac"),
        ("-last", "cba"),
        ("nonsense", "cba"),
    ],
)
def test_sorts_are_stable_and_the_unknown_one_is_the_oldest_first(
    sort: str, names: str
) -> None:
    made = {
        "a": late(10, customer=make.customer(name="Zoé"), total=Decimal("10.00")),
        "b": late(20, customer=make.customer(name="Alma"), total=Decimal("30.00")),
        "c": late(50, customer=make.customer(name="Louis"), total=Decimal("30.00")),
    }
    make.reminder(made["c"], made_on=TODAY - timedelta(days=20), next_on=TODAY)
    assert found(which="unpaid", sort=sort) == [made[name] for name in names]


def test_criteria_and_address_say_the_same() -> None:
    criteria = Criteria(
        which="late",
        words="lefèvre 1284,00",
        level=2,
        customer=7,
        currency="CHF",
        tag=3,
        min_amount=Decimal("0.00"),
        max_amount=Decimal("1284.50"),
        min_days=0,
        max_days=90,
        sort="-amount",
    )
    query = QueryDict(mutable=True)
    query.update(criteria.as_query())
    assert Criteria.from_query(query) == criteria
    assert Criteria().as_query() == {"which": "today"}
    assert Criteria.from_query(QueryDict()) == Criteria()


def test_what_was_typed_and_cannot_be_read_is_kept_and_finds_nothing() -> None:
    late(50)
    assert len(found(which="unpaid")) == 1
    query = QueryDict("which=unpaid&min_amount=1e99&max_amount=NaN&min_days=²")
    criteria = Criteria.from_query(query)
    typed = {"min_amount": "1e99", "max_amount": "NaN", "min_days": "²"}
    assert criteria == Criteria(which="unpaid", unreadable=typed)
    assert criteria.as_query() == {"which": "unpaid"} | typed
    assert not worklist(criteria, today=TODAY).exists()
    assert set(chips(criteria, today=TODAY).values()) == {0}


def test_an_address_that_makes_no_sense_is_left_out() -> None:
    query = QueryDict(
        "which=all&level=x&customer=-1&tag=99999999999999&max_days=&sort=drop table"
    )
    criteria = Criteria.from_query(query)
    assert criteria == Criteria(sort="drop table")
    assert found(sort=criteria.sort) == []


def test_amounts_are_read_as_people_write_them() -> None:
    query = QueryDict("min_amount=1 284,50&max_amount=2 000")
    criteria = Criteria.from_query(query)
    assert (criteria.min_amount, criteria.max_amount) == (
        Decimal("1284.50"),
        Decimal("2000.00"),
    )


def test_a_page_reads_its_rows_in_one_query(django_assert_num_queries: Any) -> None:
    for _ in range(3):
        one = late(50)
        make.reminder(one, made_on=TODAY - timedelta(days=20), next_on=TODAY)
    proposals.refresh(today=TODAY)
    with django_assert_num_queries(1):
        for row in worklist(Criteria(), today=TODAY):
            assert row.invoice.number
            assert row.customer.name
            assert row.level_that_counts is not None
            assert row.last is not None
            assert (row.last.note, row.last.next_on, row.chosen_by) == ("", TODAY, None)


def test_totals_are_of_all_that_is_ticked_by_currency(
    django_assert_num_queries: Any,
) -> None:
    customer = make.customer()
    one = late(customer=customer, total=Decimal("10.00"))
    late(customer=customer, total=Decimal("20.00"))
    late(customer=make.customer(email=""), total=Decimal("40.00"))
    francs = late(currency="CHF", total=Decimal("80.00"))
    formal = late(60, total=Decimal("160.00"))
    for rank, days in ((1, 40), (2, 20)):
        level = Level.objects.get(rank=rank)
        make.reminder(
            formal,
            level=level,
            level_rank=rank,
            made_on=TODAY - timedelta(days=days),
            next_on=TODAY,
        )
    make.hold(late(total=Decimal("999.00")))
    choose(one, channel="letter")
    choose(francs, channel="letter")

    with django_assert_num_queries(1):
        swiss, euros = totals()

    assert (swiss.currency, swiss.letters, swiss.amount) == ("CHF", 1, Decimal(80))
    assert (swiss.pages, swiss.emails, swiss.formal_notices) == (2, 0, 0)
    assert euros.currency == "EUR"
    assert (euros.letters, euros.registered, euros.emails) == (2, 1, 1)
    assert (euros.pages, euros.amount) == (2 + 2 + 3, Decimal(230))
    assert (euros.invoices, euros.customers, euros.formal_notices) == (4, 3, 1)


def test_a_notice_that_was_chosen_counts_as_one() -> None:
    invoice = late(40)
    level = Level.objects.get(rank=3)
    why = {"level_above": "Dernier recours"}
    choose(invoice, level=level.pk, channel="letter", overrides=why)
    [euros] = totals()
    assert (euros.registered, euros.formal_notices) == (1, 1)


def test_invoices_that_travel_together_are_fewer_reminders() -> None:
    several = make.customer()
    apart = make.customer(group_invoices=False)
    for owner in (several, several, several, apart, apart, make.customer()):
        late(customer=owner)
    proposals.refresh(today=TODAY)
    together = ticked.joined(together=True, today=TODAY)
    assert together["EUR"] == {"email": 2}
    alone = ticked.joined(together=False, today=TODAY)
    assert not +alone["EUR"]
    several.group_invoices = True
    several.save()
    assert +ticked.joined(together=False, today=TODAY)["EUR"] == {"email": 2}


def test_what_one_may_narrow_to() -> None:
    late(currency="CHF")
    late()
    tag = Tag.objects.create(name="Export")
    proposals.refresh(today=TODAY)
    assert currencies() == ["CHF", "EUR"]
    choices = ticked.narrowing_choices()
    assert choices.currencies == ["CHF", "EUR"]
    assert choices.tags == [(tag.pk, "Export")]


def test_the_next_day_on_which_something_comes() -> None:
    assert next_day(today=TODAY) is None
    late(-5)
    late(2)
    proposals.refresh(today=TODAY)
    assert next_day(today=TODAY) == date(2026, 11, 27)
