"""Past reminders: what was taken over, and the invoices one may enter them for."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db.models import Count, Max, Q, QuerySet

from relance.models import ImportBatch, Invoice, Level, Reminder
from relance.models.invoices import InvoiceQuerySet


def batches() -> QuerySet[ImportBatch]:
    """Return what was taken over together, the newest first, each with how many
    still stand."""
    standing = Q(reminders__state=Reminder.State.TAKEN_OVER)
    return (
        ImportBatch.objects.filter(kind=ImportBatch.Kind.REMINDERS)
        .select_related("made_by", "undone_by")
        .annotate(standing=Count("reminders", filter=standing))
    )


def to_enter(words: str = "", *, late_on: date | None = None) -> InvoiceQuerySet:
    """Return the unpaid invoices, the oldest due first; ``late_on``: those late on
    that day only."""
    found = Invoice.objects.unpaid().matching(words).select_related("customer")
    if late_on is not None:
        found = found.filter(due_date__lt=late_on)
    return found.order_by("due_date", "number")


def last_reminded(invoices: Iterable[Invoice]) -> dict[int, date]:
    """Return the day of the last reminder that counts, of those that have one."""
    rows = (
        Reminder.objects.reaching()
        .filter(lines__invoice__in=[invoice.pk for invoice in invoices])
        .order_by()
        .values_list("lines__invoice")
        .annotate(day=Max("made_on"))
    )
    return dict(rows)


def levels() -> QuerySet[Level]:
    """Return the levels that a past reminder may have reached."""
    return Level.objects.exclude(kind=Level.Kind.COURTESY).order_by("rank")
