"""The PDF of an invoice: the one that was received, else a clean copy."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation

from django.utils.translation import gettext as _
from django.utils.translation import override

from relance.gateways import pdf, typesetter, wording
from relance.gateways.free_place import Place
from relance.models import Company, Document, Invoice, Level
from relance.queries.company import company
from relance.services import addressing, documents, letterhead


@dataclass(frozen=True, kw_only=True)
class InvoicePdf:
    """An invoice as it can be joined; a copy has no document yet."""

    data: bytes
    document: Document | None = None
    # Why a copy was made although a PDF was received; empty otherwise.
    remark: str = ""


@dataclass(frozen=True, kw_only=True)
class InvoiceFile:
    """What goes behind a letter or with an e-mail, kept."""

    document: Document
    data: bytes
    remark: str = ""

    @property
    def places(self) -> dict[str, Place | None]:
        """Where stamps go on it, as far as that was looked for."""
        return {
            stamp: place and Place(left=place[0], bottom=place[1], scale=place[2])
            for stamp, place in self.document.stamp_places.items()
        }


def invoice_file(invoice: Invoice, *, now: datetime) -> InvoiceFile:
    """Return the invoice to join, after keeping the copy when one had to be made."""
    found = invoice_pdf(invoice)
    document = found.document or documents.keep(
        documents.NewFile(
            data=found.data,
            kind=Document.Kind.INVOICE_COPY,
            name=copy_name(invoice),
            pages=pdf.page_count(found.data),
            stamp_places=stamp_places(found.data),
        ),
        now=now,
    )
    return InvoiceFile(document=document, data=found.data, remark=found.remark)


def stamp_places(data: bytes) -> dict[str, list[float] | None]:
    """Return where each stamp of the levels goes on an invoice, to be kept with it:
    a mass run then has nothing to look for. Empty for a file that cannot be read."""
    stamps = Level.objects.exclude(stamp="").values_list("stamp", flat=True)
    try:
        found = {stamp: pdf.stamp_place(data, stamp) for stamp in set(stamps)}
    except pdf.UnreadablePdf:
        return {}
    return {
        stamp: [place.left, place.bottom, place.scale] if place else None
        for stamp, place in found.items()
    }


def invoice_pdf(invoice: Invoice) -> InvoicePdf:
    """Return the invoice's own PDF, untouched; a copy, marked so, when there is
    none or when it cannot be read. Saves nothing."""
    remark = ""
    if invoice.document is not None:
        data = documents.read(invoice.document)
        try:
            # Looked into when it came in, and unchanged since.
            if invoice.document.pages is None:
                pdf.inspect(data)
        except pdf.UnreadablePdf as unreadable:
            remark = _(
                "The PDF of invoice %(number)s cannot be read (%(why)s): a copy "
                "made from its data is joined instead."
            ) % {"number": invoice.number, "why": unreadable}
        else:
            return InvoicePdf(data=data, document=invoice.document)
    data = typesetter.invoice_pdf(invoice_copy(invoice, company()))
    return InvoicePdf(data=data, remark=remark)


def copy_name(invoice: Invoice) -> str:
    """Return the name under which a customer receives the invoice."""
    safe = re.sub(r"[^\w.-]+", "-", invoice.number).strip("-.") or str(invoice.pk)
    return f"Facture_{safe}_copie.pdf"


def invoice_copy(invoice: Invoice, ours: Company) -> typesetter.InvoiceCopy:
    """Return the invoice's data as the page that ``typst/invoice.typ`` sets."""
    customer, language = invoice.customer, invoice.customer.language
    lines = _lines(invoice, language)
    with override(language):
        return typesetter.InvoiceCopy(
            sender=letterhead.sender(ours),
            address=wording.postal_address(
                wording.PostalAddress(
                    name=addressing.debtor_name(customer),
                    street=customer.address,
                    postcode=customer.postcode,
                    town=customer.city,
                    country=customer.country,
                ),
                sender_country=ours.country,
                language=language,
            ),
            title=f"{_kind(invoice)} {invoice.number}",
            mark=_("Copy"),
            facts=tuple((label, value) for label, value in _facts(invoice) if value),
            header=(
                _("Description"),
                _("Quantity"),
                _("Unit price"),
                _("Amount excl. VAT"),
            )
            if lines
            else (),
            rows=lines,
            aligns=("left", "right", "right", "right") if lines else (),
            totals=_totals(invoice, language),
            footer=letterhead.footer(ours),
            language=language,
        )


def _kind(invoice: Invoice) -> str:
    return {
        Invoice.Kind.DEPOSIT: _("Deposit invoice"),
        Invoice.Kind.REPLACEMENT: _("Corrected invoice"),
        Invoice.Kind.CREDIT_NOTE: _("Credit note"),
    }.get(Invoice.Kind(invoice.kind), _("Invoice"))


def _facts(invoice: Invoice) -> tuple[tuple[str, str], ...]:
    service = invoice.service_date
    return (
        (_("Invoice date"), wording.short_date(invoice.issued_on)),
        (_("Service date"), wording.short_date(service) if service else ""),
        (_("Due date"), wording.short_date(invoice.due_date)),
        (_("Your reference"), invoice.customer_reference),
        (_("Customer"), invoice.customer.code),
        (_("Subject"), invoice.subject),
    )


def _lines(invoice: Invoice, language: str) -> tuple[tuple[str, ...], ...]:
    rows = []
    for line in invoice.content.get("lines", ()):
        rows.append(
            (
                str(line.get("description", "")),
                str(line.get("quantity", "")),
                _amount(line.get("unit_price"), invoice.currency, language),
                _amount(line.get("net"), invoice.currency, language),
            )
        )
    return tuple(rows)


def _totals(invoice: Invoice, language: str) -> tuple[tuple[str, str], ...]:
    rows = [
        (_("Total excl. VAT"), invoice.content.get("net_total")),
        (_("VAT"), invoice.content.get("tax_total")),
        (_("Total incl. VAT"), str(invoice.total)),
    ]
    return tuple(
        (label, _amount(value, invoice.currency, language))
        for label, value in rows
        if value is not None
    )


def _amount(value: object, currency: str, language: str) -> str:
    """Word an amount of the invoice's content; what is no amount shows nothing."""
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        return ""
    return wording.money(amount, currency=currency, language=language)
