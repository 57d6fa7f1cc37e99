"""A credit note set against an invoice, on screen: whom, how much, since when."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse

from relance.models import Allocation, Invoice
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def owed() -> Invoice:
    """An invoice of 1 200.00 issued on 1 September."""
    make.company()
    return make.invoice(number="FA-A")


@pytest.fixture
def credit(owed: Invoice) -> Invoice:
    return make.invoice(
        owed.customer,
        number="AV-1",
        kind=Invoice.Kind.CREDIT_NOTE,
        issued_on=date(2026, 10, 20),
        due_date=date(2026, 10, 20),
        total=Decimal("150.00"),
        corrects=owed,
    )


def post(client, credit, **values):
    return client.post(reverse("credit-allocate", args=[credit.pk]), values)


def shown(client, credit):
    response = client.get(reverse("invoice-payments", args=[credit.pk]))
    assert response.status_code == 200
    return response.content.decode()


def test_the_invoice_it_corrects_and_what_is_left_are_proposed(
    client, alice, owed, credit
):
    make.invoice(owed.customer, due_date=date(2026, 9, 2))  # older, yet not proposed
    client.force_login(alice)

    page = shown(client, credit)

    assert f'<option value="{owed.pk}" selected>FA-A, échéance 01/10/2026' in page
    assert 'value="150,00"' in page


@pytest.mark.parametrize(
    ("since", "effective_on"),
    [("invoice", date(2026, 9, 1)), ("credit", date(2026, 10, 20))],
)
def test_it_counts_from_the_day_that_was_chosen(
    client, alice, owed, credit, since, effective_on
):
    client.force_login(alice)

    response = post(client, credit, invoice=owed.pk, amount="100,00", since=since)

    assert response.status_code == 302
    made = Allocation.objects.get()
    assert (made.credit, made.amount) == (credit, Decimal("100.00"))
    assert made.effective_on == effective_on
    owed.refresh_from_db()
    credit.refresh_from_db()
    assert (owed.balance, credit.balance) == (Decimal("1100.00"), Decimal("50.00"))
    page = shown(client, credit)
    assert "FA-A" in page
    assert "Reprendre" in page


def test_more_than_it_has_left_is_refused_and_nothing_is_saved(
    client, alice, owed, credit
):
    client.force_login(alice)

    response = post(client, credit, invoice=owed.pk, amount="200", since="invoice")

    assert response.status_code == 422
    assert "Il ne reste que" in response.content.decode()
    assert not Allocation.objects.exists()


def test_invoices_of_others_and_of_other_currencies_are_not_offered(
    client, alice, owed, credit
):
    elsewhere = make.invoice(number="FA-OTHER")
    pounds = make.invoice(owed.customer, number="FA-GBP", currency="GBP")
    client.force_login(alice)

    page = shown(client, credit)
    response = post(client, credit, invoice=elsewhere.pk, amount="1", since="invoice")

    assert "FA-OTHER" not in page
    assert pounds.number not in page
    assert response.status_code == 422
    assert not Allocation.objects.exists()


def test_with_nothing_to_settle_it_says_that_it_stays(client, alice, owed, credit):
    make.payment(owed, "1200.00")
    client.force_login(alice)

    assert "reste à son compte" in shown(client, credit)


@pytest.mark.parametrize("who", ["bob", "charlie"])
def test_readers_and_strangers_may_not(client, owed, credit, who, request):
    client.force_login(request.getfixturevalue(who))

    response = post(client, credit, invoice=owed.pk, amount="1", since="invoice")

    assert response.status_code == 403
    assert not Allocation.objects.exists()


def test_a_reader_sees_it_without_the_form(client, bob, credit):
    client.force_login(bob)

    page = shown(client, credit)

    assert "Ce que règle cet avoir" in page
    assert reverse("credit-allocate", args=[credit.pk]) not in page


def test_anonymous_is_sent_to_the_login(client, owed, credit):
    response = post(client, credit, invoice=owed.pk, amount="1", since="invoice")

    assert response.status_code == 302
    assert "/accounts/login/" in response["Location"]
    assert not Allocation.objects.exists()
