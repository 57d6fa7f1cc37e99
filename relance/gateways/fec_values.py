"""The fields of a line of a FEC, as values."""

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Final

from relance.gateways.fec_columns import Columns
from relance.gateways.fec_content import FecError, Reason
from relance.rules.entries import FOLLOWED, EntryLine

# The law wants a comma, no thousands separator; programs write more than that.
_AMOUNT: Final = re.compile(r"([+-]?)(\d{1,15})(?:[.,](\d{1,2})0*)?([+-]?)", re.ASCII)
_POINT_THOUSANDS: Final = re.compile(r"[+-]?\d{1,3}(\.\d{3})+,\d+[+-]?", re.ASCII)
_COMMA_THOUSANDS: Final = re.compile(r"[+-]?\d{1,3}(,\d{3})+\.\d+[+-]?", re.ASCII)
_SPACES: Final = str.maketrans("", "", " \u00a0\u202f'")
_COMPACT: Final = re.compile(r"(\d{4})(\d\d)(\d\d)", re.ASCII)
_ISO: Final = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:[T ].*)?", re.ASCII)
_FRENCH: Final = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})", re.ASCII)
_YEARS: Final = range(1990, 2101)
_NO_DATE: Final = ("00000000", "0")
_DEBITS: Final = ("D", "+1", "1", "+")
_CREDITS: Final = ("C", "-1", "-")
_LONGEST: Final = 240
_SHORT: Final = 40


class Values:
    """Turns the fields of each line into values, by the columns of the file."""

    def __init__(self, columns: Columns) -> None:
        self._places = columns.places
        self._has_sense = columns.has_sense

    def line(self, fields: list[str], place: int) -> EntryLine:
        """Return a line; raise FecError, which says its place and column."""
        account = self._text(fields, "CompteNum").replace(" ", "")
        if not account:
            raise FecError(Reason.NO_ACCOUNT, line=str(place))
        booked_on = self._day(fields, "EcritureDate", place)
        if booked_on is None:
            raise FecError(
                Reason.BAD_DATE, line=str(place), value="", column="EcritureDate"
            )
        amount = self._amount(fields, place)
        line = EntryLine(
            place=place,
            journal=self._text(fields, "JournalCode"),
            journal_label=self._text(fields, "JournalLib"),
            entry=self._text(fields, "EcritureNum") or self._text(fields, "PieceRef"),
            booked_on=booked_on,
            account=account,
            amount=amount,
        )
        # The lines of other accounts only say what their entry is about.
        return self._whole(line, fields) if account.startswith(FOLLOWED) else line

    def _whole(self, line: EntryLine, fields: list[str]) -> EntryLine:
        foreign = self._number(fields, "Montantdevise", line.place)
        currency = self._text(fields, "Idevise").upper()
        abroad = bool(foreign) and currency not in ("", "EUR")
        return replace(
            line,
            account_label=self._text(fields, "CompteLib"),
            auxiliary=self._text(fields, "CompAuxNum"),
            auxiliary_label=self._text(fields, "CompAuxLib"),
            piece=self._text(fields, "PieceRef"),
            piece_date=self._day(fields, "PieceDate", line.place),
            label=self._text(fields, "EcritureLib"),
            letter=self._text(fields, "EcritureLet"),
            lettered_on=self._day(fields, "DateLet", line.place),
            due_date=self._day(fields, "DateEcheance", line.place),
            # Written without a sign by most programs: that of the line is meant.
            foreign=abs(foreign).copy_sign(line.amount) if abroad else None,
            currency=currency[:3] if abroad else "",
        )

    def _text(self, fields: list[str], column: str) -> str:
        at = self._places.get(column)
        if at is None:
            return ""
        text = fields[at]
        return _short(text) if len(text) <= _SHORT else tidied(text)

    def _day(self, fields: list[str], column: str, place: int) -> date | None:
        written = self._text(fields, column)
        if not written or written in _NO_DATE:
            return None
        found = _day(written)
        if found is None:
            raise FecError(
                Reason.BAD_DATE, line=str(place), value=written[:40], column=column
            )
        return found

    def _amount(self, fields: list[str], place: int) -> Decimal:
        if not self._has_sense:
            debit = self._number(fields, "Debit", place)
            return debit - self._number(fields, "Credit", place)
        value = self._number(fields, "Montant", place)
        sense = self._text(fields, "Sens").upper()
        if sense in _DEBITS:
            return value
        if sense in _CREDITS:
            return -value
        raise FecError(
            Reason.BAD_AMOUNT, line=str(place), value=sense[:40], column="Sens"
        )

    def _number(self, fields: list[str], column: str, place: int) -> Decimal:
        written = self._text(fields, column)
        found = _number(written)
        if found is None:
            raise FecError(
                Reason.BAD_AMOUNT, line=str(place), value=written[:40], column=column
            )
        return found


def tidied(text: str) -> str:
    """Return a field without quotes, control characters and surplus spaces."""
    text = text.strip()
    if len(text) > 1 and text[0] == text[-1] == '"':
        text = text[1:-1].replace('""', '"')
    if not text.isprintable():
        text = "".join(char if char.isprintable() else " " for char in text)
    return " ".join(text.split())[:_LONGEST]


# Codes, dates and amounts come back again and again.
_short = lru_cache(maxsize=50_000)(tidied)


@lru_cache(maxsize=5_000)
def _day(written: str) -> date | None:
    found = _COMPACT.fullmatch(written) or _ISO.fullmatch(written)
    parts = found.groups() if found else ()
    if not parts and (french := _FRENCH.fullmatch(written)):
        parts = french.groups()[::-1]
    try:
        day = date(*map(int, parts)) if parts else None
    except ValueError:
        return None
    return day if day and day.year in _YEARS else None


@lru_cache(maxsize=50_000)
def _number(written: str) -> Decimal | None:
    """Return an amount, zero when empty, None when it is none that is sure."""
    if not written:
        return Decimal(0)
    bare = written.translate(_SPACES)
    if _POINT_THOUSANDS.fullmatch(bare):
        bare = bare.replace(".", "")
    elif _COMMA_THOUSANDS.fullmatch(bare):
        bare = bare.replace(",", "")
    found = _AMOUNT.fullmatch(bare)
    if found is None or (found[1] and found[4]):
        return None
    value = Decimal(f"{found[2]}.{(found[3] or '0').ljust(2, '0')}")
    return -value if "-" in (found[1], found[4]) else value
