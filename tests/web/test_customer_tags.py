"""Tags and grouping on the customers' pages: entered, shown, filtered by."""

from __future__ import annotations

import html

import pytest
from django.urls import reverse

from relance.models import Customer, HistoryEntry, Tag
from relance.services import customers
from relance.services.customers import CustomerData
from tests import make
from tests.make import NOW

pytestmark = pytest.mark.django_db

FORM = {"name": "Port", "regime": "B2B", "country": "FR", "language": "fr"}


@pytest.fixture
def port() -> Customer:
    make.company()
    customers.create_customer(CustomerData(name="Autre"), by=None, now=NOW)
    data = CustomerData(name="Port", tags=("VIP", "a&<b>"), group_invoices=True)
    return customers.create_customer(data, by=None, now=NOW)


def page(client, name, *args, **query) -> str:
    response = client.get(reverse(name, args=args), query)
    assert response.status_code == 200
    main = response.content.decode().split("<main", 1)[1].split("</main", 1)[0]
    return main.replace("\u00a0", " ")


def test_the_form_keeps_tags_and_grouping(client, alice) -> None:
    make.company()
    client.force_login(alice)

    answer = client.post(
        reverse("customer-new"), FORM | {"tags": "VIP, export", "group_invoices": "no"}
    )

    made = Customer.objects.get()
    assert answer["Location"] == made.get_absolute_url()
    assert [tag.name for tag in made.tags.all()] == ["VIP", "export"]
    assert made.group_invoices is False


def test_the_form_shows_what_is_kept_and_posts_it_again_unchanged(
    client, alice, port
) -> None:
    client.force_login(alice)
    shown = client.get(reverse("customer-edit", args=[port.pk])).context["form"]
    assert (shown["tags"].value(), shown["group_invoices"].value()) == (
        "VIP, a&<b>",
        "yes",
    )

    values = {bound.name: bound.value() or "" for bound in shown}
    client.post(reverse("customer-edit", args=[port.pk]), values)

    assert not HistoryEntry.objects.filter(action="customer.changed").exists()
    values |= {"tags": "", "group_invoices": ""}
    client.post(reverse("customer-edit", args=[port.pk]), values)
    port.refresh_from_db()
    assert port.group_invoices is None
    assert not Tag.objects.exists()


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"tags": "x" * 41}, "tags"),
        ({"tags": "x," * 300}, "tags"),
        ({"tags": ",".join("abcdefghijk")}, "tags"),
        ({"group_invoices": "maybe"}, "group_invoices"),
    ],
)
def test_a_wrong_answer_is_said_on_its_field(client, alice, values, field) -> None:
    make.company()
    client.force_login(alice)

    answer = client.post(reverse("customer-new"), FORM | values)

    assert answer.status_code == 422
    assert answer.context["form"].errors.keys() == {field}
    assert not Customer.objects.exists()


@pytest.mark.parametrize("person", ["bob", "charlie"])
def test_who_may_not_edit_changes_no_tag(client, request, port, person) -> None:
    client.force_login(request.getfixturevalue(person))

    answer = client.post(
        reverse("customer-edit", args=[port.pk]), FORM | {"tags": "intrus"}
    )

    assert answer.status_code == 403
    assert not Tag.objects.filter(name="intrus").exists()


def test_known_tags_are_recalled_as_text_not_as_html(client, alice, port) -> None:
    client.force_login(alice)
    shown = page(client, "customer-new")
    assert "a&amp;&lt;b&gt;" in shown
    assert "<b>" not in shown.split("id_tags_helptext", 1)[1].split("</div>", 1)[0]


@pytest.mark.parametrize("tab", ["customer", "customer-invoices", "customer-history"])
def test_each_tab_of_the_card_shows_the_tags(client, bob, port, tab) -> None:
    client.force_login(bob)
    shown = page(client, tab, port.pk)
    tag = Tag.objects.get(name="VIP")
    assert f'{reverse("customers")}?tag={tag.pk}">VIP</a>' in shown
    assert "a&amp;&lt;b&gt;" in shown


def test_the_card_says_how_invoices_are_grouped(client, bob, port) -> None:
    client.force_login(bob)
    said = set()
    for group in (None, True, False):
        Customer.objects.filter(pk=port.pk).update(group_invoices=group)
        shown = html.unescape(page(client, "customer", port.pk))
        said.add(shown.split('id="grouping">', 1)[1].split("</dd>", 1)[0].strip())
    assert len(said) == 3


def test_the_list_shows_tags_and_filters_by_them(client, bob, port) -> None:
    client.force_login(bob)
    vip = Tag.objects.get(name="VIP")

    every, chosen = page(client, "customers"), page(client, "customers", tag=vip.pk)

    assert every.count("data-label") == 2 * chosen.count("data-label")
    assert "Autre" in every
    assert "Autre" not in chosen
    assert 'class="badge"' in chosen
    asked = client.get(reverse("customers-export"), {"tag": vip.pk})
    export = b"".join(asked.streaming_content).decode("utf-8-sig").splitlines()
    assert len(export) == 2
    assert export[1].endswith('VIP, a&<b>"') or "VIP, a&<b>" in export[1]


@pytest.mark.parametrize("asked", ["", "x", "-1", "0", "9999999", "9" * 30, "²"])
def test_a_tag_that_is_gone_filters_nothing(client, bob, port, asked) -> None:
    client.force_login(bob)
    assert "Autre" in page(client, "customers", tag=asked)


def test_a_filter_with_nobody_says_so(client, bob, port) -> None:
    client.force_login(bob)
    vip = Tag.objects.get(name="VIP")
    shown = page(client, "customers", tag=vip.pk, which="owing")
    assert f'href="{reverse("imports")}"' not in shown
