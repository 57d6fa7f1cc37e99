"""From what both syntaxes say to one checked invoice."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Final

from babel.numbers import get_currency_precision, list_currencies

from relance.gateways.einvoice_content import (
    Buyer,
    EInvoice,
    EInvoiceError,
    Kind,
    Line,
    Note,
    Payment,
    PaymentMode,
    Preceding,
    Reason,
    Seller,
    Syntax,
    Vat,
    Version,
)

_ZERO: Final = Decimal("0.00")

# UNTDID 1001 as EN 16931 (BT-3) and the French reform allow it.
_CREDIT_NOTES: Final = "81 83 261 262 296 308 381 396 420 458 502 503 532"
_DEPOSITS: Final = "386 500"
_REPLACEMENTS: Final = "384 471 472 473"
_INVOICES: Final = (
    "71 80 82 84 102 130 202 203 204 211 218 219 295 326 331 380 382 383 385 387 388"
    " 389 390 393 394 395 456 457 501 527 553 575 623 633 751 780 817 870 875 876 877"
    " 935"
)
_KINDS: Final = (
    (Kind.CREDIT_NOTE, _CREDIT_NOTES),
    (Kind.DEPOSIT, _DEPOSITS),
    (Kind.REPLACEMENT, _REPLACEMENTS),
    (Kind.INVOICE, _INVOICES),
)
_KIND_OF: Final = {code: kind for kind, codes in _KINDS for code in codes.split()}
_FACTORED: Final = frozenset(("393", "396", "472", "473", "501", "502"))

# UNTDID 4461. Code 1 ("not defined") says nothing.
_MODES: Final = (
    (PaymentMode.TRANSFER, "30 31 42 45 46 47 57 58 61 63 64"),
    (PaymentMode.DIRECT_DEBIT, "49 59"),
    (PaymentMode.CHEQUE, "20 21 22 23 24 25 26"),
    (PaymentMode.CARD, "48 54 55"),
    (PaymentMode.CASH, "10"),
)
_MODE_OF: Final = {code: mode for mode, codes in _MODES for code in codes.split()}

_SIREN_OR_SIRET = re.compile(r"\d{9}(\d{5})?", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What a reader found, not yet checked."""

    syntax: Syntax
    guideline: str
    number: str
    type_code: str
    issued_on: date | None
    due_dates: tuple[date, ...]
    service_date: date | None
    currency: str
    grand_total: Decimal | None
    rounding: Decimal | None
    prepaid: Decimal | None
    payable: Decimal | None
    total_net: Decimal | None
    total_tax: Decimal | None
    terms: str
    seller: Seller
    buyer: Buyer
    payment: Payment
    buyer_reference: str
    order_reference: str
    contract_reference: str
    preceding: tuple[Preceding, ...]
    notes: tuple[Note, ...]
    lines: tuple[Line, ...]
    vat: tuple[Vat, ...]


def complete(draft: Draft, *, xml: bytes, pdf: bytes | None) -> EInvoice:
    """Return the invoice, its amounts positive; raise EInvoiceError if it is not one.

    What a reminder rests on is required: number, date, total, currency, customer.
    """
    issued_on = _check(draft)
    kind = _kind(draft.type_code)
    total, paid, balance = _sums(draft)
    if total < 0:
        if kind is Kind.CREDIT_NOTE:
            raise EInvoiceError(Reason.UNCLEAR_SIGN)
        kind, draft = Kind.CREDIT_NOTE, _turned(draft)
        total, paid, balance = _sums(draft)
    return EInvoice(
        syntax=draft.syntax,
        profile=profile_of(draft.guideline),
        version=version_of(draft.guideline),
        number=draft.number,
        type_code=draft.type_code,
        kind=kind,
        issued_on=issued_on,
        due_date=_due_date(draft, kind, issued_on),
        service_date=draft.service_date,
        currency=draft.currency,
        total=total,
        already_paid=paid,
        balance_due=balance,
        total_net=draft.total_net,
        total_tax=draft.total_tax,
        terms=draft.terms,
        seller=draft.seller,
        buyer=draft.buyer,
        payment=draft.payment,
        payment_mode=_mode(draft),
        buyer_reference=draft.buyer_reference,
        order_reference=draft.order_reference,
        contract_reference=draft.contract_reference,
        preceding=draft.preceding,
        notes=draft.notes,
        lines=draft.lines,
        vat=draft.vat,
        pdf=pdf,
        xml=xml,
    )


def _check(draft: Draft) -> date:
    """Return the invoice date, after checking that what must be there is."""
    if not draft.number:
        raise EInvoiceError(Reason.MISSING_NUMBER)
    if len(draft.number) > 60:
        raise EInvoiceError(Reason.NUMBER_TOO_LONG)
    if draft.issued_on is None:
        raise EInvoiceError(Reason.MISSING_DATE)
    if not draft.buyer.name:
        raise EInvoiceError(Reason.MISSING_BUYER)
    _check_currency(draft.currency)
    return draft.issued_on


