"""The rates that penalties are computed with, as the rule reads them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from django.db.models import Min

from relance.models import Invoice, Rate
from relance.rules.rates import HalfYear, RateKind, RateRow, RateTable


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
    since = HalfYear.of(oldest + timedelta(days=1) if oldest else today)
    found = []
    while since.start <= today:
        found.append(since)
        since = since.next
    return found
