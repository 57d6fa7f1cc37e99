"""Days and amounts as people and programs write them in cells."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from typing import Final

from relance.gateways.wording import WordingError, parse_amount


class DayOrder(StrEnum):
    """What ``05/10/2026`` means."""

    DAY_FIRST = "dmy"
    MONTH_FIRST = "mdy"


class ValueProblem(StrEnum):
    """Why a cell is not read."""

    NOT_A_DAY = "not_a_day"
    NOT_AN_AMOUNT = "not_an_amount"
    AMBIGUOUS = "ambiguous"
    TOO_PRECISE = "too_precise"
    TOO_LARGE = "too_large"
    FORMULA_ERROR = "formula_error"


class CellError(Exception):
    """A cell does not say what its column should."""

    def __init__(self, problem: ValueProblem, value: str) -> None:
        self.problem = problem
        self.value = value
        super().__init__(f"{problem}: {value}")


_ERRORS: Final = ("#N/A", "#REF!", "#VALUE!", "#VALEUR!", "#DIV/0!", "#NAME?", "#NOM?")
_PARTS: Final = re.compile(
    r"(\d{1,4})[/.\- ](\d{1,2})[/.\- ](\d{1,4})"
    # A time of day after it is left out.
    r"(?:[T ]+\d{1,2}[:hH]\d{2}.{0,15})?"
)
_COMPACT: Final = re.compile(r"(20\d\d|19\d\d)(\d\d)(\d\d)")
# Days since 30 December 1899, as a workbook counts them: 1990 to 2099.
_SERIAL: Final = re.compile(r"(3[2-9]\d{3}|[4-6]\d{4}|7[0-3]\d{3})(?:[.,]\d+)?")
_WORDS: Final = re.compile(r"(\d{1,2})(?:er)?[ -]+([^\W\d_]{3,10})\.?[ ,-]+(\d{4})")
_ENGLISH: Final = re.compile(r"([^\W\d_]{3,10})\.? (\d{1,2}),? (\d{4})")
_MONTHS: Final = (
    ("jan",), ("fev", "fév", "feb"), ("mar",), ("avr", "apr"), ("mai", "may"),
    ("juin", "jun"), ("juil", "jul"), ("aou", "aoû", "aug"), ("sep",), ("oct",),
    ("nov",), ("dec", "déc"),
)  # fmt: skip
_YEARS: Final = range(1990, 2100)


@lru_cache(maxsize=4096)
def day(text: str, order: DayOrder = DayOrder.DAY_FIRST) -> date:
    """Read a day: ``24/11/2026``, ``24.11.26``, ``2026-11-24``, ``20261124``,
    ``24 nov. 2026``, or a workbook's number. Raises CellError."""
    said = text.strip()
    _refuse_error(said)
    found = _numbers(said, order) or _in_words(said) or _serial(said)
    if found is None or found.year not in _YEARS:
        raise CellError(ValueProblem.NOT_A_DAY, said)
    return found


def _numbers(said: str, order: DayOrder) -> date | None:
    parts = _PARTS.fullmatch(said) or _COMPACT.fullmatch(said)
    if parts is None:
        return None
    one, two, three = parts.groups()
    if len(one) == 4:
        return _date(one, two, three)
    if len(three) not in (2, 4):
        return None
    year = three if len(three) == 4 else f"20{three}"
    first, second = (one, two) if order == DayOrder.DAY_FIRST else (two, one)
    return _date(year, second, first)


def _in_words(said: str) -> date | None:
    lower = said.lower()
    found = _WORDS.search(lower)
    if found is not None:
        number, word, year = found.groups()
    else:
        found = _ENGLISH.search(lower)
        if found is None:
            return None
        word, number, year = found.groups()
    for month, starts in enumerate(_MONTHS, start=1):
        if word.startswith(starts):
            return _date(year, str(month), number)
    return None


def _serial(said: str) -> date | None:
    found = _SERIAL.fullmatch(said)
    return date(1899, 12, 30) + timedelta(days=int(found[1])) if found else None


