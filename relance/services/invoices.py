"""Invoices entered by hand, their PDF, and what becomes of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from stdnum import iban as iban_number
from stdnum.exceptions import ValidationError as NumberError

from relance.gateways import pdf
from relance.models import (
    Company,
    Customer,
    Document,
    HistoryEntry,
    Invoice,
    ReminderLine,
    Source,
    User,
)
from relance.models.money import LARGEST, ZERO
from relance.rules.delays import PaymentTerms, parse_terms
from relance.services import documents, history
from relance.services.copies import stamp_places
from relance.services.currencies import check_currency
from relance.services.customers import who_now
from relance.services.history import About
from relance.services.invoice_accounts import pdf_account
from relance.services.refusal import Refused

OWN_NUMBERING = "own"
STANDARD_TERMS = "NET 30"


@dataclass(frozen=True, kw_only=True)
class InvoiceData:
    """What an invoice's form says; no due date: the customer's terms compute it."""

    customer: Customer
    number: str
    issued_on: date
    total: Decimal
    kind: str = Invoice.Kind.INVOICE.value
    due_date: date | None = None
    service_date: date | None = None
    currency: str = "EUR"
    subject: str = ""
    customer_reference: str = ""
    payment_mode: str = Invoice.PaymentMode.TRANSFER.value
    corrects: Invoice | None = None
    iban: str = ""


@transaction.atomic
def create_invoice(data: InvoiceData, *, by: User | None, now: datetime) -> Invoice:
    """Enter an invoice by hand."""
    invoice = Invoice(
        **_checked(data),
        numbering=OWN_NUMBERING,
        balance=data.total,
        source=Source.HAND,
        created_by=by,
        created_at=now,
    )
    _save_once(invoice)
    words = _("Invoice %(number)s entered by hand.") % {"number": invoice.number}
    history.record(
        "invoice.created", words, about=About(invoice=invoice), by=by, at=now
    )
    return invoice


@transaction.atomic
def edit_invoice(
    invoice: Invoice, data: InvoiceData, *, by: User | None, now: datetime
) -> Invoice:
    """Change an invoice entered by hand, until something depends on it."""
    locked = _locked(invoice)
    why_not = why_not_editable(locked)
    if why_not:
        raise Refused(why_not)
    if data.corrects == locked:
        raise Refused(_("An invoice does not correct itself."), field="corrects_number")
    for name, value in _checked(data).items():
        setattr(locked, name, value)
    locked.balance = data.total
    _save_once(locked)
    words = _("Invoice %(number)s changed.") % {"number": locked.number}
    history.record("invoice.changed", words, about=About(invoice=locked), by=by, at=now)
    return locked


def why_not_editable(invoice: Invoice) -> str:
    """Return why an invoice may no longer be changed, empty when it may."""
    if invoice.source != Source.HAND:
        return _("This invoice was imported: it is changed where it comes from.")
    if invoice.state in (Invoice.State.CANCELLED, Invoice.State.ABANDONED):
        return _("This invoice is cancelled or written off.")
    if invoice.balance != invoice.total:
        return _("A payment or a credit note is set against it: take that back first.")
    if ReminderLine.objects.telling().filter(invoice=invoice).exists():
        return _("It was already reminded: what was sent must stay true.")
    return ""


def attach_pdf(
    invoice: Invoice, data: bytes, name: str, *, by: User | None, now: datetime
) -> Document:
    """Keep the PDF of an invoice; the one it replaces stays in the store."""
    try:
        facts = pdf.inspect(data)
        places = stamp_places(data)
        account = pdf_account(data)
    except pdf.UnreadablePdf as error:
        raise Refused(
            _("%(name)s cannot be used: %(why)s") % {"name": name, "why": error.reason},
            field="pdf",
        ) from error
    with transaction.atomic():
        locked = _locked(invoice)
        document = documents.keep(
            documents.NewFile(
                data=data,
                kind=Document.Kind.INVOICE,
                name=name,
                pages=facts.pages,
                stamp_places=places,
            ),
            now=now,
        )
        locked.document, locked.pdf_iban = document, account
        locked.save(update_fields=["document", "pdf_iban"])
        words = _("PDF of invoice %(number)s joined.") % {"number": locked.number}
        history.record("invoice.pdf", words, about=About(invoice=locked), by=by, at=now)
    return document


@transaction.atomic
def cancel_invoice(
    invoice: Invoice, why: str, *, by: User | None, now: datetime
) -> Invoice:
    """Cancel an invoice that nothing has settled: it is no longer reminded."""
    locked = _locked(invoice)
    _check_ours(locked)
    if locked.balance != locked.total:
        raise Refused(
            _("A payment or a credit note is set against it: take that back first.")
        )
    return _close(locked, Invoice.State.CANCELLED, why, by=by, now=now)


@transaction.atomic
def write_off(invoice: Invoice, why: str, *, by: User | None, now: datetime) -> Invoice:
    """Give up what is left to pay: it is no longer reminded."""
    locked = _locked(invoice)
    _check_ours(locked)
    if locked.state == Invoice.State.SETTLED:
        raise Refused(_("Nothing is left to pay."))
    return _close(locked, Invoice.State.ABANDONED, why, by=by, now=now)


@transaction.atomic
def reopen(invoice: Invoice, *, by: User | None, now: datetime) -> Invoice:
    """Take a cancellation or a write-off back."""
    locked = _locked(invoice)
    _check_ours(locked)
    if locked.state not in (Invoice.State.CANCELLED, Invoice.State.ABANDONED):
        raise Refused(_("This invoice is neither cancelled nor written off."))
    paid = locked.balance == ZERO
    locked.state = Invoice.State.SETTLED if paid else Invoice.State.OPEN
    locked.save(update_fields=["state"])
    words = _("Invoice %(number)s is followed up again.") % {"number": locked.number}
    history.record(
        "invoice.reopened", words, about=About(invoice=locked), by=by, at=now
    )
    return locked


def _check_ours(invoice: Invoice) -> None:
    """Refuse what a synchronisation would take back."""
    if invoice.source == Source.DOLIBARR:
        raise Refused(
            _(
                "This invoice comes from Dolibarr: change it there, then synchronise. "
                "Here its reminders may be suspended."
            )
        )


def due_date_for(customer: Customer, issued_on: date) -> date:
    """Return the due date that the customer's terms give, else the company's."""
    return terms_of(customer).due_date(issued_on)


def terms_of(customer: Customer | None) -> PaymentTerms:
    """Return the terms of a customer, or of one who is new: the company's."""
    if customer is not None and customer.payment_terms:
        return parse_terms(customer.payment_terms)
    ours = Company.objects.first()
    return parse_terms(ours.default_terms if ours else STANDARD_TERMS)


