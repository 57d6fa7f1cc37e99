"""All that is known of invoices on a day, read for many in a fixed number of
queries: what the drafts of reminders are made from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import prefetch_related_objects

from relance.models import (
    Company,
    Customer,
    Invoice,
    Level,
    Payment,
    Reminder,
    Step,
    Text,
)
from relance.models.money import ZERO, sum_of
from relance.queries.claims import Claim, claims_on
from relance.queries.company import NotSetUp, company_on
from relance.queries.procedures import steps_of_procedures
from relance.queries.situations import situations, thresholds_of
from relance.queries.stationery import Signatories, signatories
from relance.queries.texts import Place, current_texts, text_serving
from relance.rules.escalation import Situation, Thresholds


@dataclass(frozen=True, kw_only=True)
class Dossier:
    """One invoice: its situation, its procedure, what is claimed for it."""

    invoice: Invoice
    situation: Situation
    # Active steps of the procedure it follows, lowest rank first.
    steps: tuple[Step, ...]
    claim: Claim
    days_reminded: tuple[date, ...]


@dataclass(frozen=True, kw_only=True)
class Credit:
    """A payment or credit note of a customer that settles nothing yet."""

    on: date
    amount: Decimal
    # The number of the credit note; empty for a payment.
    number: str = ""


@dataclass(frozen=True, kw_only=True)
class Dossiers:
    """The dossiers of some invoices, and what they share."""

    company: Company
    signatories: Signatories
    thresholds: Thresholds
    by_invoice: Mapping[int, Dossier]
    texts: Mapping[Place, Text]

    def of(self, invoice: Invoice) -> Dossier:
        return self.by_invoice[invoice.pk]

    def text(
        self, customer: Customer, level: Level, *, by_email: bool, grouped: bool
    ) -> Text | None:
        """Return the current text that serves this customer."""
        channel = "email" if by_email else "letter"
        place = (level.pk, channel, customer.language, grouped, customer.regime)
        return text_serving(self.texts, place)


def read_dossiers(
    invoices: Sequence[Invoice], *, today: date, without: Iterable[int] = ()
) -> Dossiers:
    """Return the dossiers of invoices read with their customers.

    ``without`` leaves reminders out: what would be known had they not been made.
    The customers get their contacts.
    """
    ours = company_on(today)
    if ours is None:
        raise NotSetUp
    found = situations(invoices, today=today, without=without)
    claims = claims_on(invoices, ours, today=today)
    steps = steps_of_procedures({invoice.customer_id for invoice in invoices})
    reminded = _days_reminded(invoices)
    prefetch_related_objects(
        [invoice.customer for invoice in invoices],
        "contacts__recipient_for",
        "contacts__copy_for",
    )
    return Dossiers(
        company=ours,
        signatories=signatories(),
        thresholds=thresholds_of(ours),
        texts=current_texts(),
        by_invoice={
            invoice.pk: Dossier(
                invoice=invoice,
                situation=found[invoice.pk],
                steps=steps.of(invoice, invoice.customer),
                claim=claims[invoice.pk],
                days_reminded=tuple(sorted(reminded[invoice.pk])),
            )
            for invoice in invoices
        },
    )


def open_credits(customers: Iterable[int]) -> Mapping[tuple[int, str], list[Credit]]:
    """Return by customer and currency, oldest first, the payments and credit notes
    that settle nothing yet, each with what is left of it."""
    ids = list(customers)
    found: defaultdict[tuple[int, str], list[Credit]] = defaultdict(list)
    payments = Payment.objects.filter(customer__in=ids).annotate(
        used=sum_of("allocations__amount")
    )
    # A correction is a negative row of its own: it takes back what it corrects.
    left: defaultdict[int, Decimal] = defaultdict(lambda: ZERO)
    rows = {payment.pk: payment for payment in payments}
    for payment in rows.values():
        left[payment.corrects_id or payment.pk] += payment.amount - payment.used
    for pk, amount in left.items():
        if amount > ZERO:
            payment = rows[pk]
            key = payment.customer_id, payment.currency
            found[key].append(Credit(on=payment.received_on, amount=amount))
    notes = Invoice.objects.filter(
        customer__in=ids,
        kind=Invoice.Kind.CREDIT_NOTE,
        state=Invoice.State.OPEN,
        balance__gt=ZERO,
    )
    for note in notes:
        credit = Credit(on=note.issued_on, amount=note.balance, number=note.number)
        found[note.customer_id, note.currency].append(credit)
    for credits in found.values():
        credits.sort(key=lambda credit: credit.on)
    return found


def credited_on(customers: Iterable[int], *, day: date) -> set[tuple[int, str]]:
    """Return the customers and currencies whose credits came off a reminder of this
    day that reached them, or still may."""
    reminders = Reminder.objects.filter(
        customer__in=list(customers), made_on=day
    ).exclude(state__in=(Reminder.State.CANCELLED, Reminder.State.FAILED))
    return {
        (customer, currency)
        for customer, currency, amounts in reminders.values_list(
            "customer", "currency", "amounts"
        )
        if amounts.get("credits")
    }


def _days_reminded(invoices: Sequence[Invoice]) -> Mapping[int, set[date]]:
    found: defaultdict[int, set[date]] = defaultdict(set)
    days = (
        Reminder.objects.reaching()
        .filter(lines__invoice__in=[invoice.pk for invoice in invoices])
        .order_by()
        .values_list("lines__invoice", "made_on")
    )
    for invoice, day in days:
        found[invoice].add(day)
    return found
