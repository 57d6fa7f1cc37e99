"""A line shows its letter or its e-mail before anything is made."""

from __future__ import annotations

import pytest
from django.test import Client

from relance.models import Level, Reminder, User
from relance.services.touching import touch_all
from tests import make
from tests.web._proposals import HTMX, URL, late, line, noticed, row_of, text

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _company() -> None:
    make.company()


@pytest.fixture
def claire(client: Client, alice: User) -> Client:
    client.force_login(alice)
    return client


# The preview of a line


def test_a_line_shows_its_letter_and_leads_to_the_next(claire: Client) -> None:
    first = late(make.customer(preferred_channel="letter"), days=60)
    second = late(days=50)
    pk, after = row_of(first).pk, row_of(second).pk
    page = text(claire.get(f"{URL}lignes/{pk}/apercu/", {"which": "late"}))
    assert f"lignes/{after}/apercu/?which=late" in page
    picture = claire.get(f"{URL}lignes/{pk}/apercu-1.png")
    assert picture["Content-Type"] == "image/png"
    behind = claire.get(f"{URL}lignes/{pk}/apercu-1.png", {"show": "invoice"})
    assert behind["Content-Type"] == "image/png"
    assert claire.get(f"{URL}lignes/{pk}/apercu-9.png").status_code == 404
    assert Reminder.objects.count() == 0


def test_a_line_by_email_shows_its_message(claire: Client) -> None:
    invoice = late(make.customer(name="Garage", email="compta@garage.example"))
    pk = row_of(invoice).pk
    page = text(claire.get(f"{URL}lignes/{pk}/apercu/", headers=HTMX))
    assert "compta@garage.example" in page
    assert 'class="mail"' in page
    assert "<html" not in page


def test_past_the_last_level_it_is_shown_again(claire: Client) -> None:
    invoice = noticed(kinds=("reminder", "formal_notice"))
    page = text(claire.get(f"{URL}lignes/{row_of(invoice).pk}/apercu/", headers=HTMX))
    assert "notice warn" in page
    assert "apercu-1.png" in page


def test_what_cannot_be_written_is_said_instead_of_shown(claire: Client) -> None:
    invoice = late(make.customer(email="", city="", address=""))
    address = f"{URL}lignes/{row_of(invoice).pk}/"
    page = text(claire.get(f"{address}apercu/", headers=HTMX))
    assert "notice warn" in page
    assert "<img" not in page
    assert claire.get(f"{address}apercu-1.png").status_code == 404


def test_without_a_level_there_is_nothing_to_show(claire: Client) -> None:
    invoice = late()
    Level.objects.update(active=False)
    touch_all()
    address = f"{URL}lignes/{row_of(invoice).pk}/"
    assert "notice warn" in text(claire.get(f"{address}apercu/"))
    assert claire.get(f"{address}apercu-1.png").status_code == 404
    behind = claire.get(f"{address}apercu-1.png", {"show": "invoice"})
    assert behind.status_code == 404
    assert line(claire.get(URL, {"which": "unpaid"}), invoice)


def test_a_line_that_left_the_list_is_still_shown(claire: Client) -> None:
    invoice = late()
    pk = row_of(invoice).pk
    page = text(claire.get(f"{URL}lignes/{pk}/apercu/", {"which": "held"}))
    assert invoice.number in page
    assert 'rel="next"' not in page


def test_the_preview_of_a_group_covers_all_its_invoices(claire: Client) -> None:
    customer = make.customer()
    one, two = late(customer), late(customer)
    claire.post(f"{URL}regrouper/", {"grouped": "on"})
    page = text(claire.get(f"{URL}lignes/{row_of(one).pk}/apercu/", headers=HTMX))
    assert (
        f"{one.number}, {two.number}" in page or f"{two.number}, {one.number}" in page
    )
