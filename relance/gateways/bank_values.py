"""Dates and amounts as banks write them."""

import re
from datetime import date
from decimal import Decimal
from typing import Final

from relance.gateways.bank_content import BankError, Reason

# Fifteen digits hold every balance; three decimals are refused, as everywhere.
_AMOUNT: Final = re.compile(r"([+-]?)(\d{1,15})(?:[.,](\d{1,2})0*)?", re.ASCII)
_YEARS: Final = range(1990, 2101)


def amount(text: str) -> Decimal:
    """Return an amount written with a point or a comma, without thousands."""
    found = _AMOUNT.fullmatch(text.strip())
    if found is None:
        raise BankError(Reason.BAD_AMOUNT, value=text.strip()[:40])
    sign, whole, cents = found.groups()
    return Decimal(f"{sign}{whole}.{(cents or '0').ljust(2, '0')}")


def day(year: str, month: str, day_of_month: str, *, said: str) -> date:
    """Return a date; ``said`` is what the file wrote. Two digits are of this
    century."""
    try:
        full = int(year) + (2000 if len(year) == 2 else 0)
        found = date(full, int(month), int(day_of_month))
    except ValueError as error:
        raise BankError(Reason.BAD_DATE, value=said[:40]) from error
    if found.year not in _YEARS:
        raise BankError(Reason.BAD_DATE, value=said[:40])
    return found
