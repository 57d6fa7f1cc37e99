"""The follow-up tables: reminders in general, of a customer, of an invoice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Prefetch, Q, QuerySet

from relance.models import Customer, Invoice, Reminder, ReminderLine
from relance.models.search import plain, said_in, searchable, words_of

if TYPE_CHECKING:
    from relance.models.reminders import ReminderQuerySet

# The columns that a table may be sorted by, and the fields behind them.
SORTS = {
    "id": ("number",),
    "customer": ("customer__sorted_name", "number"),
    "level": ("level_rank", "number"),
    "user": ("made_by__name", "number"),
    "date": ("made_on", "number"),
    "next": ("next_on", "number"),
}


def follow_up(
    *,
    customer: Customer | None = None,
    invoice: Invoice | None = None,
    words: str = "",
    sort: str = "-date",
) -> QuerySet[Reminder]:
    """Return the reminders of a follow-up table, ready to show.

    Without customer or invoice: those on invoices still unpaid, as the module's
    general follow-up. With one: all of them, for the record.
    """
    found: ReminderQuerySet = Reminder.objects.all()
    if invoice is not None:
        found = found.filter(lines__invoice=invoice)
    elif customer is not None:
        found = found.filter(customer=customer)
    else:
        found = found.on_unpaid()
    if words.split():
        found = found.alias(said=searchable("note"))
    for word in words_of(words):
        # The numbers first: there are more lines than invoices.
        numbered = Invoice.objects.filter(number__icontains=word).order_by()
        about = ReminderLine.objects.filter(invoice__in=numbered.values("pk"))
        found = found.filter(
            said_in(word, "customer__")
            | Q(level_name__icontains=word)
            # Few have a note: the others are not read as one.
            | ~Q(note="") & Q(said__contains=plain(word))
            | Q(pk__in=about.values("reminder"))
        )
    return with_shown(found).order_by(*_order(sort))


def with_shown(found: QuerySet[Reminder]) -> QuerySet[Reminder]:
    """Return reminders with all that a follow-up table shows of them."""
    lines = Prefetch("lines", ReminderLine.objects.select_related("invoice"))
    return found.select_related(
        "customer", "made_by", "document", "message", "posting", "run"
    ).prefetch_related(lines)


def _order(sort: str) -> list[str]:
    down, name = sort.startswith("-"), sort.removeprefix("-")
    fields = SORTS.get(name, SORTS["date"])
    return [f"-{field}" if down else field for field in fields]


def unpaid_choices(
    *, customer: Customer | None = None, words: str = "", limit: int = 50
) -> QuerySet[Invoice]:
    """Return the unpaid invoices that a new reminder may be about, oldest first."""
    found = Invoice.objects.unpaid().select_related("customer")
    if customer is not None:
        found = found.filter(customer=customer)
    return found.matching(words).order_by("due_date", "number")[:limit]
