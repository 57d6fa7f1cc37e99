"""What an invoice of Dolibarr says, as the columns, balance and state of ours."""

from __future__ import annotations

import hashlib
from decimal import Decimal

from django.utils.translation import gettext as _

from relance.gateways import dolibarr_content as there
from relance.models import Invoice
from relance.models.money import ZERO
from relance.services.currencies import check_currency
from relance.services.refusal import Refused

_KINDS = {
    there.Type.STANDARD: Invoice.Kind.INVOICE,
    there.Type.SITUATION: Invoice.Kind.INVOICE,
    there.Type.REPLACEMENT: Invoice.Kind.REPLACEMENT,
    there.Type.CREDIT_NOTE: Invoice.Kind.CREDIT_NOTE,
    there.Type.DEPOSIT: Invoice.Kind.DEPOSIT,
}
_MODES = {
    "VIR": Invoice.PaymentMode.TRANSFER,
    "PRE": Invoice.PaymentMode.DIRECT_DEBIT,
    "CHQ": Invoice.PaymentMode.CHEQUE,
    "CB": Invoice.PaymentMode.CARD,
    "LIQ": Invoice.PaymentMode.CASH,
    "FAC": Invoice.PaymentMode.FACTORED,
}


def balance_of(read: there.Invoice) -> Decimal:
    """Return what is left to ask for, never below zero nor above the total.

    Closed without being paid, the rest is given up as a discount, a bank's charge…;
    a bad payer's rest stays, written off.
    """
    if read.type == there.Type.CREDIT_NOTE:
        return abs(read.total)
    is_closed = read.status == there.Status.CLOSED
    if is_closed and read.close_code != "badcustomer":
        return ZERO
    return min(max(read.remaining, ZERO), abs(read.total))


def state_of(read: there.Invoice, *, still_credit: bool) -> tuple[Invoice.State, str]:
    """Return the state here, and why when it is not that of a balance.

    An open one becomes settled by itself once nothing is left.
    """
    said = {"number": read.ref, "note": read.close_note}
    if read.status == there.Status.DRAFT:
        words = _("Invoice %(number)s cancelled: it is a draft again in Dolibarr.")
        return Invoice.State.CANCELLED, words % said
    if read.status == there.Status.ABANDONED and read.close_code == "replaced":
        words = _("Invoice %(number)s cancelled: replaced in Dolibarr.")
        return Invoice.State.CANCELLED, words % said
    is_bad = (
        read.status == there.Status.CLOSED
        and not read.paid
        and read.close_code == "badcustomer"
    )
    if read.status == there.Status.ABANDONED or is_bad:
        words = _("Invoice %(number)s written off in Dolibarr. %(note)s") % said
        return Invoice.State.ABANDONED, words.strip()
    if read.type == there.Type.CREDIT_NOTE and read.status == there.Status.CLOSED:
        if still_credit:
            return Invoice.State.OPEN, ""
        words = _("Credit note %(number)s used or paid back in Dolibarr.")
        return Invoice.State.CANCELLED, words % said
    return Invoice.State.OPEN, ""


def fingerprint(one: there.Invoice) -> str:
    """Return what changes when anything changes that is kept of an invoice."""
    said = (
        values_of(one, one.customer),
        one.ref,
        one.status,
        one.paid,
        one.close_code,
        one.remaining,
        one.source,
    )
    return hashlib.sha256(repr(said).encode()).hexdigest()


def values_of(one: there.Invoice, customer: int) -> dict[str, object]:
    negative = one.total < ZERO
    kind = Invoice.Kind.CREDIT_NOTE if negative else _KINDS[one.type]
    return {
        "kind": kind.value,
        "customer_id": customer,
        "issued_on": one.issued_on,
        "due_date": max(one.due_on, one.issued_on),
        "customer_reference": one.customer_reference[:100],
        "payment_mode": _MODES.get(one.payment_mode, Invoice.PaymentMode.OTHER).value
        if one.payment_mode
        else Invoice.PaymentMode.TRANSFER.value,
        "currency": one.currency,
        "total": abs(one.total),
    }


def is_followed(one: there.Invoice) -> bool:
    """Whether it is an invoice at all: a proforma is none."""
    return one.type in _KINDS


def no_currency(code: str) -> str:
    """Return why amounts in a currency cannot be kept; empty when they can."""
    try:
        check_currency(code)
    except Refused as refused:
        return refused.message
    return ""
