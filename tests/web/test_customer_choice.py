"""A customer is searched and chosen before the form that is about them."""

import pytest
from django.urls import reverse

from relance.models import Invoice
from tests import make

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", ["invoice-new", "payment-new"])
def test_customers_are_searched_then_chosen(client, alice, name):
    wanted = make.customer(name="Café de la Gare")
    make.customer(name="Garage Petit")
    client.force_login(alice)

    page = client.get(reverse(name), {"q": "café"}).content.decode()
    chosen = client.get(reverse(name), {"customer": wanted.pk}).content.decode()

    assert f'href="?customer={wanted.pk}"' in page
    assert "Garage Petit" not in page
    assert "Café de la Gare" in chosen
    assert f'name="customer" value="{wanted.pk}"' in chosen


def test_the_invoice_entered_is_the_chosen_customers(client, alice):
    wanted = make.customer()
    client.force_login(alice)
    typed = {
        "customer": wanted.pk,
        "kind": "invoice",
        "number": "FA-7",
        "issued_on": "2026-11-02",
        "total": "1 234,56",
        "currency": "eur",
        "payment_mode": "transfer",
    }

    refused = client.post(reverse("invoice-new"), typed | {"number": " "})
    made = client.post(reverse("invoice-new"), typed)

    assert refused.status_code == 422
    assert str(wanted) in refused.content.decode()
    assert made.status_code == 302
    assert Invoice.objects.get().customer == wanted


def test_no_such_customer_is_a_404(client, alice):
    client.force_login(alice)

    assert client.get(reverse("invoice-new"), {"customer": 99}).status_code == 404
