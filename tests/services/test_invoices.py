"""Invoices entered by hand, changed, closed, and what stands against it."""

from __future__ import annotations

import io
import uuid
from datetime import date
from decimal import Decimal

import pikepdf
import pytest
from django.db import IntegrityError, transaction

from relance.models import Channel, Document, HistoryEntry, Invoice, Level, Source
from relance.models.money import LARGEST
from relance.services import documents, invoices, payments, reminders
from relance.services.drafts import Wish
from relance.services.invoices import InvoiceData
from relance.services.payments import Share
from relance.services.refusal import Refused
from tests import make
from tests.make import NOW, TODAY

pytestmark = pytest.mark.django_db

D = Decimal


def data_of(invoice: Invoice, **values) -> InvoiceData:
    kept = {
        "customer": invoice.customer,
        "number": invoice.number,
        "issued_on": invoice.issued_on,
        "due_date": invoice.due_date,
        "total": invoice.total,
    }
    return InvoiceData(**(kept | values))


def edit(invoice: Invoice, *, by=None, **values) -> Invoice:
    return invoices.edit_invoice(invoice, data_of(invoice, **values), by=by, now=NOW)


def pdf() -> bytes:
    file = pikepdf.new()
    file.add_blank_page()
    out = io.BytesIO()
    file.save(out)
    return out.getvalue()


def test_an_invoice_is_entered_with_all_it_says() -> None:
    customer, alice = make.customer(), make.user()
    data = InvoiceData(
        customer=customer,
        number=" FA-12 ",
        issued_on=date(2026, 9, 1),
        due_date=date(2026, 9, 30),
        total=D("1200.00"),
        subject=" Portes ",
        customer_reference=" BC-7 ",
        iban="FR76 3000 6000 0112 3456 7890 189",
    )

    made = invoices.create_invoice(data, by=alice, now=NOW)

    made.refresh_from_db()
    assert (made.number, made.subject, made.customer_reference) == (
        "FA-12",
        "Portes",
        "BC-7",
    )
    assert made.iban == "FR7630006000011234567890189"
    assert (made.balance, made.state, made.source) == (D("1200.00"), "open", "hand")
    assert (made.created_by, made.created_at) == (alice, NOW)
    assert not made.due_date_computed
    entry = HistoryEntry.objects.get(action="invoice.created")
    assert (entry.invoice, entry.customer, entry.user) == (made, customer, alice)
    assert "FA-12" in entry.words


@pytest.mark.parametrize(
    ("company", "customers_own", "due"),
    [
        (None, "", date(2026, 10, 1)),
        ("NET 45", "", date(2026, 10, 16)),
        ("NET 45", "NET 10", date(2026, 9, 11)),
    ],
)
def test_the_terms_give_the_due_date(company, customers_own, due) -> None:
    if company:
        make.company(default_terms=company)
    customer = make.customer(payment_terms=customers_own)

    made = make.invoice(customer, issued_on=date(2026, 9, 1), due_date=None)

    assert (made.due_date, made.due_date_computed) == (due, True)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"number": "  "}, "number"),
        ({"total": D("0.00")}, "total"),
        ({"total": D("-1.00")}, "total"),
        ({"total": LARGEST + D("0.01")}, "total"),
        ({"currency": "XXQ"}, "currency"),
        ({"currency": "TND"}, "currency"),
        ({"due_date": date(2026, 8, 31)}, "due_date"),
        ({"iban": "FR7630006000011234567890188"}, "iban"),
    ],
)
def test_what_no_invoice_says(values: dict, field: str) -> None:
    known = make.invoice()
    for attempt in (make.invoice, lambda **bad: edit(known, **bad)):
        with pytest.raises(Refused) as caught:
            attempt(**values)
        assert caught.value.field == field
        assert caught.value.message
    assert Invoice.objects.count() == 1


def test_a_number_is_given_once() -> None:
    known = make.invoice(number="FA-1")
    other = make.invoice(number="FA-2")
    for attempt in (
        lambda: make.invoice(number="FA-1"),
        lambda: edit(other, number="FA-1"),
    ):
        with pytest.raises(Refused) as caught:
            attempt()
        assert caught.value.field == "number"
        assert "FA-1" in caught.value.message
        assert known.customer.name in caught.value.message
    other.refresh_from_db()
    assert other.number == "FA-2"


def test_a_correction_is_about_an_invoice_of_the_same_customer() -> None:
    invoice = make.invoice()
    with pytest.raises(Refused, match="autre client") as caught:
        make.invoice(kind="credit_note", corrects=invoice)
    assert caught.value.field == "corrects_number"
    with pytest.raises(Refused, match="elle-même"):
        edit(invoice, corrects=invoice)
    credit = make.invoice(invoice.customer, kind="credit_note", corrects=invoice)
    assert credit.corrects == invoice


def test_an_invoice_is_changed_with_its_balance() -> None:
    invoice, alice = make.invoice(), make.user()

    changed = edit(invoice, total=D("900.00"), number="FA-bis", by=alice)

    invoice.refresh_from_db()
    assert changed == invoice
    assert (invoice.total, invoice.balance) == (D("900.00"), D("900.00"))
    entry = HistoryEntry.objects.get(action="invoice.changed")
    assert (entry.invoice, entry.user) == (invoice, alice)
    assert "FA-bis" in entry.words


