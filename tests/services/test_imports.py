"""E-invoices brought in whole or not at all; the same file again changes nothing."""

from __future__ import annotations

import hashlib
import io
import zipfile
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps

from relance.models import Customer, HistoryEntry, Invoice, Payment
from relance.queries.situations import unallocated_by_customer
from relance.services import documents
from relance.services.imports import ImportResult, Status, import_files
from tests import make
from tests.einvoices import Sample, cii, factur_x_pdf, pdf_with, ubl, zugferd_1
from tests.make import NOW

pytestmark = pytest.mark.django_db

SAMPLE = Sample()
SHARED = Path(__file__).parents[3] / "shared" / "samples" / "einvoices"


def bring(*files: tuple[str, bytes]) -> list[ImportResult]:
    return import_files(files, by=None, now=NOW)


def bring_one(data: bytes, name: str = "facture.pdf") -> ImportResult:
    [result] = bring((name, data))
    return result


def counts() -> dict[str, int]:
    models = apps.get_app_config("relance").get_models()
    return {model.__name__: model.objects.count() for model in models}


@pytest.mark.parametrize(
    ("data", "name", "due_date"),
    [
        (factur_x_pdf(cii(SAMPLE, "minimum")), "a.pdf", None),
        (factur_x_pdf(cii(SAMPLE, "basicwl")), "a.pdf", date(2026, 10, 15)),
        (factur_x_pdf(cii(SAMPLE, "basic")), "a.pdf", date(2026, 10, 15)),
        (factur_x_pdf(cii(SAMPLE, "en16931")), "a.pdf", date(2026, 10, 15)),
        (cii(SAMPLE, "en16931", "zugferd-2"), "a.xml", date(2026, 10, 15)),
        (zugferd_1(SAMPLE, "comfort"), "a.xml", date(2026, 10, 15)),
        (ubl(SAMPLE), "a.xml", date(2026, 10, 15)),
    ],
)
def test_each_syntax_becomes_an_invoice(
    data: bytes, name: str, due_date: date | None
) -> None:
    make.company(default_terms="NET 30")
    result = bring_one(data, name)

    assert (result.status, result.error) == (Status.IMPORTED, "")
    invoice = Invoice.objects.get()
    assert (invoice.number, invoice.kind) == ("FA-2026-0042", "invoice")
    assert (invoice.total, invoice.balance) == (Decimal("120.00"), Decimal("100.00"))
    # A MINIMUM says no due date: the terms compute it, and it is marked so.
    assert invoice.due_date == (due_date or date(2026, 10, 15))
    assert invoice.due_date_computed is (due_date is None)
    payment = Payment.objects.get()
    assert (payment.amount, payment.method) == (Decimal("20.00"), "on_invoice")
    assert invoice.source == "einvoice"


def test_the_customer_is_created_with_what_the_file_says() -> None:
    bring_one(ubl(SAMPLE), "a.xml")
    customer = Customer.objects.get()
    assert customer.name == SAMPLE.buyer
    assert (customer.siren, customer.vat_number) == ("552100554", "FR96552100554")
    assert (customer.postcode, customer.city) == ("69001", "Lyon")
    assert customer.address.splitlines()[0] == "35 rue de la République"
    assert (customer.email, customer.regime) == ("compta@etoile.example", "B2B")
    assert customer.contacts.get().name == "Zoé Martin"


@pytest.mark.parametrize(
    "known",
    [
        {"siren": "552100554"},
        {"vat_number": "FR96552100554"},
        {"name": "BOULANGERIE DE L'ETOILE ET FILS", "postcode": "69001"},
    ],
)
def test_a_known_customer_is_completed_and_not_overwritten(known) -> None:
    if "name" in known:
        known = known | {"name": SAMPLE.buyer.upper().replace("É", "E")}
    customer = make.customer(**({"email": "", "city": "Villeurbanne"} | known))
    bring_one(ubl(SAMPLE), "a.xml")
    customer = Customer.objects.get()
    assert customer.email == "compta@etoile.example"
    assert customer.city == "Villeurbanne"
    assert Invoice.objects.get().customer == customer


def test_same_name_with_another_siren_is_another_company() -> None:
    make.customer(name=SAMPLE.buyer, postcode="69001", siren="732829320")
    bring_one(ubl(SAMPLE), "a.xml")
    assert Customer.objects.count() == 2


def test_a_public_body_is_known_by_its_siren() -> None:
    data = ubl(SAMPLE).replace(b"552100554", b"110000023").replace(b"FR96", b"FR00")
    bring_one(data, "a.xml")
    assert Customer.objects.get().regime == "PUBLIC"


