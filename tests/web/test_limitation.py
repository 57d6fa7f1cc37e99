"""The limitation period on the invoice's card: its day, why, its events."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from relance.models import InterruptingEvent
from tests import make
from tests.services.test_limitation import PIXEL

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _company() -> None:
    make.company()


def text(response) -> str:
    content = html.unescape(response.content.decode()).replace("\xa0", " ")
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", content))


def old(days: int, **values):
    day = timezone.localdate() - timedelta(days=days)
    owner = make.customer(regime=values.pop("regime", "B2B"))
    return make.invoice(owner, issued_on=day, due_date=day, **values)


@pytest.mark.parametrize(
    ("regime", "days", "says"),
    [
        ("B2B", 30, "5 ans à compter de la facture"),
        ("B2B", 30, "L110-4 du Code de commerce"),
        ("B2C", 30, "L218-2 du Code de la consommation"),
        ("PUBLIC", 30, "loi n° 68-1250"),
        ("B2C", 705, "Il reste au plus 1 mois"),
        ("B2C", 740, "Prescription acquise"),
        ("B2B", 1500, "Il reste au plus 12 mois"),
    ],
)
def test_the_card_says_until_when_and_why(client, bob, regime, days, says) -> None:
    client.force_login(bob)
    invoice = old(days, regime=regime)

    assert says in text(client.get(invoice.get_absolute_url()))


def test_it_counts_from_the_service(client, bob) -> None:
    client.force_login(bob)
    day = timezone.localdate() - timedelta(days=60)
    invoice = old(30, service_date=day)

    said = text(client.get(invoice.get_absolute_url()))

    assert f"prestation ou de la livraison du {day:%d/%m/%Y}" in said


def test_a_paid_invoice_warns_of_nothing(client, bob) -> None:
    client.force_login(bob)
    invoice = old(705, regime="B2C")
    make.payment(invoice, "1200.00")

    assert "Il reste au plus" not in text(client.get(invoice.get_absolute_url()))


def event_of(client, invoice, **values):
    day = timezone.localdate() - timedelta(days=10)
    usual = {"kind": "acknowledgement", "happened_on": day.isoformat()}
    page = reverse("invoice-interrupt", args=[invoice.pk])
    return client.post(page, usual | values, follow=True)


def test_an_event_with_its_document_then_a_mistake_undone(client, alice) -> None:
    client.force_login(alice)
    invoice = old(705, regime="B2C")
    file = SimpleUploadedFile("reconnaissance.png", PIXEL)

    shown = text(event_of(client, invoice, file=file, proof="signée de M. Roy"))

    assert "Il reste au plus" not in shown
    assert "signée de M. Roy" in shown
    assert "reconnaissance.png" in shown
    event = InterruptingEvent.objects.get()
    page = reverse("interruption-undo", args=[event.pk])
    refused = client.post(page, {"why": ""})
    assert refused.status_code == 422
    assert "obligatoire" in text(refused)

    undone = text(client.post(page, {"why": "autre facture"}, follow=True))

    assert "Il reste au plus 1 mois" in undone
    assert "Annulé par Alice Martin" in undone
    assert "autre facture" in undone


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"happened_on": ""}, "happened_on"),
        ({"happened_on": "2090-01-01"}, "happened_on"),
        ({"kind": "public_claim"}, "kind"),
        ({"kind": "letter"}, "kind"),
        ({"proof": "x" * 241}, "proof"),
        ({"file": SimpleUploadedFile("a.exe", b"MZ")}, "file"),
    ],
)
def test_bad_input_is_refused_on_its_field(client, alice, values, field) -> None:
    client.force_login(alice)
    answer = event_of(client, old(30), **values)

    assert answer.status_code == 422
    assert answer.context["interruption_form"].errors.keys() == {field}
    assert not InterruptingEvent.objects.exists()


def test_who_reads_undoes_nothing(client, bob) -> None:
    client.force_login(bob)
    said = client.get(old(30).get_absolute_url()).content.decode()

    assert "prescription/" not in said
