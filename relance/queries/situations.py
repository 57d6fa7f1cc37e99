"""What the decision on an invoice looks at, read for many invoices at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django.db.models import Max, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from relance.models import (
    Allocation,
    Approval,
    Channel,
    Company,
    Hold,
    InterruptingEvent,
    Invoice,
    Level,
    Payment,
    Reminder,
    Step,
)
from relance.models.money import ZERO, MoneyField, minus, sum_of
from relance.models.reminders import reminder_reference
from relance.queries import pending
from relance.queries.company import company, company_on
from relance.rules.escalation import (
    Agreement,
    HoldFact,
    LastReminder,
    LevelRule,
    Situation,
    Thresholds,
)
from relance.rules.pending import PendingFact
from relance.rules.regimes import Regime, limitation_date, limitation_warning

# Given one by one, or as a query.
type Ids = Collection[int] | QuerySet[Any, Any]


def situations(
    invoices: Sequence[Invoice],
    *,
    today: date,
    without: Iterable[int] = (),
    among: QuerySet[Invoice] | None = None,
    reminded_since: date = date.min,
) -> dict[int, Situation]:
    """Return the situation of each invoice by its id, in ten queries at most; one
    more where some come from Dolibarr.

    ``without`` leaves reminders out: what would be decided had they not been made,
    to look again just before they leave. ``among`` holds all the invoices, where
    they are thousands: naming each of them costs more than reading about others.
    ``reminded_since``: the first day on which a reminder of a customer still holds
    back the others.
    """
    ids: Ids = [invoice.pk for invoice in invoices]
    customers: Ids = {invoice.customer_id for invoice in invoices}
    if among is not None:
        ids, customers = among.values("pk"), among.values("customer")
    without = list(without)
    last, noted = _last_reminders(ids, without=without)
    known = _Known(
        last=last,
        noted=noted,
        under_way=_under_way(ids, without=without),
        holds=_holds(ids, customers, today=today),
        unallocated=unallocated_by_customer(customers),
        waiting=pending.holding(invoices, ids=ids, customers=customers),
        reminded_on=_reminded_between(
            customers, reminded_since, today, without=without
        ),
        interruptions=_interruptions(ids),
        returned=_returned(invoices),
        agreements=_agreements(ids, without=without),
        levels=_highest_levels(invoices),
        ours=company_on(today),
    )
    return {invoice.pk: known.of(invoice, today=today) for invoice in invoices}


@dataclass(frozen=True, kw_only=True)
class _Known:
    """What was read about all the invoices, by invoice, by customer or by level."""

    last: Mapping[int, LastReminder]
    noted: Mapping[int, date]
    under_way: Mapping[int, str]
    holds: Mapping[tuple[str, int], Sequence[HoldFact]]
    unallocated: Mapping[tuple[int, str], Decimal]
    waiting: Mapping[int, tuple[PendingFact, ...]]
    reminded_on: Mapping[int, date]
    interruptions: Mapping[int, Sequence[date]]
    returned: Collection[int]
    agreements: Mapping[int, Sequence[Agreement]]
    levels: Mapping[int | None, dict[str, Any]]
    ours: Company | None

    def of(self, invoice: Invoice, *, today: date) -> Situation:
        pk, debtor = invoice.pk, invoice.customer
        customer, ours = invoice.customer_id, self.ours
        return Situation(
            kind=invoice.kind,
            state=invoice.state,
            balance=invoice.balance,
            issued_on=invoice.issued_on,
            due_date=invoice.due_date,
            payment_mode=invoice.payment_mode,
            einvoice_status=invoice.einvoice_status,
            other_iban=invoice.other_iban(ours=ours.iban if ours else ""),
            **_limitation(
                debtor.regime,
                limitation_start(invoice),
                tuple(self.interruptions.get(pk, ())),
                today=today,
                carriage=bool(ours and ours.carriage),
            ),
            debit_returned=pk in self.returned,
            holds=(
                *self.holds.get(("invoice", pk), ()),
                *self.holds.get(("customer", customer), ()),
            ),
            unallocated=self.unallocated.get((customer, invoice.currency), ZERO),
            pending=self.waiting.get(pk, ()),
            last=self.last.get(pk),
            noted_next_on=self.noted.get(pk),
            under_way=self.under_way.get(pk, ""),
            customer_reminded_on=self.reminded_on.get(customer),
            agreements=tuple(self.agreements.get(pk, ())),
            **self.levels.get(debtor.highest_level_id, _NO_LIMIT),
        )


def situation(
    invoice: Invoice, *, today: date, without: Iterable[int] = ()
) -> Situation:
    """Return the situation of one invoice."""
    return situations([invoice], today=today, without=without)[invoice.pk]


def thresholds() -> Thresholds:
    """Return the company's own limits."""
    return thresholds_of(company())


