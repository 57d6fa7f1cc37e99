"""Delays ("+ 15 days", "15 jours") and payment terms ("30 jours fin de mois")."""

from __future__ import annotations

import re
import unicodedata
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

LONGEST_DAYS = 3 * 366


class Unit(StrEnum):
    """The unit of a delay, named as the module's notation names it."""

    DAYS = "days"
    WEEKS = "weeks"
    MONTHS = "months"
    YEARS = "years"


# Months count least, so that 36 months are three years.
_DAYS = {Unit.DAYS: 1, Unit.WEEKS: 7, Unit.MONTHS: 30, Unit.YEARS: 366}

_UNITS = {
    word: unit
    for unit, words in {
        Unit.DAYS: "day days d jour jours j",
        Unit.WEEKS: "week weeks semaine semaines sem",
        Unit.MONTHS: "month months mois",
        Unit.YEARS: "year years an ans annee annees",
    }.items()
    for word in words.split()
}
_ONE = {"a": 1, "an": 1, "one": 1, "un": 1, "une": 1}
_DELAY = re.compile(r"\+?\s*(?P<count>\d{1,4}|[a-z]+)\s*(?P<unit>[a-z]*)\.?")


class InvalidDelay(ValueError):
    """This text is no delay; it carries what was typed."""

    def __init__(self, text: str) -> None:
        super().__init__(f"not a delay: {text!r}")
        self.text = text


@dataclass(frozen=True, kw_only=True)
class Delay:
    """A number of days, weeks, months or years; ``str`` writes ``+ 15 days``."""

    count: int
    unit: Unit

    def __str__(self) -> str:
        unit = self.unit.value if self.count > 1 else self.unit.value.removesuffix("s")
        return f"+ {self.count} {unit}"

    def after(self, day: date) -> date:
        """Return the day that comes after the delay; 31 January + 1 month is the
        last day of February."""
        if self.unit in (Unit.DAYS, Unit.WEEKS):
            return day + timedelta(days=self.count * _DAYS[self.unit])
        months = self.count * (12 if self.unit == Unit.YEARS else 1)
        return add_months(day, months)


def add_months(day: date, months: int) -> date:
    """Return the same day some months later, or that month's last day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))


def parse_delay(text: str) -> Delay:
    """Read a delay as the module writes it or in plain French or English words.

    ``+ 15 days``, ``15 jours``, ``+2 weeks``, ``1 month``, ``un mois``, ``15``.
    Raises InvalidDelay for nothing, zero, a minus sign, over three years, or words
    it does not know.
    """
    found = _DELAY.fullmatch(_plain(text))
    if found is None:
        raise InvalidDelay(text)
    count, word = found["count"], found["unit"]
    number = int(count) if count.isdecimal() else _ONE.get(count, 0)
    if not word and count.isdecimal():
        word = "days"
    unit = _UNITS.get(word)
    if unit is None or not 0 < number * _DAYS[unit] <= LONGEST_DAYS:
        raise InvalidDelay(text)
    return Delay(count=number, unit=unit)


class Month(StrEnum):
    """Whether the end of the month comes in, before or after the days."""

    NONE = "none"
    BEFORE = "before"  # end of the invoice's month, then the days
    AFTER = "after"  # the days, then the end of that month


@dataclass(frozen=True, kw_only=True)
class PaymentTerms:
    """When an invoice is due; ``str`` writes what is stored: ``NET 30``,
    ``EOM+30``, ``45 EOM``, with `` D10`` for "le 10"."""

    days: int
    month: Month = Month.NONE
    day_of_month: int | None = None

    def __str__(self) -> str:
        text = {
            Month.NONE: f"NET {self.days}",
            Month.BEFORE: f"EOM+{self.days}",
            Month.AFTER: f"{self.days} EOM",
        }[self.month]
        return f"{text} D{self.day_of_month}" if self.day_of_month else text

    def due_date(self, issued_on: date) -> date:
        """Return the due date of an invoice issued on a day."""
        day = issued_on
        if self.month == Month.BEFORE:
            day = _month_end(day)
        day += timedelta(days=self.days)
        if self.month == Month.AFTER:
            day = _month_end(day)
        if self.day_of_month is not None:
            day = _next_day_of_month(day, self.day_of_month)
        return day

    @property
    def too_long(self) -> bool:
        """Whether they exceed what the law allows between businesses: 60 days, or
        45 days and the end of the month (art. L441-10 I C. com.)."""
        return self.days > (60 if self.month == Month.NONE else 45)


_STORED = re.compile(
    r"(?:net (?P<net>\d{1,3})|eom ?\+ ?(?P<before>\d{1,3})"
    r"|(?P<after>\d{1,3}) ?\+? ?eom)"
    r"(?: d(?P<day>\d{1,2}))?"
)
_NOW = {"a reception", "comptant", "on receipt", "immediate", "immediat"}
_SPOKEN = re.compile(
    r"(?:(?P<days>\d{1,3}) ?(?:jours?|days?|j)?(?: net(?:s|tes)?| nets?)?)?"
    r"(?P<eom> ?(?:fin de mois|fdm|end of month|eom))?"
    r"(?: \+? ?(?P<more>\d{1,3}) ?(?:jours?|days?|j))?"
    r"(?: (?:le|the) (?P<day>\d{1,2})(?:er|st|nd|rd|th)?)?"
)


def parse_terms(text: str) -> PaymentTerms:
    """Read payment terms, as stored or in plain words: ``30 jours``, ``45 jours fin
    de mois le 10``, ``fin de mois + 30 jours``, ``à réception``. Raises
    InvalidDelay."""
    plain = _plain(text)
    if plain in _NOW:
        return PaymentTerms(days=0)
    if stored := _STORED.fullmatch(plain):
        month = Month.BEFORE if stored["before"] else Month.NONE
        month = Month.AFTER if stored["after"] else month
        days = stored["net"] or stored["before"] or stored["after"]
        return _terms(text, days=days, month=month, day=stored["day"])
    spoken = _SPOKEN.fullmatch(plain)
    if spoken is None or not (spoken["days"] or spoken["eom"]):
        raise InvalidDelay(text)
    if spoken["more"] and (spoken["days"] or not spoken["eom"]):
        raise InvalidDelay(text)
    month = Month.NONE
    if spoken["eom"]:
        month = Month.AFTER if spoken["days"] else Month.BEFORE
    days = spoken["days"] or spoken["more"] or "0"
    return _terms(text, days=days, month=month, day=spoken["day"])


def _terms(text: str, *, days: str, month: Month, day: str | None) -> PaymentTerms:
    if int(days) > 366 or (day is not None and not 1 <= int(day) <= 31):
        raise InvalidDelay(text)
    return PaymentTerms(
        days=int(days), month=month, day_of_month=int(day) if day else None
    )


def _month_end(day: date) -> date:
    return day.replace(day=monthrange(day.year, day.month)[1])


def _next_day_of_month(day: date, wanted: int) -> date:
    """Return the first "the Nth" on or after a day."""
    here = min(wanted, monthrange(day.year, day.month)[1])
    if day.day <= here:
        return day.replace(day=here)
    after = add_months(day.replace(day=1), 1)
    return after.replace(day=min(wanted, monthrange(after.year, after.month)[1]))


def _plain(text: str) -> str:
    """Return the text in lower case, without accents, with single spaces."""
    parts = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(char for char in parts if not unicodedata.combining(char))
    return " ".join(bare.split())
