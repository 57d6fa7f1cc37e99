"""The limitation period of one invoice, with how it is computed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from relance.models import Company, InterruptingEvent, Invoice
from relance.queries.situations import limitation_start
from relance.rules.regimes import (
    Regime,
    limitation_date,
    limitation_warning,
    limitation_years,
)


@dataclass(frozen=True, kw_only=True)
class Event:
    """An interrupting event, and whether it made the period start anew."""

    row: InterruptingEvent
    counts: bool


@dataclass(frozen=True, kw_only=True)
class Limitation:
    """Until when an invoice may be claimed in court, and why until then."""

    regime: Regime
    carriage: bool
    years: int
    start: date
    # Whether it is counted from the service, or from the invoice for want of it.
    from_service: bool
    events: tuple[Event, ...]
    last: date
    # Left at most, once one is to be warned.
    months: int | None
    over: bool


def limitation_of(invoice: Invoice, *, today: date) -> Limitation:
    """Return the limitation period of an invoice read with its customer."""
    carriage = bool(Company.objects.values_list("carriage", flat=True).first())
    regime, start = Regime(invoice.customer.regime), limitation_start(invoice)
    rows = invoice.interruptions.select_related("recorded_by", "undone_by", "document")
    events: list[Event] = []
    counted: list[date] = []
    for row in rows:
        # One after the end of the period revives nothing.
        last = limitation_date(
            regime, start=start, interruptions=counted, carriage=carriage
        )
        counts = row.undone_at is None and start <= row.happened_on <= last
        if counts:
            counted.append(row.happened_on)
        events.append(Event(row=row, counts=counts))
    last = limitation_date(
        regime, start=start, interruptions=counted, carriage=carriage
    )
    return Limitation(
        regime=regime,
        carriage=carriage,
        years=limitation_years(regime, carriage=carriage),
        start=start,
        from_service=start == invoice.service_date,
        events=tuple(events),
        last=last,
        months=limitation_warning(regime, last, today=today, carriage=carriage),
        over=today > last,
    )
