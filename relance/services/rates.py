"""Legal and ECB rates that come with the program."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

from django.db import DatabaseError

from relance.models import Rate
from relance.queries.rates import rate_table, table_of
from relance.rules.penalties import RateTable

SEED = Path(__file__).resolve().parent.parent / "seeds" / "rates.csv"


def seed_table() -> RateTable:
    """Return the rates that come with the program, without any database."""
    return table_of(seed_rates())


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


def rates_at_hand() -> RateTable:
    """Return the rates of the database, or those that come with the program while
    it does not answer or has none."""
    try:
        if Rate.objects.exists():
            return rate_table()
    except DatabaseError:
        pass
    return seed_table()
