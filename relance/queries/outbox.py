"""The outgoing tray as people look at it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from relance.models import OutboxMessage

State = OutboxMessage.State

# What is about to leave goes by itself: beyond these only its count is shown.
SHOWN = 50


@dataclass(frozen=True, kw_only=True)
class Leaving:
    """A message on its way, and the seconds during which it may be cancelled."""

    message: OutboxMessage
    seconds: int

    @property
    def may_be_cancelled(self) -> bool:
        return self.message.state == State.QUEUED


@dataclass(frozen=True, kw_only=True)
class Tray:
    """Messages by what is to be done about them."""

    uncertain: list[OutboxMessage]
    failed: list[OutboxMessage]
    leaving: list[Leaving]
    leaving_count: int

    @property
    def leaving_hidden(self) -> int:
        return self.leaving_count - len(self.leaving)


def tray(*, now: datetime) -> Tray:
    """Return what has not left, and what perhaps has."""
    found = messages()
    leaving = found.filter(state__in=(State.QUEUED, State.SENDING)).order_by(
        "not_before", "pk"
    )
    return Tray(
        uncertain=list(found.filter(state=State.UNCERTAIN)),
        failed=list(found.filter(state=State.FAILED)),
        leaving=[
            Leaving(message=message, seconds=seconds_left(message, now=now))
            for message in leaving[:SHOWN]
        ],
        leaving_count=leaving.count(),
    )


def done() -> QuerySet[OutboxMessage]:
    """Return what was sent or cancelled, the newest first."""
    return messages().filter(state__in=(State.SENT, State.CANCELLED))


def messages() -> QuerySet[OutboxMessage]:
    """Return messages with what every list shows of them."""
    return OutboxMessage.objects.select_related("reminder__customer", "reminder__run")


def seconds_left(message: OutboxMessage, *, now: datetime) -> int:
    """Return how long a message still waits; zero once its moment has come."""
    return max(0, round((message.not_before - now).total_seconds()))
