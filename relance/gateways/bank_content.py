"""What a bank statement says, in plain values, and why a file is refused."""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final

# Lines of one file: a large company's year. More is not a statement.
MAX_LINES: Final = 200_000
_SPACES: Final = re.compile(r"\s+")


class Reason(StrEnum):
    EMPTY = "empty"
    TOO_LARGE = "too_large"
    TOO_MANY_LINES = "too_many_lines"
    NOT_A_STATEMENT = "not_a_statement"
    DAMAGED = "damaged"
    UNSAFE_XML = "unsafe_xml"
    NO_LINES = "no_lines"
    BAD_DATE = "bad_date"
    BAD_AMOUNT = "bad_amount"
    NO_ACCOUNT = "no_account"
    TOTALS_DISAGREE = "totals_disagree"


def _(sentence: str) -> str:
    """Mark a sentence for the translators; the fronts word it."""
    return sentence


SENTENCES: Final = {
    Reason.EMPTY: _("The file is empty."),
    Reason.TOO_LARGE: _("The file is larger than %(limit)s MB."),
    Reason.TOO_MANY_LINES: _(
        "The statement has more than %(limit)s lines: ask the bank for shorter periods."
    ),
    Reason.NOT_A_STATEMENT: _(
        "This file is not a bank statement that is read here: CAMT.053, OFX, MT940 or "
        "CFONB120 is expected. A statement in CSV or Excel is read on the page "
        "Spreadsheet (CSV, Excel)."
    ),
    Reason.DAMAGED: _(
        "The statement is damaged or cut short (%(value)s). Download it again from the "
        "bank."
    ),
    Reason.UNSAFE_XML: _(
        "The file declares entities or a document type, which no statement needs. It "
        "is refused for safety."
    ),
    Reason.NO_LINES: _("The statement holds no account and no line."),
    Reason.BAD_DATE: _("“%(value)s” is not a date that a statement may hold."),
    Reason.BAD_AMOUNT: _("“%(value)s” is not an amount that is read here."),
    Reason.NO_ACCOUNT: _("The statement does not say of which account it is."),
    Reason.TOTALS_DISAGREE: _(
        "The lines do not add up to the closing balance: %(value)s are missing. Part "
        "of the statement may have been lost; download it again from the bank."
    ),
}


class BankError(Exception):
    """A statement cannot be read; ``reason`` and ``values`` word it."""

    def __init__(self, reason: Reason, **values: str) -> None:
        self.reason = reason
        self.values = values
        super().__init__(SENTENCES[reason] % values)


@dataclass(frozen=True, kw_only=True)
class Line:
    """A movement of the account; a positive amount was received.

    ``bank_id`` is what the bank calls it, the same in every file; empty where the
    format has none.
    """

    booked_on: date
    amount: Decimal
    currency: str
    label: str = ""
    payer: str = ""
    payer_iban: str = ""
    reference: str = ""
    bank_id: str = ""
    # The bank itself says that an earlier payment is taken back.
    reversal: bool = False


@dataclass(frozen=True, kw_only=True)
class Statement:
    """The lines of one account. Balances are None where the file does not say."""

    account: str
    currency: str
    lines: tuple[Line, ...]
    opening: Decimal | None = None
    closing: Decimal | None = None
    closed_on: date | None = None
    # Of which format: the same movement is named otherwise in another.
    form: str = ""


def tidy(text: str | None, *, longest: int = 500) -> str:
    """Return a text on one line, without control characters."""
    shown = "".join(c if c.isprintable() else " " for c in text or "")
    return _SPACES.sub(" ", shown).strip()[:longest]


def checked(statement: Statement) -> Statement:
    """Return the statement; raise BankError when its lines do not lead from its
    opening balance to its closing one."""
    if statement.opening is None or statement.closing is None:
        return statement
    missing = (
        statement.closing
        - statement.opening
        - sum((line.amount for line in statement.lines), Decimal(0))
    )
    if missing:
        value = f"{missing:.2f} {statement.currency}".replace(".", ",")
        raise BankError(Reason.TOTALS_DISAGREE, value=value)
    return statement
