"""The list of payments, with what each has left."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from relance.models import Allocation, Invoice, Payment
from relance.models.money import minus, sum_of


def listed(*, words: str = "") -> QuerySet[Payment]:
    """Return payments, the newest first, each with what settles nothing yet."""
    found = Payment.objects.select_related("customer", "recorded_by", "correction")
    for word in words.split():
        # A subquery: a join would count only the allocations that match.
        on_invoice = Allocation.objects.filter(invoice__number__icontains=word)
        found = found.filter(
            Q(customer__name__icontains=word)
            | Q(customer__code__icontains=word)
            | Q(reference__icontains=word)
            | Q(pk__in=on_invoice.values("payment"))
        )
    return (
        found.annotate(used=sum_of("allocations__amount"))
        .annotate(left=minus("amount", "used"))
        .order_by("-received_on", "-pk")
    )


def open_invoices(customer_id: int, currency: str = "EUR") -> QuerySet[Invoice]:
    """Return what a customer may be paying, the oldest due first."""
    return (
        Invoice.objects.unpaid()
        .filter(customer=customer_id, currency=currency)
        .order_by("due_date", "number")
    )
