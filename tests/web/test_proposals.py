"""*Relance massive* lists, narrows and ticks what is unpaid; a reader only looks."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from relance.models import Channel, Company, Tag, User
from relance.web import local_time
from tests import make
from tests.web._proposals import CHOOSE, HTMX, URL, late, line, row_of, text

pytestmark = pytest.mark.django_db
TICK = f"{URL}cocher/"


@pytest.fixture(autouse=True)
def _company() -> None:
    make.company()


@pytest.fixture
def claire(client: Client, alice: User) -> Client:
    client.force_login(alice)
    return client


# All at once


def test_all_letters_acts_on_the_whole_filter_and_says_how_many(
    claire: Client,
) -> None:
    found = [late(total=Decimal(100 + index)) for index in range(53)]
    held = late()
    make.hold(held, "dispute")
    response = claire.post(f"{TICK}?which=late", {"how": "letters"}, follow=True)
    assert response.redirect_chain[0][0] == f"{URL}?which=late"
    for invoice in found:
        assert row_of(invoice).channel == Channel.LETTER
    assert row_of(held).channel == ""
    assert re.search(r"\b53\b.*\b1\b", text(response).split('id="toasts"')[1][:600])


def test_untick_all_keeps_to_the_filter(claire: Client) -> None:
    one = late(make.customer(name="Boulangerie"))
    two = late(make.customer(name="Garage"))
    claire.get(URL)
    claire.post(f"{TICK}?which=late&q=garage", {"how": "none"})
    assert row_of(one).channel != ""
    assert row_of(two).channel == ""


# The list


def test_fifty_lines_a_page_and_few_queries(
    claire: Client,
    django_assert_max_num_queries: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for _index in range(60):
        late()
    # One page a minute reads the company's time zone too: not the second one here.
    monkeypatch.setattr(local_time, "SECONDS", 10**9)
    claire.get(URL)
    with django_assert_max_num_queries(12):
        page = claire.get(URL)
    assert text(page).count("<tbody id=") == 50
    assert text(claire.get(URL, {"page": "2"})).count("<tbody id=") == 10


@pytest.mark.parametrize(
    ("name", "typed", "said"),
    [
        ("min_amount", "abc", "Ce n’est pas un montant"),
        ("max_amount", "1.234,56", "Cette valeur n’est pas lisible"),
        ("min_days", "trente", "nombre entier"),
        ("max_days", "-5", "supérieure ou égale à 0"),
    ],
)
def test_a_filter_that_cannot_be_read_is_said_and_keeps_no_line(
    claire: Client, name: str, typed: str, said: str
) -> None:
    invoice = late()
    address = f"{URL}?which=late&{name}={typed}"
    page = text(claire.get(address))
    field = page.split(f'name="{name}"')[1].split('<div class="field"')[0]
    assert said in field
    assert f'value="{typed}"' in field
    assert invoice.number not in page
    assert "Un filtre n’est pas lisible" in page
    assert f'href="{URL}?which=late"' in page.split('class="empty"')[1]

    claire.post(f"{TICK}?which=late&{name}={typed}", {"how": "none"})
    assert row_of(invoice).channel != ""
    lazily = claire.get(f"{URL}filtres/?{name}={typed}", headers=HTMX)
    assert said in text(lazily)


def test_the_list_is_searched_and_narrowed(claire: Client) -> None:
    one = late(make.customer(name="Boulangerie"), total=Decimal("90.00"))
    two = late(make.customer(name="Garage"), days=90)
    # A consumer's: two years, less than a month of them left.
    old = late(make.customer(name="Vieux", regime="B2C"), days=680)
    assert "Prescription le" in line(claire.get(URL, {"which": "late"}), old)
    for query, found in (
        ({"q": "boulangerie"}, one),
        ({"min_amount": "100", "q": "garage"}, two),
        ({"max_amount": "1 000,00 €"}, one),
        ({"min_days": "60", "max_days": "200"}, two),
        ({"customer": str(one.customer_id)}, one),
        ({"limitation": "1"}, old),
    ):
        page = text(claire.get(URL, query))
        other = two if found is one else one
        assert found.number in page, query
        assert other.number not in page, query


def test_the_other_filters_come_when_they_are_opened(claire: Client) -> None:
    late()
    late(currency="GBP")
    Tag.objects.create(name="export")
    panel = text(claire.get(f"{URL}filtres/", {"which": "late"}, headers=HTMX))
    assert "<html" not in panel
    for name in ("level", "currency", "tag", "min_amount", "max_days"):
        assert f'name="{name}"' in panel
    assert 'name="which" value="late"' in panel
    # Without htmx they are part of the page.
    whole = claire.get(f"{URL}filtres/", {"which": "late"}, follow=True)
    assert 'name="min_amount"' in text(whole)
    assert 'name="min_amount"' not in text(claire.get(URL))


def test_filters_in_use_are_counted_and_kept(claire: Client) -> None:
    invoice = late(currency="GBP")
    tag = Tag.objects.create(name="export")
    invoice.customer.tags.add(tag)
    query = {"tag": str(tag.pk), "currency": "GBP", "customer": invoice.customer_id}
    page = text(claire.get(URL, query | {"filters": "1"}))
    assert re.search(r"<summary.*?<span>2</span>", page)
    assert invoice.customer.name in page.split("<details")[0]
    assert f'<option value="{tag.pk}" selected' in page


@pytest.mark.parametrize("which", ["ticked", "reminded"])
def test_an_empty_list_leads_to_one_that_is_not(claire: Client, which: str) -> None:
    make.hold(late(), "dispute")
    page = text(claire.get(URL, {"which": which}))
    assert f"{URL}?which=held" in page.split('class="empty"')[1]


def test_with_nothing_unpaid_nothing_is_planned(claire: Client) -> None:
    page = text(claire.get(URL)).split('class="empty"')[1].split("</section>")[0]
    assert not re.search(r"\d{2}/\d{2}/\d{4}", page)


def test_before_the_set_up_it_leads_there(claire: Client) -> None:
    Company.objects.all().delete()
    assert claire.get(URL)["Location"] == "/installation/"


def test_a_line_without_htmx_is_shown_in_the_list(claire: Client) -> None:
    pk = row_of(late()).pk
    response = claire.get(f"{URL}lignes/{pk}/")
    assert response["Location"] == f"{URL}?which=unpaid&open={pk}#row-{pk}"


def test_the_export_has_every_line_of_the_filter(claire: Client) -> None:
    customer = make.customer(name="=1+1")
    for _index in range(60):
        late(customer)
    response = claire.get(f"{URL}relance-massive.csv")
    content = b"".join(response.streaming_content).decode()
    assert len(content.splitlines()) == 61
    assert "'=1+1" in content


def test_nothing_to_remind_says_when_and_where_to_look(claire: Client) -> None:
    late(days=2)
    page = text(claire.get(URL))
    assert re.search(r"\d{2}/\d{2}/\d{4}", page.split('class="empty"')[1])
    assert "?which=unpaid" in page.split('class="empty"')[1]


def test_without_any_match_the_filters_are_offered_to_be_dropped(
    claire: Client,
) -> None:
    late()
    page = text(claire.get(URL, {"q": "zzz", "which": "late"}))
    assert f'href="{URL}?which=late"' in page.split('class="empty"')[1]


def test_grouping_is_remembered(claire: Client) -> None:
    customer = make.customer()
    late(customer)
    late(customer)
    claire.post(f"{URL}regrouper/", {"grouped": "on"})
    assert 'name="grouped" checked' in text(claire.get(URL))
    bar = text(claire.post(f"{URL}regrouper/", {}, headers=HTMX))
    assert 'id="bar"' in bar
    assert 'name="grouped" checked' not in text(claire.get(URL))


def test_grouped_invoices_count_as_one_reminder(claire: Client) -> None:
    customer = make.customer()
    late(customer)
    late(customer)
    claire.post(f"{URL}regrouper/", {"grouped": "on"})
    assert button(claire) == 1
    claire.post(f"{URL}regrouper/", {})
    assert button(claire) == 2


def button(client: Client) -> int:
    """How many reminders the button says that it makes."""
    bar = text(client.get(URL)).split('id="bar"')[1]
    found = re.search(r"/lancer/.*?</svg>\D*(\d+)", bar)
    assert found
    return int(found[1])


# Who may


def test_a_reader_sees_and_changes_nothing(client: Client, bob: User) -> None:
    invoice = late()
    client.force_login(bob)
    page = client.get(URL)
    found = line(page, invoice)
    assert found.count("disabled") >= 2
    assert "/lancer/" not in text(page)
    pk = row_of(invoice).pk
    for address in (CHOOSE, TICK, f"{URL}lancer/", f"{URL}lignes/{pk}/promise/"):
        assert client.post(address).status_code == 403
    assert client.get(f"{URL}lignes/{pk}/?open=1", headers=HTMX).status_code == 200
