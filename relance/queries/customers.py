"""The list of customers, with what each owes."""

from __future__ import annotations

from datetime import date

from django.db.models import Count, Q

from relance.models import Customer, Invoice
from relance.models.customers import CustomerQuerySet
from relance.models.money import ZERO, sum_of

SORTS = {
    "code": ("code",),
    "name": ("name", "code"),
    "city": ("city", "name"),
    "late": ("late", "name"),
    "balance": ("owed", "name"),
}


def listed(
    *, words: str = "", owing: bool = False, sort: str = "name", today: date
) -> CustomerQuerySet:
    """Return customers with the number and sum of their unpaid invoices.

    The sum is in euros: invoices in other currencies are on the customer's card.
    """
    unpaid = Q(invoices__state=Invoice.State.OPEN, invoices__balance__gt=ZERO) & ~Q(
        invoices__kind=Invoice.Kind.CREDIT_NOTE
    )
    found = (
        Customer.objects.matching(words)
        .annotate(
            unpaid=Count("invoices", filter=unpaid),
            late=Count("invoices", filter=unpaid & Q(invoices__due_date__lt=today)),
            owed=sum_of(
                "invoices__balance", filter=unpaid & Q(invoices__currency="EUR")
            ),
        )
        .order_by(*_order(sort))
    )
    return found.filter(unpaid__gt=0) if owing else found


def _order(sort: str) -> list[str]:
    down, name = sort.startswith("-"), sort.removeprefix("-")
    fields = SORTS.get(name, SORTS["name"])
    return [f"-{field}" if down else field for field in fields]
