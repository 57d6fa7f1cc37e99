"""Letters not posted yet whose invoices have nothing left to pay: they should not
leave."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum

from django.db.models import Exists, OuterRef, Q

from relance.models import Channel, Invoice, Reminder, ReminderLine
from relance.models.reminders import ReminderQuerySet

_TO_POST = Q(
    state=Reminder.State.MADE, channel__in=(Channel.LETTER, Channel.REGISTERED)
)


class Owed(StrEnum):
    """What the invoices of a letter still have to be paid."""

    ALL = "all"
    SOME = "some"
    NONE = "none"


def needless() -> Q:
    """Return the condition of letters to post of which no invoice is owed any more."""
    owed = ReminderLine.objects.filter(
        reminder=OuterRef("pk"), invoice__in=Invoice.objects.unpaid().values("pk")
    )
    return _TO_POST & ~Q(Exists(owed))


def owed_of(reminder: Reminder) -> Owed:
    """Return what is still owed of a letter, from its lines as they were read; a
    letter that left, or never leaves, has nothing to be warned of."""
    waits = reminder.state == Reminder.State.MADE
    if not waits or reminder.channel not in (Channel.LETTER, Channel.REGISTERED):
        return Owed.ALL
    owed = [line.invoice.is_unpaid for line in reminder.lines.all()]
    if all(owed):
        return Owed.ALL
    return Owed.SOME if any(owed) else Owed.NONE


def to_post_about(invoices: Collection[int]) -> ReminderQuerySet:
    """Return the letters to post that ask for these invoices, with their lines."""
    about = ReminderLine.objects.filter(invoice__in=invoices)
    return (
        Reminder.objects.filter(_TO_POST, pk__in=about.values("reminder"))
        .prefetch_related("lines__invoice")
        .defer("content", "body", "amounts")
        .order_by("number")
    )
