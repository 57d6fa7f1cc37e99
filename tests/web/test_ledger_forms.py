"""The ledger's forms: right, they save; wrong, they say why and save nothing."""

from __future__ import annotations

import html
import io
import uuid
from decimal import Decimal
from typing import Any

import pikepdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from relance.models import (
    Allocation,
    Contact,
    Customer,
    HistoryEntry,
    Hold,
    InterruptingEvent,
    Invoice,
    Payment,
    User,
)
from relance.rules.regimes import Regime
from tests import make
from tests.web._shown_forms import fields_of

pytestmark = pytest.mark.django_db

D = Decimal

CUSTOMER = {
    "name": "Brasserie du Port",
    "regime": Regime.B2B.value,
    "country": "fr",
    "language": "fr",
}
CONTACT = {"name": "Mme Rault", "role": "billing"}
INVOICE = {
    "kind": "invoice",
    "number": "FA-12",
    "issued_on": "01/09/2026",
    "total": "1 234,50",
    "currency": "eur",
    "payment_mode": "transfer",
}
HOLD = {"reason": "dispute", "starts_on": "2026-11-24"}
EVENT = {"kind": "acknowledgement", "happened_on": "02/09/2026"}


@pytest.fixture(autouse=True)
def _logged_in(client, alice: User) -> None:
    make.company()
    client.force_login(alice)


def post(client, page, /, *args, **values):
    return client.post(reverse(page, args=args), values)


def said(response) -> str:
    """Return what is on the page, with plain spaces and apostrophes."""
    text = html.unescape(response.content.decode())
    return text.replace("\u00a0", " ").replace("\u202f", " ").replace("’", "'")


def refused(response, words: str) -> None:
    assert response.status_code == 422
    assert words in said(response)
    assert not HistoryEntry.objects.filter(user__isnull=False).exists()


def entry(action: str, alice: User) -> HistoryEntry:
    return HistoryEntry.objects.get(action=action, user=alice)


def test_a_customer_is_entered(client, alice) -> None:
    response = post(client, "customer-new", **CUSTOMER, siren="732 829 320")

    made = Customer.objects.get()
    assert response["Location"] == made.get_absolute_url()
    assert (made.country, made.siren, made.code) == ("FR", "732829320", "C00001")
    assert entry("customer.created", alice).customer == made


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"name": ""}, "Ce champ est obligatoire"),
        ({"siren": "732829321"}, "n'est pas un numéro SIREN valable"),
        ({"email": "compta@"}, "n'est pas une adresse e-mail"),
        ({"country": "XX"}, "XX n'est pas un code de pays"),
        ({"payment_terms": "bientôt"}, "n'est pas compris"),
        ({"regime": "martian"}, "choix valide"),
    ],
)
def test_a_customer_is_refused_in_french(client, values, words) -> None:
    refused(post(client, "customer-new", **(CUSTOMER | values)), words)
    assert not Customer.objects.exists()

    known = make.customer(name="Connu")
    refused(post(client, "customer-edit", known.pk, **(CUSTOMER | values)), words)
    known.refresh_from_db()
    assert known.name == "Connu"


def test_a_customer_is_changed(client, alice) -> None:
    known = make.customer(name="Connu")

    response = post(client, "customer-edit", known.pk, **CUSTOMER, city="Rezé")

    assert response["Location"] == known.get_absolute_url()
    known.refresh_from_db()
    assert (known.name, known.city) == ("Brasserie du Port", "Rezé")


def test_a_contact_is_added_changed_and_removed(client, alice) -> None:
    customer = make.customer()
    refused(
        post(client, "contact-new", customer.pk, name="", role="billing"), "obligatoire"
    )
    refused(
        post(client, "contact-new", customer.pk, **CONTACT, email="x@"), "x@ n'est pas"
    )

    response = post(client, "contact-new", customer.pk, **CONTACT)
    assert response["Location"] == customer.get_absolute_url()
    made = Contact.objects.get()
    post(client, "contact-edit", made.pk, **(CONTACT | {"name": "Mme Roy"}))
    made.refresh_from_db()
    assert (made.customer, made.name) == (customer, "Mme Roy")
    post(client, "contact-remove", made.pk)
    assert not Contact.objects.exists()
    assert entry("contact.removed", alice).customer == customer


