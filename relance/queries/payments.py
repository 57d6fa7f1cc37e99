"""The list of payments, with what each has left; what reminders brought in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import batched

from django.db.models import Count, Exists, Expression, OuterRef, Q, QuerySet

from relance.models import Allocation, Invoice, Payment, Reminder, Source
from relance.models.days import DaysBetween
from relance.models.money import minus, sum_of
from relance.models.search import amount_in, said_in, words_of

# A payment is put down to a reminder made at most this many days before.
REACH = 30
# The periods that are looked at, in days until today.
PERIODS = (30, 90)


@dataclass(frozen=True, kw_only=True)
class Criteria:
    """What of the list is looked at."""

    words: str = ""
    currency: str = ""
    # Only what was collected after a reminder, in the last so many days.
    after_reminder: int | None = None

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> Criteria:
        """Read the address of a list; what is not understood is left out."""
        period = query.get("after_reminder", "")
        known = period in map(str, PERIODS)
        return cls(
            words=query.get("q", ""),
            currency=query.get("currency", ""),
            after_reminder=int(period) if known else None,
        )

    def as_query(self) -> dict[str, str]:
        """Return the address that ``from_query`` reads back."""
        said = {
            "after_reminder": str(self.after_reminder or ""),
            "q": self.words,
            "currency": self.currency,
        }
        return {name: value for name, value in said.items() if value}


@dataclass(frozen=True, kw_only=True)
class Collected:
    """What was collected after a reminder in one currency and period."""

    currency: str
    payments: int
    amount: Decimal


def listed(criteria: Criteria, *, today: date) -> QuerySet[Payment]:
    """Return payments, the newest first, each with what settles nothing yet."""
    return (
        matching(criteria, today=today)
        .select_related("customer", "recorded_by", "correction")
        .annotate(used=sum_of("allocations__amount"))
        .annotate(left=minus("amount", "used"))
        .order_by("-received_on", "-pk")
    )


def matching(criteria: Criteria, *, today: date) -> QuerySet[Payment]:
    """Return the payments that the criteria keep, in no order."""
    found = Payment.objects.order_by()
    if criteria.currency:
        found = found.filter(currency=criteria.currency)
    if criteria.after_reminder is not None:
        parts = after_reminder(days=criteria.after_reminder, today=today)
        found = found.filter(pk__in=parts.values("payment"))
    for word in words_of(criteria.words):
        # A subquery: a join would count only the allocations that match.
        on_invoice = Allocation.objects.filter(invoice__number__icontains=word)
        found = found.filter(
            said_in(word, "customer__")
            | amount_in(word, "amount")
            | Q(reference__icontains=word)
            | Q(pk__in=on_invoice.values("payment"))
        )
    return found


def after_reminder(*, days: int, today: date) -> QuerySet[Allocation]:
    """Return the parts of payments of the last ``days`` days that settle an invoice
    reminded at most REACH days before, the day of the payment included.

    A note or a call is no reminder; what was taken back is left out.
    """
    reminded = (
        Reminder.objects.reaching()
        .filter(lines__invoice=OuterRef("invoice"))
        .alias(days=DaysBetween("made_on", OuterRef("effective_on")))
        .filter(days__gte=0, days__lte=REACH)
    )
    return Allocation.objects.order_by().filter(
        Exists(reminded),
        payment__isnull=False,
        effective_on__gt=today - timedelta(days=days),
        effective_on__lte=today,
        undoes__isnull=True,
        undone_by__isnull=True,
    )


def collected(*, today: date) -> dict[int, list[Collected]]:
    """Return what was collected after a reminder, by period and currency, the
    largest number of payments first; in one query."""
    sums: list[Expression] = []
    for days in PERIODS:
        since = Q(effective_on__gt=today - timedelta(days=days))
        payments = Count("payment", distinct=True, filter=since)
        sums += [payments, sum_of("amount", filter=since)]
    columns = {f"sum_{place}": column for place, column in enumerate(sums)}
    rows = (
        after_reminder(days=max(PERIODS), today=today)
        .values("payment__currency")
        .annotate(**columns)
        .values_list("payment__currency", *columns)
    )
    found: dict[int, list[Collected]] = {days: [] for days in PERIODS}
    for currency, *numbers in rows:
        for days, (count, amount) in zip(PERIODS, batched(numbers, 2), strict=True):
            one = Collected(currency=currency, payments=count, amount=amount)
            found[days] += [one] if count else []
    for period in found.values():
        period.sort(key=lambda one: (-one.payments, one.currency))
    return found


def collected_by(criteria: Criteria, *, today: date) -> list[Collected]:
    """Return what the payments of a list were collected after a reminder, by
    currency; nothing when the list is not about that."""
    if criteria.after_reminder is None:
        return []
    parts = after_reminder(days=criteria.after_reminder, today=today)
    if criteria.words or criteria.currency:
        parts = parts.filter(payment__in=matching(criteria, today=today).values("pk"))
    rows = (
        parts.values_list("payment__currency")
        .annotate(payments=Count("payment", distinct=True), amount=sum_of("amount"))
        .order_by("payment__currency")
    )
    return [
        Collected(currency=currency, payments=payments, amount=amount)
        for currency, payments, amount in rows
    ]


def brought_in(
    page: Iterable[Payment], criteria: Criteria, *, today: date
) -> dict[int, Decimal]:
    """Return by id how much of these payments was collected after a reminder, when
    the list is about that."""
    if criteria.after_reminder is None:
        return {}
    parts = after_reminder(days=criteria.after_reminder, today=today).filter(
        payment__in=[payment.pk for payment in page]
    )
    return dict(parts.values_list("payment").annotate(sum=sum_of("amount")))


def open_invoices(customer_id: int, currency: str = "EUR") -> QuerySet[Invoice]:
    """Return what a customer may be paying, the oldest due first."""
    return (
        Invoice.objects.unpaid()
        .filter(customer=customer_id, currency=currency)
        .order_by("due_date", "number")
    )


def settled_here(customer_id: int, currency: str = "EUR") -> QuerySet[Invoice]:
    """Return those of which we keep the payments; Dolibarr keeps those of its own."""
    return open_invoices(customer_id, currency).exclude(source=Source.DOLIBARR)
