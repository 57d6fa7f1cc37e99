"""Why a ledger of accounts (FEC) is refused, and what it leaves to be said."""

from enum import StrEnum
from typing import Final

# A large company's year is far below; a file above is none.
MAX_FILE: Final = 300 * 1024 * 1024
MAX_LINES: Final = 3_000_000
MAX_LINE: Final = 10_000


class Reason(StrEnum):
    EMPTY = "empty"
    TOO_LARGE = "too_large"
    TOO_MANY_LINES = "too_many_lines"
    NOT_A_FEC = "not_a_fec"
    EBCDIC = "ebcdic"
    MISSING_COLUMN = "missing_column"
    COLUMN_TWICE = "column_twice"
    NO_LINES = "no_lines"
    LINE_TOO_LONG = "line_too_long"
    WRONG_COLUMNS = "wrong_columns"
    BAD_DATE = "bad_date"
    BAD_AMOUNT = "bad_amount"
    NO_ACCOUNT = "no_account"
    UNBALANCED = "unbalanced"
    ARCHIVE = "archive"
    ARCHIVE_WITHOUT = "archive_without"
    ARCHIVE_WITH_SEVERAL = "archive_with_several"


def _(sentence: str) -> str:
    """Mark a sentence for the translators; the fronts word it."""
    return sentence


SENTENCES: Final = {
    Reason.EMPTY: _("The file is empty."),
    Reason.TOO_LARGE: _("The file is larger than %(limit)s MB."),
    Reason.TOO_MANY_LINES: _(
        "The file has more than %(limit)s lines: export a shorter period."
    ),
    Reason.NOT_A_FEC: _(
        "This file is not a FEC: its first line should name the columns (JournalCode, "
        "EcritureDate, CompteNum, Debit, Credit…)."
    ),
    Reason.EBCDIC: _(
        "This file is written in EBCDIC. Ask your program for an export in UTF-8 or "
        "ISO 8859-15."
    ),
    Reason.MISSING_COLUMN: _(
        "The column %(value)s is missing: the file cannot be read without it."
    ),
    Reason.COLUMN_TWICE: _("The column %(value)s appears twice."),
    Reason.NO_LINES: _("The file names its columns and holds no entry."),
    Reason.LINE_TOO_LONG: _(
        "Line %(line)s is longer than %(limit)s characters: the file is damaged."
    ),
    Reason.WRONG_COLUMNS: _(
        "Line %(line)s has %(value)s columns where the first line names %(limit)s. The "
        "file is cut short, or a label holds the separator: export it again."
    ),
    Reason.BAD_DATE: _("Line %(line)s: “%(value)s” is not a date (column %(column)s)."),
    Reason.BAD_AMOUNT: _(
        "Line %(line)s: “%(value)s” is not an amount (column %(column)s)."
    ),
    Reason.NO_ACCOUNT: _("Line %(line)s has no account number."),
    Reason.UNBALANCED: _(
        "The entries do not balance: %(value)s between debits and credits, journal "
        "%(journal)s, first at line %(line)s. Part of the file may have been lost; "
        "export it again."
    ),
    Reason.ARCHIVE: _(
        "The ZIP is damaged, protected or too large: take the FEC out of it first."
    ),
    Reason.ARCHIVE_WITHOUT: _("The ZIP holds no FEC."),
    Reason.ARCHIVE_WITH_SEVERAL: _(
        "The ZIP holds several FEC: drop them one by one, the oldest first."
    ),
}


class FecError(Exception):
    """A ledger cannot be read; ``reason`` and ``values`` word it."""

    def __init__(self, reason: Reason, **values: str) -> None:
        self.reason = reason
        self.values = values
        super().__init__(SENTENCES[reason] % values)


class Warn(StrEnum):
    """What is read all the same, and worth a look."""

    NOT_LEGAL_FORM = "not_legal_form"
    NO_LETTERING = "no_lettering"
    NO_DOCUMENTS = "no_documents"
    NO_AUXILIARY = "no_auxiliary"


WARNINGS: Final = {
    Warn.NOT_LEGAL_FORM: _(
        "The file is not quite in the legal form (separator, dates or names of "
        "columns): it was read all the same."
    ),
    Warn.NO_LETTERING: _(
        "The file says nothing of lettering: paid invoices will look unpaid."
    ),
    Warn.NO_DOCUMENTS: _(
        "The file has no document reference: invoices are named after their entries."
    ),
    Warn.NO_AUXILIARY: _(
        "The file has no auxiliary accounts: customers are told by their accounts."
    ),
}