def test_an_invoice_is_entered(client, alice) -> None:
    customer = make.customer()

    response = post(client, "invoice-new", customer=customer.pk, **INVOICE)

    made = Invoice.objects.get()
    assert response["Location"] == made.get_absolute_url()
    assert (made.total, made.balance, made.currency) == (
        D("1234.50"),
        made.total,
        "EUR",
    )
    assert made.due_date_computed
    assert entry("invoice.created", alice).invoice == made


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"number": ""}, "Ce champ est obligatoire"),
        ({"number": "DEJA"}, "DEJA existe déjà"),
        ({"total": "douze"}, "1 234,56"),
        ({"total": "0"}, "supérieur à zéro"),
        ({"total": "1,234"}, "1 234,00"),
        ({"issued_on": "31/02/2026"}, "date valide"),
        ({"due_date": "31/08/2026"}, "échéance"),
        ({"currency": "XXQ"}, "XXQ n'est pas une devise"),
        ({"corrects_number": "NOWHERE"}, "numéro"),
        ({"corrects_number": "DEJA"}, "autre client"),
        ({"customer": "999999"}, "choix"),
    ],
)
def test_an_invoice_is_refused_in_french(client, values, words) -> None:
    make.invoice(number="DEJA")
    mine = make.invoice(number="MIENNE")
    form = {"customer": mine.customer.pk} | INVOICE | values

    refused(post(client, "invoice-new", **form), words)
    assert Invoice.objects.count() == 2
    refused(post(client, "invoice-edit", mine.pk, **form), words)
    mine.refresh_from_db()
    assert (mine.number, mine.total) == ("MIENNE", D("1200.00"))


def test_an_invoice_is_changed_until_something_depends_on_it(client, alice) -> None:
    mine = make.invoice()
    form = {"customer": mine.customer.pk} | INVOICE

    assert post(client, "invoice-edit", mine.pk, **form).status_code == 302
    mine.refresh_from_db()
    assert (mine.number, mine.total) == ("FA-12", D("1234.50"))
    make.payment(mine)
    response = post(client, "invoice-edit", mine.pk, **(form | {"total": "5"}))
    assert response.status_code == 422
    assert "reprenez-le d'abord" in said(response)
    mine.refresh_from_db()
    assert mine.total == D("1234.50")


@pytest.mark.parametrize(
    ("name", "state"),
    [("invoice-cancel", "cancelled"), ("invoice-write-off", "abandoned")],
)
def test_an_invoice_is_closed_and_reopened(client, alice, name, state) -> None:
    mine = make.invoice()
    refused(post(client, name, mine.pk, why=""), "obligatoire")

    assert post(client, name, mine.pk, why="doublon").status_code == 302
    mine.refresh_from_db()
    assert mine.state == state
    response = post(client, name, mine.pk, why="encore")
    assert response.status_code == 422
    assert "déjà annulée ou abandonnée" in said(response)
    post(client, "invoice-reopen", mine.pk)
    mine.refresh_from_db()
    assert mine.state == "open"
    again = client.post(reverse("invoice-reopen", args=[mine.pk]), follow=True)
    assert "ni annulée ni" in said(again)


def test_a_pdf_is_joined_or_refused(client, alice) -> None:
    mine = make.invoice()
    wrong = SimpleUploadedFile("FA.docx", b"PK\x03\x04")
    refused(post(client, "invoice-pdf", mine.pk, pdf=wrong), "FA.docx ne peut pas")
    refused(post(client, "invoice-pdf", mine.pk), "obligatoire")

    out, file = io.BytesIO(), pikepdf.new()
    file.add_blank_page()
    file.save(out)
    right = SimpleUploadedFile("FA.pdf", out.getvalue())
    assert post(client, "invoice-pdf", mine.pk, pdf=right).status_code == 302
    mine.refresh_from_db()
    assert mine.document.name == "FA.pdf"


def test_an_interruption_is_recorded_or_refused(client, alice) -> None:
    mine = make.invoice()
    early = EVENT | {"happened_on": "31/08/2026"}
    refused(
        post(client, "invoice-interrupt", mine.pk, **early), "postérieure à la facture"
    )
    refused(post(client, "invoice-interrupt", mine.pk, kind="x"), "obligatoire")
    assert not InterruptingEvent.objects.exists()

    assert post(client, "invoice-interrupt", mine.pk, **EVENT).status_code == 302
    assert InterruptingEvent.objects.get().recorded_by == alice


@pytest.mark.parametrize("name", ["invoice-hold", "customer-hold"])
def test_reminders_are_suspended_and_taken_up_again(client, alice, name) -> None:
    mine = make.invoice()
    on = mine if name == "invoice-hold" else mine.customer
    promise = HOLD | {"reason": "promise"}
    refused(post(client, name, on.pk, **promise), "jour")
    refused(post(client, name, on.pk, **HOLD, amount="0"), "supérieur à zéro")
    refused(post(client, name, on.pk, **HOLD, until="2026-11-23"), "avant")
    refused(post(client, name, on.pk, reason="dispute"), "obligatoire")
    assert not Hold.objects.exists()

    response = post(client, name, on.pk, **HOLD)

    assert response["Location"] == on.get_absolute_url()
    made = Hold.objects.get()
    assert (made.held, made.made_by) == (on, alice)
    response = post(client, "hold-end", made.pk)
    assert response["Location"] == on.get_absolute_url()
    made.refresh_from_db()
    assert made.ended_by == alice
    again = client.post(reverse("hold-end", args=[made.pk]), follow=True)
    assert "déjà" in said(again)


