"""The invoices on which a text can be looked at: found by words, or proposed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.db.models import Case, Exists, OuterRef, QuerySet, Value, When

from relance.models import Invoice, Level
from relance.models.money import ZERO
from relance.models.search import said_in, words_of
from relance.queries.texts import TextKey

MOST = 8
# More invoices in one letter would only make the page longer.
_MOST_COMPANIONS = 4


def sample_invoices(key: TextKey, *, words: str = "", today: date) -> list[Invoice]:
    """Return a few invoices to show a text on, the most telling first: of the text's
    type of customer and language, late (before its due date for a courtesy level),
    with others beside it for a text about several."""
    found = _unpaid()
    for word in words_of(words):
        found = found.filter(said_in(word, "", "customer__"))
    return list(_by_fitness(found, key, today=today)[:MOST])


def sample_invoice(pk: int) -> Invoice | None:
    """Return an invoice that one chose, paid meanwhile or not."""
    return (
        Invoice.objects.select_related("customer", "document")
        .exclude(kind=Invoice.Kind.CREDIT_NOTE)
        .filter(pk=pk)
        .first()
    )


def companions(invoice: Invoice) -> Sequence[Invoice]:
    """Return the other invoices that a letter about several would hold."""
    return list(
        _unpaid()
        .filter(customer=invoice.customer_id, currency=invoice.currency)
        .exclude(pk=invoice.pk)
        .order_by("due_date", "pk")[:_MOST_COMPANIONS]
    )


def _unpaid() -> QuerySet[Invoice]:
    return (
        Invoice.objects.filter(state=Invoice.State.OPEN, balance__gt=ZERO)
        .exclude(kind=Invoice.Kind.CREDIT_NOTE)
        .select_related("customer", "document")
    )


def _by_fitness(
    found: QuerySet[Invoice], key: TextKey, *, today: date
) -> QuerySet[Invoice]:
    early = key.level.kind == Level.Kind.COURTESY
    in_time = {"due_date__gte": today} if early else {"due_date__lt": today}
    of_regime = {"customer__regime": key.regime} if key.regime else {"pk__gt": 0}
    together = Invoice.objects.filter(
        customer=OuterRef("customer"),
        currency=OuterRef("currency"),
        state=Invoice.State.OPEN,
        balance__gt=ZERO,
    ).exclude(pk=OuterRef("pk"))
    found = found.annotate(
        other_type=_unless(When(then=Value(0), **of_regime)),
        other_language=_unless(
            When(then=Value(0), customer__language=key.language),
        ),
        other_time=_unless(When(then=Value(0), **in_time)),
    )
    order = ["other_type", "other_time", "other_language"]
    if key.grouped:
        found = found.annotate(alone=_unless(When(Exists(together), then=Value(0))))
        order.insert(0, "alone")
    return found.order_by(*order, "due_date", "pk")


def _unless(fitting: When) -> Case:
    return Case(fitting, default=Value(1))
