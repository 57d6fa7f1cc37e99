"""Legal and ECB rates: the table that penalties are computed with."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from decimal import Decimal
from pathlib import Path

from relance.models import Rate
from relance.rules.penalties import HalfYear, RateKind, RateRow, RateTable

SEED = Path(__file__).resolve().parent.parent / "seeds" / "rates.csv"


def rate_table() -> RateTable:
    """Return the rates as the database has them."""
    return table_of(Rate.objects.all())


def seed_table() -> RateTable:
    """Return the rates that come with the program, without any database."""
    return table_of(seed_rates())


def table_of(rates: Iterable[Rate]) -> RateTable:
    """Return rows as the rule reads them."""
    return RateTable(
        RateRow(
            kind=RateKind(rate.kind),
            half_year=HalfYear.parse(rate.half_year),
            percent=rate.percent,
            verified=rate.verified,
        )
        for rate in rates
    )


def seed_rates() -> Iterator[Rate]:
    """Return the published rates that come with the program, unsaved."""
    with SEED.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield Rate(
                kind=row["kind"],
                half_year=row["half_year"],
                percent=Decimal(row["percent"]),
                verified=row["verified"] == "true",
                source=row["source"],
            )


def add_seed_rates() -> None:
    """Add the published rates that the table lacks; never change one."""
    known = set(Rate.objects.values_list("kind", "half_year"))
    Rate.objects.bulk_create(
        rate for rate in seed_rates() if (rate.kind, rate.half_year) not in known
    )
