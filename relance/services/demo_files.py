"""The files of the demonstration: e-invoices brought in, a letter and an e-mail."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from relance.gateways import mail, typesetter
from relance.gateways.einvoice_writer import factur_x
from relance.models import Company, Customer, Invoice, MailAccount, Reminder, User
from relance.services import copies, demo_data, documents, imports, mail_batches

SEEDS = demo_data.NAMES.parent


def import_einvoices(*, by: User, now: datetime, today: date) -> int:
    """Bring four real e-invoice files in: Factur-X, CII, UBL, and a credit note."""
    buyers = [c for c in Customer.objects.order_by("pk") if c.vat_number][2:5]
    files = []
    for rank, (buyer, kind) in enumerate(
        zip([*buyers, buyers[0]], ("pdf", "cii", "ubl", "credit"), strict=True)
    ):
        number = f"{'AV' if kind == 'credit' else 'FX'}{today:%y%m}-{rank + 1:03d}"
        first = f"FX{today:%y%m}-001"
        xml = _einvoice(buyer, number, kind, corrects=first, today=today)
        name = f"{number}.{'pdf' if kind in ('pdf', 'credit') else 'xml'}"
        data = xml
        if name.endswith(".pdf"):
            data = factur_x(_cover(buyer, number), xml)
        files.append((name, data))
    results = imports.import_files(files, by=by, now=now)
    return sum(result.status == imports.Status.IMPORTED for result in results)


def _einvoice(
    buyer: Customer, number: str, kind: str, *, corrects: str, today: date
) -> bytes:
    syntax = "ubl" if kind == "ubl" else "cii"
    text = (SEEDS / f"facture.{syntax}.xml").read_text(encoding="utf-8")
    if kind != "credit":
        text = re.sub(
            r"(?s)<(ram:InvoiceReferencedDocument|a:BillingReference)>.*?</\1>",
            "",
            text,
        )
    due = today - timedelta(days=-20 if kind == "credit" else 18)
    issued = due - timedelta(days=30)
    shape = "%Y-%m-%d" if syntax == "ubl" else "%Y%m%d"
    values = {
        "NUMBER": number,
        "TYPE": "381" if kind == "credit" else "380",
        "ISSUED": issued.strftime(shape),
        "DUE": due.strftime(shape),
        "NET": "200.00" if kind == "credit" else "1450.00",
        "TAX": "40.00" if kind == "credit" else "290.00",
        "TOTAL": "240.00" if kind == "credit" else "1740.00",
        "BUYER": buyer.name.replace("&", "&amp;"),
        "SIREN": buyer.siren,
        "VAT": buyer.vat_number,
        "CORRECTS": corrects,
    }
    for name, value in values.items():
        text = text.replace(f"@{name}@", value)
    return text.encode()


def _cover(buyer: Customer, number: str) -> bytes:
    invoice = Invoice(
        number=number,
        customer=buyer,
        issued_on=date(2026, 1, 1),
        due_date=date(2026, 1, 1),
        total=Decimal("1740.00"),
    )
    bare = copies.invoice_copy(invoice, Company.objects.get())
    return typesetter.invoice_pdf(replace(bare, mark="", facts=()))


def example_letter(letter: Reminder) -> Path:
    """Put a copy of the letter under a name that one finds."""
    if letter.document is None:
        raise ValueError("a letter that was made has a document")
    folder = Path(settings.DATA) / "exemples"
    folder.mkdir(exist_ok=True)
    path = folder / letter.document.name
    path.write_bytes(documents.read(letter.document))
    return path


def example_email(reminder: Reminder, *, now: datetime) -> Path:
    """Write the e-mail as it would leave, were there a mail account."""
    # Never saved: with an account, the demonstration's e-mails would leave.
    account = MailAccount(
        sender_email=demo_data.COMPANY.email, sender_name=demo_data.COMPANY.name
    )
    data = mail.build(
        mail_batches.composed(reminder.message, account), date=timezone.localtime(now)
    )
    path = Path(settings.DATA) / "exemples" / f"{reminder.reference}_E-mail.eml"
    path.write_bytes(data)
    return path
