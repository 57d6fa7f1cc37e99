"""Customers who look like one, side by side; those who were merged, or kept apart."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from relance.models import (
    Customer,
    CustomerMerge,
    DistinctCustomers,
    Invoice,
    Reminder,
)
from relance.queries.customers import Row, rows
from relance.rules.likeness import Known, Like, Pair, pairs


@dataclass(frozen=True, kw_only=True)
class Side:
    """A customer of a pair with what tells which card is the good one."""

    row: Row
    invoices: int
    reminders: int
    last_on: date | None

    @property
    def customer(self) -> Customer:
        return self.row.customer

    @property
    def weight(self) -> tuple[int, int, int]:
        """How much rests on the card: the heavier one is proposed to stay."""
        return (self.invoices, self.reminders, -self.customer.pk)


@dataclass(frozen=True, kw_only=True)
class Duplicate:
    """Two customers who look like one; the first is the one to keep."""

    kept: Side
    absorbed: Side
    why: tuple[Like, ...]
    likely: int


def lookalikes() -> list[Pair]:
    """Return the pairs that nobody decided on, the likeliest first."""
    columns = ("pk", "name", "siren", "siret", "vat_number", "email")
    known = (
        Known(
            pk=pk,
            name=name,
            siren=siren,
            siret=siret,
            vat=vat,
            email=email,
            postcode=postcode,
            city=city,
        )
        for pk, name, siren, siret, vat, email, postcode, city in (
            Customer.objects.standing()
            .order_by("pk")
            .values_list(*columns, "postcode", "city")
        )
    )
    apart = set(DistinctCustomers.objects.order_by().values_list("one", "other"))
    return [pair for pair in pairs(known) if (pair.one, pair.other) not in apart]


def side_by_side(found: Sequence[Pair], *, today: date) -> list[Duplicate]:
    """Return pairs with their customers and figures, in three queries."""
    sides = _sides({pk for pair in found for pk in (pair.one, pair.other)}, today=today)
    shown = []
    for pair in found:
        both = sorted(
            (sides[pair.one], sides[pair.other]),
            key=lambda side: side.weight,
            reverse=True,
        )
        shown.append(
            Duplicate(kept=both[0], absorbed=both[1], why=pair.why, likely=pair.likely)
        )
    return shown


def compared(kept: Customer, absorbed: Customer, *, today: date) -> tuple[Side, Side]:
    """Return two customers with their figures."""
    sides = _sides([kept.pk, absorbed.pk], today=today)
    return sides[kept.pk], sides[absorbed.pk]


def merges() -> QuerySet[CustomerMerge]:
    """Return the merges, the newest first."""
    people = ("kept", "absorbed", "merged_by", "undone_by")
    return CustomerMerge.objects.select_related(*people)


def merges_into(customer: Customer) -> QuerySet[CustomerMerge]:
    """Return the merges of which a customer is the survivor."""
    return merges().filter(kept=customer, undone_at=None)


def kept_apart() -> QuerySet[DistinctCustomers]:
    """Return the pairs that somebody said are two, the newest first."""
    standing = Q(one__merged_into=None, other__merged_into=None)
    people = ("one", "other", "said_by")
    return DistinctCustomers.objects.filter(standing).select_related(*people)


def _sides(pks: Iterable[int], *, today: date) -> dict[int, Side]:
    theirs = Invoice.objects.filter(customer=OuterRef("pk")).order_by()
    sent = Reminder.objects.filter(customer=OuterRef("pk")).order_by()
    customers = Customer.objects.filter(pk__in=pks)
    counts = {
        pk: (invoices, last_on, reminders)
        for pk, invoices, last_on, reminders in customers.order_by().values_list(
            "pk",
            _count(theirs),
            Subquery(theirs.values("customer").values(n=Max("issued_on"))),
            _count(sent),
        )
    }
    found = rows(customers.select_related("procedure", "highest_level"), today=today)
    sides = {}
    for row in found:
        invoices, last_on, reminders = counts[row.customer.pk]
        sides[row.customer.pk] = Side(
            row=row, invoices=invoices, last_on=last_on, reminders=reminders
        )
    return sides


def _count(found: QuerySet[Any]) -> Coalesce:
    counted = found.values("customer").values(n=Count("pk"))
    return Coalesce(Subquery(counted), 0)
