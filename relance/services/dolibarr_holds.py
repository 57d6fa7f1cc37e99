"""Reminders suspended from Dolibarr, by an extra field of an invoice or a customer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime

from django.utils.translation import gettext as _

from relance.models import Customer, DolibarrConnection, Hold, Invoice, Source
from relance.services import holds
from relance.services.holds import HoldData
from relance.services.refusal import Refused

# What an extra field says when it says nothing.
_NO = frozenset({"", "0", "false", "no", "non", "null"})
# A box that is ticked there says no more than that.
_YES = frozenset({"1", "true", "yes", "oui"})

# What was read, by Dolibarr's id: its extra fields.
type Extras = Mapping[int, Mapping[str, str]]


def follow_invoices(extras: Extras, *, now: datetime, today: date) -> None:
    """Suspend the invoices whose field says so, and take up again those whose field
    was cleared; inside the caller's transaction."""
    rows = Invoice.objects.filter(source=Source.DOLIBARR, external_id__in=_ids(extras))
    _follow({str(one.external_id): one for one in rows}, extras, now=now, today=today)


def follow_customers(extras: Extras, *, now: datetime, today: date) -> None:
    """The same for all the invoices of a customer."""
    rows = Customer.objects.filter(
        source=Source.DOLIBARR, external_id__in=_ids(extras), merged_into=None
    )
    _follow({str(one.external_id): one for one in rows}, extras, now=now, today=today)


def _follow(
    rows: Mapping[str, Invoice | Customer],
    extras: Extras,
    *,
    now: datetime,
    today: date,
) -> None:
    field = _field()
    said = {
        str(id): extra.get(field, "").strip() if field else ""
        for id, extra in extras.items()
    }
    running = _running([*rows.values()])
    for id, row in rows.items():
        held, is_asked = running.get(row.pk), said[id].lower() not in _NO
        if held is not None and not is_asked:
            note = _("The field was cleared in Dolibarr.")
            holds.end_hold(held, note=note, by=None, now=now)
        elif held is None and is_asked:
            _hold(row, said[id], now=now, today=today)


def _field() -> str:
    found = DolibarrConnection.objects.values_list("hold_field", flat=True).first()
    return found or ""


def _running(rows: Sequence[Invoice | Customer]) -> dict[int, Hold]:
    held = Hold.objects.filter(source=Source.DOLIBARR, ended_at=None)
    if rows and isinstance(rows[0], Invoice):
        found = held.filter(invoice__in=[row.pk for row in rows])
    else:
        found = held.filter(customer__in=[row.pk for row in rows])
    return {one.held.pk: one for one in found.select_related("invoice", "customer")}


def _hold(row: Invoice | Customer, said: str, *, now: datetime, today: date) -> None:
    told = "" if said.lower() in _YES else said
    note = _("Suspended in Dolibarr. %(what)s") % {"what": told}
    data = HoldData(
        reason=Hold.Reason.MANUAL.value,
        starts_on=today,
        note=note.strip(),
        source=Source.DOLIBARR.value,
    )
    # Somebody suspended it here already: that one runs until they end it.
    with suppress(Refused):
        holds.hold(row, data, by=None, now=now)


def _ids(extras: Extras) -> list[str]:
    return [str(id) for id in extras]
