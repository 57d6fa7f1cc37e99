"""Pending payments as the rule sees them, and what of an invoice they leave."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, QuerySet

from relance.models import Allocation, Invoice, Payment, PendingPayment, Source
from relance.models.money import sum_of
from relance.models.pending import PendingPaymentQuerySet
from relance.rules.pending import AFTER, BEFORE, Arrival, Expected, PendingFact

# Given one by one, or as a query.
type Ids = Collection[int] | QuerySet[Any, Any]


def expected(row: PendingPayment) -> Expected:
    """Return a pending payment as the rule sees it."""
    return Expected(
        pk=row.pk,
        customer=row.customer_id,
        invoice=row.invoice_id,
        amount=row.amount,
        currency=row.currency,
        received_on=row.received_on,
        written_as=row.written_as,
    )


def arrivals(rows: Sequence[PendingPayment]) -> list[Arrival]:
    """Return what Dolibarr recorded in the days of these pending payments, for their
    customers: what still counts there, and that no bank line was linked to."""
    days = [row.received_on for row in rows]
    parts = (
        Allocation.objects.filter(
            payment__source=Source.DOLIBARR,
            payment__customer__in={row.customer_id for row in rows},
            payment__bank_line=None,
            payment__received_on__range=(min(days) - BEFORE, max(days) + AFTER),
            undoes=None,
            undone_by=None,
        )
        .select_related("payment")
        .order_by("pk")
    )
    return [
        Arrival(
            pk=part.pk,
            payment=part.payment.pk,
            whole=whole(part.payment),
            name=part.payment.external_id or "",
            customer=part.payment.customer_id,
            invoice=part.invoice_id,
            amount=part.amount,
            currency=part.payment.currency,
            on=part.payment.received_on,
        )
        for part in parts
        if part.payment is not None
    ]


def whole(payment: Payment) -> str:
    """Return what the parts of one payment there have in common: its number follows
    that of the invoice."""
    number = (payment.external_id or "").partition("/")[2].partition("#")[0]
    return number or str(payment.pk)


def listed(*, holding: bool) -> QuerySet[PendingPayment]:
    """Return those that are waited for, the oldest first, or those that are not."""
    found = PendingPayment.objects.select_related(
        "customer", "invoice", "bank_line", "arrived_as", "made_by", "ended_by"
    )
    return found.holding() if holding else found.ended().order_by("-ended_at", "-pk")


def counts() -> dict[str, int]:
    """Return how many are waited for, and how many no longer are."""
    waits = Q(state__in=PendingPayment.HOLDING)
    return PendingPayment.objects.aggregate(
        waiting=Count("pk", filter=waits), ended=Count("pk", filter=~waits)
    )


def of_invoice(invoice: Invoice) -> PendingPaymentQuerySet:
    """Return what the bank told for an invoice, whatever became of it."""
    found = PendingPayment.objects.filter(invoice=invoice)
    return found.select_related(
        "customer", "invoice", "bank_line", "arrived_as", "made_by", "ended_by"
    )


def held_by_customer(customer_id: int) -> QuerySet[PendingPayment]:
    """Return what holds the reminders of a customer."""
    found = PendingPayment.objects.holding().filter(customer=customer_id)
    return found.select_related("invoice")


def waiting_by_invoice(ids: Ids | None = None) -> dict[int, Decimal]:
    """Return by invoice what waits to be recorded in Dolibarr."""
    found = PendingPayment.objects.holding().filter(invoice__isnull=False)
    if ids is not None:
        found = found.filter(invoice__in=ids)
    sums = found.order_by().values_list("invoice").annotate(sum=sum_of("amount"))
    return dict(sums)


def holding(
    invoices: Sequence[Invoice], *, ids: Ids, customers: Ids
) -> dict[int, tuple[PendingFact, ...]]:
    """Return what waits for each of these invoices; one query, none where no invoice
    comes from Dolibarr."""
    if not any(invoice.source == Source.DOLIBARR for invoice in invoices):
        return {}
    rows = (
        PendingPayment.objects.holding()
        .filter(Q(invoice__in=ids) | Q(invoice=None, customer__in=customers))
        .values_list("invoice", "customer", "currency", "amount", "received_on")
    )
    of_invoice: defaultdict[int, list[PendingFact]] = defaultdict(list)
    of_customer: defaultdict[tuple[int, str], list[PendingFact]] = defaultdict(list)
    for invoice, customer, currency, amount, day in rows:
        told = invoice is not None
        one = PendingFact(amount=amount, received_on=day, told=told)
        if told:
            of_invoice[invoice].append(one)
        else:
            of_customer[customer, currency].append(one)
    return {
        invoice.pk: (
            *of_invoice[invoice.pk],
            *of_customer[invoice.customer_id, invoice.currency],
        )
        for invoice in invoices
    }
