"""The rates that penalties are computed with, as the rule reads them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Exists, Min, Subquery

from relance.models import Company, Invoice, Rate
from relance.rules.rates import HalfYear, RateKind, RateRow, RateTable
from relance.rules.regimes import Regime


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


def half_years_in_use(*, today: date) -> list[HalfYear]:
    """Return the half-years in which something unpaid bore or bears interest: from
    the day after the oldest due date to today; today's when nothing is late."""
    oldest = Invoice.objects.overdue(on=today).aggregate(day=Min("due_date"))["day"]
    return _since(oldest, today)


@dataclass(frozen=True, kw_only=True)
class Doubt:
    """A rate in use that is missing, or that nobody has verified."""

    kind: RateKind
    half_year: HalfYear
    missing: bool
    pk: int | None = None


def doubtful_rates(*, today: date) -> list[Doubt]:
    """Return the rates in use that are missing or unverified, the latest first, in
    one query.

    Both kinds of today's half-year; of earlier ones the ECB's, and the legal rate
    where a contract rate is checked against it or somebody owes it.
    """
    late = Invoice.objects.overdue(on=today).order_by("due_date")
    owing = late.filter(customer__regime__in=(Regime.B2C, Regime.NON_PRO)).order_by()
    rows = list(
        Rate.objects.annotate(
            oldest=Subquery(late.values("due_date")[:1]),
            agreed=Subquery(Company.objects.values("contract_rate")[:1]),
            owed=Exists(owing),
        )
    )
    oldest = rows[0].oldest if rows else None
    legal = bool(rows) and (rows[0].agreed is not None or rows[0].owed)
    known = {(row.kind, row.half_year): row for row in rows}
    found = []
    for half_year in reversed(_since(oldest, today)):
        for kind in RateKind:
            row = known.get((kind.value, str(half_year)))
            wanted = kind == RateKind.ECB or legal or half_year == HalfYear.of(today)
            if wanted and (row is None or not row.verified):
                pk = row.pk if row else None
                doubt = Doubt(
                    kind=kind, half_year=half_year, missing=row is None, pk=pk
                )
                found.append(doubt)
    return found


def _since(oldest: date | None, today: date) -> list[HalfYear]:
    half_year = HalfYear.of(oldest + timedelta(days=1) if oldest else today)
    found = []
    while half_year.start <= today:
        found.append(half_year)
        half_year = half_year.next
    return found
