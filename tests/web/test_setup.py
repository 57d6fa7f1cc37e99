"""The set-up page is open once; the configuration is the administrator's."""

import pytest
from django.urls import reverse

from relance.models import Company, User
from tests import make

pytestmark = pytest.mark.django_db

ADMINISTRATION = (
    "configuration",
    "configuration-bank",
    "configuration-mail",
    "configuration-rates",
    "configuration-rules",
    "users",
    "user-new",
)


def test_the_set_up_page_is_open_while_nobody_administers(client):
    assert client.get(reverse("setup")).status_code == 200


def test_a_refused_set_up_saves_nothing(client):
    answer = client.post(reverse("setup"), {"name": "Vauban", "siren": "123"})
    assert answer.status_code == 422
    assert not Company.objects.exists()
    assert not User.objects.exists()


def test_once_set_up_the_page_is_gone(client, dora):
    make.company()
    assert client.get(reverse("setup")).status_code == 404
    assert client.post(reverse("setup"), {}).status_code == 404


@pytest.mark.parametrize("page", [*ADMINISTRATION, "penalty-calculator"])
def test_the_administrator_sees_every_page(client, dora, page):
    make.company()
    client.force_login(dora)
    assert client.get(reverse(page)).status_code == 200


@pytest.mark.parametrize("page", ADMINISTRATION)
def test_nobody_else_sees_the_configuration(client, alice, bob, charlie, page):
    make.company()
    for person in (alice, bob, charlie):
        client.force_login(person)
        assert client.get(reverse(page)).status_code == 403
    client.logout()
    assert client.get(reverse(page)).status_code == 302
