"""Unpaid invoices that wait for somebody to decide something."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Exists, F, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce

from relance.models import (
    Allocation,
    Company,
    Hold,
    InterruptingEvent,
    Invoice,
    Level,
    Reminder,
)
from relance.models.holds import HoldQuerySet
from relance.models.invoices import InvoiceQuerySet
from relance.models.money import ZERO, MoneyField, sum_of
from relance.rules.regimes import Regime, limitation_date, limitation_warning

# The end of a hold is prepared in days, a court claim in months.
HOLD_DAYS = 7
URGENT_MONTHS = 2


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


@dataclass(frozen=True, kw_only=True)
class Limitation:
    """An unpaid invoice whose limitation period comes to its end."""

    invoice: int
    last: date
    # Left at most, of those at which one is warned.
    months: int

    @property
    def is_urgent(self) -> bool:
        """Say whether only a court, or a signature at once, still helps."""
        return self.months <= URGENT_MONTHS


def limitation_near(*, today: date) -> InvoiceQuerySet:
    """Return the unpaid invoices whose limitation period comes to its end."""
    near = [one.invoice for one in limitations(today=today)]
    return Invoice.objects.unpaid().filter(pk__in=near)


def limitations(*, today: date) -> list[Limitation]:
    """Return the unpaid invoices of whose end of limitation one is warned, the first
    to end first. Reads the few that may be so, in two queries, and asks the rule."""
    found = list(
        Invoice.objects.unpaid()
        .annotate(carried=Subquery(Company.objects.values("carriage")[:1]))
        .filter(_may_end(today) | _interrupted())
        .values_list("pk", "customer__regime", "issued_on", "service_date", "carried")
    )
    events: defaultdict[int, list[date]] = defaultdict(list)
    if found:
        rows = InterruptingEvent.objects.counting().filter(
            invoice__in=[pk for pk, *_ in found]
        )
        for invoice, day in rows.values_list("invoice", "happened_on"):
            events[invoice].append(day)
    near = []
    for pk, code, issued_on, service_date, carried in found:
        regime = Regime(code)
        last = limitation_date(
            regime,
            start=min(service_date or issued_on, issued_on),
            interruptions=events[pk],
            carriage=bool(carried),
        )
        months = limitation_warning(regime, last, today=today, carriage=bool(carried))
        if months is not None:
            near.append(Limitation(invoice=pk, last=last, months=months))
    return sorted(near, key=lambda one: (one.last, one.invoice))


def _interrupted() -> Q:
    events = InterruptingEvent.objects.counting().order_by()
    return Q(pk__in=events.values("invoice"))


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


def _may_end(today: date) -> Q:
    """Return what keeps the invoices whose period, not interrupted, may come to its
    end: a few too many, found without joining every unpaid invoice to its customer."""
    found = Q()
    for regime in Regime:
        months = 6 if regime == Regime.B2C else 12
        window = _started(today, years=regime.limitation_years, months=months)
        if regime == Regime.PUBLIC:
            # Counted from the end of the year.
            window = (window[0].replace(month=1, day=1), window[1])
        found |= Q(issued_on__range=window) | Q(service_date__range=window)
    window = _started(today, years=1, months=6)
    carried = Q(issued_on__range=window) | Q(service_date__range=window)
    return found | (Q(carried=True) & carried)


def _started(today: date, *, years: int, months: int) -> tuple[date, date]:
    """Return between which days a period began that ends within these months."""
    since = today - timedelta(days=366 * years)
    return since, today - timedelta(days=365 * years - 31 * months)
