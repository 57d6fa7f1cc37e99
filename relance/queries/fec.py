"""A ledger of accounts on screen: its figures, its parts, what stands in each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from django.db.models import Count, Q, QuerySet

from relance.models import Customer, FecAccount, FecFile, FecItem
from relance.models.money import sum_of

Kind, State = FecItem.Kind, FecItem.State


class Part(StrEnum):
    """What is looked at together."""

    CUSTOMERS = "customers"
    INVOICES = "invoices"
    PAYMENTS = "payments"
    SETTLED = "settled"
    APART = "apart"
    REFUSED = "refused"


_KINDS = {
    Part.INVOICES: (Kind.INVOICE, Kind.CREDIT_NOTE),
    Part.PAYMENTS: (Kind.PAYMENT, Kind.ADVANCE),
    Part.SETTLED: (Kind.SETTLED, Kind.VANISHED),
    Part.APART: (Kind.CARRIED_OVER, Kind.DOUBTFUL, Kind.OTHER),
}
_OWED = (*_KINDS[Part.INVOICES], *_KINDS[Part.APART])


@dataclass(frozen=True, kw_only=True)
class Figures:
    """What would be brought in, and what would stay out."""

    invoices: int
    owed: Decimal
    payments: int
    received: Decimal
    settled: int
    customers: int
    known: int
    # Of the ledger's balance, what is not here after the import.
    left_out: Decimal
    counts: dict[Part, int]

    @property
    def is_anything(self) -> bool:
        return bool(self.invoices or self.payments or self.settled)


@dataclass(frozen=True, kw_only=True)
class Done:
    """How far an import is."""

    done: int
    total: int

    @property
    def percent(self) -> int:
        return 100 * self.done // self.total if self.total else 0


@dataclass(frozen=True, kw_only=True)
class Settles:
    """An invoice that a payment is proposed to settle, and for how much."""

    number: str
    amount: Decimal


def files() -> QuerySet[FecFile]:
    """Return the files received, the newest first."""
    return FecFile.objects.select_related("received_by", "batch")


def figures(file: FecFile) -> Figures:
    """Return what an import would do as things are chosen, in a few queries."""
    items = FecItem.objects.filter(file=file)
    taken = Q(wanted=True, state=State.WAITING) & (
        Q(account=None) | Q(account__left_out=False)
    )
    owed = Q(kind__in=_OWED) & taken
    paid = Q(kind__in=_KINDS[Part.PAYMENTS]) & taken
    of_the_ledger = ~Q(kind__in=_KINDS[Part.SETTLED])
    here = taken | Q(state__in=(State.KNOWN, State.DONE))
    found = items.aggregate(
        invoices=Count("pk", filter=owed),
        owed=sum_of("left", filter=owed & Q(currency="EUR")),
        payments=Count("pk", filter=paid),
        received=sum_of("left", filter=paid & Q(currency="EUR")),
        settled=Count("pk", filter=Q(kind__in=_KINDS[Part.SETTLED]) & taken),
        known=Count("pk", filter=Q(state=State.KNOWN)),
        left_out=sum_of("left", filter=of_the_ledger & ~here),
        **{
            f"in_{part.value}": Count("pk", filter=Q(kind__in=kinds))
            for part, kinds in _KINDS.items()
        },
        in_refused=Count("pk", filter=Q(state=State.REFUSED)),
    )
    people = FecAccount.objects.filter(
        file=file, pk__in=items.values("account")
    ).aggregate(
        all=Count("pk"), new=Count("pk", filter=Q(customer=None, left_out=False))
    )
    return Figures(
        invoices=found["invoices"],
        owed=found["owed"],
        payments=found["payments"],
        received=-found["received"],
        settled=found["settled"],
        known=found["known"],
        left_out=found["left_out"],
        customers=people["new"],
        counts={
            Part.CUSTOMERS: people["all"],
            **{
                part: found[f"in_{part.value}"]
                for part in Part
                if part != Part.CUSTOMERS
            },
        },
    )


def done(file: FecFile) -> Done:
    """Return how many items of an import are settled one way or another."""
    found = file.items.filter(wanted=True).aggregate(
        total=Count("pk"), waiting=Count("pk", filter=Q(state=State.WAITING))
    )
    return Done(done=found["total"] - found["waiting"], total=found["total"])


def accounts(file: FecFile) -> QuerySet[FecAccount]:
    """Return the customers of whom something is open, those to look at first."""
    return (
        FecAccount.objects.filter(file=file, items__isnull=False)
        .annotate(count=Count("items"))
        .select_related("customer")
        .order_by("-collective", "customer_id", "name")
    )


def items(file: FecFile, part: Part) -> QuerySet[FecItem]:
    """Return the items of a part."""
    found = FecItem.objects.filter(file=file).select_related(
        "account__customer", "invoice", "payment"
    )
    if part == Part.REFUSED:
        return found.filter(state=State.REFUSED)
    return found.filter(kind__in=_KINDS[part])


def settles(file: FecFile, shown: Sequence[FecItem]) -> dict[int, list[Settles]]:
    """Return, for each payment shown, the invoices that it would settle."""
    marks = {mark for item in shown for mark, _part in item.shares}
    numbers = dict(
        FecItem.objects.filter(file=file, mark__in=marks).values_list("mark", "number")
    )
    return {
        item.pk: [
            Settles(number=numbers.get(mark, "?"), amount=Decimal(part))
            for mark, part in item.shares
        ]
        for item in shown
    }


def customers_like(words: str, account: FecAccount) -> QuerySet[Customer]:
    """Return the customers that somebody looks for, or those of a like name."""
    everybody = Customer.objects.standing()
    if words.split():
        return everybody.matching(words)
    first = next((word for word in account.name.split() if len(word) > 3), "")
    return everybody.matching(first or account.name)