def _close(
    locked: Invoice, state: Invoice.State, why: str, *, by: User | None, now: datetime
) -> Invoice:
    if not why.strip():
        raise Refused(_("Say why."), field="why")
    if locked.state not in (Invoice.State.OPEN, Invoice.State.SETTLED):
        raise Refused(_("This invoice is already cancelled or written off."))
    locked.state = state
    locked.save(update_fields=["state"])
    said = {"number": locked.number, "why": why.strip()}
    if state == Invoice.State.CANCELLED:
        words = _("Invoice %(number)s cancelled: %(why)s") % said
    else:
        words = _("Invoice %(number)s written off: %(why)s") % said
    action = f"invoice.{state.value}"
    entry: HistoryEntry = history.record(
        action, words, about=About(invoice=locked), by=by, at=now
    )
    return entry.invoice or locked


def _checked(data: InvoiceData) -> dict[str, object]:
    """Return the values to store; raise Refused on the first that is wrong."""
    number = data.number.strip()
    if not number:
        raise Refused(_("Enter the invoice number."), field="number")
    if not ZERO < data.total <= LARGEST:
        raise Refused(_("Enter an amount above zero."), field="total")
    check_currency(data.currency)
    due_date = data.due_date or due_date_for(data.customer, data.issued_on)
    if due_date < data.issued_on:
        raise Refused(_("The due date is before the invoice date."), field="due_date")
    corrects = data.corrects
    if corrects is not None and corrects.customer_id != data.customer.pk:
        raise Refused(
            _("The invoice belongs to another customer."), field="corrects_number"
        )
    return {
        "customer": who_now(data.customer),
        "number": number,
        "kind": data.kind,
        "issued_on": data.issued_on,
        "due_date": due_date,
        "due_date_computed": data.due_date is None,
        "service_date": data.service_date,
        "currency": data.currency,
        "total": data.total,
        "subject": data.subject.strip(),
        "customer_reference": data.customer_reference.strip(),
        "payment_mode": data.payment_mode,
        "corrects": corrects,
        "iban": _iban(data.iban),
    }


def _iban(value: str) -> str:
    if not value.strip():
        return ""
    try:
        return str(iban_number.validate(value))
    except NumberError as error:
        raise Refused(
            _("%(value)s is not a valid IBAN: check its digits.")
            % {"value": value.strip()},
            field="iban",
        ) from error


def _save_once(invoice: Invoice) -> None:
    """Save; the table itself says whether the number is taken, even of two at once."""
    try:
        with transaction.atomic():
            invoice.save()
    except IntegrityError as error:
        same = Invoice.objects.filter(numbering=OWN_NUMBERING, number=invoice.number)
        other = same.exclude(pk=invoice.pk).select_related("customer").get()
        raise Refused(
            _("Invoice %(number)s already exists: %(customer)s.")
            % {"number": other.number, "customer": other.customer},
            field="number",
        ) from error


def _locked(invoice: Invoice) -> Invoice:
    return (
        Invoice.objects.select_for_update(of=("self",))
        .select_related("customer")
        .get(pk=invoice.pk)
    )
