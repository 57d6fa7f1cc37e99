"""E-invoices brought in: each file whole or not at all, the others go on."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from relance.gateways import einvoice, pdf, wording
from relance.gateways.einvoice import EInvoice, EInvoiceError
from relance.gateways.lifecycle import is_lifecycle
from relance.models import (
    Company,
    Document,
    Invoice,
    Payment,
    ReminderLine,
    Source,
    User,
)
from relance.models.money import ZERO
from relance.queries.company import company_on
from relance.services import documents, history, payments
from relance.services.copies import stamp_places
from relance.services.history import About
from relance.services.import_conflicts import in_words, why_conflict
from relance.services.import_customers import customer_of
from relance.services.import_results import Conflict, ImportResult, Status
from relance.services.import_values import COMPARED, says_the_same, values_of
from relance.services.invoice_accounts import pdf_account
from relance.services.invoices import OWN_NUMBERING, due_date_for
from relance.services.lifecycle import import_statuses
from relance.services.payments import PaymentData, Share
from relance.services.refusal import Refused

__all__ = ["ImportResult", "Status", "import_files"]


@dataclass(kw_only=True)
class _Outcome:
    status: Status
    invoice: Invoice
    warnings: list[str] = field(default_factory=list)


def import_files(
    files: Iterable[tuple[str, bytes]], *, by: User | None, now: datetime
) -> list[ImportResult]:
    """Bring files in, one by one; a ZIP counts for the files it holds.

    A file that cannot be read is refused by name with its reason, and nothing of it
    is kept. A file that was already imported changes nothing.
    """
    return [
        result
        for name, data in files
        for result in _import_file(name, data, by=by, now=now)
    ]


def _import_file(
    name: str, data: bytes, *, by: User | None, now: datetime
) -> Iterator[ImportResult]:
    try:
        for part, content in einvoice.unpack(name, data):
            shown = part if part == name else f"{name}/{part}"
            if is_lifecycle(content):
                yield from import_statuses(shown, content, by=by, now=now)
            else:
                yield _import_one(shown, content, by=by, now=now)
    except EInvoiceError as error:
        yield _refused(name, error)


def _import_one(
    name: str, data: bytes, *, by: User | None, now: datetime
) -> ImportResult:
    try:
        read = einvoice.read(data, name)
        with transaction.atomic():
            outcome = _keep(read, name, by=by, now=now)
    except EInvoiceError as error:
        return _refused(name, error)
    except Conflict as conflict:
        known = Invoice.objects.filter(numbering=OWN_NUMBERING, number=read.number)
        return ImportResult(
            file=name,
            status=Status.CONFLICT,
            invoice=known.select_related("customer").first(),
            error=conflict.message,
        )
    except Refused as refused:
        return ImportResult(file=name, status=Status.REFUSED, error=refused.message)
    return ImportResult(
        file=name,
        status=outcome.status,
        invoice=outcome.invoice,
        warnings=tuple(outcome.warnings),
    )


def _refused(name: str, error: EInvoiceError) -> ImportResult:
    words = _(error.sentence) % error.values
    return ImportResult(file=name, status=Status.REFUSED, error=words)


def _keep(read: EInvoice, name: str, *, by: User | None, now: datetime) -> _Outcome:
    """Write one e-invoice down, inside the caller's transaction."""
    ours = Company.objects.select_for_update().first()
    _refuse_our_own(read, ours)
    fingerprint = hashlib.sha256(read.xml).hexdigest()
    known = (
        Invoice.objects.locked()
        .select_related("customer")
        .filter(numbering=OWN_NUMBERING, number=read.number)
        .first()
    )
    if known is not None and says_the_same(known, read, fingerprint):
        _refuse_other_paid(known, read, fingerprint)
        return _Outcome(status=Status.UNCHANGED, invoice=known)
    found = customer_of(read.buyer, by=by, now=now)
    values = values_of(read, found.customer.pk, fingerprint)
    if values["due_date"] is None:
        values["due_date"] = due_date_for(found.customer, read.issued_on)
    warnings = [*found.warnings, *_warnings(read, ours)]
    if known is not None:
        _update(known, values, by=by, now=now)
        status, invoice = Status.UPDATED, known
    else:
        status = Status.IMPORTED
        invoice = _create(read, values, by=by, now=now)
    _keep_file(invoice, read, name, now=now)
    warnings += _link(invoice, read, by=by, now=now)
    invoice.refresh_from_db()
    warnings += _other_account(invoice, now=now)
    return _Outcome(status=status, invoice=invoice, warnings=warnings)


def _create(
    read: EInvoice, values: dict[str, object], *, by: User | None, now: datetime
) -> Invoice:
    invoice = Invoice.objects.create(
        **values,
        numbering=OWN_NUMBERING,
        number=read.number,
        balance=read.total,
        source=Source.EINVOICE,
        created_by=by,
        created_at=now,
    )
    words = _("Invoice %(number)s imported.") % {"number": invoice.number}
    about = About(invoice=invoice)
    history.record("invoice.imported", words, about=about, by=by, at=now)
    _record_paid(invoice, read, by=by, now=now)
    return invoice


def _record_paid(
    invoice: Invoice, read: EInvoice, *, by: User | None, now: datetime
) -> None:
    """What the invoice says was already paid (BT-113) enters the ledger; an excess
    stays on the customer."""
    if read.already_paid <= ZERO or invoice.is_credit_note:
        return
    data = PaymentData(
        customer=invoice.customer,
        received_on=min(invoice.issued_on, timezone.localdate(now)),
        amount=read.already_paid,
        currency=invoice.currency,
        method=Payment.Method.ON_INVOICE.value,
        reference=invoice.number,
    )
    part = min(read.already_paid, invoice.total)
    shares = [Share(invoice=invoice, amount=part)] if part > ZERO else []
    key = uuid.uuid5(uuid.NAMESPACE_OID, f"already paid {invoice.pk}")
    payments.record_payment(data, shares, key=key, by=by, now=now)