def payment_form(invoice: Invoice, **values) -> dict[str, object]:
    return {
        "customer": invoice.customer.pk,
        "key": uuid.uuid4(),
        "received_on": "15/10/2026",
        "amount": "100,00",
        "currency": "EUR",
        "method": "transfer",
        f"share_{invoice.pk}": "60,00",
    } | values


def test_a_payment_is_recorded_once_with_what_it_settles(client, alice) -> None:
    mine = make.invoice()
    form = payment_form(mine)

    first = post(client, "payment-new", **form)
    again = post(client, "payment-new", **form)

    made = Payment.objects.get()
    assert first["Location"] == again["Location"] == reverse("payment", args=[made.pk])
    mine.refresh_from_db()
    assert mine.balance == D("1140.00")
    assert entry("payment.recorded", alice).payment == made


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"amount": ""}, "obligatoire"),
        ({"amount": "cent"}, "1 234,56"),
        ({"amount": "0"}, "supérieur à zéro"),
        ({"amount": "50"}, "50,00 €"),
        ({"received_on": "01/01/2999"}, "futur"),
        ({"currency": "XXQ"}, "XXQ n'est pas une devise"),
        ({"method": "barter"}, "choix valide"),
    ],
)
def test_a_payment_is_refused_in_french(client, values, words) -> None:
    mine = make.invoice()

    refused(post(client, "payment-new", **payment_form(mine, **values)), words)

    assert not Payment.objects.exists()
    assert not Allocation.objects.exists()


def test_the_oldest_invoices_are_proposed_and_split_again(client) -> None:
    older = make.invoice(number="FA-OLD", total=D("50.00"))
    make.invoice(older.customer, number="FA-NEW", due_date=make.TODAY)
    form = payment_form(older, amount="80", do="split")

    page = said(post(client, "payment-new", **form))

    assert 'value="50,00"' in page
    assert 'value="30,00"' in page
    assert not Payment.objects.exists()
    chosen = {"customer": older.customer.pk, "invoice": older.pk}
    page = said(client.get(reverse("payment-new"), chosen))
    assert page.count('value="50,00"') == 2


def test_a_form_that_opens_finds_nothing_wrong(client) -> None:
    mine = make.invoice()
    make.invoice(mine.customer)

    page = said(client.get(reverse("payment-new"), {"customer": mine.customer.pk}))

    assert "Rien n’a été enregistré" not in page
    assert "aria-invalid" not in page
    assert f'value="{mine.customer.pk}"' in page


def test_what_is_left_is_set_against_an_invoice(client, alice) -> None:
    mine = make.invoice()
    payment = make.payment(of=mine.customer)
    name, values = "payment-allocate", {"invoice": mine.pk, "amount": "40"}
    refused(
        post(client, name, payment.pk, **(values | {"amount": "100,01"})), "100,00 €"
    )
    others = values | {"invoice": make.invoice().pk}
    refused(post(client, name, payment.pk, **others), "choix")
    assert not Allocation.objects.exists()

    assert post(client, name, payment.pk, **values).status_code == 302
    row = Allocation.objects.get()
    assert (row.invoice, row.amount, row.made_by) == (mine, D("40.00"), alice)
    response = post(client, "allocation-undo", row.pk)
    assert response["Location"] == reverse("invoice-payments", args=[mine.pk])
    mine.refresh_from_db()
    assert mine.balance == D("1200.00")
    again = client.post(reverse("allocation-undo", args=[row.pk]), follow=True)
    assert "déjà" in said(again)


def shown(client, payment: Payment, page: str) -> dict[str, Any]:
    card = client.get(reverse("payment", args=[payment.pk])).text
    return fields_of(card, reverse(page, args=[payment.pk]))


def test_a_payment_is_corrected_once(client, alice) -> None:
    payment = make.payment(make.invoice())
    form = shown(client, payment, "payment-correct")
    refused(post(client, "payment-correct", payment.pk, **form), "obligatoire")

    # A second click does and says the same.
    for _click in range(2):
        values = form | {"why": "impayé"}
        assert post(client, "payment-correct", payment.pk, **values).status_code == 302
    assert entry("payment.corrected", alice).payment == payment
    other = form | {"why": "encore", "key": str(uuid.uuid4())}
    response = post(client, "payment-correct", payment.pk, **other)
    assert response.status_code == 422
    assert "déjà" in said(response)
    assert Payment.objects.count() == 2


def test_a_payment_is_returned_once_whatever_the_clicks(client, alice) -> None:
    payment = make.payment(make.invoice())
    values = shown(client, payment, "payment-return")
    for _click in range(2):
        assert post(client, "payment-return", payment.pk, **values).status_code == 302
    assert entry("payment.returned", alice).payment == payment
    assert Payment.objects.count() == 2
