"""Tags and grouping: said in a customer's form, joined, told, gone when unused."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from relance.models import Customer, HistoryEntry, Tag
from relance.services import customers
from relance.services.customers import CustomerData
from relance.services.refusal import Refused
from relance.services.tags import check_tags
from tests import make
from tests.make import NOW

pytestmark = pytest.mark.django_db


def create(name: str, *tags: str) -> Customer:
    data = CustomerData(name=name, tags=tags)
    return customers.create_customer(data, by=None, now=NOW)


def edit(customer: Customer, *tags: str, group: bool | None = None) -> None:
    data = CustomerData(name=customer.name, tags=tags, group_invoices=group)
    customers.edit_customer(customer, data, by=None, now=NOW)


def tags(customer: Customer) -> list[str]:
    return [tag.name for tag in customer.tags.all()]


def every_tag() -> list[str]:
    return [tag.name for tag in Tag.objects.all()]


def told() -> list[str]:
    found = HistoryEntry.objects.filter(action="customer.changed").order_by("pk")
    return [entry.words.rpartition(":")[2].strip() for entry in found]


def test_tags_are_made_when_first_said() -> None:
    made = create("Port", "VIP , export;  grand   compte\nVIP,,")

    assert tags(made) == ["VIP", "export", "grand compte"]


def test_a_known_tag_is_joined_whatever_its_case_and_accents() -> None:
    first = create("Un", "Fidèle")

    second = create("Deux", "FIDELE")

    assert tags(second) == tags(first) == ["Fidèle"]
    assert every_tag() == ["Fidèle"]


def test_alone_in_bearing_it_a_customer_has_it_spelt_anew() -> None:
    alone = create("Un", "fidele")

    edit(alone, "Fidèle")

    assert every_tag() == tags(alone) == ["Fidèle"]
    assert len(told()) == 1
    create("Deux", "fidèle")
    edit(alone, "FIDELE")
    assert every_tag() == ["Fidèle"]
    assert len(told()) == 1


def test_a_tag_that_nobody_bears_any_more_disappears() -> None:
    first, second = create("Un", "VIP, export"), create("Deux", "VIP")

    edit(first)

    assert tags(first) == []
    assert tags(second) == every_tag() == ["VIP"]


def test_the_history_says_what_changed() -> None:
    customer = create("Un", "VIP")

    edit(customer, "export", group=False)
    edit(customer, "export", group=False)
    edit(customer, "export", "VIP", group=False)

    assert len(told()) == 2
    customer.refresh_from_db()
    assert customer.group_invoices is False
    assert told()[0].count(", ") == 1
    assert told()[0].endswith(told()[1])


@pytest.mark.parametrize("group", [None, True, False])
def test_how_invoices_are_grouped_is_kept(group: bool | None) -> None:
    data = CustomerData(name="Un", group_invoices=group)
    made = customers.create_customer(data, by=None, now=NOW)

    made.refresh_from_db()
    assert made.group_invoices is group


@pytest.mark.parametrize(
    ("said", "message"),
    [
        (["x" * 41], "40"),
        ([",".join(f"tag {rank}" for rank in range(11))], "10"),
        (["VIP\x00"], "."),
        (["V\u202eIP"], "."),
    ],
)
def test_what_is_no_tag_is_refused(said: Sequence[str], message: str) -> None:
    known = make.customer(name="Connu")
    for attempt in (lambda: create("Un", *said), lambda: edit(known, *said)):
        with pytest.raises(Refused, match=message) as caught:
            attempt()
        assert caught.value.field == "tags"
    assert not Tag.objects.exists()
    assert Customer.objects.count() == 1
    assert not HistoryEntry.objects.exists()


def test_the_longest_and_the_most_pass() -> None:
    said = [f"{rank}" + "x" * 39 for rank in range(10)]
    assert check_tags(said) == said
    assert check_tags([" ", ",;,", ""]) == []


def test_a_letter_of_two_characters_is_the_same_as_one() -> None:
    assert check_tags(["fide\u0300le", "fid\u00e8le"]) == ["fid\u00e8le"]
