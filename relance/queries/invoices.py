"""The list of invoices: filtered, sorted, with its totals by currency."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Count, Q

from relance.models import Hold, Invoice, Reminder
from relance.models.invoices import InvoiceQuerySet
from relance.models.money import ZERO, sum_of

SORTS = {
    "number": ("number",),
    "customer": ("customer__name", "due_date"),
    "issued": ("issued_on", "number"),
    "due": ("due_date", "number"),
    "total": ("total", "number"),
    "balance": ("balance", "number"),
}


@dataclass(frozen=True, kw_only=True)
class Total:
    """The sum of a list in one currency: amounts are never mixed."""

    currency: str
    count: int
    balance: Decimal


@dataclass(frozen=True, kw_only=True)
class LastLevel:
    """The last level that an invoice reached, as it was called then."""

    name: str
    kind: str
    rank: int


@dataclass(frozen=True, kw_only=True)
class Row:
    """An invoice as the list shows it; ``days_late`` is zero when nothing is due."""

    invoice: Invoice
    days_late: int
    last: LastLevel | None
    held: bool


def chosen(which: str, *, today: date) -> InvoiceQuerySet:
    """Return the invoices of a filter: unpaid, late, held, credits, settled, all."""
    found: InvoiceQuerySet = Invoice.objects.all()
    if which == "late":
        return found.overdue(on=today)
    if which == "held":
        return found.unpaid().filter(_held(today))
    if which == "credits":
        return found.filter(kind=Invoice.Kind.CREDIT_NOTE)
    if which == "settled":
        return found.receivable().exclude(state=Invoice.State.OPEN)
    if which == "all":
        return found
    return found.unpaid()


def listed(
    which: str, *, words: str = "", sort: str = "due", today: date
) -> InvoiceQuerySet:
    """Return the invoices of the list, in order; ``rows`` adds what each shows."""
    return (
        chosen(which, today=today)
        .matching(words)
        .select_related("customer")
        .order_by(*_order(sort))
    )


def rows(page: Iterable[Invoice], *, today: date) -> list[Row]:
    """Return what the list shows of these invoices, in two queries.

    Asked for one page only: the database would otherwise work the last level out
    for every invoice before it keeps fifty.
    """
    invoices = list(page)
    ids = [invoice.pk for invoice in invoices]
    reached = (
        Reminder.objects.reaching()
        .filter(lines__invoice__in=ids)
        .order_by("made_on", "number")
        .values_list("lines__invoice", "level_name", "level_kind", "level_rank")
    )
    last = {pk: LastLevel(name=n, kind=k, rank=r or 0) for pk, n, k, r in reached}
    held = set(
        Invoice.objects.filter(pk__in=ids)
        .filter(_held(today))
        .order_by()
        .values_list("pk", flat=True)
    )
    return [
        Row(
            invoice=invoice,
            days_late=max(invoice.days_late(on=today), 0) if invoice.is_unpaid else 0,
            last=last.get(invoice.pk),
            held=invoice.pk in held,
        )
        for invoice in invoices
    ]


def totals(found: InvoiceQuerySet) -> list[Total]:
    """Return the sums of a list by currency."""
    rows = (
        found.order_by()
        .values_list("currency")
        .annotate(count=Count("pk"), balance=sum_of("balance"))
        .order_by("currency")
    )
    return [
        Total(currency=currency, count=count, balance=balance)
        for currency, count, balance in rows
    ]


def counts(*, today: date) -> Mapping[str, int]:
    """Return how many invoices each filter holds, in one query."""
    unpaid = Q(state=Invoice.State.OPEN, balance__gt=ZERO) & ~Q(
        kind=Invoice.Kind.CREDIT_NOTE
    )
    credit = Q(kind=Invoice.Kind.CREDIT_NOTE)
    return Invoice.objects.aggregate(
        unpaid=Count("pk", filter=unpaid),
        late=Count("pk", filter=unpaid & Q(due_date__lt=today)),
        held=Count("pk", filter=unpaid & _held(today)),
        credits=Count("pk", filter=credit),
        settled=Count("pk", filter=~credit & ~Q(state=Invoice.State.OPEN)),
        all=Count("pk"),
    )


def _held(today: date) -> Q:
    running = Hold.objects.running(on=today)
    return Q(pk__in=running.filter(invoice__isnull=False).values("invoice")) | Q(
        customer__in=running.filter(customer__isnull=False).values("customer")
    )


def _order(sort: str) -> list[str]:
    down, name = sort.startswith("-"), sort.removeprefix("-")
    fields = SORTS.get(name, SORTS["due"])
    return [f"-{field}" if down else field for field in fields]
