"""What a webhook says is a hint: read again, never believed."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relance.models import Contact, DolibarrHint, Invoice
from relance.services import dolibarr_hints
from tests.dolibarr_server import Fault, dolibarr
from tests.dolibarr_sync import NOW, TODAY, connected, our_customer, ours, synchronise

pytestmark = pytest.mark.django_db


def noted():
    return sorted(DolibarrHint.objects.values_list("kind", "external_id"))


@pytest.mark.parametrize(
    ("told", "found"),
    [
        ({"triggercode": "BILL_PAYED", "object": {"id": "54"}}, [("invoice", 54)]),
        ({"triggercode": "BILL_DELETE", "object": {"id": 7}}, [("invoice", 7)]),
        (
            {
                "triggercode": "PAYMENT_CUSTOMER_CREATE",
                "object": {"id": 19, "amounts": {"54": "12", "55": "1"}},
            },
            [("invoice", 54), ("invoice", 55)],
        ),
        ({"triggercode": "COMPANY_MODIFY", "object": {"id": "3"}}, [("customer", 3)]),
        ({"triggercode": "CONTACT_MODIFY", "object": {"id": "4"}}, [("contact", 4)]),
        ({"triggercode": "USER_MODIFY", "object": {"id": "4"}}, []),
        ({"triggercode": "BILL_PAYED", "object": {"id": "x' or 1=1"}}, []),
        ({"triggercode": "BILL_PAYED", "object": {"id": "9" * 30}}, []),
        ({"triggercode": "BILL_PAYED", "object": []}, []),
        ({"triggercode": ["BILL_"], "object": {"id": []}}, []),
        ([1, 2], []),
        (None, []),
    ],
)
def test_only_what_it_is_about_is_noted(told, found):
    assert dolibarr_hints.note(told, now=NOW) == len(found)
    assert noted() == found


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=20),
        lambda inside: (
            st.lists(inside, max_size=3)
            | st.dictionaries(
                st.sampled_from(["triggercode", "object", "id", "amounts", "BILL_"]),
                inside,
                max_size=4,
            )
        ),
        max_leaves=12,
    )
)
def test_whatever_is_told_does_no_harm(told):
    list(dolibarr_hints._mentioned(told))


def test_the_same_news_twice_is_one_reading():
    told = {"triggercode": "BILL_PAYED", "object": {"id": "54"}}
    dolibarr_hints.note(told, now=NOW)
    dolibarr_hints.note(told, now=NOW)

    assert noted() == [("invoice", 54)]


def test_what_was_noted_is_read_again_and_not_believed():
    with dolibarr() as server:
        connected(server)
        customer = server.add_customer()
        contact = server.add_contact(customer)
        id = server.add_invoice(customer)
        synchronise()
        server.pay(id, "500")
        server.change_customer(customer, town="Rezé")
        server.contacts[contact]["email"] = "nouvelle@client.example"
        # The state of before: Dolibarr tells it while it is still writing.
        stale = {"id": str(id), "paye": "1", "remaintopay": "0"}
        dolibarr_hints.note({"triggercode": "BILL_PAYED", "object": stale}, now=NOW)
        for code, about in (
            ("COMPANY_MODIFY", customer),
            ("CONTACT_MODIFY", contact),
            ("BILL_VALIDATE", 999),
            ("CONTACT_MODIFY", 999),
        ):
            told = {"triggercode": code, "object": {"id": about}}
            dolibarr_hints.note(told, now=NOW)

        assert dolibarr_hints.read_noted(now=NOW, today=TODAY) is False

    assert ours(id).balance == Decimal("700.00")
    assert our_customer(customer).city == "Rezé"
    assert Contact.objects.get().email == "nouvelle@client.example"
    assert noted() == []


def test_a_new_invoice_comes_with_its_customer():
    with dolibarr() as server:
        connected(server)
        id = server.add_invoice(server.add_customer("Tout neuf"))
        told = {"triggercode": "BILL_VALIDATE", "object": {"id": id}}
        dolibarr_hints.note(told, now=NOW)
        dolibarr_hints.read_noted(now=NOW, today=TODAY)

    assert ours(id).customer.name == "Tout neuf"


def test_what_cannot_be_read_now_is_kept_for_later():
    with dolibarr() as server:
        connected(server)
        id = server.add_invoice(server.add_customer())
        told = {"triggercode": "BILL_VALIDATE", "object": {"id": id}}
        dolibarr_hints.note(told, now=NOW)
        server.spoil(Fault.UNAUTHORIZED)

        assert dolibarr_hints.read_noted(now=NOW, today=TODAY) is False
        assert noted() == [("invoice", id)]
        assert not Invoice.objects.exists()

        dolibarr_hints.read_noted(now=NOW, today=TODAY)
        assert ours(id).balance == Decimal("1200.00")