def test_the_pdf_is_kept_untouched() -> None:
    data = factur_x_pdf(cii(SAMPLE, "en16931"))
    bring_one(data)
    document = Invoice.objects.get().document
    assert document is not None
    assert document.sha256 == hashlib.sha256(data).hexdigest()
    assert documents.read(document) == data


def test_the_same_file_again_changes_nothing() -> None:
    files = [
        ("a.pdf", factur_x_pdf(cii(SAMPLE, "en16931"))),
        ("b.xml", ubl(replace(SAMPLE, number="FA-2", type_code="381"), "CreditNote")),
    ]
    bring(*files)
    before = counts()

    again = bring(*files)

    assert [result.status for result in again] == [Status.UNCHANGED] * 2
    assert counts() == before


def test_the_same_invoice_in_another_syntax_is_known() -> None:
    bring_one(cii(SAMPLE, "en16931"), "a.xml")
    before = counts()
    assert bring_one(ubl(SAMPLE), "b.xml").status == Status.UNCHANGED
    assert bring_one(cii(SAMPLE, "minimum"), "c.xml").status == Status.UNCHANGED
    assert counts() == before


def test_a_newer_file_updates_while_nothing_rests_on_it() -> None:
    plain = replace(SAMPLE, prepaid="0.00", payable="120.00")
    bring_one(ubl(plain), "a.xml")
    later = replace(plain, due_date="20261115", total="132.00", net="110.00")
    later = replace(later, tax="22.00", payable="132.00")

    result = bring_one(ubl(later), "b.xml")

    assert result.status == Status.UPDATED
    invoice = Invoice.objects.get()
    assert (invoice.due_date, invoice.total) == (date(2026, 11, 15), Decimal(132))
    assert invoice.balance == Decimal(132)
    words = HistoryEntry.objects.get(action="invoice.updated").words
    assert "échéance" in words
    assert "montant TTC" in words


def test_once_settled_or_reminded_a_differing_file_is_a_conflict() -> None:
    make.company()
    bring_one(ubl(SAMPLE), "a.xml")  # 20.00 already paid
    other = replace(SAMPLE, total="132.00", net="110.00", tax="22.00", payable="112.00")
    before = counts()
    result = bring_one(ubl(other), "b.xml")
    assert result.status == Status.CONFLICT
    assert "en partie réglée" in result.error
    assert counts() == before
    assert Invoice.objects.get().total == Decimal("120.00")


@pytest.mark.parametrize(
    ("reminder", "status"),
    [
        ({}, Status.CONFLICT),
        ({"channel": "email", "state": "failed"}, Status.CONFLICT),
        ({"state": "cancelled"}, Status.UPDATED),
        ({"channel": "none", "level_rank": None, "level_kind": ""}, Status.UPDATED),
    ],
)
def test_only_what_told_the_customer_keeps_a_file_from_changing_it(
    reminder: dict[str, Any], status: Status
) -> None:
    make.company()
    unpaid = replace(SAMPLE, prepaid="0.00", payable="120.00")
    bring_one(ubl(unpaid), "a.xml")
    make.reminder(Invoice.objects.get(), **reminder)
    other = replace(unpaid, total="132.00", net="110.00", tax="22.00", payable="132.00")
    assert bring_one(ubl(other), "b.xml").status == status


def test_an_invoice_entered_by_hand_is_not_overwritten() -> None:
    make.invoice(number="FA-2026-0042", total=Decimal("99.00"))
    result = bring_one(ubl(SAMPLE), "a.xml")
    assert result.status == Status.CONFLICT
    assert "saisie à la main" in result.error
    assert Customer.objects.count() == 1


@pytest.mark.parametrize("credit_first", [True, False])
def test_a_credit_note_is_linked_whichever_comes_first(credit_first: bool) -> None:
    invoice = ("a.xml", ubl(SAMPLE))
    note = replace(SAMPLE, number="AV-1", type_code="381", corrects=SAMPLE.number)
    note = replace(note, prepaid="0.00", payable="120.00")
    credit = ("b.xml", ubl(note, "CreditNote"))
    bring(*([credit, invoice] if credit_first else [invoice, credit]))

    found = Invoice.objects.get(number="AV-1")
    assert (found.kind, found.total) == ("credit_note", Decimal("120.00"))
    assert found.corrects == Invoice.objects.get(number=SAMPLE.number)
    # It settles nothing by itself, and holds reminders back meanwhile.
    assert Invoice.objects.get(number=SAMPLE.number).balance == Decimal("100.00")
    waiting = unallocated_by_customer([found.customer_id])
    assert waiting[found.customer_id, "EUR"] == Decimal("120.00")


