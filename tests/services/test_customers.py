"""Customers and contacts: checked, coded, changed, with their history."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from relance.models import Contact, Customer, HistoryEntry, Level, Source
from relance.services import customers
from relance.services.customers import ContactData, CustomerData, Origin
from relance.services.refusal import Refused
from tests import make
from tests.make import NOW, TODAY

pytestmark = pytest.mark.django_db


BY_HAND = Origin()


def create(*, origin=BY_HAND, by=None, **values) -> Customer:
    data = CustomerData(**({"name": "Brasserie du Port"} | values))
    return customers.create_customer(data, origin=origin, by=by, now=NOW)


def edit(customer: Customer, *, by=None, **values) -> Customer:
    data = CustomerData(**({"name": customer.name} | values))
    return customers.edit_customer(customer, data, by=by, now=NOW)


def contact(customer: Customer, found=None, *, by=None, **values) -> Contact:
    data = ContactData(**({"name": "Mme Rault"} | values))
    return customers.save_contact(customer, data, contact=found, by=by, now=NOW)


def test_a_customer_is_kept_as_checked() -> None:
    alice = make.user()

    made = create(
        name=" Brasserie du Port ",
        siret="732 829 320 00074",
        vat_number="fr 44 732 829 320",
        payment_terms="30 jours",
        email=" compta@port.example ",
        by=alice,
    )

    assert (made.name, made.code) == ("Brasserie du Port", "C00001")
    assert (made.siren, made.siret) == ("732829320", "73282932000074")
    assert made.vat_number.endswith("44732829320")
    assert (made.payment_terms, made.email) == ("NET 30", "compta@port.example")
    entry = HistoryEntry.objects.get(action="customer.created")
    assert (entry.customer, entry.user) == (made, alice)
    assert "Brasserie du Port" in entry.words


def test_codes_follow_each_other_and_skip_other_shapes() -> None:
    assert create().code == "C00001"
    create(code="C00041")
    create(code="C9")
    create(code="CLIENT-1")
    assert create().code == "C00042"
    imported = create(origin=Origin(source=Source.EINVOICE, external_id="42"))
    assert (imported.source, imported.external_id) == ("einvoice", "42")


@pytest.mark.parametrize(
    ("values", "field", "message"),
    [
        ({"name": "  "}, "name", ""),
        ({"country": "XX"}, "country", "XX"),
        ({"country": "001"}, "country", "001"),
        ({"email": "compta@"}, "email", "compta@"),
        ({"siren": "732829321"}, "siren", "SIREN"),
        ({"siret": "73282932000075"}, "siret", "SIRET"),
        ({"siren": "812345676", "siret": "73282932000074"}, "siret", "SIRET"),
        ({"vat_number": "FR00732829320"}, "vat_number", "FR00732829320"),
        ({"payment_terms": "bientôt"}, "payment_terms", "bientôt"),
        ({"code": "T-1"}, "code", "T-1"),
    ],
)
def test_what_is_wrong_is_refused_by_name(values, field, message) -> None:
    make.customer(code="T-1", name="Autre")
    known = make.customer(code="T-2", name="Connu")
    for attempt in (create, lambda **bad: edit(known, **bad)):
        with pytest.raises(Refused) as caught:
            attempt(**values)
        assert caught.value.field == field
        assert message in caught.value.message
    assert Customer.objects.count() == 2
    assert not HistoryEntry.objects.exists()


def test_a_number_from_outside_the_union_is_kept_as_written() -> None:
    assert create(vat_number="che-123.456.788 tva").vat_number == "CHE-123.456.788TVA"


def test_a_change_says_what_changed_and_keeps_the_code() -> None:
    alice, customer = make.user(), create(city="Nantes", code="X-1")

    changed = edit(customer, city="Rezé", by=alice)

    assert (changed.city, changed.code) == ("Rezé", "X-1")
    entry = HistoryEntry.objects.get(action="customer.changed")
    assert (entry.customer, entry.user) == (customer, alice)
    assert "ville" in entry.words
    assert "adresse" not in entry.words
    edit(changed, city="Rezé")
    assert HistoryEntry.objects.filter(action="customer.changed").count() == 1


@pytest.mark.parametrize(
    ("values", "refused_on"), [({"city": "Rezé"}, None), ({"phone": "02"}, TODAY)]
)
def test_a_corrected_address_receives_letters_again(values, refused_on) -> None:
    customer = create(city="Nantes")
    Customer.objects.filter(pk=customer.pk).update(address_refused_on=TODAY)

    edit(customer, **({"city": "Nantes"} | values))

    customer.refresh_from_db()
    assert customer.address_refused_on == refused_on


def test_a_missing_email_is_kept() -> None:
    alice, customer = make.user(), make.customer(email="")

    customers.set_email(customer, " compta@port.example ", by=alice, now=NOW)

    customer.refresh_from_db()
    assert customer.email == "compta@port.example"
    entry = HistoryEntry.objects.get(action="customer.changed")
    assert (entry.customer, entry.user) == (customer, alice)
    assert "compta@port.example" in entry.words


@pytest.mark.parametrize("email", ["", "  ", "compta@"])
def test_an_email_is_one(email: str) -> None:
    customer = make.customer(email="")
    with pytest.raises(Refused) as caught:
        customers.set_email(customer, email, by=None, now=NOW)
    assert caught.value.field == "new_email"
    customer.refresh_from_db()
    assert customer.email == ""


def test_a_contact_is_added_changed_and_removed() -> None:
    make.company()
    alice, customer = make.user(), make.customer()
    first, second = Level.objects.order_by("rank")[:2]

    made = contact(
        customer,
        email="rault@port.example",
        recipient_for=(first,),
        copy_for=(second,),
        by=alice,
    )
    assert list(made.recipient_for.all()) == [first]
    assert list(made.copy_for.all()) == [second]

    changed = contact(customer, made, name=" Mme Roy ", country="BE", by=alice)
    assert (changed.pk, changed.name, changed.email) == (made.pk, "Mme Roy", "")
    assert not changed.recipient_for.exists()
    saved = HistoryEntry.objects.filter(action="contact.saved")
    assert [e.customer for e in saved] == [customer, customer]

    customers.remove_contact(changed, by=alice, now=NOW)
    assert not Contact.objects.exists()
    entry = HistoryEntry.objects.get(action="contact.removed")
    assert (entry.customer, entry.user) == (customer, alice)
    assert "Mme Roy" in entry.words


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name": " "}, "name"),
        ({"email": "rault@"}, "email"),
        ({"country": "ZZZ"}, "country"),
        ({"copy": True}, "email"),
    ],
)
def test_a_contact_that_cannot_be(values: dict, field: str) -> None:
    make.company()
    if values.pop("copy", False):
        values = {"copy_for": tuple(Level.objects.all()[:1])}
    with pytest.raises(Refused) as caught:
        contact(make.customer(), **values)
    assert caught.value.field == field
    assert not Contact.objects.exists()


def test_the_table_refuses_by_itself() -> None:
    make.customer(code="A", source="einvoice", external_id="1")
    for values in (
        {"code": "A"},
        {"code": ""},
        {"code": "B", "source": "einvoice", "external_id": "1"},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Customer.objects.create(name="Deux", **values)
    make.customer(code="C", external_id=None)
    make.customer(code="D", external_id=None)


def test_a_returned_letter_refuses_the_address_until_it_is_corrected():
    owner = make.customer(address="1 rue Fausse")
    customers.refuse_address(owner, on=TODAY, by=None, now=NOW)

    owner.refresh_from_db()
    assert owner.address_refused_on == TODAY
    entry = HistoryEntry.objects.get(action="customer.address_refused")
    assert (entry.customer, owner.name in entry.words) == (owner, True)
    data = CustomerData(name=owner.name, address="2 rue Vraie")
    customers.edit_customer(owner, data, by=None, now=NOW)
    owner.refresh_from_db()
    assert owner.address_refused_on is None
