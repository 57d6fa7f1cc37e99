"""A letter that came back refuses its address, until it is corrected or taken back."""

from __future__ import annotations

import uuid
from datetime import date

import pytest

from relance.models import Channel, Contact, Customer, HistoryEntry, Invoice
from relance.rules.escalation import Code
from relance.services import customers, reminders
from relance.services.drafts import Wish
from tests import make
from tests.make import NOW, TODAY
from tests.services._postings import POSTED, hear, letter, notice, words

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _company() -> None:
    make.company()


# --- returns ----------------------------------------------------------------


def test_a_wrong_address_stops_letters_until_it_is_corrected() -> None:
    invoice = make.invoice()
    made = letter(invoice)

    done = hear(made, returned_on=date(2026, 11, 6), return_reason="npai")

    customer = Customer.objects.get()
    assert customer.address_refused_on == date(2026, 11, 6)
    assert "tant que l’adresse n’est pas corrigée" in done.effect
    wish = Wish(invoice=Invoice.objects.get(), channel=Channel.LETTER)
    with pytest.raises(reminders.ReminderRefused) as caught:
        reminders.remind(wish, key=uuid.uuid4(), by=None, now=NOW, today=TODAY)
    assert Code.NO_ADDRESS in [reason.code for reason in caught.value.reasons]
    assert HistoryEntry.objects.filter(action="customer.address_refused").count() == 1
    assert "retourné le 06/11/2026, motif : " in words()[0]
    assert "(NPAI)" in words()[0]

    data = customers.CustomerData(
        name=customer.name, address="1 rue Neuve", city="Nantes"
    )
    customers.edit_customer(customer, data, by=None, now=NOW)

    assert Customer.objects.get().address_refused_on is None


def test_an_address_corrected_meanwhile_stays_usable() -> None:
    customer = make.customer(address="12 rue Neuve")
    made = letter(make.invoice(customer))

    done = hear(made, returned_on=date(2026, 11, 6), return_reason="npai")

    assert Customer.objects.get().address_refused_on is None
    assert "autre adresse" in done.effect


def test_a_contact_s_own_address_is_refused_and_corrected_apart() -> None:
    customer = make.customer()
    rault = make.contact(
        customer, name="Mme Rault", role="dunning", postcode="35000", city="Rennes"
    )
    made = letter(
        make.invoice(customer),
        recipient={"why": "dunning_contact", "address": ["X", "35000 RENNES"]},
    )
    returned = {"returned_on": date(2026, 11, 6), "return_reason": "npai"}

    done = hear(made, **returned)

    rault.refresh_from_db()
    assert rault.address_refused_on == date(2026, 11, 6)
    assert Customer.objects.get().address_refused_on is None
    assert "Mme Rault" in done.effect
    wish = Wish(invoice=Invoice.objects.get(), channel=Channel.LETTER)
    with pytest.raises(reminders.ReminderRefused) as caught:
        reminders.remind(wish, key=uuid.uuid4(), by=None, now=NOW, today=TODAY)
    assert Code.NO_ADDRESS in [reason.code for reason in caught.value.reasons]

    hear(made)
    rault.refresh_from_db()
    assert rault.address_refused_on is None

    hear(made, **returned)
    data = customers.ContactData(
        name="Mme Rault", role="dunning", address="1 quai Neuf", city="Rennes"
    )
    rault.refresh_from_db()
    customers.save_contact(customer, data, contact=rault, by=None, now=NOW)
    rault.refresh_from_db()
    assert rault.address_refused_on is None


def test_the_return_of_a_contact_s_letter_leaves_the_customer_s_address() -> None:
    customer = make.customer()
    Contact.objects.create(customer=customer, name="Mme Rault", city="Rennes")
    made = letter(
        make.invoice(customer),
        recipient={"why": "dunning_contact", "address": ["X", "35000 RENNES"]},
    )

    hear(made, returned_on=date(2026, 11, 6), return_reason="npai")

    assert Customer.objects.get().address_refused_on is None


def test_a_long_address_is_known_however_its_lines_were_cut() -> None:
    street = "Bâtiment C, escalier 4, troisième étage, porte gauche\nZone d’activité"
    customer = make.customer(address=street, country="BE", city="Bruxelles")
    invoice = make.invoice(customer)
    wish = Wish(invoice=invoice, channel=Channel.LETTER)
    made = reminders.remind(wish, key=uuid.uuid4(), by=None, now=NOW, today=TODAY)

    hear(made, posted_on=TODAY, returned_on=TODAY, return_reason="npai")

    assert Customer.objects.get().address_refused_on == TODAY


def test_a_return_recorded_by_mistake_is_taken_back_with_its_effect() -> None:
    made = letter()
    hear(made, returned_on=date(2026, 11, 6), return_reason="npai")

    done = hear(made)

    assert Customer.objects.get().address_refused_on is None
    assert "de nouveau utilisable" in done.effect
    assert HistoryEntry.objects.filter(action="customer.address_accepted").exists()


def test_another_return_keeps_the_address_refused() -> None:
    customer = make.customer()
    first, second = (letter(make.invoice(customer)) for _number in range(2))
    for made in (first, second):
        hear(made, returned_on=date(2026, 11, 6), return_reason="npai")
    assert HistoryEntry.objects.filter(action="customer.address_refused").count() == 1

    done = hear(first)

    assert done.effect == ""
    assert Customer.objects.get().address_refused_on == date(2026, 11, 6)


@pytest.mark.parametrize("reason", ["unclaimed", "refused"])
def test_a_notice_that_was_not_collected_stays_valid(reason: str) -> None:
    made = notice()

    done = hear(
        made,
        presented_on=date(2026, 11, 4),
        returned_on=date(2026, 11, 20),
        return_reason=reason,
    )

    assert "reste valable" in done.effect
    assert Customer.objects.get().address_refused_on is None
    # A plain reminder has nothing to stay valid.
    plain = letter()
    assert hear(plain, returned_on=POSTED, return_reason=reason).effect == ""
