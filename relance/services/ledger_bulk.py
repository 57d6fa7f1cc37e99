"""The ledger by the thousand: the same rows as ``services.payments`` writes one by
one, in few queries, inside the caller's transaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db.models import Max, Q

from relance.models import Allocation, Invoice, Payment, User
from relance.models.money import ZERO, sum_of
from relance.services.history import About, Entry
from relance.services.ledger_words import received_words, settled_words

BATCH = 500


@dataclass(frozen=True, kw_only=True)
class Part:
    """A payment, and how much of it settles which invoice; both are saved."""

    payment: Payment
    invoice: Invoice
    amount: Decimal


def allocate_many(parts: Sequence[Part], *, by: User | None, now: datetime) -> None:
    """Set parts of payments against invoices; the caller locked them and knows that
    neither gives more than it has."""
    Allocation.objects.bulk_create(
        (
            Allocation(
                payment=part.payment,
                invoice=part.invoice,
                amount=part.amount,
                effective_on=part.payment.received_on,
                made_by=by,
                made_at=now,
            )
            for part in parts
        ),
        batch_size=BATCH,
    )


def settle_many(invoices: Iterable[Invoice]) -> None:
    """Bring balances and states to what the allocations say; the rows are locked."""
    found = list({invoice.pk: invoice for invoice in invoices}.values())
    keys = [invoice.pk for invoice in found]
    received = _sums("invoice", keys)
    given = _sums("credit", keys)
    last = _last_days(keys)
    for invoice in found:
        settled = received.get(invoice.pk, ZERO) + given.get(invoice.pk, ZERO)
        invoice.balance = invoice.total - settled
        if invoice.state in (Invoice.State.OPEN, Invoice.State.SETTLED):
            done = invoice.balance == ZERO
            invoice.state = Invoice.State.SETTLED if done else Invoice.State.OPEN
            invoice.paid_on = last.get(invoice.pk) if done else None
    Invoice.objects.bulk_update(
        found, ["balance", "state", "paid_on"], batch_size=BATCH
    )


def _sums(column: str, keys: Sequence[int]) -> dict[int, Decimal]:
    rows = (
        Allocation.objects.filter(**{f"{column}__in": keys})
        .order_by()
        .values(column)
        .annotate(sum=sum_of("amount"))
    )
    return {row[column]: row["sum"] for row in rows}


def _last_days(keys: Sequence[int]) -> dict[int, date]:
    standing = Q(payment__isnull=False, undoes__isnull=True, undone_by__isnull=True)
    rows = (
        Allocation.objects.filter(standing, invoice__in=keys)
        .order_by()
        .values("invoice")
        .annotate(day=Max("effective_on"))
    )
    return {row["invoice"]: row["day"] for row in rows}


def left_of_many(payments: Sequence[Payment]) -> dict[int, Decimal]:
    """Return what of each payment settles nothing yet; nothing of corrected ones."""
    keys = [payment.pk for payment in payments]
    used = _sums("payment", keys)
    corrected = set(
        Payment.objects.filter(corrects__in=keys).values_list("corrects", flat=True)
    )
    return {
        payment.pk: (
            ZERO
            if payment.pk in corrected or payment.corrects_id is not None
            else payment.amount - used.get(payment.pk, ZERO)
        )
        for payment in payments
    }


def payment_entries(
    payments: Iterable[Payment], parts: Iterable[Part], *, by: User | None
) -> list[Entry]:
    """Return the history of payments and of what they settle."""
    settled: dict[int, list[Part]] = defaultdict(list)
    for part in parts:
        settled[part.payment.pk].append(part)
    entries = []
    for payment in payments:
        words, about = received_words(payment), About(payment=payment)
        entries.append(
            Entry(action="payment.recorded", words=words, about=about, by=by)
        )
        entries += (allocation_entry(part, by=by) for part in settled[payment.pk])
    return entries


def allocation_entry(part: Part, *, by: User | None) -> Entry:
    words = settled_words(part.amount, part.invoice)
    about = About(invoice=part.invoice, payment=part.payment)
    return Entry(action="allocation.made", words=words, about=about, by=by)