def _date(year: str, month: str, number: str) -> date | None:
    try:
        return date(int(year), int(month), int(number))
    except ValueError:
        return None


def day_order(texts: Iterable[str]) -> DayOrder | None:
    """Return which order the days of a column follow; none when they do not tell."""
    for text in texts:
        parts = _PARTS.fullmatch(text.strip())
        if parts is None or len(parts[1]) == 4:
            continue
        if int(parts[1]) > 12:
            return DayOrder.DAY_FIRST
        if int(parts[2]) > 12:
            return DayOrder.MONTH_FIRST
    return None


def depends_on_order(texts: Iterable[str]) -> bool:
    """Whether some day of a column reads differently in the two orders."""
    for text in texts:
        parts = _PARTS.fullmatch(text.strip())
        if parts is not None and len(parts[1]) < 4 and parts[1] != parts[2]:
            return True
    return False


_CURRENCY: Final = re.compile(r"(?:€|\$|£|eur|euros?|usd|gbp|chf)", re.IGNORECASE)


@lru_cache(maxsize=4096)
def amount(text: str, mark: str = "") -> Decimal:
    """Read an amount: ``1 234,56``, ``(1 234,56)``, ``1 234,56-``, ``1,234.56 EUR``.

    ``mark`` is the decimal mark of the column, where it is known: ``1.234`` is then
    read; else it is refused, for it could be either. Raises CellError.
    """
    said = text.strip()
    _refuse_error(said)
    bare = _CURRENCY.sub("", said).strip()
    negative = False
    if bare.startswith("(") and bare.endswith(")"):
        bare, negative = bare[1:-1].strip(), True
    elif bare.endswith(("-", "\u2212")):
        bare, negative = bare[:-1].strip(), True
    try:
        value = parse_amount(_without_thousands(bare, mark))
    except WordingError as error:
        problems = {
            "ambiguous": ValueProblem.AMBIGUOUS,
            "too_precise": ValueProblem.TOO_PRECISE,
            "too_large": ValueProblem.TOO_LARGE,
        }
        problem = problems.get(error.reason, ValueProblem.NOT_AN_AMOUNT)
        if mark and problem == ValueProblem.AMBIGUOUS:
            problem = ValueProblem.TOO_PRECISE
        raise CellError(problem, said) from error
    return -value if negative else value


def _without_thousands(bare: str, mark: str) -> str:
    """Return an amount that can only be read one way, once the decimal mark is
    known; trailing zeros beyond cents say nothing."""
    other = {",": ".", ".": ","}.get(mark)
    if other and re.fullmatch(rf"[+-]?\d{{1,3}}(?:[{other}]\d{{3}})+", bare):
        return bare.replace(other, "")
    if mark and bare.count(mark) == 1 and (other is None or other not in bare):
        whole, decimals = bare.split(mark)
        if len(decimals) > 2 and decimals.isdecimal():
            decimals = decimals[:2] + decimals[2:].rstrip("0")
            return f"{whole}{mark}{decimals}"
    return bare


def decimal_mark(texts: Iterable[str]) -> str:
    """Return the decimal mark that a column's amounts show; empty when none does."""
    for text in texts:
        bare = _CURRENCY.sub("", text).strip(" ()-+\u2212\u00a0\u202f")
        if "," in bare and "." in bare:
            return "," if bare.rfind(",") > bare.rfind(".") else "."
        found = re.fullmatch(r"\d[\d \u00a0\u202f]*([.,])(\d{1,2}|\d{4,})", bare)
        if found:
            return found[1]
    return ""


def needs_mark(texts: Iterable[str]) -> bool:
    """Whether some amount of a column cannot be read without its decimal mark."""
    for text in texts:
        try:
            amount(text)
        except CellError as error:
            if error.problem == ValueProblem.AMBIGUOUS:
                return True
    return False


def _refuse_error(said: str) -> None:
    if said.upper().startswith(_ERRORS):
        raise CellError(ValueProblem.FORMULA_ERROR, said)
