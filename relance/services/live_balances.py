"""Balances read again from Dolibarr, just before a reminder is made or leaves.

The caller asks before the transaction that decides, and the usual rule then decides on
what was read. When Dolibarr does not answer, that is said, never passed over.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from relance.gateways import wording
from relance.gateways.dolibarr import DolibarrError
from relance.models import (
    DolibarrConnection,
    Invoice,
    OutboxMessage,
    Reminder,
    RunLine,
    Source,
)
from relance.services.dolibarr_access import in_words, reading
from relance.services.dolibarr_invoices import refresh
from relance.services.refusal import Refused

# Seconds, and times: somebody, or a whole run, is waiting for the answer.
PATIENCE, ATTEMPTS = 20.0, 2


class DolibarrAway(Refused):
    """Dolibarr did not answer; one may go on with the last known balance."""


@dataclass(frozen=True, kw_only=True)
class Live:
    """What came of it. ``trouble``: why Dolibarr did not answer, in words; then
    ``unread`` are the invoices whose balance is the last known one, ``known_at``
    since when, and ``waits`` whether the connection says to wait for it."""

    trouble: str = ""
    waits: bool = False
    unread: frozenset[int] = frozenset()
    known_at: datetime | None = None

    @property
    def wait_words(self) -> str:
        return _("Waiting for Dolibarr, to read what is left to pay: %(why)s") % {
            "why": self.trouble
        }

    def remark(self, invoice_ids: Collection[int]) -> str:
        """Return what is to be said beside a reminder of these invoices; empty when
        their balances are as they are there."""
        if not self.unread.intersection(invoice_ids):
            return ""
        if self.known_at is None:
            return _("Dolibarr did not answer: balance as last known.")
        at = timezone.localtime(self.known_at)
        return _("Dolibarr did not answer: balance as known on %(day)s, %(time)s.") % {
            "day": wording.short_date(at.date()),
            "time": f"{at:%H:%M}",
        }


FRESH = Live()


def read_again(invoice_ids: Collection[int], *, now: datetime, today: date) -> Live:
    """Read what is left to pay of those among these invoices that come from Dolibarr,
    and bring ours in line. To be called with no transaction open."""
    theirs = dict(
        Invoice.objects.filter(
            pk__in=invoice_ids, source=Source.DOLIBARR, external_id__isnull=False
        ).values_list("pk", "external_id")
    )
    if not theirs:
        return FRESH
    connection = DolibarrConnection.objects.first()
    if connection is None:
        # Nobody will answer again: a run does not wait for it, but says so.
        removed = _("The connection to Dolibarr was removed.")
        return Live(trouble=removed, unread=frozenset(theirs))
    try:
        with reading(connection, patience=PATIENCE, attempts=ATTEMPTS) as doli:
            ids = [int(external_id or 0) for external_id in theirs.values()]
            refresh(doli, sorted(ids), now=now, today=today)
    except DolibarrError as error:
        return Live(
            trouble=in_words(error),
            waits=connection.when_unreachable == DolibarrConnection.Unreachable.WAIT,
            unread=frozenset(theirs),
            known_at=connection.last_sync_at,
        )
    return FRESH


def away(live: Live) -> DolibarrAway:
    """Return the refusal that somebody reads who waits for the reminder."""
    words = _(
        "What is left to pay could not be read again from Dolibarr. %(why)s "
        "Nothing was made: try again, or go on with the last known balance."
    )
    return DolibarrAway(words % {"why": live.trouble}, field="last_known")


def of_reminders(reminder_ids: Collection[int], *, now: datetime, today: date) -> Live:
    """Read again for reminders that are about to be made."""
    rows = Reminder.objects.filter(pk__in=reminder_ids, lines__invoice__isnull=False)
    return read_again(
        set(rows.values_list("lines__invoice", flat=True)), now=now, today=today
    )


def of_messages(message_ids: Collection[int], *, now: datetime, today: date) -> Live:
    """Read again for e-mails that are about to leave."""
    rows = OutboxMessage.objects.filter(
        pk__in=message_ids, state=OutboxMessage.State.QUEUED
    )
    invoices = rows.values_list("reminder__lines__invoice", flat=True)
    return read_again(set(invoices), now=now, today=today)


def say_on_lines(reminder_ids: Collection[int], live: Live) -> None:
    """Write beside the lines of a run that they were made with the last known
    balance."""
    lines = RunLine.objects.filter(
        reminder_line__reminder__in=reminder_ids, state=RunLine.State.MADE
    )
    for_these = lines.filter(invoice__in=live.unread)
    for_these.update(cause="last_known", why=live.remark(live.unread))
