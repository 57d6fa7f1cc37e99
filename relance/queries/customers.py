"""The list of customers, with what each owes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Count, Q, prefetch_related_objects

from relance.models import Customer, Invoice, Tag
from relance.models.customers import CustomerQuerySet
from relance.models.money import ZERO, sum_of

SORTS = {
    "code": ("code",),
    "name": ("sorted_name", "code"),
    "city": ("city", "sorted_name"),
    "late": ("late", "sorted_name"),
    "balance": ("owed", "sorted_name"),
}
# Columns that are sums over the invoices of a customer.
SUMS = {"late", "balance"}


@dataclass(frozen=True, kw_only=True)
class Row:
    """A customer as the list shows it, with the number of their unpaid invoices.

    The sum is in euros: invoices in other currencies are on the customer's card.
    """

    customer: Customer
    unpaid: int
    late: int
    owed: Decimal


def listed(
    *,
    words: str = "",
    owing: bool = False,
    tag: Tag | None = None,
    sort: str = "name",
    today: date,
) -> CustomerQuerySet:
    """Return the customers of the list, in order; ``rows`` adds what each owes."""
    found = Customer.objects.standing().matching(words)
    if owing:
        unpaid = Invoice.objects.unpaid().order_by()
        found = found.filter(pk__in=unpaid.values("customer"))
    if tag is not None:
        found = found.filter(tags=tag)
    if sort.removeprefix("-") in SUMS:
        found = _with_sums(found, today=today)
    return found.order_by(*_order(sort))


def tag_of(text: str) -> Tag | None:
    """Return the tag that an address asks for; one that is gone asks for nothing."""
    # Longer ones are no number of a row, and no database takes them.
    number = int(text) if text.isdecimal() and len(text) < 10 else 0
    return Tag.objects.filter(pk=number).first()


def rows(page: Iterable[Customer], *, today: date) -> list[Row]:
    """Return what the list shows of these customers, in two queries.

    Asked for one page only: the database would otherwise add up the invoices of
    every customer before it keeps fifty.
    """
    customers = list(page)
    prefetch_related_objects(customers, "tags")
    sums = (
        Invoice.objects.unpaid()
        .filter(customer__in=[customer.pk for customer in customers])
        .order_by()
        .values_list("customer")
        .annotate(
            unpaid=Count("pk"),
            late=Count("pk", filter=Q(due_date__lt=today)),
            owed=sum_of("balance", filter=Q(currency="EUR")),
        )
    )
    known = {pk: (unpaid, late, owed) for pk, unpaid, late, owed in sums}
    return [_row(customer, *known.get(customer.pk, ())) for customer in customers]


def _row(
    customer: Customer, unpaid: int = 0, late: int = 0, owed: Decimal = ZERO
) -> Row:
    return Row(customer=customer, unpaid=unpaid, late=late, owed=owed)


def _with_sums(found: CustomerQuerySet, *, today: date) -> CustomerQuerySet:
    unpaid = Q(invoices__state=Invoice.State.OPEN, invoices__balance__gt=ZERO) & ~Q(
        invoices__kind=Invoice.Kind.CREDIT_NOTE
    )
    return found.annotate(
        late=Count("invoices", filter=unpaid & Q(invoices__due_date__lt=today)),
        owed=sum_of("invoices__balance", filter=unpaid & Q(invoices__currency="EUR")),
    )


def _order(sort: str) -> list[str]:
    down, name = sort.startswith("-"), sort.removeprefix("-")
    fields = SORTS.get(name, SORTS["name"])
    return [f"-{field}" if down else field for field in fields]
