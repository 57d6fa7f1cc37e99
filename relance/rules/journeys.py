"""What became of a letter after it was made, and whether its dates hold together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class ReturnReason(StrEnum):
    """Why the post brought a letter back."""

    NOT_AT_ADDRESS = "npai"
    UNCLAIMED = "unclaimed"
    REFUSED = "refused"


@dataclass(frozen=True, kw_only=True)
class Journey:
    """The days of a letter; those that are not known yet are left out."""

    made_on: date
    posted_on: date
    presented_on: date | None = None
    delivered_on: date | None = None
    returned_on: date | None = None
    return_reason: str = ""


class Fault(StrEnum):
    """What cannot be true of a journey."""

    POSTED_BEFORE_MADE = "posted_before_made"
    IN_THE_FUTURE = "in_the_future"
    BEFORE_POSTED = "before_posted"
    BEFORE_PRESENTED = "before_presented"
    NO_REASON = "no_reason"
    NO_RETURN = "no_return"
    DELIVERED_AND_RETURNED = "delivered_and_returned"
    PRESENTED_NOWHERE = "presented_nowhere"


def faults(journey: Journey, *, today: date) -> tuple[tuple[str, Fault], ...]:
    """Return what is wrong, each with the name of the day or reason at fault."""
    return tuple(_faults(journey, today))


def _faults(journey: Journey, today: date) -> Iterator[tuple[str, Fault]]:
    if journey.posted_on < journey.made_on:
        yield "posted_on", Fault.POSTED_BEFORE_MADE
    if journey.posted_on > today:
        yield "posted_on", Fault.IN_THE_FUTURE
    presented = journey.presented_on
    for name in ("presented_on", "delivered_on", "returned_on"):
        day: date | None = getattr(journey, name)
        if day is None:
            continue
        if day > today:
            yield name, Fault.IN_THE_FUTURE
        elif day < journey.posted_on:
            yield name, Fault.BEFORE_POSTED
        elif presented is not None and day < presented:
            yield name, Fault.BEFORE_PRESENTED
    yield from _of_the_return(journey)


def _of_the_return(journey: Journey) -> Iterator[tuple[str, Fault]]:
    if journey.returned_on is None:
        if journey.return_reason:
            yield "returned_on", Fault.NO_RETURN
        return
    if not journey.return_reason:
        yield "return_reason", Fault.NO_REASON
    if journey.delivered_on is not None:
        yield "returned_on", Fault.DELIVERED_AND_RETURNED
    elif (
        journey.return_reason == ReturnReason.NOT_AT_ADDRESS
        and journey.presented_on is not None
    ):
        # Interest and delays would run from a day on which nothing reached anybody.
        yield "presented_on", Fault.PRESENTED_NOWHERE
