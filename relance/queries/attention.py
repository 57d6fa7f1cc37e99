"""Unpaid invoices that wait for somebody to decide something."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta

from django.db.models import Exists, F, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce

from relance.models import (
    Allocation,
    Hold,
    InterruptingEvent,
    Invoice,
    Level,
    Reminder,
)
from relance.models.holds import HoldQuerySet
from relance.models.invoices import InvoiceQuerySet
from relance.models.money import ZERO, MoneyField, sum_of
from relance.rules.regimes import Regime, limitation_date

# The end of a hold is prepared in days, a court claim in months.
HOLD_DAYS = 7
LIMITATION_DAYS = 90


def held_by(holds: HoldQuerySet) -> Q:
    """Return what keeps the invoices with a hold on them or on their customer."""
    return Q(pk__in=holds.filter(invoice__isnull=False).values("invoice")) | Q(
        customer__in=holds.filter(customer__isnull=False).values("customer")
    )


def notice_over(*, today: date) -> InvoiceQuerySet:
    """Return the unpaid invoices whose last reminder is a formal notice that gave
    them until a day now past.

    The last reminder is the one of the proposals: refresh them before.
    """
    return Invoice.objects.unpaid().filter(
        proposal__last__level_kind=Level.Kind.FORMAL_NOTICE,
        proposal__last__pay_by__lt=today,
    )


def hold_ending(*, today: date) -> InvoiceQuerySet:
    """Return the unpaid invoices with a hold that ends within a week."""
    last = today + timedelta(days=HOLD_DAYS)
    ending = Hold.objects.running(on=today).filter(until__lte=last)
    return Invoice.objects.unpaid().filter(held_by(ending))


def promise_broken(*, today: date) -> InvoiceQuerySet:
    """Return the unpaid invoices that were to be paid by a day now past, and were
    neither reminded nor held again since.

    A promise to pay a part is kept once that part is paid.
    """
    promises = Hold.objects.filter(
        reason=Hold.Reason.PROMISE, ended_at__isnull=True, until__lt=today
    )
    since = Reminder.objects.reaching().filter(made_on__gt=OuterRef("until"))
    on_invoices = (
        promises.filter(
            ~Exists(since.filter(lines__invoice=OuterRef("invoice"))),
            invoice__isnull=False,
        )
        .alias(paid=_paid_since("starts_on"))
        .filter(Q(amount__isnull=True) | Q(amount__gt=F("paid")))
    )
    on_customers = promises.filter(
        ~Exists(since.filter(customer=OuterRef("customer"))), customer__isnull=False
    )
    return (
        Invoice.objects.unpaid()
        .filter(held_by(on_invoices) | held_by(on_customers))
        .exclude(held_by(Hold.objects.running(on=today)))
    )


def limitation_near(*, today: date) -> InvoiceQuerySet:
    """Return the unpaid invoices that can no longer be claimed in court after one
    of the next 90 days. Reads the few that may be so, and asks the rule."""
    last = today + timedelta(days=LIMITATION_DAYS)
    interrupted = Q(pk__in=InterruptingEvent.objects.order_by().values("invoice"))
    found = list(
        Invoice.objects.unpaid()
        .filter(_may_end(today, last) | interrupted)
        .values_list("pk", "customer__regime", "issued_on", "service_date")
    )
    events: defaultdict[int, list[date]] = defaultdict(list)
    if found:
        rows = InterruptingEvent.objects.filter(invoice__in=[pk for pk, *_ in found])
        for invoice, day in rows.values_list("invoice", "happened_on"):
            events[invoice].append(day)
    near = [
        pk
        for pk, regime, issued_on, service_date in found
        if today
        <= limitation_date(
            Regime(regime),
            start=min(service_date or issued_on, issued_on),
            interruptions=events[pk],
        )
        <= last
    ]
    return Invoice.objects.unpaid().filter(pk__in=near)


def _paid_since(day: str) -> Coalesce:
    paid = (
        Allocation.objects.filter(
            invoice=OuterRef("invoice"), effective_on__gte=OuterRef(day)
        )
        .order_by()
        .values("invoice")
        .annotate(sum=sum_of("amount"))
        .values("sum")
    )
    nothing = Value(ZERO, output_field=MoneyField())
    return Coalesce(Subquery(paid), nothing, output_field=MoneyField())


def _may_end(first: date, last: date) -> Q:
    """Return what keeps the invoices whose period, not interrupted, may end between
    two days, whatever the customer: too many, but few, and found without joining
    every unpaid invoice to its customer."""
    found = Q()
    for regime in Regime:
        years = regime.limitation_years
        since = first - timedelta(days=366 * years)
        until = last - timedelta(days=365 * years)
        if regime == Regime.PUBLIC:
            # Counted from the end of the year.
            since = since.replace(month=1, day=1)
        started = (since, until)
        found |= Q(issued_on__range=started) | Q(service_date__range=started)
    return found
