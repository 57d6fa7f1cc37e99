"""Making one reminder while Dolibarr does not answer: the choice is shown."""

from __future__ import annotations

import html
import uuid
from collections.abc import Iterator

import pytest
from django.test import Client

from relance.models import Level, Reminder, User
from tests import make
from tests.dolibarr_server import DolibarrServer, Fault, dolibarr
from tests.dolibarr_sync import connected, ours, synchronise

pytestmark = pytest.mark.django_db

URL = "/relances/nouvelle/"


@pytest.fixture
def server() -> Iterator[DolibarrServer]:
    make.company()
    with dolibarr() as running:
        connected(running)
        yield running


def test_one_may_go_on_with_the_last_known_balance(
    client: Client, alice: User, server: DolibarrServer
) -> None:
    invoice = server.add_invoice(server.add_customer(), "1200")
    synchronise()
    found = ours(invoice)
    client.force_login(alice)
    form = {
        "do": "make",
        "invoice": str(found.pk),
        "key": str(uuid.uuid4()),
        "level": str(Level.objects.get(rank=1).pk),
        "shown": "boxes",
    }
    assert "last_known" not in client.get(URL, {"invoice": found.pk}).content.decode()

    server.spoil(Fault.CUT, path="invoices", times=99)
    refused = client.post(URL, form)
    page = html.unescape(refused.content.decode())
    assert refused.status_code == 422
    assert "Le reste à payer n’a pas pu être relu dans Dolibarr" in page
    assert "Continuer avec le dernier reste à payer connu" in page
    assert not Reminder.objects.exists()

    done = client.post(URL, form | {"last_known": "on"}, follow=True)
    assert "Dolibarr n’a pas répondu" in html.unescape(done.content.decode())
    assert Reminder.objects.get().state == Reminder.State.MADE
