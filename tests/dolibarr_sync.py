"""A connection to the tests' Dolibarr, and synchronisations with it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from relance.models import Customer, DolibarrConnection, DolibarrSync, Invoice
from relance.services import dolibarr_sync
from tests.dolibarr_server import DolibarrServer

TODAY = date(2026, 11, 24)
NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)


def connected(server: DolibarrServer, **values: Any) -> DolibarrConnection:
    """The connection to a server, as the page saves it once it was tried."""
    return DolibarrConnection.objects.create(
        pk=1,
        **{
            "address": server.address,
            "key": server.key,
            "version": server.version,
            **values,
        },
    )


def synchronise(
    *, full: bool = False, now: datetime = NOW, today: date = TODAY
) -> DolibarrSync:
    """Synchronise, from the first step to the last."""
    begun = dolibarr_sync.start(full=full, by=None, now=now)
    done = dolibarr_sync.work_through(begun, clock=lambda: (now, today))
    assert done.state == DolibarrSync.State.DONE, done.error
    return done


def ours(invoice: int) -> Invoice:
    """Our row of one of Dolibarr's invoices."""
    return Invoice.objects.select_related("customer").get(
        source="dolibarr", external_id=str(invoice)
    )


def our_customer(customer: int) -> Customer:
    return Customer.objects.get(source="dolibarr", external_id=str(customer))
