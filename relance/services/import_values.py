"""What an e-invoice says, as the columns of an invoice."""

from __future__ import annotations

from decimal import Decimal

from relance.gateways.einvoice import EInvoice
from relance.models import Invoice

# What makes a newer file differ; the rest may change without a word.
COMPARED = (
    "customer_id",
    "kind",
    "issued_on",
    "due_date",
    "service_date",
    "total",
    "currency",
    "customer_reference",
)

LABELS = {
    column.attname: column.verbose_name for column in Invoice._meta.concrete_fields
}


def values_of(read: EInvoice, customer: int, fingerprint: str) -> dict[str, object]:
    """Return the columns of the invoice; a due date that is not said is None."""
    values: dict[str, object] = {
        "customer_id": customer,
        "kind": read.kind.value,
        "issued_on": read.issued_on,
        "due_date": read.due_date,
        "due_date_computed": read.due_date is None,
        "service_date": read.service_date,
        "currency": read.currency,
        "total": read.total,
        "customer_reference": _reference(read),
        "iban": read.payment.iban[:34],
        "corrects_number": read.preceding[0].number[:60] if read.preceding else "",
        "content": _content(read),
        "fingerprint": fingerprint,
    }
    if read.payment_mode is not None:
        values["payment_mode"] = read.payment_mode.value
    return values


def _reference(read: EInvoice) -> str:
    found = read.order_reference or read.buyer_reference or read.contract_reference
    return found[:100]


def _content(read: EInvoice) -> dict[str, object]:
    """Return lines and VAT, for a copy when there is no PDF; amounts as text."""

    def text(amount: Decimal | None) -> str | None:
        return None if amount is None else str(amount)

    return {
        "seller": read.seller.name,
        "already_paid": str(read.already_paid),
        "net_total": text(read.total_net),
        "tax_total": text(read.total_tax),
        "lines": [
            {
                "description": line.description,
                "quantity": "" if line.quantity is None else f"{line.quantity:f}",
                "unit_price": text(line.unit_price),
                "net": text(line.net),
            }
            for line in read.lines
        ],
    }


def says_the_same(known: Invoice, read: EInvoice, fingerprint: str) -> bool:
    """Whether a file brings nothing new: the same file, or another that says the
    same as far as it says anything (a MINIMUM has no due date)."""
    if known.fingerprint == fingerprint:
        return True
    said = {
        "kind": read.kind.value,
        "issued_on": read.issued_on,
        "total": read.total,
        "currency": read.currency,
        "due_date": read.due_date,
        "service_date": read.service_date,
    }
    seller = known.content.get("seller", read.seller.name)
    return seller == read.seller.name and all(
        value is None or getattr(known, name) == value for name, value in said.items()
    )
