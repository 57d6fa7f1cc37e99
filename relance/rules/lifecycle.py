"""What the life-cycle statuses of an e-invoice mean for its follow-up.

Codes of the message CDAR (AFNOR XP Z12-012, ProcessConditionCode).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from relance.rules.calendar import add_working_days

# The days that a payment announced as sent takes to arrive.
PAYMENT_DAYS = 5
ZERO = Decimal(0)


class Effect(StrEnum):
    """What a status does to the reminders."""

    # Nothing by itself.
    INFORMS = "informs"
    # Sent or made available: proof of delivery; undoes a rejection by a platform.
    DELIVERS = "delivers"
    RELEASES = "releases"
    # The customer completes nothing: only what waited for a document goes on.
    COMPLETES = "completes"
    HOLDS = "holds"
    # Payment announced: left in peace for a few working days.
    PROMISES = "promises"
    PAYS = "pays"
    STOPS = "stops"


EFFECTS = {
    "200": Effect.DELIVERS,
    "201": Effect.DELIVERS,
    "202": Effect.DELIVERS,
    "203": Effect.DELIVERS,
    "204": Effect.RELEASES,
    "205": Effect.RELEASES,
    "206": Effect.HOLDS,
    "207": Effect.HOLDS,
    "208": Effect.HOLDS,
    "209": Effect.COMPLETES,
    "210": Effect.STOPS,
    "211": Effect.PROMISES,
    "212": Effect.PAYS,
    "213": Effect.STOPS,
    "214": Effect.INFORMS,
    "220": Effect.STOPS,
    "221": Effect.STOPS,
    "224": Effect.INFORMS,
    "225": Effect.HOLDS,
    "226": Effect.HOLDS,
    "227": Effect.INFORMS,
    "228": Effect.RELEASES,
    "500": Effect.INFORMS,
    "501": Effect.STOPS,
}
# Refused, rejected, cancelled, misrouted, not receivable: not validly delivered.
STOPPING_STATUSES = frozenset(
    code for code, effect in EFFECTS.items() if effect == Effect.STOPS
)
HOLDING_STATUSES = frozenset({"207", "208"})
# What a platform refused may be mended and sent again; what the buyer refused, or
# what was cancelled, needs another invoice.
_SENT_AGAIN = frozenset({"213", "221", "501"})
_SUSPENDED = "208"


@dataclass(frozen=True, kw_only=True)
class Event:
    """A status that was told of an invoice.

    ``amount``: paid, for 212; not approved, for 206.
    """

    code: str
    at: datetime
    day: date
    amount: Decimal | None = None


@dataclass(frozen=True, kw_only=True)
class Standing:
    """Where an invoice stands after all that was told.

    ``code`` is the status in force; ``held`` says whether reminders are suspended,
    ``until`` a day, and for which ``amount`` when for a part only.
    """

    code: str = ""
    at: datetime | None = None
    held: bool = False
    stopped: bool = False
    until: date | None = None
    amount: Decimal | None = None
    paid: Decimal = ZERO
    delivered_on: date | None = None


def standing(events: Iterable[Event]) -> Standing:
    """Return where an invoice stands; the same whatever the order in which its
    statuses came."""
    found = Standing()
    for event in sorted(events, key=lambda one: (one.at, one.code)):
        found = _after(found, event)
    return found


def _after(found: Standing, event: Event) -> Standing:
    free = replace(
        found,
        code=event.code,
        at=event.at,
        held=False,
        stopped=False,
        until=None,
        amount=None,
    )
    match EFFECTS.get(event.code, Effect.INFORMS):
        case Effect.STOPS:
            return replace(free, stopped=True)
        case Effect.HOLDS:
            return replace(free, held=True, amount=event.amount)
        case Effect.PROMISES if not found.stopped:
            until = add_working_days(event.day, PAYMENT_DAYS)
            return replace(free, held=True, until=until)
        case Effect.PAYS:
            return replace(free, paid=found.paid + (event.amount or ZERO))
        case Effect.RELEASES:
            return free
        case Effect.COMPLETES if found.code == _SUSPENDED:
            return free
        case Effect.DELIVERS:
            day = found.delivered_on or event.day
            mended = found.stopped and found.code in _SENT_AGAIN
            if mended or not (found.held or found.stopped):
                return replace(free, delivered_on=event.day if mended else day)
            return replace(found, delivered_on=day)
    if found.held or found.stopped:
        return found
    return free
