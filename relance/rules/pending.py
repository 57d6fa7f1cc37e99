"""Which payments recorded elsewhere are those that the bank already told of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

# A cheque is recorded when it is received, and credited by the bank days later…
BEFORE = timedelta(days=10)
# …and a transfer is often dated with the day on which somebody entered it.
AFTER = timedelta(days=45)


@dataclass(frozen=True, kw_only=True)
class Expected:
    """Money that came in, and that the program which keeps the invoice will record.

    ``invoice``: ``None`` when only the customer is known.
    ``written_as``: the name under which it was written there from here.
    """

    pk: int
    customer: int
    invoice: int | None
    amount: Decimal
    currency: str
    received_on: date
    written_as: str = ""


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """The part of a payment recorded there that settles one invoice."""

    pk: int
    payment: int
    # What the parts of one payment share there.
    whole: str
    name: str
    customer: int
    invoice: int
    amount: Decimal
    currency: str
    on: date


@dataclass(frozen=True, kw_only=True)
class PendingFact:
    """Money that the bank told of and Dolibarr has not recorded; not ``told``: for
    this customer, nobody said for which invoice."""

    amount: Decimal
    received_on: date
    told: bool = True

    def as_facts(self) -> dict[str, object]:
        """Return what the sentence of the reason needs."""
        return {
            "amount": self.amount,
            "on": self.received_on,
            "told": int(self.told),
        }


def recognised(
    expected: Iterable[Expected], arrivals: Iterable[Arrival]
) -> dict[int, int]:
    """Return, by the expected payment, the payment that it has become.

    One part of a payment ends one expectation, and as many are ended as can be: what
    is held back afterwards is what is not recorded there, whatever came first. The
    answer depends on what is known, not on the order in which it was learnt.
    """
    waiting = sorted(expected, key=lambda one: (one.received_on, one.pk))
    free = {one.pk: one for one in sorted(arrivals, key=lambda one: (one.on, one.pk))}
    found: dict[int, int] = {}
    for pair in (_written, _of_invoices, _of_customers):
        left = [one for one in waiting if one.pk not in found]
        for one, parts in pair(left, list(free.values())):
            found[one.pk] = parts[0].payment
            for part in parts:
                del free[part.pk]
    return found


type Pairs = list[tuple[Expected, Sequence[Arrival]]]


def _written(waiting: Sequence[Expected], free: Sequence[Arrival]) -> Pairs:
    """Pair what was written there from here, by its name."""
    by_name: Mapping[tuple[str, int], Arrival] = {
        (part.name, part.invoice): part for part in free if part.name
    }
    return [
        (one, [part])
        for one in waiting
        if one.written_as
        and one.invoice is not None
        and (part := by_name.get((one.written_as, one.invoice))) is not None
    ]


def _of_invoices(waiting: Sequence[Expected], free: Sequence[Arrival]) -> Pairs:
    """Pair the same amounts on the same invoice, in the order of their days."""
    there: defaultdict[object, list[tuple[date, Sequence[Arrival]]]]
    here, there = defaultdict(list), defaultdict(list)
    for one in waiting:
        if one.invoice is not None:
            here[one.invoice, one.currency, one.amount].append(one)
    for part in free:
        there[part.invoice, part.currency, part.amount].append((part.on, [part]))
    return [pair for key in here for pair in _in_order(here[key], there[key])]


def _of_customers(waiting: Sequence[Expected], free: Sequence[Arrival]) -> Pairs:
    """Pair what is known of the customer only with what is left of a payment."""
    whole: defaultdict[object, list[Arrival]] = defaultdict(list)
    for part in free:
        whole[part.customer, part.whole].append(part)
    there: defaultdict[object, list[tuple[date, Sequence[Arrival]]]]
    here, there = defaultdict(list), defaultdict(list)
    for one in waiting:
        if one.invoice is None:
            here[one.customer, one.currency, one.amount].append(one)
    for parts in whole.values():
        first = parts[0]
        total = sum((part.amount for part in parts), Decimal(0))
        there[first.customer, first.currency, total].append((first.on, parts))
    return [pair for key in here for pair in _in_order(here[key], there[key])]


def _in_order(
    waiting: Sequence[Expected], there: Iterable[tuple[date, Sequence[Arrival]]]
) -> Pairs:
    """Pair the earliest that are near enough: as many as any pairing would."""
    pairs: Pairs = []
    ahead = list(waiting)
    for on, parts in sorted(there, key=lambda one: (one[0], one[1][0].pk)):
        # Too long ago for this one, and for all that follow.
        while ahead and on > ahead[0].received_on + AFTER:
            ahead.pop(0)
        if ahead and on >= ahead[0].received_on - BEFORE:
            pairs.append((ahead.pop(0), parts))
    return pairs