def thresholds_of(ours: Company) -> Thresholds:
    """Return the limits of a company already read."""
    return Thresholds(
        minimum_amount=ours.minimum_amount,
        minimum_interval=ours.minimum_interval,
        approval_from=ours.approval_from,
        nothing_before=ours.nothing_before,
    )


def level_rules(steps: Iterable[Step]) -> list[LevelRule]:
    """Return steps as the rule sees them."""
    return [
        LevelRule(
            rank=step.level.rank,
            is_formal_notice=step.level.is_formal_notice,
            days_after_due=step.days_after_due,
            is_courtesy=step.level.is_courtesy,
            needs_approval=step.level.needs_approval,
        )
        for step in steps
    ]


def unallocated_by_customer(
    customers: Ids,
) -> defaultdict[tuple[int, str], Decimal]:
    """Return by customer and currency what they paid or were credited and that
    settles nothing yet."""
    found: defaultdict[tuple[int, str], Decimal] = defaultdict(lambda: ZERO)
    used = Allocation.objects.filter(payment=OuterRef("pk")).order_by()
    sums = Subquery(used.values("payment").values(sum=Sum("amount")))
    nothing = Value(ZERO, output_field=MoneyField())
    payments = (
        Payment.objects.filter(customer__in=customers)
        .annotate(left=minus("amount", Coalesce(sums, nothing)))
        .exclude(left=ZERO)
        .order_by()
        .values_list("customer", "currency", "left")
    )
    credits = (
        Invoice.objects.filter(
            customer__in=customers,
            kind=Invoice.Kind.CREDIT_NOTE,
            state=Invoice.State.OPEN,
            balance__gt=ZERO,
        )
        .values_list("customer", "currency")
        .annotate(sum=sum_of("balance"))
        .order_by()
    )
    for customer, currency, amount in (*payments, *credits):
        found[customer, currency] += amount
    return found


def _last_reminders(
    ids: Ids, *, without: list[int]
) -> tuple[dict[int, LastReminder], dict[int, date]]:
    """Return by invoice the last reminder, and the day noted since, if any."""
    reminders = Reminder.objects.all()
    reached = (
        (reminders.reaching() | reminders.noting_a_day())
        .leaving_out(without)
        .filter(lines__invoice__in=ids)
        .order_by("made_on", "number")
        .values_list(
            "lines__invoice",
            # Ranks move when a level is added before it; what it was called stays.
            Coalesce("level__rank", "level_rank"),
            "level_kind",
            "channel",
            "state",
            "made_on",
            "next_on",
        )
    )
    found: dict[int, LastReminder] = {}
    noted: dict[int, date] = {}
    for invoice, rank, kind, channel, state, made_on, next_on in reached:
        if channel == Channel.NONE:
            noted[invoice] = next_on
            continue
        noted.pop(invoice, None)
        before = found.get(invoice)
        found[invoice] = LastReminder(
            # The highest level reached stays reached; the newest dates speak.
            rank=max(rank or 0, before.rank if before else 0),
            made_on=made_on,
            next_on=next_on,
            posted=not (
                kind == Level.Kind.FORMAL_NOTICE
                and channel in (Channel.LETTER, Channel.REGISTERED)
                and state == Reminder.State.MADE
            ),
        )
    return found, noted


def _under_way(ids: Ids, *, without: list[int]) -> dict[int, str]:
    numbers = (
        Reminder.objects.under_way()
        .leaving_out(without)
        .filter(lines__invoice__in=ids)
        .order_by()
        .values_list("lines__invoice", "number")
    )
    return {invoice: reminder_reference(number) for invoice, number in numbers}


