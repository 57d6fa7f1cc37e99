"""The dashboard says when Dolibarr is not read, and leads there who may act."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from relance.models import DolibarrConnection
from tests import make
from tests.dolibarr_server import dolibarr
from tests.dolibarr_sync import connected

pytestmark = pytest.mark.django_db


@pytest.fixture
def connection():
    make.company()
    with dolibarr() as server:
        yield connected(server, last_sync_at=timezone.now(), state="working")


def dashboard(client, person):
    client.force_login(person)
    return client.get(reverse("dashboard")).content.decode()


def test_all_is_calm_while_it_works(client, alice, connection):
    assert "n’est pas lu" not in dashboard(client, alice)
    assert "n’a pas été lu" not in dashboard(client, alice)


def test_an_error_is_said_with_its_reason(client, alice, bob, connection):
    DolibarrConnection.objects.update(state="failing", error="La clé est refusée.")

    shown = dashboard(client, alice)
    assert "Dolibarr n’est pas lu en ce moment." in shown
    assert "La clé est refusée." in shown
    link = f'href="{reverse("dolibarr")}"'
    assert link in shown
    assert link not in dashboard(client, bob)


@pytest.mark.parametrize(("hours", "said"), [(11, False), (13, True)])
def test_silence_is_noticed(client, alice, connection, hours, said):
    long_ago = timezone.now() - timedelta(hours=hours)
    DolibarrConnection.objects.update(last_sync_at=long_ago)

    assert ("n’a pas été lu depuis longtemps" in dashboard(client, alice)) is said


def test_without_a_schedule_nothing_is_missed(client, alice, connection):
    long_ago = timezone.now() - timedelta(days=9)
    DolibarrConnection.objects.update(last_sync_at=long_ago, every_hours=0)

    assert "depuis longtemps" not in dashboard(client, alice)