def _turned(draft: Draft) -> Draft:
    """Return the same with every amount of the other sign."""
    return replace(
        draft,
        grand_total=_opposite(draft.grand_total),
        rounding=_opposite(draft.rounding),
        prepaid=_opposite(draft.prepaid),
        payable=_opposite(draft.payable),
        total_net=_opposite(draft.total_net),
        total_tax=_opposite(draft.total_tax),
        lines=tuple(
            replace(line, quantity=_opposite(line.quantity), net=_opposite(line.net))
            for line in draft.lines
        ),
        vat=tuple(
            replace(part, net=_opposite(part.net), tax=_opposite(part.tax))
            for part in draft.vat
        ),
    )


def _opposite(value: Decimal | None) -> Decimal | None:
    return None if value is None else _ZERO - value  # never "-0.00"


def _kind(type_code: str) -> Kind:
    kind = _KIND_OF.get(type_code)
    if kind is None:
        raise EInvoiceError(Reason.NOT_AN_INVOICE, value=type_code[:40])
    return kind


def _mode(draft: Draft) -> PaymentMode | None:
    if draft.type_code in _FACTORED:
        return PaymentMode.FACTORED
    if draft.payment.means in ("", "1"):
        return None
    return _MODE_OF.get(draft.payment.means, PaymentMode.OTHER)


def _sums(draft: Draft) -> tuple[Decimal, Decimal, Decimal]:
    """Return total, already paid and balance, which add up to the cent."""
    if draft.grand_total is None:
        raise EInvoiceError(Reason.MISSING_TOTAL)
    total = draft.grand_total + (draft.rounding or _ZERO)
    # MINIMUM has no amount paid: it is what the amount due leaves.
    if draft.payable is None:
        balance = total - (draft.prepaid or _ZERO)
    else:
        balance = draft.payable
    paid = total - balance if draft.prepaid is None else draft.prepaid
    if total != paid + balance:
        raise EInvoiceError(Reason.AMOUNTS_DISAGREE, value=str(balance))
    return total, paid, balance


def _due_date(draft: Draft, kind: Kind, issued_on: date) -> date | None:
    if not draft.due_dates:
        return None
    due_date = max(draft.due_dates)
    if due_date >= issued_on:
        return due_date
    if kind is Kind.CREDIT_NOTE:  # nobody pays it at a date
        return None
    raise EInvoiceError(Reason.DUE_BEFORE_ISSUE, value=due_date.isoformat())


@cache
def _currencies() -> frozenset[str]:
    return frozenset(list_currencies())


def _check_currency(code: str) -> None:
    if not code:
        raise EInvoiceError(Reason.MISSING_CURRENCY)
    if code not in _currencies():
        raise EInvoiceError(Reason.UNKNOWN_CURRENCY, value=code[:40])
    if get_currency_precision(code) > 2:
        raise EInvoiceError(Reason.UNSUPPORTED_CURRENCY, value=code)


def profile_of(guideline: str) -> str:
    """Return minimum, basicwl, basic, comfort, en16931, extended… of a BT-24."""
    last = guideline.lower().rstrip("/").rpartition(":")[2]
    if last in ("minimum", "basicwl", "basic", "comfort", "extended"):
        return last
    if last in ("en16931", "extended-ctc-fr"):
        return last
    for profile in ("basicwl", "basic", "extended"):
        if f":{profile}" in guideline.lower():
            return profile
    return "en16931" if "en16931" in guideline.lower() else ""


def version_of(guideline: str) -> Version:
    """Return the family of the guideline (BT-24)."""
    known = guideline.lower()
    for mark, version in (
        ("urn:ferd:", Version.ZUGFERD_1),
        ("zugferd.de:2p", Version.ZUGFERD_2),
        ("factur-x.eu", Version.FACTUR_X),
        ("xrechnung", Version.XRECHNUNG),
        ("xoev-de", Version.XRECHNUNG),
        ("peppol", Version.PEPPOL),
        ("en16931", Version.EN16931),
    ):
        if mark in known:
            return version
    return Version.UNKNOWN


def siret_and_siren(identifiers: Iterable[tuple[str, str]]) -> tuple[str, str]:
    """Return the SIRET and SIREN among (scheme, identifier) pairs, or empty strings.

    ISO 6523 schemes 0002 (SIREN) and 0009 (SIRET); many write a SIRET under 0002.
    """
    siret = siren = ""
    for scheme, identifier in identifiers:
        written = identifier.replace(" ", "")
        if scheme not in ("0002", "0009") or not _SIREN_OR_SIRET.fullmatch(written):
            continue
        siren = siren or written[:9]
        if len(written) == 14 and written.startswith(siren):
            siret = siret or written
    return siret, siren


def note(text: str, code: str = "") -> Note:
    """Return a note; UBL writes its subject code in front: ``#PMT#text``."""
    marked = re.match(r"#([A-Z]{3})#", text)
    if marked and not code:
        return Note(code=marked[1], text=text[marked.end() :].strip())
    return Note(code=code, text=text)
