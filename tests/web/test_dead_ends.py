"""What one sees on an address that only a form may reach."""

from __future__ import annotations

import pytest
from django.test import Client

from relance.models import User
from relance.web.dead_ends import page_of
from tests import make

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("path", "back"),
    [
        ("/relances/32/annuler/", "/relances/32/"),
        ("/configuration/banque/", "/configuration/"),
        ("/suspensions/3/lever/", "/"),
        ("/affectations/3/annuler/", "/"),
        ("/envois/1/reessayer/", "/envois/1/"),
    ],
)
def test_the_way_back_is_the_page_above(path: str, back: str) -> None:
    assert page_of(path) == back


def test_a_form_s_address_that_is_opened_leads_back(
    client: Client, alice: User
) -> None:
    client.force_login(alice)
    url = make.invoice().get_absolute_url()
    answer = client.get(f"{url}suspendre/")
    assert answer.status_code == 405
    assert answer["Allow"] == "POST"
    assert f'href="{url}"' in answer.content.decode()
    assert "Revenez à la page" in answer.content.decode()


def test_a_form_sent_with_another_method_keeps_its_plain_answer(
    client: Client, alice: User
) -> None:
    client.force_login(alice)
    assert client.put("/relances/").content == b""


@pytest.mark.parametrize(
    "path",
    [
        "/factures/?q=%00",
        "/clients/?q=a%00b",
        "/relances/massive/?tag=%00",
        "/envois-postaux/?which=%00",
    ],
)
def test_a_nul_in_an_address_is_refused_on_every_database(
    client: Client, alice: User, path: str
) -> None:
    client.force_login(alice)
    assert client.get(path).status_code == 400
