"""*Doublons* in the browser: seen side by side, merged, kept apart, undone."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from django.test import Client

from relance.models import Customer, CustomerMerge, DistinctCustomers, User
from tests import make

pytestmark = pytest.mark.django_db

URL = "/imports/doublons/"


@pytest.fixture(autouse=True)
def _company() -> None:
    make.company()


@pytest.fixture
def claire(client: Client, alice: User) -> Client:
    client.force_login(alice)
    return client


@pytest.fixture
def twins() -> tuple[Customer, Customer]:
    one = make.customer(name="Dupont SARL", code="C1", siren="732829320", email="")
    other = make.customer(
        name="Dupont", code="C2", siren="732829320", email="d@d.example"
    )
    make.invoice(one)
    make.invoice(one)
    make.invoice(other)
    return one, other


def text(response: Any) -> str:
    content = html.unescape(response.content.decode()).replace("\u00a0", " ")
    content = content.replace("\u202f", " ")
    main = content.split("<main")[1]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main))


def posted(client: Client, url: str, **changes: str) -> dict[str, str]:
    """What the page of a merge posts, its choices as they are but for changes."""
    page = client.get(url).content.decode()
    [key] = re.findall(r'name="key" value="([^"]+)"', page)
    ticks = re.findall(r'type="radio" name="(\w+)" value="(\w+)" checked', page)
    return dict(ticks) | {"key": key} | changes


def test_two_who_look_like_one_are_shown_with_why_and_what_they_owe(
    claire: Client, twins: tuple[Customer, Customer]
) -> None:
    page = text(claire.get(URL))

    assert "même SIREN même nom" in page
    # The one on whom more rests comes first: it is the one to keep.
    assert page.index("Dupont SARL") < page.index("C2")
    assert "2 400,00 €" in page
    assert "1 200,00 €" in page
    assert "À examiner 1" in page


def test_no_duplicate_says_so(claire: Client) -> None:
    assert "Aucun doublon" in text(claire.get(URL))
    assert "Rien n’a encore été fusionné" in text(claire.get(URL, {"which": "merged"}))
    assert "Aucune paire" in text(claire.get(URL, {"which": "apart"}))


def test_a_merge_takes_what_was_chosen_and_leads_to_the_survivor(
    claire: Client, twins: tuple[Customer, Customer]
) -> None:
    one, other = twins
    url = f"{URL}{one.pk}/fusion/?with={other.pk}"
    data = posted(claire, url)
    # Empty gives way: nothing was known of the e-mail.
    assert data["email"] == "absorbed"
    assert data["name"] == "kept"

    done = claire.post(url, data, follow=True)

    assert done.redirect_chain[-1][0] == one.get_absolute_url()
    assert "Dupont est fusionné" in text(done)
    one.refresh_from_db()
    assert (one.name, one.email) == ("Dupont SARL", "d@d.example")
    assert one.invoices.count() == 3
    assert "C2" not in text(claire.get("/clients/"))
    assert claire.get(other.get_absolute_url()).url == one.get_absolute_url()
    assert "Aucun doublon" in text(claire.get(URL))


def test_a_merge_is_undone_from_the_card(
    claire: Client, twins: tuple[Customer, Customer]
) -> None:
    one, other = twins
    url = f"{URL}{one.pk}/fusion/?with={other.pk}"
    claire.post(url, posted(claire, url))
    card = claire.get(one.get_absolute_url())
    assert "Clients fusionnés" in text(card)
    [undo] = re.findall(r'action="([^"]+/defaire/)"', card.content.decode())

    done = claire.post(undo, follow=True)

    assert done.redirect_chain[-1][0] == other.get_absolute_url()
    assert "La fusion est défaite" in text(done)
    assert other.invoices.count() == 1
    again = claire.post(undo, follow=True)
    assert "déjà été défaite" in text(again)
    assert "défaite" in text(claire.get(URL, {"which": "merged"}))


def test_who_stays_may_be_the_other_or_anybody(
    claire: Client, twins: tuple[Customer, Customer]
) -> None:
    one, other = twins
    page = claire.get(f"{URL}{one.pk}/fusion/?with={other.pk}")
    assert f"{URL}{other.pk}/fusion/?with={one.pk}" in page.content.decode()

    far = make.customer(name="Sans rapport")
    choice = claire.get(f"{URL}{one.pk}/fusion/", {"q": "rapport"})
    assert f"?with={far.pk}" in choice.content.decode()
    assert f"?with={one.pk}" not in choice.content.decode()
    assert claire.get(f"{URL}{one.pk}/fusion/?with={one.pk}").status_code == 404
    assert claire.get(f"{URL}{one.pk}/fusion/?with=99999999").status_code == 404


def test_two_siren_ask_to_be_sure(claire: Client) -> None:
    one = make.customer(name="A", siren="732829320")
    other = make.customer(name="B", siren="552100554")
    url = f"{URL}{one.pk}/fusion/?with={other.pk}"

    refused = claire.post(url, posted(claire, url))

    assert refused.status_code == 422
    assert "ce sont deux entreprises" in text(refused)
    assert not CustomerMerge.objects.exists()
    claire.post(url, posted(claire, url, sure="on"))
    assert CustomerMerge.objects.exists()


def test_what_is_being_sent_is_said_and_nothing_changes(
    claire: Client, twins: tuple[Customer, Customer]
) -> None:
    one, other = twins
    reminder = make.reminder(other.invoices.get(), state="queued")
    url = f"{URL}{one.pk}/fusion/?with={other.pk}"

    refused = claire.post(url, posted(claire, url))

    assert refused.status_code == 422
    assert reminder.reference in text(refused)


def test_two_customers_are_remembered_and_looked_at_again(
    claire: Client, twins: tuple[Customer, Customer]
) -> None:
    one, other = twins
    done = claire.post(f"{URL}{one.pk}/distinct/{other.pk}/", follow=True)
    assert "Aucun doublon" in text(done)
    apart = claire.get(URL, {"which": "apart"})
    assert "Alice Martin" in text(apart)
    row = DistinctCustomers.objects.get()

    claire.post(f"{URL}distincts/{row.pk}/revoir/")

    assert "même SIREN" in text(claire.get(URL))


def test_readers_look_and_strangers_do_not(
    client: Client, twins: tuple[Customer, Customer], bob: User, charlie: User
) -> None:
    one, other = twins
    urls = (
        f"{URL}{one.pk}/fusion/?with={other.pk}",
        f"{URL}{one.pk}/distinct/{other.pk}/",
        f"{URL}fusions/1/defaire/",
        f"{URL}distincts/1/revoir/",
    )
    client.force_login(bob)
    page = client.get(URL)
    assert "même SIREN" in text(page)
    assert "Comparer et fusionner" not in text(page)
    assert {client.post(url).status_code for url in urls} == {403}
    client.force_login(charlie)
    assert client.get(URL).status_code == 403
    assert {client.post(url).status_code for url in urls} == {403}
    client.logout()
    assert client.get(URL).status_code == 302
    assert not CustomerMerge.objects.exists()


def test_a_page_of_duplicates_takes_few_queries(
    claire: Client, django_assert_max_num_queries: Any
) -> None:
    for rank in range(20):
        make.customer(name="A", email=f"{rank}@x.example")
        make.customer(name="B", email=f"{rank}@x.example")

    claire.get(URL)
    with django_assert_max_num_queries(12):
        claire.get(URL)
