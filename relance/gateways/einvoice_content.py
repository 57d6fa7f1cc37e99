"""What an e-invoice says, in plain values, and why a file is refused."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final


class Reason(StrEnum):
    EMPTY = "empty"
    TOO_LARGE = "too_large"
    NOT_AN_EINVOICE = "not_an_einvoice"
    ENCRYPTED = "encrypted"
    DAMAGED = "damaged"
    NO_EMBEDDED_INVOICE = "no_embedded_invoice"
    MALFORMED_XML = "malformed_xml"
    UNSAFE_XML = "unsafe_xml"
    UNKNOWN_ENCODING = "unknown_encoding"
    UNKNOWN_SYNTAX = "unknown_syntax"
    NOT_AN_INVOICE = "not_an_invoice"
    MISSING_NUMBER = "missing_number"
    NUMBER_TOO_LONG = "number_too_long"
    MISSING_DATE = "missing_date"
    MISSING_TOTAL = "missing_total"
    MISSING_CURRENCY = "missing_currency"
    MISSING_BUYER = "missing_buyer"
    BAD_DATE = "bad_date"
    DUE_BEFORE_ISSUE = "due_before_issue"
    BAD_AMOUNT = "bad_amount"
    TOO_MANY_DECIMALS = "too_many_decimals"
    AMOUNTS_DISAGREE = "amounts_disagree"
    UNCLEAR_SIGN = "unclear_sign"
    UNKNOWN_CURRENCY = "unknown_currency"
    UNSUPPORTED_CURRENCY = "unsupported_currency"
    ARCHIVE = "archive"
    ARCHIVE_DAMAGED = "archive_damaged"
    ARCHIVE_ENCRYPTED = "archive_encrypted"
    ARCHIVE_TOO_LARGE = "archive_too_large"


def _(sentence: str) -> str:
    """Mark a sentence for the translators; the fronts word it."""
    return sentence


SENTENCES: Final = {
    Reason.EMPTY: _("The file is empty."),
    Reason.TOO_LARGE: _("The file is larger than %(limit)s MB."),
    Reason.NOT_AN_EINVOICE: _(
        "This file is not an e-invoice: a Factur-X PDF or an XML file is expected."
    ),
    Reason.ENCRYPTED: _(
        "The PDF is protected by a password. Ask for a copy without one."
    ),
    Reason.DAMAGED: _(
        "The PDF is damaged or incomplete. Download it again from where it came."
    ),
    Reason.NO_EMBEDDED_INVOICE: _(
        "This PDF is not a Factur-X invoice: it holds no invoice data. "
        "Enter the invoice by hand and attach the PDF to it."
    ),
    Reason.MALFORMED_XML: _("The invoice data is damaged or incomplete."),
    Reason.UNSAFE_XML: _(
        "The invoice data declares entities or a document type, which no invoice "
        "needs. The file is refused for safety."
    ),
    Reason.UNKNOWN_ENCODING: _(
        "The invoice data is in a character encoding that does not exist."
    ),
    Reason.UNKNOWN_SYNTAX: _(
        "This XML file is not a Factur-X, CII or UBL invoice: it is a “%(value)s”."
    ),
    Reason.NOT_AN_INVOICE: _(
        "The document is neither an invoice nor a credit note: its type is “%(value)s”."
    ),
    Reason.MISSING_NUMBER: _("The invoice number is missing."),
    Reason.NUMBER_TOO_LONG: _("The invoice number is longer than 60 characters."),
    Reason.MISSING_DATE: _("The invoice date is missing."),
    Reason.MISSING_TOTAL: _("The invoice total is missing."),
    Reason.MISSING_CURRENCY: _("The currency is missing."),
    Reason.MISSING_BUYER: _("The customer’s name is missing."),
    Reason.BAD_DATE: _("“%(value)s” is not a date."),
    Reason.DUE_BEFORE_ISSUE: _("The due date (%(value)s) is before the invoice date."),
    Reason.BAD_AMOUNT: _("“%(value)s” is not an amount."),
    Reason.TOO_MANY_DECIMALS: _(
        "The amount “%(value)s” has more than two digits after the decimal point."
    ),
    Reason.AMOUNTS_DISAGREE: _(
        "The amounts disagree: the total less what was already paid is not the "
        "amount due (%(value)s)."
    ),
    Reason.UNCLEAR_SIGN: _(
        "The credit note has a negative total: whether it is owed to the customer or "
        "by the customer is not clear."
    ),
    Reason.UNKNOWN_CURRENCY: _("“%(value)s” is not a currency."),
    Reason.UNSUPPORTED_CURRENCY: _(
        "Amounts in %(value)s have three digits after the decimal point, "
        "which Relance does not handle."
    ),
    Reason.ARCHIVE: _(
        "This is a ZIP file inside another, or an office document. "
        "Take the invoices out of it first."
    ),
    Reason.ARCHIVE_DAMAGED: _("The ZIP file is damaged or incomplete."),
    Reason.ARCHIVE_ENCRYPTED: _("The ZIP file is protected by a password."),
    Reason.ARCHIVE_TOO_LARGE: _(
        "The ZIP file holds too much: at most %(files)s files and %(limit)s MB."
    ),
}


class EInvoiceError(Exception):
    """The file is refused; nothing of it was kept.

    ``sentence`` is the English msgid for the user; once translated it is completed
    with ``values``: ``gettext(error.sentence) % error.values``.
    """

    def __init__(self, reason: Reason, **values: str) -> None:
        self.reason = reason
        self.sentence = SENTENCES[reason]
        self.values = values
        super().__init__(self.sentence % values)


class Syntax(StrEnum):
    CII = "cii"
    UBL = "ubl"


class Version(StrEnum):
    ZUGFERD_1 = "zugferd-1"
    ZUGFERD_2 = "zugferd-2"
    FACTUR_X = "factur-x"
    XRECHNUNG = "xrechnung"
    PEPPOL = "peppol"
    # A bare EN 16931 guideline: what Factur-X 1 and ZUGFeRD 2.1 both write.
    EN16931 = "en16931"
    UNKNOWN = "unknown"


class Kind(StrEnum):
    INVOICE = "invoice"
    DEPOSIT = "deposit"
    REPLACEMENT = "replacement"
    CREDIT_NOTE = "credit_note"


class PaymentMode(StrEnum):
    TRANSFER = "transfer"
    DIRECT_DEBIT = "direct_debit"
    CHEQUE = "cheque"
    CARD = "card"
    CASH = "cash"
    FACTORED = "factored"
    OTHER = "other"


@dataclass(frozen=True, kw_only=True)
class Seller:
    name: str
    siren: str = ""
    vat: str = ""


@dataclass(frozen=True, kw_only=True)
class Buyer:
    """Whom the invoice is for; what the file does not say is empty."""

    name: str
    lines: tuple[str, ...] = ()
    postcode: str = ""
    city: str = ""
    country: str = ""
    siren: str = ""
    siret: str = ""
    vat: str = ""
    email: str = ""
    phone: str = ""
    contact: str = ""
    # The seller's own number for this customer (BT-46), without a scheme.
    code: str = ""


@dataclass(frozen=True, kw_only=True)
class Payment:
    means: str = ""  # UNTDID 4461, as written
    iban: str = ""
    bic: str = ""


@dataclass(frozen=True, kw_only=True)
class Preceding:
    """The invoice that a credit note or a correction is about (BG-3)."""

    number: str
    issued_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class Note:
    text: str
    code: str = ""  # UNTDID 4451: PMD, PMT, AAB…


@dataclass(frozen=True, kw_only=True)
class Line:
    description: str
    quantity: Decimal | None
    unit_price: Decimal | None
    net: Decimal | None


@dataclass(frozen=True, kw_only=True)
class Vat:
    rate: Decimal | None
    net: Decimal | None
    tax: Decimal | None


@dataclass(frozen=True, kw_only=True)
class EInvoice:
    """One invoice, deposit, correction or credit note as its file says it.

    ``total`` is what is owed in all, VAT and rounding included (BT-112 + BT-114),
    and ``total == already_paid + balance_due`` always; ``balance_due`` (BT-115) is
    negative when more was paid than owed. Amounts of credit notes are positive: the
    kind says the sign, for lines and VAT too. An invoice of negative total *is* a
    credit note. Dates are as printed, without a time zone; of several due dates
    (instalments, discounts) ``due_date`` is the last. ``pdf`` is the untouched file.
    """

    syntax: Syntax
    profile: str
    version: Version
    number: str
    type_code: str
    kind: Kind
    issued_on: date
    due_date: date | None
    service_date: date | None
    currency: str
    total: Decimal
    already_paid: Decimal
    balance_due: Decimal
    total_net: Decimal | None
    total_tax: Decimal | None
    terms: str
    seller: Seller
    buyer: Buyer
    payment: Payment
    payment_mode: PaymentMode | None
    buyer_reference: str
    order_reference: str
    contract_reference: str
    preceding: tuple[Preceding, ...]
    notes: tuple[Note, ...]
    lines: tuple[Line, ...]
    vat: tuple[Vat, ...]
    pdf: bytes | None
    xml: bytes