def _refuse_other_paid(known: Invoice, read: EInvoice, fingerprint: str) -> None:
    """A file that says more, or less, was already paid is for a human to settle:
    payments are recorded, never guessed from an invoice sent again."""
    said = Decimal(known.content.get("already_paid", str(read.already_paid)))
    if known.fingerprint != fingerprint and read.already_paid not in (ZERO, said):
        raise Conflict(
            _(
                "Invoice %(number)s says that %(paid)s was already paid, where the "
                "first file said %(before)s: record the payment by hand."
            )
            % {"number": known.number, "paid": read.already_paid, "before": said}
        )


def _update(
    known: Invoice, values: dict[str, object], *, by: User | None, now: datetime
) -> None:
    """Bring an invoice to what a newer file says, while nothing rests on it."""
    changed = [name for name in COMPARED if getattr(known, name) != values[name]]
    why = why_conflict(
        known,
        changed,
        reminded=ReminderLine.objects.telling().filter(invoice=known).exists(),
        settled=known.allocations.exists() or known.given_allocations.exists(),
    )
    if why:
        raise Conflict(why)
    said = {"number": known.number, "what": in_words(changed)}
    for name, value in values.items():
        setattr(known, name, value)
    known.save()
    payments.settle(known)
    words = _("Invoice %(number)s updated by an import: %(what)s.") % said
    history.record("invoice.updated", words, about=About(invoice=known), by=by, at=now)


def _refuse_our_own(read: EInvoice, ours: Company | None) -> None:
    """An invoice that we received is no receivable."""
    if ours is None:
        return
    buyer = read.buyer
    siren = buyer.siren or buyer.siret[:9]
    same_siren = siren and siren == ours.siren
    same_vat = buyer.vat and buyer.vat == ours.vat_number
    if same_siren or same_vat:
        raise Refused(
            _(
                "Invoice %(number)s is addressed to your own company by %(seller)s: it "
                "is one to pay, not to follow up."
            )
            % {"number": read.number, "seller": read.seller.name}
        )


def _warnings(read: EInvoice, ours: Company | None) -> Iterator[str]:
    if read.kind == einvoice.Kind.CREDIT_NOTE and read.already_paid > ZERO:
        yield _("This credit note was partly refunded: check what is left of it.")
    if ours is None:
        return
    if ours.siren and read.seller.siren and read.seller.siren != ours.siren:
        words = _("Issued by %(seller)s, not by your company.")
        yield words % {"seller": read.seller.name}


def _other_account(invoice: Invoice, *, now: datetime) -> Iterator[str]:
    ours = company_on(timezone.localdate(now))
    other = invoice.other_iban(ours=ours.iban) if ours else ""
    if other:
        words = _("The IBAN on this invoice is not your company's: %(iban)s.")
        yield words % {"iban": wording.iban(other)}


def _keep_file(invoice: Invoice, read: EInvoice, name: str, *, now: datetime) -> None:
    """Keep the PDF untouched, or the XML when there is none."""
    if read.pdf is None:
        documents.keep(
            documents.NewFile(
                data=read.xml,
                kind=Document.Kind.EINVOICE,
                name=name.rsplit("/", 1)[-1][:200],
                media_type="application/xml",
            ),
            now=now,
        )
        return
    document = documents.keep(
        documents.NewFile(
            data=read.pdf,
            kind=Document.Kind.INVOICE,
            name=name.rsplit("/", 1)[-1][:200],
            pages=pdf.page_count(read.pdf),
            stamp_places=stamp_places(read.pdf),
        ),
        now=now,
    )
    invoice.document, invoice.pdf_iban = document, pdf_account(read.pdf)
    invoice.save(update_fields=["document", "pdf_iban"])


def _link(
    invoice: Invoice, read: EInvoice, *, by: User | None, now: datetime
) -> list[str]:
    """Link a credit note or a correction to its invoice, whichever came first.

    Nothing is set against anything: an open credit note holds reminders back until
    somebody says what it settles. A replaced invoice is cancelled if nothing rests
    on it.
    """
    warnings = []
    same = Invoice.objects.filter(
        numbering=OWN_NUMBERING, customer=invoice.customer_id
    ).exclude(pk=invoice.pk)
    earlier = same.filter(number=invoice.corrects_number).first()
    if invoice.corrects_number and earlier is not None:
        warnings += _correct(invoice, earlier, by=by, now=now)
    for later in same.filter(corrects_number=invoice.number, corrects=None):
        warnings += _correct(later, invoice, by=by, now=now)
    return warnings


def _correct(
    later: Invoice, earlier: Invoice, *, by: User | None, now: datetime
) -> list[str]:
    later.corrects = earlier
    later.save(update_fields=["corrects"])
    if later.kind != Invoice.Kind.REPLACEMENT or earlier.state != Invoice.State.OPEN:
        return []
    said = {"number": earlier.number, "by": later.number}
    if earlier.allocations.exists():
        words = _("Invoice %(number)s is replaced by %(by)s but is partly settled.")
        return [words % said]
    earlier.state = Invoice.State.CANCELLED
    earlier.save(update_fields=["state"])
    words = _("Invoice %(number)s cancelled: replaced by %(by)s.") % said
    about = About(invoice=earlier)
    history.record("invoice.cancelled", words, about=about, by=by, at=now)
    return []
