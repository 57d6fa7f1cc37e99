"""What Dolibarr says has changed: noted at once, read again soon, never believed.

A webhook has no signature and tells of the state before the change: only which
invoice, customer or contact it is about is taken from it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime

from django.db import transaction
from django.utils.crypto import constant_time_compare

from relance.gateways.dolibarr import Dolibarr, DolibarrError, Kind
from relance.models import DolibarrConnection, DolibarrHint
from relance.services import dolibarr_customers as customers
from relance.services import dolibarr_invoices as invoices
from relance.services.dolibarr_access import reading

TOGETHER = 100
# More waiting than this is a flood, and the next synchronisation reads all anyway.
MOST = 5_000
_NOUNS = {
    "BILL_": DolibarrHint.Kind.INVOICE,
    "COMPANY_": DolibarrHint.Kind.CUSTOMER,
    "CONTACT_": DolibarrHint.Kind.CONTACT,
}


def is_secret(given: str) -> bool:
    """Say whether an address holds the connection's secret."""
    connection = DolibarrConnection.objects.first()
    return connection is not None and constant_time_compare(
        given, connection.webhook_secret
    )


def note(told: object, *, now: datetime) -> int:
    """Note what a webhook is about; return how many things are to be read again."""
    found = {(kind, id) for kind, id in _mentioned(told) if 0 < id < 2**31}
    if DolibarrHint.objects.count() + len(found) > MOST:
        return 0
    rows = [DolibarrHint(kind=kind, external_id=id, noted_at=now) for kind, id in found]
    DolibarrHint.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["kind", "external_id"],
        update_fields=["noted_at"],
    )
    return len(rows)


def read_noted(*, now: datetime, today: date) -> bool:
    """Read again what was noted; say whether there is more.

    What Dolibarr does not answer now is kept for the next time."""
    hints = list(DolibarrHint.objects.all()[:TOGETHER])
    connection = DolibarrConnection.objects.first()
    if not hints or connection is None or not connection.key:
        return False
    by_kind: dict[str, list[int]] = {kind: [] for kind in DolibarrHint.Kind.values}
    for hint in hints:
        by_kind[hint.kind].append(hint.external_id)
    try:
        with reading(connection) as doli:
            _read_people(doli, by_kind, now=now)
            ids = by_kind[DolibarrHint.Kind.INVOICE]
            if ids:
                invoices.refresh(doli, ids, now=now, today=today)
    except DolibarrError:
        return False
    for hint in hints:
        # Told of again meanwhile: read again, too.
        rows = DolibarrHint.objects.filter(pk=hint.pk, noted_at=hint.noted_at)
        rows.delete()
    return DolibarrHint.objects.exists()


def _read_people(
    doli: Dolibarr, by_kind: Mapping[str, list[int]], *, now: datetime
) -> None:
    known = customers.known_ids(by_kind[DolibarrHint.Kind.CUSTOMER])
    people = filter(None, (_there(doli.customer, id) for id in sorted(known)))
    ids = by_kind[DolibarrHint.Kind.CONTACT]
    contacts = filter(None, (_there(doli.contact, id) for id in ids))
    # Read whole before a transaction is open.
    read, read_contacts = list(people), list(contacts)
    with transaction.atomic():
        customers.keep_customers(read, now=now)
        customers.keep_contacts(read_contacts, now=now)


def _there[T](ask: Callable[[int], T], id: int) -> T | None:
    """Return a record; nothing when it was deleted or may not be seen."""
    try:
        return ask(id)
    except DolibarrError as error:
        if error.kind in (Kind.NOT_FOUND, Kind.RIGHT_MISSING):
            return None
        raise


def _mentioned(told: object) -> Iterator[tuple[DolibarrHint.Kind, int]]:
    if not isinstance(told, dict) or not isinstance(told.get("object"), dict):
        return
    code, about = str(told.get("triggercode", "")), told["object"]
    for start, kind in _NOUNS.items():
        if code.startswith(start):
            yield kind, _number(about.get("id"))
    amounts = about.get("amounts")
    if code.startswith("PAYMENT_CUSTOMER_") and isinstance(amounts, dict):
        for id in amounts:
            yield DolibarrHint.Kind.INVOICE, _number(id)


def _number(said: object) -> int:
    text = str(said)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else 0