def _holds(
    ids: Ids, customers: Ids, *, today: date
) -> defaultdict[tuple[str, int], list[HoldFact]]:
    found: defaultdict[tuple[str, int], list[HoldFact]] = defaultdict(list)
    running = (
        Hold.objects.running(on=today)
        .filter(Q(invoice__in=ids) | Q(customer__in=customers))
        .values_list("invoice", "customer", "reason", "starts_on", "until", "amount")
    )
    for invoice, customer, reason, starts_on, until, amount in running:
        fact = HoldFact(reason=reason, starts_on=starts_on, until=until, amount=amount)
        on = ("invoice", invoice) if invoice else ("customer", customer)
        found[on].append(fact)
    return found


def _reminded_between(
    customers: Ids, since: date, today: date, *, without: list[int]
) -> dict[int, date]:
    """Return the last day before today on which each customer was reminded:
    invoices reminded on the same day do not hold each other."""
    return dict(
        Reminder.objects.reaching()
        .leaving_out(without)
        .filter(customer__in=customers, made_on__gte=since, made_on__lt=today)
        .values_list("customer")
        .annotate(day=Max("made_on"))
        .order_by()
    )


def limitation_start(invoice: Invoice) -> date:
    """Return the day from which limitation is counted: the earliest known, which
    is prudent."""
    return min(invoice.service_date or invoice.issued_on, invoice.issued_on)


# The same days come back by the thousand.
@lru_cache(maxsize=4096)
def _limitation(
    regime: str,
    start: date,
    interruptions: tuple[date, ...],
    *,
    today: date,
    carriage: bool,
) -> Mapping[str, Any]:
    debtor = Regime(regime)
    last = limitation_date(
        debtor, start=start, interruptions=interruptions, carriage=carriage
    )
    months = limitation_warning(debtor, last, today=today, carriage=carriage)
    return {"limitation_on": last, "limitation_months": months}


def _interruptions(ids: Ids) -> defaultdict[int, list[date]]:
    found: defaultdict[int, list[date]] = defaultdict(list)
    for event in InterruptingEvent.objects.counting().filter(invoice__in=ids):
        found[event.invoice_id].append(event.happened_on)
    return found


def _returned(invoices: Sequence[Invoice]) -> set[int]:
    """Return the debited invoices of which the bank took a payment back."""
    debited = [
        invoice.pk
        for invoice in invoices
        if invoice.payment_mode == Invoice.PaymentMode.DIRECT_DEBIT
    ]
    if not debited:
        return set()
    rows = Allocation.objects.filter(invoice__in=debited, undoes=None)
    returned = rows.exclude(payment__correction__return_reason="").filter(
        payment__correction__isnull=False
    )
    return set(returned.values_list("invoice", flat=True))


def _agreements(ids: Ids, *, without: list[int]) -> dict[int, list[Agreement]]:
    """Return what was last asked about each level of each invoice."""
    rows = (
        Approval.objects.filter(invoice__in=ids)
        .exclude(state=Approval.State.WITHDRAWN)
        .not_used(without=without)
        .select_related("level", "asked_by", "answered_by")
        .order_by("-asked_at", "-pk")
    )
    found: defaultdict[int, list[Agreement]] = defaultdict(list)
    for row in rows:
        who, when = row.answered_by or row.asked_by, row.answered_at or row.asked_at
        found[row.invoice_id].append(
            Agreement(
                rank=row.level.rank,
                state=row.state,
                amount=row.amount,
                by=str(who),
                on=timezone.localtime(when).date(),
                note=row.answer_note,
            )
        )
    return found


_NO_LIMIT: dict[str, Any] = {}


def _highest_levels(invoices: Sequence[Invoice]) -> dict[int | None, dict[str, Any]]:
    """Return the limits of the customers who have one, by level."""
    ids = {
        invoice.customer.highest_level_id
        for invoice in invoices
        if invoice.customer.highest_level_id is not None
    }
    if not ids:
        return {}
    return {
        level.pk: {"highest_rank": level.rank, "highest_name": level.name}
        for level in Level.objects.filter(pk__in=ids)
    }
