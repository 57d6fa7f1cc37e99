"""The history: written inside the transaction of what it tells."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from relance.models import Customer, HistoryEntry, Invoice, Payment, Reminder, User


@dataclass(frozen=True, kw_only=True)
class About:
    """What an entry is about; the customer is found from the rest."""

    customer: Customer | None = None
    invoice: Invoice | None = None
    reminder: Reminder | None = None
    payment: Payment | None = None


def record(
    action: str, words: str, *, about: About, by: User | None, at: datetime
) -> HistoryEntry:
    """Add one entry: a stable code, and the sentence that people read."""
    customer = about.customer
    for thing in (about.invoice, about.reminder, about.payment):
        if customer is None and thing is not None:
            customer = thing.customer
    return HistoryEntry.objects.create(
        at=at,
        user=by,
        action=action,
        words=words,
        customer=customer,
        invoice=about.invoice,
        reminder=about.reminder,
        payment=about.payment,
    )
