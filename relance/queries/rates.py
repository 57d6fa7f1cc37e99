"""The rates that penalties are computed with, as the rule reads them."""

from __future__ import annotations

from collections.abc import Iterable

from relance.models import Rate
from relance.rules.penalties import HalfYear, RateKind, RateRow, RateTable


def rate_table() -> RateTable:
    """Return the rates of the database."""
    return table_of(Rate.objects.all())


def table_of(rates: Iterable[Rate]) -> RateTable:
    """Return rows, saved or not, as a table."""
    return RateTable(
        RateRow(
            kind=RateKind(rate.kind),
            half_year=HalfYear.parse(rate.half_year),
            percent=rate.percent,
            verified=rate.verified,
        )
        for rate in rates
    )
