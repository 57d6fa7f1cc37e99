"""What comes from Dolibarr says so, leads there, and is not changed here."""

from decimal import Decimal

import pytest

from relance.models import Contact, DolibarrConnection, Invoice
from relance.services import invoices
from relance.services.refusal import Refused
from tests import make
from tests.dolibarr_server import dolibarr
from tests.dolibarr_sync import NOW, connected, our_customer, ours, synchronise

pytestmark = pytest.mark.django_db
FORM = {
    "name": "Autre nom",
    "code": "CU-1",
    "regime": "NON_PRO",
    "address": "Ailleurs",
    "country": "BE",
    "language": "en",
    "email": "autre@client.example",
    "pinned_note": "À ménager",
}


@pytest.fixture
def server():
    make.company()
    with dolibarr() as running:
        connected(running)
        yield running


def seen(response):
    return response.content.decode().replace("\xa0", " ").replace("\u202f", " ")


def test_the_cards_say_where_it_comes_from_and_lead_there(client, bob, server):
    customer = server.add_customer()
    id = server.add_invoice(customer)
    synchronise()
    client.force_login(bob)

    card = seen(client.get(ours(id).get_absolute_url()))
    assert "Vient de Dolibarr" in card
    assert f'href="{server.address}/compta/facture/card.php?facid={id}"' in card
    card = seen(client.get(our_customer(customer).get_absolute_url()))
    assert f'href="{server.address}/societe/card.php?socid={customer}"' in card

    DolibarrConnection.objects.all().delete()
    assert "compta/facture" not in seen(client.get(ours(id).get_absolute_url()))
    mine = make.invoice()
    assert "Vient de Dolibarr" not in seen(client.get(mine.get_absolute_url()))


def test_a_customer_keeps_dolibarrs_facts_and_takes_ours(client, alice, server):
    id = server.add_customer("Établissements Dupré")
    synchronise()
    client.force_login(alice)
    page = f"/clients/{our_customer(id).pk}/modifier/"

    assert 'name="name"' in seen(client.get(page))
    assert client.post(page, FORM).status_code == 302

    found = our_customer(id)
    assert (found.name, found.country, found.language) == (
        "Établissements Dupré",
        "FR",
        "fr",
    )
    assert found.email == "compta1@client.example"
    assert (found.regime, found.pinned_note) == ("NON_PRO", "À ménager")


def test_an_e_mail_address_that_dolibarr_does_not_know_may_be_entered(
    client, alice, server
):
    id = server.add_customer(email="")
    synchronise()
    client.force_login(alice)

    client.post(f"/clients/{our_customer(id).pk}/modifier/", FORM)

    assert our_customer(id).email == "autre@client.example"


def test_a_contact_keeps_dolibarrs_facts_and_takes_its_role(client, alice, server):
    customer = server.add_customer()
    server.add_contact(customer)
    synchronise()
    contact = Contact.objects.get()
    client.force_login(alice)

    told = {"name": "X", "role": "dunning", "email": "x@client.example"}
    client.post(f"/contacts/{contact.pk}/", told)

    contact.refresh_from_db()
    assert (contact.name, contact.role) == ("Hélène Bréchet", "dunning")
    assert contact.email == "contact1@client.example"


@pytest.mark.parametrize("what", ["cancel_invoice", "write_off"])
def test_an_invoice_is_closed_there_and_not_here(client, alice, server, what):
    id = server.add_invoice(server.add_customer())
    synchronise()
    client.force_login(alice)

    page = seen(client.get(ours(id).get_absolute_url()))
    assert "Annuler la facture" not in page
    with pytest.raises(Refused, match="Dolibarr"):
        getattr(invoices, what)(ours(id), "pourquoi", by=alice, now=NOW)
    assert ours(id).state == Invoice.State.OPEN


def test_a_total_that_shrinks_below_what_was_paid_is_followed(server):
    id = server.add_invoice(server.add_customer())
    server.pay(id, "500")
    synchronise()

    server.change_invoice(
        id, total_ttc="300.00000000", multicurrency_total_ttc="300.00000000"
    )
    sync = synchronise()

    assert sync.warnings == []
    assert (ours(id).total, ours(id).balance) == (Decimal("300.00"), Decimal("0.00"))


def test_a_payment_mode_that_changed_is_taken_over_even_when_reminded(server):
    id = server.add_invoice(server.add_customer())
    synchronise()
    make.reminder(ours(id))

    server.change_invoice(id, mode_reglement_code="PRE", ref_customer="BC-9")
    sync = synchronise()

    assert ours(id).payment_mode == Invoice.PaymentMode.DIRECT_DEBIT
    assert ours(id).customer_reference == "BC-1"
    assert "déjà été relancée" in sync.warnings[0]
