"""The two published rates that penalties are made of, by half-year."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum


class RateKind(StrEnum):
    """The two published rates that penalties are made of."""

    LEGAL = "LEGAL"
    ECB = "ECB"


@dataclass(frozen=True, order=True)
class HalfYear:
    """The unit of published rates: 1 January to 30 June, 1 July to 31 December."""

    year: int
    half: int

    @classmethod
    def of(cls, day: date) -> HalfYear:
        return cls(day.year, 1 if day.month <= 6 else 2)

    @classmethod
    def parse(cls, text: str) -> HalfYear:
        """Read ``2026-S2``; raise ValueError for anything else."""
        year, dash, half = text.partition("-S")
        if not (dash and year.isdecimal() and len(year) == 4 and half in ("1", "2")):
            raise ValueError(f"not a half-year: {text!r}")
        return cls(int(year), int(half))

    def __str__(self) -> str:
        return f"{self.year}-S{self.half}"

    @property
    def start(self) -> date:
        return date(self.year, 1 if self.half == 1 else 7, 1)

    @property
    def end(self) -> date:
        return date(self.year, 6, 30) if self.half == 1 else date(self.year, 12, 31)

    @property
    def next(self) -> HalfYear:
        return HalfYear(self.year + self.half - 1, 3 - self.half)


class MissingRate(Exception):
    """No rate is known for a half-year that the computation needs."""

    def __init__(self, kind: RateKind, half_year: HalfYear) -> None:
        super().__init__(f"the {kind} rate of {half_year} is missing")
        self.kind = kind
        self.half_year = half_year


@dataclass(frozen=True, kw_only=True)
class RateRow:
    """A published rate, in per cent a year."""

    kind: RateKind
    half_year: HalfYear
    percent: Decimal
    verified: bool


class RateTable:
    """The known rates; a missing one is never replaced by its neighbour."""

    def __init__(self, rows: Iterable[RateRow]) -> None:
        self._rows = {(row.kind, row.half_year): row for row in rows}

    def get(self, kind: RateKind, half_year: HalfYear) -> RateRow:
        """Return the row; raise MissingRate."""
        try:
            return self._rows[kind, half_year]
        except KeyError:
            raise MissingRate(kind, half_year) from None

    def find(self, kind: RateKind, half_year: HalfYear) -> RateRow | None:
        return self._rows.get((kind, half_year))


def legal_floor(rates: RateTable, half_year: HalfYear) -> Decimal | None:
    """Return the least valid contract rate of a half-year, 3 × the legal rate
    (L441-10 II); ``None`` while that rate is unknown."""
    row = rates.find(RateKind.LEGAL, half_year)
    return None if row is None else 3 * row.percent
