"""Until when payments are known, and what of them settles nothing yet."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db.models import Subquery, TextField
from django.db.models.functions import Cast
from django.utils import timezone

from relance.models import Company, Payment, Proposal
from relance.models.money import ZERO
from relance.queries.company import NotSetUp
from relance.rules.calendar import working_days_since
from relance.rules.escalation import Code, reason_from_data


@dataclass(frozen=True, kw_only=True)
class Freshness:
    """How far one may trust that what is shown unpaid is unpaid.

    ``known_until``: the day on which the last payment was entered: those received
    since are not known. ``stale``: more working days ago than the company allows.
    ``unmatched``: what customers who still owe something paid, or were credited,
    and that settles nothing yet; ``unmatched_count``: how many customers they are.
    """

    known_until: date | None
    recorded_at: datetime | None
    unmatched_count: int
    unmatched: list[tuple[str, Decimal]]
    working_days: int
    stale: bool


def freshness(*, today: date, now: datetime) -> Freshness:
    """Return until when payments are known; reads only, the proposals being up to
    date. Raises NotSetUp."""
    recorded_at, stale_after = _last_recorded()
    known = timezone.localdate(recorded_at) if recorded_at is not None else None
    days = working_days_since(known, today=today) if known is not None else 0
    unmatched = _unmatched()
    sums: defaultdict[str, Decimal] = defaultdict(lambda: ZERO)
    for (_customer, currency), amount in unmatched.items():
        sums[currency] += amount
    return Freshness(
        known_until=known,
        recorded_at=recorded_at,
        unmatched_count=len({customer for customer, _currency in unmatched}),
        unmatched=sorted(sums.items()),
        working_days=days,
        stale=known is None or days > stale_after,
    )


def _last_recorded() -> tuple[datetime | None, int]:
    # Entered in the order of their ids: no sort of all of them.
    last = Payment.objects.order_by("-pk").values("recorded_at")[:1]
    found = Company.objects.annotate(last=Subquery(last)).values_list(
        "last", "payments_stale_after"
    )
    for recorded_at, stale_after in found:
        return recorded_at, stale_after
    raise NotSetUp


def _unmatched() -> Mapping[tuple[int, str], Decimal]:
    """Return, by customer and currency, what settles nothing yet of customers who
    still owe something: as it was found when their invoices were decided."""
    rows = (
        Proposal.objects.alias(said=Cast("reasons", TextField()))
        .filter(said__contains=f'"{Code.UNALLOCATED.value}"')
        .order_by()
        .values_list("customer", "invoice__currency", "reasons")
    )
    return {
        (customer, currency): amount
        for customer, currency, reasons in rows
        for data in reasons
        if data["code"] == Code.UNALLOCATED.value
        and isinstance(amount := reason_from_data(data).facts["amount"], Decimal)
    }
