"""The connection to Dolibarr: what its trial says, in words, for each thing that may
be wrong there."""

import pytest

from relance.models import DolibarrConnection, HistoryEntry
from relance.services import dolibarr_connection as service
from relance.services.dolibarr_connection import ConnectionData, Tone
from relance.services.refusal import Refused
from tests import make
from tests.dolibarr_server import KEY, Fault, dolibarr
from tests.dolibarr_sync import NOW, connected, ours, synchronise

pytestmark = pytest.mark.django_db


def save(address="https://doli.example", key="a-key", **values):
    data = ConnectionData(address=address, key=key, **values)
    return service.save_connection(data, by=None, now=NOW)


def tried(server, **values):
    """What a trial says, by tone."""
    found = service.try_connection(connected(server, **values), now=NOW)
    said: dict[str, list[str]] = {"good": [], "warn": [], "bad": []}
    for one in found:
        said[one.tone.value].append(f"{one.words} {one.to_do}")
    return said


def test_it_is_kept_in_one_form_and_its_key_is_nowhere_else():
    save("doli.example/dolibarr/api/index.php/", "  secret-key ")

    found = DolibarrConnection.objects.get()
    assert (found.address, found.key) == ("https://doli.example/dolibarr", "secret-key")
    assert "secret-key" not in HistoryEntry.objects.get().words
    assert "secret-key" not in repr(ConnectionData(address="x", key="secret-key"))
    raw = DolibarrConnection.objects.extra(select={"raw": "key"}).values("raw")[0]
    assert "secret-key" not in raw["raw"]


def test_an_empty_key_keeps_the_saved_one_for_the_same_address_only():
    save(key="a-key")
    assert save(key="", every_hours=0).key == "a-key"

    with pytest.raises(Refused) as refused:
        save("https://ailleurs.example", key="")
    assert refused.value.field == "key"
    assert DolibarrConnection.objects.get().address == "https://doli.example"


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"address": "http://doli.example"}, "address"),
        ({"address": "ftp://doli.example"}, ""),
        ({"address": "https://admin:pw@doli.example"}, ""),
        ({"key": ""}, "key"),
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"time_zone": ""}, "time_zone"),
        ({"every_hours": -1}, "every_hours"),
        ({"every_hours": 1000}, "every_hours"),
        ({"pdfs": "some"}, "pdfs"),
        ({"when_unreachable": "panic"}, "when_unreachable"),
    ],
)
def test_what_cannot_be_right_is_refused(values, field):
    with pytest.raises(Refused) as refused:
        save(**values)

    assert refused.value.field == field
    assert not DolibarrConnection.objects.exists()


def test_a_server_on_the_own_network_needs_no_https():
    assert save("http://192.168.1.20:8080").address == "http://192.168.1.20:8080"


@pytest.mark.parametrize("version", ["20.0.2", "22.0.4", "24.0.0-beta"])
def test_when_all_is_well_it_says_so(version):
    with dolibarr(version) as server:
        customer = server.add_customer()
        server.add_contact(customer)
        server.add_invoice(customer)
        server.add_invoice(customer)
        said = tried(server)

    assert said["warn"] == said["bad"] == []
    assert any(version in words for words in said["good"])
    found = DolibarrConnection.objects.get()
    assert (found.state, found.version) == ("working", version)
    assert (found.user_id, found.checked_at) == (1, NOW)
    assert found.unpaid_seen == (None if version == "20.0.2" else 2)


@pytest.mark.parametrize(
    ("right", "tone", "words"),
    [
        ("invoices", "bad", "Consulter les factures clients"),
        ("thirdparties", "bad", "Consulter les tiers"),
        ("contacts", "warn", "Consulter les contacts"),
        ("users info", "warn", "ses propres informations"),
    ],
)
def test_a_missing_right_is_named_with_where_to_give_it(right, tone, words):
    with dolibarr() as server:
        server.add_invoice(server.add_customer())
        server.rights.discard(right)
        said = tried(server)

    [one] = said[tone]
    assert words in one
    assert "onglet Permissions" in one


def test_a_dolibarr_that_silently_shows_nothing_is_found_out():
    with dolibarr() as server:
        server.add_invoice(server.add_customer())
        server.rights.discard("all customers")
        said = tried(server)

    [one] = said["bad"]
    assert "Étendre l’accès à tous les tiers" in one
    assert DolibarrConnection.objects.get().state == "failing"


def test_no_invoice_is_a_doubt_where_customers_are_seen():
    with dolibarr() as server:
        server.add_customer()
        said = tried(server)

    assert said["bad"] == []
    assert "Aucune facture impayée" in said["warn"][0]


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (Fault.HTML, "ce n’est pas l’API"),
        (Fault.API_OFF, "API de Dolibarr est désactivée"),
        (Fault.WRONG_IP, "restriction des adresses"),
        (Fault.FORBIDDEN_ENDPOINT, "API_ENDPOINT_RULES"),
        (Fault.MOVED, "https://ailleurs.example/"),
        (Fault.NO_ROUTE, "désactivé"),
        (Fault.UNAUTHORIZED, "n’accepte pas la clé"),
        (Fault.HALF_JSON, "illisible"),
    ],
)
def test_each_way_to_fail_is_said_in_words(fault, words):
    with dolibarr() as server:
        server.spoil(fault, times=9)
        said = tried(server)

    [one] = said["bad"]
    assert words in one
    assert DolibarrConnection.objects.get().error == one.strip()


def test_the_time_zone_is_taken_from_dolibarr_where_it_says_it():
    with dolibarr() as server:
        server.add_invoice(server.add_customer())
        tried(server, time_zone="America/Martinique")

    assert DolibarrConnection.objects.get().time_zone == "Europe/Paris"


def test_an_old_version_is_told():
    with dolibarr("14.0.5") as server:
        server.add_invoice(server.add_customer())
        said = tried(server)

    assert "14.0.5" in said["warn"][0]


def test_another_dolibarr_than_the_one_taken_over_is_recognised():
    with dolibarr() as first:
        connected(first)
        id = first.add_invoice(first.add_customer())
        synchronise()
    with dolibarr() as second:
        second.add_invoice(second.add_customer(), ref="FA2601-9999")
        DolibarrConnection.objects.update(address=second.address)
        found = service.try_connection(DolibarrConnection.objects.get(), now=NOW)

    assert any("autre Dolibarr" in one.words for one in found if one.tone == Tone.BAD)
    assert ours(id).number == "FA2609-0001"


def test_removing_it_forgets_the_key_and_keeps_the_rest():
    kept = make.invoice()
    save(key=KEY)

    service.remove_connection(by=None, now=NOW)
    service.remove_connection(by=None, now=NOW)

    assert not DolibarrConnection.objects.exists()
    kept.refresh_from_db()
    assert HistoryEntry.objects.filter(action="dolibarr.removed").count() == 1
