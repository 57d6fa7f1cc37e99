"""The penalty calculator on screen: the same figures as the rule, or words."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from relance.models import Rate, User
from tests import make

pytestmark = pytest.mark.django_db

URL = "/penalites/"
CASE = {
    "regime": "B2B",
    "amount": "2 000,00",
    "due": "31/03/2026",
    "until": "30/06/2026",
}


@pytest.fixture
def reader(client: Client, bob: User) -> Client:
    make.company()
    client.force_login(bob)
    return client


def text(response: object) -> str:
    content = response.content.decode()  # type: ignore[attr-defined]
    return re.sub(r"\s+", " ", content.replace("\u00a0", " "))


def test_a_partial_payment_cuts_the_delay_in_two(reader: Client) -> None:
    page = text(reader.get(URL, CASE | {"payments": "15/05/2026 800"}))
    # Vector E of the reference: 29.96 then 18.37.
    for words in ("29,96 €", "18,37 €", "48,33 €", "40,00 €"):
        assert words in page


def test_several_payments_go_one_a_line(reader: Client) -> None:
    lines = "15/05/2026 800\r\n\r\n20/05/2026 1 200,00"
    page = text(reader.get(URL, CASE | {"payments": lines}))
    assert "20/05/2026" in page
    assert "0,00 €" in page.split("Principal restant dû")[1]


@pytest.mark.parametrize("line", ["800", "15/05/2026", "hier 800", "15/05/2026 -5"])
def test_a_line_that_is_no_payment_is_named(reader: Client, line: str) -> None:
    response = reader.get(URL, CASE | {"payments": line})
    assert response.status_code == 422
    assert f"« {line} » n’est pas une date" in text(response)


def test_a_missing_rate_is_said_and_nothing_computed(reader: Client) -> None:
    Rate.objects.filter(kind="ECB", half_year="2026-S1").delete()
    page = text(reader.get(URL, CASE))
    assert "taux manquant" in page
    assert "Total exigible" not in page


def test_a_stranger_computes_nothing(client: Client, charlie: User) -> None:
    assert client.get(URL)["Location"].startswith("/accounts/login/")
    client.force_login(charlie)
    assert client.get(URL).status_code == 403
