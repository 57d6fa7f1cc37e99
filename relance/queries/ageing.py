"""The aged balance: what is left to pay, by how late it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from itertools import batched

from django.db.models import Count, Expression, Q

from relance.models import Invoice
from relance.models.invoices import InvoiceQuerySet
from relance.models.money import ZERO, sum_of


class Age(StrEnum):
    """How late an unpaid invoice is; due today is not late."""

    NOT_DUE = "not_due"
    TO_30 = "1-30"
    TO_60 = "31-60"
    TO_90 = "61-90"
    OVER_90 = "over_90"


# The least and the most days late of each age.
_DAYS: Mapping[Age, tuple[int | None, int | None]] = {
    Age.NOT_DUE: (None, 0),
    Age.TO_30: (1, 30),
    Age.TO_60: (31, 60),
    Age.TO_90: (61, 90),
    Age.OVER_90: (91, None),
}


@dataclass(frozen=True, kw_only=True)
class Part:
    """The unpaid invoices of one age and currency."""

    age: Age
    count: int
    balance: Decimal


@dataclass(frozen=True, kw_only=True)
class AgedBalance:
    """All that is left to pay in one currency: one part for each age."""

    currency: str
    parts: tuple[Part, ...]

    @property
    def count(self) -> int:
        return sum(part.count for part in self.parts)

    @property
    def balance(self) -> Decimal:
        return sum((part.balance for part in self.parts), ZERO)

    @property
    def late_count(self) -> int:
        return sum(part.count for part in self._late)

    @property
    def late_balance(self) -> Decimal:
        return sum((part.balance for part in self._late), ZERO)

    @property
    def _late(self) -> list[Part]:
        return [part for part in self.parts if part.age != Age.NOT_DUE]


def of_age(age: Age, *, today: date) -> InvoiceQuerySet:
    """Return the unpaid invoices of an age."""
    return Invoice.objects.unpaid().filter(_due(age, today))


def aged_balances(*, today: date) -> list[AgedBalance]:
    """Return the aged balance of each currency, the most used first, in one query."""
    sums: list[Expression] = []
    for age in Age:
        due = _due(age, today)
        sums += [Count("pk", filter=due), sum_of("balance", filter=due)]
    columns = {f"sum_{place}": column for place, column in enumerate(sums)}
    rows = (
        Invoice.objects.unpaid()
        .order_by()
        .values("currency")
        .annotate(**columns)
        .values_list("currency", *columns)
    )
    found = [
        AgedBalance(
            currency=currency,
            parts=tuple(
                Part(age=age, count=count, balance=balance)
                for age, (count, balance) in zip(Age, batched(numbers, 2), strict=True)
            ),
        )
        for currency, *numbers in rows
    ]
    return sorted(found, key=lambda one: (-one.count, one.currency))


def _due(age: Age, today: date) -> Q:
    least, most = _DAYS[age]
    due = Q()
    if least is not None:
        due &= Q(due_date__lte=today - timedelta(days=least))
    if most is not None:
        due &= Q(due_date__gte=today - timedelta(days=most))
    return due