def test_a_replaced_invoice_is_cancelled_unless_it_is_partly_settled() -> None:
    plain = replace(SAMPLE, prepaid="0.00", payable="120.00")
    bring_one(ubl(plain), "a.xml")
    new = replace(plain, number="FA-43", type_code="384", corrects=plain.number)
    assert bring_one(ubl(new), "b.xml").status == Status.IMPORTED
    assert Invoice.objects.get(number=plain.number).state == "cancelled"
    assert HistoryEntry.objects.filter(action="invoice.cancelled").count() == 1

    paid = replace(SAMPLE, number="FA-50")
    bring_one(ubl(paid), "c.xml")
    newer = replace(plain, number="FA-51", type_code="384", corrects="FA-50")
    [warning] = bring_one(ubl(newer), "d.xml").warnings
    assert "en partie réglée" in warning
    assert Invoice.objects.get(number="FA-50").state == "open"


def test_what_was_paid_above_the_total_stays_on_the_customer() -> None:
    over = replace(SAMPLE, prepaid="150.00", payable="-30.00")
    assert bring_one(ubl(over), "a.xml").status == Status.IMPORTED
    invoice = Invoice.objects.get()
    assert (invoice.balance, invoice.state) == (Decimal("0.00"), "settled")
    waiting = unallocated_by_customer([invoice.customer_id])
    assert waiting[invoice.customer_id, "EUR"] == Decimal("30.00")


def test_an_invoice_that_we_received_is_refused() -> None:
    make.company(siren="552100554", vat_number="")
    result = bring_one(ubl(SAMPLE), "a.xml")
    assert result.status == Status.REFUSED
    assert "à payer, pas à relancer" in result.error
    assert not Customer.objects.exists()


def test_another_seller_and_another_iban_are_said() -> None:
    make.company(iban="FR1420041010050500013M02606")
    warnings = " ".join(bring_one(cii(SAMPLE, "en16931"), "a.xml").warnings)
    assert "pas par votre société" in warnings
    assert "IBAN" in warnings
    assert "FR76 3000 6000 0112 3456 7890 189" in warnings


def test_bad_files_are_refused_by_name_and_the_others_go_in() -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as zipped:
        zipped.writestr("../../bonne.xml", ubl(SAMPLE))
        zipped.writestr("photo.jpg", b"\xff\xd8\xff")
    results = bring(
        ("vide.pdf", b""),
        ("protegee.pdf", pdf_with(cii(SAMPLE, "basic"), password="secret")),
        ("coupee.pdf", factur_x_pdf(cii(SAMPLE, "basic"))[:300]),
        ("lot.zip", archive.getvalue()),
        ("autre.xml", ubl(replace(SAMPLE, number="FA-99"))),
    )
    by_file = {result.file: result for result in results}
    refused = {name for name, r in by_file.items() if r.status == Status.REFUSED}
    assert refused == {"vide.pdf", "protegee.pdf", "coupee.pdf", "lot.zip/photo.jpg"}
    assert all(by_file[name].error for name in refused)
    assert by_file["lot.zip/bonne.xml"].status == Status.IMPORTED
    assert by_file["autre.xml"].status == Status.IMPORTED
    assert Invoice.objects.count() == 2


def test_the_data_of_a_result_has_the_promised_keys() -> None:
    good, bad = bring(("a.xml", ubl(SAMPLE)), ("b.xml", b"<x/>"))
    assert good.as_data() == {
        "file": "a.xml",
        "status": "imported",
        "number": "FA-2026-0042",
        "kind": "invoice",
        "issued_on": "2026-09-15",
        "due_date": "2026-10-15",
        "total": "120.00",
        "balance": "100.00",
        "currency": "EUR",
        "customer": SAMPLE.buyer,
        "error": None,
    }
    assert bad.as_data()["number"] is None
    assert bad.as_data()["error"]


@pytest.mark.skipif(not SHARED.exists(), reason="the shared samples are not here")
def test_the_public_samples_go_in_twice_without_a_change() -> None:
    files = [(path.name, path.read_bytes()) for path in sorted(SHARED.glob("*.*"))]
    first = {result.file: result for result in bring(*files)}
    before = counts()
    bring(*files)
    assert counts() == before
    invoice = first["Facture_FR_BASICWL.pdf"].invoice
    assert invoice is not None
    assert (invoice.total, invoice.balance) == (Decimal("671.15"), Decimal("470.15"))
    credit = first["Avoir_FR_type381_BASIC.pdf"].invoice
    assert credit is not None
    credit.refresh_from_db()
    assert credit.corrects == invoice
    assert first["invalid_xml_encoding.pdf"].status == Status.REFUSED
