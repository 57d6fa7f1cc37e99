"""Until when payments are known, and what of them settles nothing yet."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Subquery, TextField
from django.db.models.functions import Cast, Coalesce, Greatest
from django.utils import timezone

from relance.models import (
    BankLine,
    BankStatement,
    Company,
    DolibarrConnection,
    Payment,
    PendingPayment,
    Proposal,
    Source,
)
from relance.models.money import ZERO
from relance.queries.company import NotSetUp
from relance.queries.counting import count_of
from relance.rules.calendar import working_days_since
from relance.rules.escalation import Code
from relance.rules.reason_data import reason_from_data


@dataclass(frozen=True, kw_only=True)
class Freshness:
    """How far one may trust that what is shown unpaid is unpaid.

    ``known_until``: the day on which the last payment was entered by hand, or the
    last one that a bank statement covers: those received since are not known.
    ``recorded_at``: when that payment was entered, or Dolibarr read; ``None`` for a
    statement.
    ``waiting``: receipts of the bank that nobody matched yet. ``stale``: more working
    days ago than the company allows.
    ``unmatched``: what customers who still owe something paid, or were credited,
    and that settles nothing yet; ``unmatched_count``: how many customers they are.
    """

    known_until: date | None
    recorded_at: datetime | None
    unmatched_count: int
    unmatched: list[tuple[str, Decimal]]
    waiting: int
    # Those matched with invoices of Dolibarr that it has not recorded yet.
    awaited: int
    working_days: int
    stale: bool
    # What the company does unless somebody chose otherwise: read with the rest.
    grouped: bool


def freshness(*, today: date, now: datetime) -> Freshness:
    """Return until when payments are known; reads only, the proposals being up to
    date. Raises NotSetUp."""
    last = _last()
    recorded_at, covered = last.recorded_at, last.covered
    known = known_until(recorded_at, covered)
    by_hand = recorded_at is not None and timezone.localdate(recorded_at) == known
    days = working_days_since(known, today=today) if known is not None else 0
    unmatched = _unmatched()
    sums: defaultdict[str, Decimal] = defaultdict(lambda: ZERO)
    for (_customer, currency), amount in unmatched.items():
        sums[currency] += amount
    return Freshness(
        known_until=known,
        recorded_at=recorded_at if by_hand else None,
        unmatched_count=len({customer for customer, _currency in unmatched}),
        unmatched=sorted(sums.items()),
        waiting=last.waiting,
        awaited=last.awaited,
        working_days=days,
        stale=known is None or days > last.stale_after,
        grouped=last.grouped,
    )


@dataclass(frozen=True)
class _Last:
    recorded_at: datetime | None
    covered: date | None
    waiting: int
    awaited: int
    stale_after: int
    grouped: bool


def known_until(entered_at: datetime | None, covered: date | None) -> date | None:
    """Return the day up to which payments are known, from the columns below."""
    entered = timezone.localdate(entered_at) if entered_at is not None else None
    return max((day for day in (entered, covered) if day is not None), default=None)


def known_columns() -> dict[str, Any]:
    """Return, as columns of the company's row: when the last payment was entered by
    hand or Dolibarr was last read, until when statements go, and how many receipts
    wait to be matched."""
    # What a statement told of is known as far as that statement goes.
    by_hand = Payment.objects.filter(bank_line=None).exclude(source=Source.DOLIBARR)
    entered = Subquery(by_hand.order_by("-pk").values("recorded_at")[:1])
    # A synchronisation reads all that is paid there until it began.
    synced = Subquery(DolibarrConnection.objects.values("last_sync_at")[:1])
    statements = BankStatement.objects.filter(last_on__isnull=False)
    return {
        # Entered in the order of their ids: no sort of all of them.
        "entered_at": Greatest(Coalesce(entered, synced), Coalesce(synced, entered)),
        "covered": Subquery(statements.order_by("-last_on").values("last_on")[:1]),
        "receipts": count_of(BankLine.objects.filter(state=BankLine.State.OPEN)),
        "awaited": count_of(PendingPayment.objects.holding()),
    }


def _last() -> _Last:
    columns = known_columns()
    found = Company.objects.annotate(**columns).values_list(
        *columns, "payments_stale_after", "group_by_customer"
    )
    for row in found:
        return _Last(*row)
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
