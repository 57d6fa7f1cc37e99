"""A line of *Relance massive* says what is owed, what is proposed and why."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from django.test import Client

from relance.models import Level, User
from tests import make
from tests.web._proposals import URL, late, line, shown, text

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _company() -> None:
    make.company()


@pytest.fixture
def claire(client: Client, alice: User) -> Client:
    client.force_login(alice)
    return client


# What a line says


def test_a_line_says_what_is_owed_and_why_it_is_in(claire: Client) -> None:
    customer = make.customer(name="Boulangerie Œuvrard")
    invoice = late(customer, total=Decimal("1284.00"))
    make.payment(invoice, "284.00")

    found = line(claire.get(URL), invoice)

    for words in (
        "Boulangerie Œuvrard",
        invoice.get_absolute_url(),
        "1 000,00 €",
        "1 284,00 €",
        "50 jours",
    ):
        assert words in found
    assert "data-held" not in found


def test_what_the_rules_propose_is_ticked(claire: Client) -> None:
    by_post = late(make.customer(preferred_channel="letter"))
    by_email = late()
    page = claire.get(URL)
    assert shown(page, by_post)["channel"] == "letter"
    assert shown(page, by_email)["channel"] == "email"
    assert line(page, by_email).count("checked") == 1


def test_a_symbol_with_its_reason_stands_where_there_is_no_email(
    claire: Client,
) -> None:
    invoice = late(make.customer(email=""))
    found = line(claire.get(URL), invoice)
    assert 'value="email"' not in found
    assert re.search(r'class="no-way" title="[^"]+"', found)
    assert re.search(r'no-way.*?class="visually-hidden">[^<]+<', found)


def test_a_held_line_is_shown_unticked_with_its_reason(claire: Client) -> None:
    invoice = late()
    make.hold(invoice, "dispute")
    page = claire.get(URL, {"which": "late"})
    found = line(page, invoice)
    assert "data-held" in found
    assert "01/11/2026" in found
    assert shown(page, invoice)["channel"] == ""
    assert "checked" not in found
    assert invoice.number not in text(claire.get(URL))


def test_a_level_is_chosen_among_those_not_yet_reached(claire: Client) -> None:
    invoice = late()
    found = line(claire.get(URL), invoice)
    for level in Level.objects.filter(active=True, kind__in=("reminder",)):
        assert f'<option value="{level.pk}"' in found
