"""The history: written inside the transaction of what it tells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from relance.models import Customer, HistoryEntry, Invoice, Payment, Reminder, Run, User
from relance.services.touching import touch


@dataclass(frozen=True, kw_only=True)
class About:
    """What an entry is about; the customer is found from the rest."""

    customer: Customer | None = None
    invoice: Invoice | None = None
    reminder: Reminder | None = None
    payment: Payment | None = None
    run: Run | None = None

    @classmethod
    def of(cls, reminder: Reminder) -> About:
        """A reminder, and its invoice when there is one alone."""
        lines = list(reminder.lines.all())
        invoice = lines[0].invoice if len(lines) == 1 else None
        return cls(invoice=invoice, reminder=reminder)


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A stable code, the sentence that people read, and what it is about."""

    action: str
    words: str
    about: About
    by: User | None = None


def record(
    action: str, words: str, *, about: About, by: User | None, at: datetime
) -> HistoryEntry:
    """Add one entry: a stable code, and the sentence that people read."""
    entry = Entry(action=action, words=words, about=about, by=by)
    [made] = record_many([entry], at=at)
    return made


def record_many(entries: Sequence[Entry], *, at: datetime) -> list[HistoryEntry]:
    """Add many entries at once; what is proposed for their customers is stale."""
    made = HistoryEntry.objects.bulk_create(
        HistoryEntry(
            at=at,
            user=entry.by,
            action=entry.action,
            words=entry.words,
            customer_id=_customer_id(entry.about),
            invoice=entry.about.invoice,
            reminder=entry.about.reminder,
            payment=entry.about.payment,
            run=entry.about.run,
        )
        for entry in entries
    )
    touch(entry.customer_id for entry in made if entry.customer_id is not None)
    return made


def _customer_id(about: About) -> int | None:
    if about.customer is not None:
        return about.customer.pk
    things = (about.invoice, about.reminder, about.payment)
    return next((thing.customer_id for thing in things if thing is not None), None)
