"""Customers and contacts of Dolibarr: what is theirs follows, what is ours stays."""

from decimal import Decimal

import pytest

from relance.models import Contact, Customer, Invoice, Source
from relance.rules.regimes import Regime
from tests import make
from tests.dolibarr_server import dolibarr
from tests.dolibarr_sync import connected, our_customer, ours, synchronise

pytestmark = pytest.mark.django_db


@pytest.fixture
def server():
    with dolibarr() as running:
        connected(running)
        yield running


def test_a_customer_is_brought_in_with_what_can_be_trusted(server):
    id = server.add_customer(
        "Établissements Dupré",
        idprof1="732829320",
        idprof2="99",
        email="compta@dupre.example, autre@dupre.example",
        tva_intra="FR 44732829320",
    )

    synchronise()

    found = our_customer(id)
    assert (found.code, found.name) == ("CU2611-00001", "Établissements Dupré")
    assert (found.siren, found.siret) == ("732829320", "")
    assert found.vat_number == "FR44732829320"
    assert found.email == "compta@dupre.example"
    assert (found.language, found.regime) == ("fr", Regime.B2B.value)
    assert (found.postcode, found.city, found.country) == ("44000", "Nantes", "FR")


@pytest.mark.parametrize(
    ("values", "regime"),
    [
        ({"typent_code": "TE_PRIVATE"}, Regime.B2C),
        ({"typent_code": "TE_ADMIN"}, Regime.PUBLIC),
        ({"idprof1": "213500010"}, Regime.PUBLIC),
        ({"typent_code": "TE_SMALL"}, Regime.B2B),
    ],
)
def test_the_type_of_customer_is_guessed_once_and_then_ours(server, values, regime):
    id = server.add_customer(**values)
    synchronise()
    assert our_customer(id).regime == regime.value

    Customer.objects.update(regime=Regime.NON_PRO.value, pinned_note="À ménager")
    server.change_customer(id, town="Rezé")
    synchronise()

    found = our_customer(id)
    assert (found.regime, found.pinned_note) == (Regime.NON_PRO.value, "À ménager")
    assert found.city == "Rezé"


def test_a_code_that_is_taken_here_is_made_another(server):
    mine = make.customer(code="CU2611-00001", name="Établissements Dupré")

    id = server.add_customer("Établissements Dupré")
    synchronise()

    assert our_customer(id).code == "CU2611-00001-1"
    assert our_customer(id).pk != mine.pk


@pytest.mark.parametrize(
    ("values", "language"),
    [
        ({"default_lang": "en_GB"}, "en"),
        ({"default_lang": "de_DE", "country_code": "DE"}, "en"),
        ({"default_lang": None, "country_code": "CH"}, "fr"),
        ({"default_lang": None, "country_code": "GB"}, "en"),
    ],
)
def test_the_language_of_letters(server, values, language):
    id = server.add_customer(**values)
    synchronise()

    assert our_customer(id).language == language


def test_an_e_mail_address_found_here_survives_its_absence_there(server):
    id = server.add_customer(email="")
    synchronise()
    Customer.objects.update(email="trouvee@client.example")

    server.change_customer(id, email=None, phone="01")
    synchronise()
    assert our_customer(id).email == "trouvee@client.example"

    server.change_customer(id, email="compta@client.example")
    synchronise()
    assert our_customer(id).email == "compta@client.example"


def test_a_corrected_address_may_receive_letters_again(server):
    id = server.add_customer()
    synchronise()
    Customer.objects.update(address_refused_on="2026-11-02")

    server.change_customer(id, address="5 rue Neuve")
    synchronise()

    assert our_customer(id).address_refused_on is None


@pytest.mark.parametrize("version", ["20.0.2", "22.0.4", "24.0.0-beta"])
def test_the_billing_contact_of_the_newest_invoice_is_the_customers(version):
    with dolibarr(version) as server:
        connected(server)
        customer = server.add_customer()
        first = server.add_contact(customer, "Morel")
        second = server.add_contact(customer, "Bréchet")
        server.attach(first, server.add_invoice(customer))
        server.attach(second, server.add_invoice(customer))

        synchronise()

    found = {one.external_id: one.role for one in Contact.objects.all()}
    assert found == {str(first): "other", str(second): "billing"}


def test_the_contact_for_reminders_is_chosen_here_and_stays(server):
    customer = server.add_customer()
    contact = server.add_contact(customer)
    server.attach(contact, server.add_invoice(customer))
    synchronise()
    Contact.objects.update(role=Contact.Role.DUNNING)

    server.contacts[contact] |= {"email": "nouvelle@client.example"}
    synchronise(full=True)

    found = Contact.objects.get()
    assert (found.role, found.email) == ("dunning", "nouvelle@client.example")


def test_a_contact_removed_or_switched_off_there_is_removed_here(server):
    customer = server.add_customer()
    gone = server.add_contact(customer, "Parti")
    off = server.add_contact(customer, "Inactif")
    server.add_contact(customer, "Resté")
    make_own = {"name": "Le nôtre", "email": "notre@client.example"}
    synchronise()
    make.contact(our_customer(customer), **make_own)

    del server.contacts[gone]
    server.contacts[off]["statut"] = "0"
    synchronise(full=True)

    names = Contact.objects.values_list("name", flat=True)
    assert sorted(names) == ["Hélène Resté", "Le nôtre"]


def test_without_the_right_to_contacts_the_rest_is_read(server):
    customer = server.add_customer()
    server.add_contact(customer)
    server.rights.discard("contacts")

    sync = synchronise()

    assert our_customer(customer).source == Source.DOLIBARR
    assert not Contact.objects.exists()
    assert "contacts" in sync.warnings[0]


def test_a_customer_merged_here_stays_merged(server):
    customer = server.add_customer()
    server.add_contact(customer)
    first = server.add_invoice(customer)
    synchronise()
    survivor = make.customer(name="Le même, saisi ici")
    Customer.objects.filter(source="dolibarr").update(merged_into=survivor)
    Contact.objects.update(customer=survivor)
    Invoice.objects.update(customer=survivor)

    second = server.add_invoice(customer)
    server.change_invoice(first, ref_customer="BC-2")
    server.pay(first, "500")
    synchronise(full=True)

    assert ours(first).customer == ours(second).customer == survivor
    assert ours(first).balance == Decimal("700.00")
    assert Contact.objects.get().customer == survivor
