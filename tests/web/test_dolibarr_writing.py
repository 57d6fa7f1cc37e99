"""What is written in Dolibarr, chosen and followed in the browser."""

from __future__ import annotations

import html
import re
import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from relance.models import Channel, DolibarrConnection, DolibarrWrite, User
from relance.services import dolibarr_writing, reminders
from relance.services.dolibarr_writing import WritingData
from relance.services.drafts import Wish
from tests import make
from tests.dolibarr_server import DolibarrServer, dolibarr
from tests.dolibarr_sync import NOW, TODAY, connected, ours, synchronise

pytestmark = pytest.mark.django_db

URL = "/imports/dolibarr/ecriture/"


@pytest.fixture
def server() -> Iterator[DolibarrServer]:
    make.company()
    with dolibarr() as running:
        connected(running, user_id=1)
        yield running


def text(response: Any) -> str:
    content = html.unescape(response.content.decode()).replace("\u00a0", " ")
    content = content.replace("\u202f", " ")
    main = content.split("<main")[1]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main))


def test_an_administrator_chooses_what_is_written(
    client: Client, dora: User, server: DolibarrServer
) -> None:
    client.force_login(dora)
    page = client.get("/imports/dolibarr/")
    assert "Rien ne s’écrit dans Dolibarr" in text(page)
    assert URL in page.content.decode()
    assert "Noter chaque relance dans l’agenda" in text(client.get(URL))

    refused = client.post(URL, {"write_payments": "on"})
    assert refused.status_code == 422
    assert "Sur quel compte bancaire de Dolibarr" in text(refused)

    form = {
        "write_events": "on",
        "write_payments": "on",
        "payments_account": "2",
        "hold_field": "options_litige",
    }
    done = client.post(URL, form, follow=True)
    assert "Ce qui s’écrit dans Dolibarr est enregistré" in text(done)
    kept = DolibarrConnection.objects.get()
    assert (kept.write_events, kept.write_letters) == (True, False)
    assert (kept.payments_account, kept.hold_field) == (2, "litige")
    shown = text(client.get("/imports/dolibarr/"))
    assert "relances dans l’agenda règlements de la banque" in shown
    assert "suspension par l’attribut litige" in shown


def test_what_could_not_be_written_says_why_and_is_tried_again(
    client: Client, dora: User, server: DolibarrServer
) -> None:
    invoice = server.add_invoice(server.add_customer())
    synchronise()
    dolibarr_writing.choose(WritingData(write_events=True), by=dora, now=NOW)
    wish = Wish(invoice=ours(invoice), channel=Channel.LETTER)
    reminders.remind(wish, key=uuid.uuid4(), by=None, now=NOW, today=TODAY)
    server.rights.remove("events")
    now = NOW + timedelta(minutes=1)
    dolibarr_writing.note_due(now=now)
    dolibarr_writing.write_waiting(clock=lambda: now)

    client.force_login(dora)
    assert "1 écriture n’a pas pu se faire" in text(client.get("/imports/dolibarr/"))
    page = text(client.get(URL))
    assert "Événement de l’agenda FA2609-0001 · R-00001" in page
    assert "droit" in page

    done = client.post(f"{URL}reessayer/", follow=True)
    assert "1 écriture est de nouveau tentée" in text(done)
    assert DolibarrWrite.objects.get().state == "waiting"


def test_without_a_connection_one_is_led_to_it(client: Client, dora: User) -> None:
    make.company()
    client.force_login(dora)
    done = client.get(URL, follow=True)
    assert "Reliez d’abord Relance à Dolibarr" in text(done)


def test_only_an_administrator_chooses(
    client: Client, alice: User, bob: User, charlie: User, server: DolibarrServer
) -> None:
    for person in (alice, bob, charlie):
        client.force_login(person)
        assert client.get(URL).status_code == 403
        assert client.post(URL, {"write_events": "on"}).status_code == 403
        assert client.post(f"{URL}reessayer/").status_code == 403
    assert not DolibarrConnection.objects.get().write_events
