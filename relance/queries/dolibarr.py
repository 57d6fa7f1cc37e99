"""The connection to Dolibarr and its synchronisations, as the screens show them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from relance.models import (
    Customer,
    DolibarrConnection,
    DolibarrSync,
    Invoice,
    Source,
)

SHOWN = 10


@dataclass(frozen=True)
class Progress:
    """How far a synchronisation is."""

    sync: DolibarrSync

    @property
    def at_work(self) -> bool:
        return self.sync.state == DolibarrSync.State.WORKING

    @property
    def place(self) -> int:
        """Which stage it is at, from 1."""
        return DolibarrSync.Stage.values.index(self.sync.stage) + 1

    @property
    def places(self) -> int:
        return len(DolibarrSync.Stage.values)

    @cached_property
    def percent(self) -> int:
        """Return how much is done; unpaid invoices are most of the work."""
        if not self.at_work:
            return 100
        done = self.place - 1
        if self.sync.total:
            return int(
                (done + min(self.sync.done / self.sync.total, 1)) * 100 / self.places
            )
        return int(done * 100 / self.places)


def connection() -> DolibarrConnection | None:
    """Return the connection, if there is one."""
    return DolibarrConnection.objects.first()


def syncs() -> list[DolibarrSync]:
    """Return the latest synchronisations, the newest first."""
    return list(DolibarrSync.objects.select_related("asked_by")[:SHOWN])


def progress() -> Progress | None:
    """Return how far the latest synchronisation is, if there was one."""
    latest = DolibarrSync.objects.first()
    return Progress(latest) if latest else None


def card_there(thing: Customer | Invoice) -> str:
    """Return the address of a customer's or an invoice's card in Dolibarr; empty for
    what does not come from there, or is no longer connected."""
    ours = connection() if thing.source == Source.DOLIBARR else None
    if ours is None or not thing.external_id:
        return ""
    if isinstance(thing, Invoice):
        return ours.invoice_url(thing.external_id)
    return ours.customer_url(thing.external_id)
