"""The page of Dolibarr, for each of the cast; the door by which Dolibarr knocks."""

import json

import pytest
from django.test import Client
from django.urls import reverse

from relance.models import DolibarrConnection, DolibarrHint, DolibarrSync
from relance.services import dolibarr_sync
from tests import make
from tests.dolibarr_server import KEY, dolibarr
from tests.dolibarr_sync import NOW, connected, synchronise

PAGE = "/imports/dolibarr/"
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def company(db):
    make.company()


@pytest.fixture
def server():
    with dolibarr() as running:
        running.add_invoice(running.add_customer())
        yield running


def form(server, **values):
    return {
        "address": server.address,
        "key": KEY,
        "every_hours": "4",
        "time_zone": "Europe/Paris",
        "when_unreachable": "wait",
        "pdfs": "when_needed",
        **values,
    }


def seen(response):
    return response.content.decode().replace("\xa0", " ").replace("\u202f", " ")


def test_dora_connects_and_sees_what_works(client, dora, server):
    client.force_login(dora)
    assert "créez un utilisateur pour Relance" in seen(client.get(PAGE))

    shown = seen(client.post(f"{PAGE}enregistrer/", form(server)))

    assert "Dolibarr 22.0.4 répond et accepte la clé." in shown
    assert "1 facture impayée est visible." in shown
    assert KEY not in shown
    assert KEY not in seen(client.get(PAGE))
    assert DolibarrConnection.objects.get().state == "working"


def test_a_wrong_address_is_said_beside_the_field_and_nothing_is_kept(client, dora):
    client.force_login(dora)

    told = {"address": "http://doli.example", "key": "k", "every_hours": "4"}
    told |= {"time_zone": "Europe/Paris", "when_unreachable": "wait", "pdfs": "all"}
    response = client.post(f"{PAGE}enregistrer/", told)

    assert response.status_code == 422
    assert "Sans https" in seen(response)
    assert not DolibarrConnection.objects.exists()


def test_the_trial_names_the_right_that_is_missing(client, dora, server):
    connected(server)
    server.rights.discard("all customers")
    client.force_login(dora)

    shown = seen(client.post(f"{PAGE}essai/"))

    assert "Dolibarr ne montre rien à cet utilisateur" in shown
    assert "Étendre l’accès à tous les tiers" in shown


def test_alice_synchronises_and_does_not_configure(client, alice, server):
    connected(server)
    client.force_login(alice)

    page = seen(client.get(PAGE))
    assert "Synchroniser maintenant" in page
    assert "Clé pour l’API" not in page
    assert DolibarrConnection.objects.get().webhook_secret not in page
    assert client.post(f"{PAGE}enregistrer/", form(server)).status_code == 403
    assert client.post(f"{PAGE}essai/").status_code == 403
    assert client.post(f"{PAGE}retirer/").status_code == 403

    assert client.post(f"{PAGE}synchroniser/").status_code == 302
    sync = DolibarrSync.objects.get()
    assert (sync.state, sync.asked_by) == ("working", alice)


@pytest.mark.parametrize("person", ["bob", "charlie"])
def test_bob_and_charlie_do_nothing_here(client, request, person, server):
    connected(server)
    client.force_login(request.getfixturevalue(person))

    assert client.get(PAGE).status_code == 403
    assert client.post(f"{PAGE}synchroniser/").status_code == 403
    assert not DolibarrSync.objects.exists()


def test_progress_is_watched_and_found_again(client, alice, server):
    connected(server)
    sync = dolibarr_sync.start(full=True, by=alice, now=NOW)
    client.force_login(alice)

    shown = seen(client.get(PAGE))
    assert "Étape 1 sur 7 : clients" in shown
    assert 'hx-trigger="every 1s"' in shown
    fragment = seen(client.get(PAGE, headers={"HX-Request": "true"}))
    assert fragment.lstrip().startswith('<div class="stack" id="watched"')

    dolibarr_sync.work_through(sync, clock=lambda: (NOW, NOW.date()))
    ended = seen(client.get(PAGE))
    assert "hx-trigger" not in ended.split('id="watched"')[1].split(">")[0]
    assert "1 nouvelle facture" in ended


def test_an_error_says_what_to_do(client, alice, server):
    connected(server, key="fausse")
    sync = dolibarr_sync.start(full=True, by=alice, now=NOW)
    dolibarr_sync.work_through(sync, clock=lambda: (NOW, NOW.date()))
    client.force_login(alice)

    shown = seen(client.get(PAGE))

    assert "Arrêtée par une erreur" in shown
    assert "Dolibarr n’accepte pas la clé." in shown
    assert "reprend où elle s’est arrêtée" in shown


def test_dora_removes_the_connection_and_its_invoices_stay(client, dora, server):
    connected(server)
    synchronise()
    client.force_login(dora)

    client.post(f"{PAGE}retirer/")

    assert not DolibarrConnection.objects.exists()
    page = seen(client.get(PAGE))
    assert "Dernières synchronisations" in page


def test_the_page_asks_little_of_the_database(
    client, dora, server, django_assert_max_num_queries
):
    connected(server)
    synchronise()
    client.force_login(dora)
    client.get(PAGE)

    with django_assert_max_num_queries(12):
        client.get(PAGE)


# --- the webhook ----------------------------------------------------------------


def knock(secret, body, **headers):
    path = reverse("dolibarr-webhook", args=[secret])
    return Client(enforce_csrf_checks=True).post(
        path, body, content_type="application/json", headers=headers
    )


def test_a_webhook_is_noted_and_answered_at_once(server):
    secret = connected(server).webhook_secret
    told = {"triggercode": "BILL_PAYED", "object": {"id": "1"}}

    response = knock(secret, json.dumps(told))

    assert (response.status_code, response.content) == (204, b"")
    assert DolibarrHint.objects.get().external_id == 1


@pytest.mark.parametrize(
    "body", ["", "{", "[]", "\x00", '{"object": null}', "[" * 9000]
)
def test_whatever_knocks_with_the_secret_does_no_harm(server, body):
    secret = connected(server).webhook_secret

    assert knock(secret, body).status_code == 204
    assert not DolibarrHint.objects.exists()


def test_without_the_secret_there_is_nothing(server):
    connected(server)
    told = json.dumps({"triggercode": "BILL_PAYED", "object": {"id": "1"}})

    assert knock("devine", told).status_code == 404
    assert not DolibarrHint.objects.exists()
    DolibarrConnection.objects.all().delete()
    assert knock("devine", told).status_code == 404
