"""Until when payments are known, and what of them settles nothing yet."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Max
from django.utils import timezone

from relance.models import Allocation, Invoice, Payment
from relance.models.money import ZERO, sum_of
from relance.queries.company import company
from relance.rules.calendar import working_days_since


@dataclass(frozen=True, kw_only=True)
class Freshness:
    """How far one may trust that what is shown unpaid is unpaid.

    ``known_until``: the day on which the last payment was entered: those received
    since are not known. ``stale``: more working days ago than the company allows.
    """

    known_until: date | None
    recorded_at: datetime | None
    unmatched_count: int
    unmatched: list[tuple[str, Decimal]]
    working_days: int
    stale: bool


def freshness(*, today: date, now: datetime) -> Freshness:
    """Return until when payments are known; reads only."""
    recorded_at = Payment.objects.aggregate(last=Max("recorded_at"))["last"]
    known = timezone.localdate(recorded_at) if recorded_at is not None else None
    days = working_days_since(known, today=today) if known is not None else 0
    customers, sums = _unmatched()
    return Freshness(
        known_until=known,
        recorded_at=recorded_at,
        unmatched_count=customers,
        unmatched=sorted(sums.items()),
        working_days=days,
        stale=known is None or days > company().payments_stale_after,
    )


def _unmatched() -> tuple[int, dict[str, Decimal]]:
    """Return how many customers paid or were credited what settles nothing yet, and
    how much in each currency."""
    left: defaultdict[tuple[int, str], Decimal] = defaultdict(lambda: ZERO)
    received = _summed(Payment.objects.all(), "customer", "currency", "amount")
    used = _summed(
        Allocation.objects.filter(payment__isnull=False),
        "payment__customer",
        "payment__currency",
        "amount",
    )
    credits = Invoice.objects.filter(
        kind=Invoice.Kind.CREDIT_NOTE, state=Invoice.State.OPEN
    )
    for customer, currency, amount in received:
        left[customer, currency] += amount
    for customer, currency, amount in used:
        left[customer, currency] -= amount
    for customer, currency, amount in _summed(
        credits, "customer", "currency", "balance"
    ):
        left[customer, currency] += amount
    sums: defaultdict[str, Decimal] = defaultdict(lambda: ZERO)
    customers = set()
    for (customer, currency), amount in left.items():
        if amount > ZERO:
            sums[currency] += amount
            customers.add(customer)
    return len(customers), dict(sums)


def _summed(
    rows: Any, customer: str, currency: str, amount: str
) -> list[tuple[int, str, Decimal]]:
    found: list[tuple[int, str, Decimal]] = []
    found.extend(
        rows.values_list(customer, currency).annotate(sum=sum_of(amount)).order_by()
    )
    return found
