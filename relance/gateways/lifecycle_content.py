"""Why a file of life-cycle statuses is refused."""

from enum import StrEnum
from typing import Final


class Reason(StrEnum):
    EMPTY = "empty"
    TOO_LARGE = "too_large"
    TOO_MANY = "too_many"
    UNSAFE = "unsafe"
    DAMAGED = "damaged"
    NOT_STATUSES = "not_statuses"
    NO_STATUS = "no_status"
    NO_NUMBER = "no_number"
    NO_CODE = "no_code"
    BAD_DATE = "bad_date"
    BAD_AMOUNT = "bad_amount"


def _(sentence: str) -> str:
    """Mark a sentence for the translators; the fronts word it."""
    return sentence


SENTENCES: Final = {
    Reason.EMPTY: _("The file is empty."),
    Reason.TOO_LARGE: _("The file is larger than %(limit)s MB."),
    Reason.TOO_MANY: _("The file has more than %(limit)s statuses: split it."),
    Reason.UNSAFE: _(
        "The file declares entities or a document type, which no status message "
        "needs. It is refused for safety."
    ),
    Reason.DAMAGED: _("The status message is damaged or incomplete."),
    Reason.NOT_STATUSES: _(
        "This file tells no status of e-invoices: a CDAR message, or a table with the "
        "columns number, code and date, is expected."
    ),
    Reason.NO_STATUS: _("The file holds no status."),
    Reason.NO_NUMBER: _("A status does not say of which invoice it is."),
    Reason.NO_CODE: _("A status has no code of three digits."),
    Reason.BAD_DATE: _("“%(value)s” is not a date."),
    Reason.BAD_AMOUNT: _("“%(value)s” is not an amount."),
}


class LifecycleError(Exception):
    """A file cannot be read; ``reason`` and ``values`` word it."""

    def __init__(self, reason: Reason, **values: str) -> None:
        self.reason = reason
        self.values = values
        super().__init__(SENTENCES[reason] % values)
