"""Holds that end: the page says what else still holds reminders, if anything."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from relance.models import Hold, Invoice, User
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def invoice(client: Client, alice: User) -> Invoice:
    make.company()
    client.force_login(alice)
    return make.invoice()


def ended(client: Client, hold: Hold) -> str:
    answer: Any = client.post(reverse("hold-end", args=[hold.pk]), follow=True)
    [said] = answer.context["messages"]
    return str(said)


@pytest.mark.parametrize(
    ("other", "said"),
    [
        (None, "Les relances reprennent."),
        ("invoice", "C’est terminé ; les relances restent suspendues : litige."),
        ("customer", "C’est terminé ; les relances restent suspendues : litige."),
        ("somebody else", "Les relances reprennent."),
    ],
)
def test_what_still_holds_reminders_is_said(
    client: Client, invoice: Invoice, other: str | None, said: str
) -> None:
    hold = make.hold(invoice, "manual")
    on = {
        "invoice": invoice,
        "customer": invoice.customer,
        "somebody else": make.customer(),
    }
    if other is not None:
        make.hold(on[other], "dispute")
    assert ended(client, hold).replace("\u00a0", " ") == said
