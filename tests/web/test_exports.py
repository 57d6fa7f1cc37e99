"""Lists exported as CSV: what the list shows, in words, and no formula runs."""

from __future__ import annotations

import csv
import io
from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils.translation import get_language, override

from relance.models import Posting
from relance.web.exports import csv_lines
from tests import make

pytestmark = pytest.mark.django_db


def exported(client, name, **query):
    response = client.get(reverse(name), query)
    assert response.status_code == 200
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text), delimiter=";"))


@pytest.fixture
def rows():
    make.company()
    owing = make.customer(code="C-1", name="Atelier Noël")
    invoice = make.invoice(
        owing, number="FA-1", total=Decimal("1234.50"), due_date=date(2020, 1, 31),
        issued_on=date(2020, 1, 1),
    )  # fmt: skip
    make.payment(invoice, "34.50")
    paid = make.invoice(make.customer(code="C-2", name="=1+1"), number="FA-2")
    make.payment(paid, "1200.00")
    return invoice, paid


def test_invoices_follow_the_filter_of_the_list(client, bob, rows):
    client.force_login(bob)

    unpaid = exported(client, "invoices-export")
    everything = exported(client, "invoices-export", which="all", sort="number")

    assert [row["Facture"] for row in unpaid] == ["FA-1"]
    assert unpaid[0]["Montant TTC"] == "1234,50"
    assert unpaid[0]["Reste à payer"] == "1200,00"
    assert unpaid[0]["Échéance"] == "31/01/2020"
    assert int(unpaid[0]["Jours de retard"]) > 2000
    assert [row["Facture"] for row in everything] == ["FA-1", "FA-2"]
    assert everything[1]["Jours de retard"] == ""


def test_a_name_that_is_a_formula_stays_text(client, bob, rows):
    client.force_login(bob)

    customers = exported(client, "customers-export", sort="code")

    assert [row["Nom"] for row in customers] == ["Atelier Noël", "'=1+1"]
    assert customers[0]["Reste à payer (€)"] == "1200,00"


def test_payments_are_found_by_the_invoice_they_settle(client, bob, rows):
    client.force_login(bob)

    found = exported(client, "payments-export", q="FA-1")

    assert [row["Montant"] for row in found] == ["34,50"]


def test_letters_are_exported_with_their_journey(client, bob, rows):
    invoice, _paid = rows
    made = make.reminder(invoice, made_on=date(2026, 11, 2), state="posted")
    Posting.objects.create(
        reminder=made,
        posted_on=date(2026, 11, 3),
        registered_number="1A12345678901",
        recorded_at=make.NOW,
    )
    client.force_login(bob)

    [row] = exported(client, "postings-export", which="all")

    assert row["Courrier"] == made.reference
    assert row["Factures"] == "FA-1"
    assert row["Posté le"] == "03/11/2026"
    assert row["Numéro de recommandé"].replace("\u00a0", " ") == "1A 123 456 7890 1"
    assert exported(client, "postings-export") == []


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_every_start_of_a_formula_is_disarmed(text):
    header, row = csv_lines(["a"], [[text]], french=False)

    assert header.startswith("\ufeff")
    assert next(csv.reader(io.StringIO(row, newline=""))) == [f"'{text}"]


def test_negative_amounts_stay_numbers():
    _header, row = csv_lines(["a"], [[Decimal("-50.00")]], french=True)

    assert row == "-50,00\r\n"


@pytest.mark.parametrize(
    "name",
    ["invoices-export", "customers-export", "payments-export", "postings-export"],
)
def test_strangers_get_nothing(client, charlie, name):
    assert client.get(reverse(name)).status_code == 302
    client.force_login(charlie)
    assert client.get(reverse(name)).status_code == 403


def test_an_english_export_is_english_to_its_last_line(client, bob, rows):
    client.force_login(bob)
    client.cookies["django_language"] = "en"

    response = client.get(reverse("invoices-export"), {"which": "all"})
    # The server reads the lines in the language that its thread has by then.
    with override("fr"):
        text = b"".join(response.streaming_content).decode("utf-8-sig")
        after = get_language()
    states = {row["State"] for row in csv.DictReader(io.StringIO(text))}

    assert states == {"unpaid", "paid"}
    assert after == "fr"