def test_what_depends_on_an_invoice_keeps_it_as_it_is() -> None:
    make.company()
    imported, paid, closed, reminded = (make.invoice() for _ in range(4))
    Invoice.objects.filter(pk=imported.pk).update(source=Source.EINVOICE)
    payment = make.payment(paid)
    invoices.cancel_invoice(closed, "doublon", by=None, now=NOW)
    wish = Wish(invoice=reminded, channel=Channel.EMAIL)
    reminders.remind(wish, key=uuid.uuid4(), by=None, now=NOW, today=TODAY)
    credit = make.invoice(paid.customer, kind="credit_note", total=D("9.00"))
    share = Share(invoice=paid, amount=D("1.00"))
    given = payments.allocate(credit, share, by=None, now=NOW)

    said = []
    for invoice in (imported, paid, closed, reminded, credit):
        with pytest.raises(Refused) as caught:
            edit(invoice, total=D("1.00"))
        said.append(caught.value.message)
    assert len(set(said)) == 4
    assert said[1] == said[4]

    # Once everything is taken back, it may be changed again.
    for allocation in (payment.allocations.get(), given):
        payments.undo_allocation(allocation, by=None, now=NOW)
    changed = edit(paid, total=D("5.00"))
    assert changed.balance == D("5.00")
    assert invoices.why_not_editable(changed) == ""


def test_a_pdf_is_joined_and_another_replaces_it() -> None:
    make.company()
    invoice, alice = make.invoice(), make.user()

    first = invoices.attach_pdf(invoice, pdf(), "FA.pdf", by=alice, now=NOW)
    second = invoices.attach_pdf(invoice, pdf(), "FA-2.pdf", by=alice, now=NOW)
    # Where its stamps go is looked for once.
    stamps = Level.objects.exclude(stamp="").values_list("stamp", flat=True)
    assert stamps
    assert second.stamp_places.keys() == set(stamps)

    invoice.refresh_from_db()
    assert (invoice.document, second.pages) == (second, 1)
    assert (second.kind, second.name) == (Document.Kind.INVOICE, "FA-2.pdf")
    assert documents.read(first).startswith(b"%PDF")
    entry = HistoryEntry.objects.filter(action="invoice.pdf").first()
    assert (entry.invoice, entry.user) == (invoice, alice)


def test_what_is_no_pdf_is_refused() -> None:
    invoice = make.invoice()
    with pytest.raises(Refused) as caught:
        invoices.attach_pdf(invoice, b"PK\x03\x04", "FA.docx", by=None, now=NOW)
    assert caught.value.field == "pdf"
    assert "FA.docx" in caught.value.message
    assert not Document.objects.exists()


@pytest.mark.parametrize(
    ("close", "state", "word"),
    [
        (invoices.cancel_invoice, "cancelled", "annulée"),
        (invoices.write_off, "abandoned", "perte"),
    ],
)
def test_an_invoice_is_closed_with_a_reason_and_reopened(close, state, word) -> None:
    invoice, alice = make.invoice(), make.user()
    with pytest.raises(Refused) as caught:
        close(invoice, "  ", by=alice, now=NOW)
    assert caught.value.field == "why"

    close(invoice, " doublon ", by=alice, now=NOW)

    invoice.refresh_from_db()
    assert (invoice.state, invoice.balance) == (state, D("1200.00"))
    assert not invoice.is_unpaid
    entry = HistoryEntry.objects.get(action=f"invoice.{state}")
    assert (entry.invoice, entry.user) == (invoice, alice)
    assert entry.words.endswith("doublon")
    for again in (invoices.cancel_invoice, invoices.write_off):
        with pytest.raises(Refused, match="déjà"):
            again(invoice, "encore", by=None, now=NOW)

    invoices.reopen(invoice, by=alice, now=NOW)

    invoice.refresh_from_db()
    assert invoice.is_unpaid
    assert HistoryEntry.objects.get(action="invoice.reopened").user == alice
    with pytest.raises(Refused):
        invoices.reopen(invoice, by=None, now=NOW)


def test_what_was_settled_is_neither_cancelled_nor_written_off() -> None:
    part, paid = make.invoice(), make.invoice(total=D("100.00"))
    make.payment(part)
    make.payment(paid)
    credit = make.invoice(part.customer, kind="credit_note", total=D("9.00"))
    share = Share(invoice=part, amount=D("9.00"))
    payments.allocate(credit, share, by=None, now=NOW)

    for invoice in (part, paid, credit):
        with pytest.raises(Refused, match="affecté"):
            invoices.cancel_invoice(invoice, "erreur", by=None, now=NOW)
    with pytest.raises(Refused, match="reste rien"):
        invoices.write_off(paid, "erreur", by=None, now=NOW)
    invoices.write_off(part, "liquidation", by=None, now=NOW)


def test_an_invoice_of_nothing_reopens_as_settled() -> None:
    invoice = make.invoice()
    invoices.cancel_invoice(invoice, "x", by=None, now=NOW)
    Invoice.objects.filter(pk=invoice.pk).update(total=D("0.00"), balance=D("0.00"))

    assert invoices.reopen(invoice, by=None, now=NOW).state == "settled"


def test_the_table_refuses_by_itself() -> None:
    known = make.invoice()
    wrong = [
        {"number": known.number},
        {"due_date": date(2026, 8, 31)},
        {"balance": D("-0.01")},
        {"balance": D("10.01")},
        {"total": D("-1.00"), "balance": D("-1.00")},
    ]
    for values in wrong:
        row = {
            "customer": known.customer,
            "number": "X",
            "issued_on": date(2026, 9, 1),
            "due_date": date(2026, 9, 1),
            "total": D("10.00"),
            "balance": D("10.00"),
            "created_at": NOW,
        }
        with pytest.raises(IntegrityError), transaction.atomic():
            Invoice.objects.create(**(row | values))
