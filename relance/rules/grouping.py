"""Which rows chosen for a run are one letter, or one e-mail."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

# Of invoices in one reminder: two pages of table, and thirty copies behind it.
MOST = 30


@dataclass(frozen=True, kw_only=True)
class Row:
    """What decides with which others a chosen invoice travels."""

    customer: int
    currency: str
    channel: str
    rank: int
    is_formal_notice: bool = False
    overdue: bool = True
    # What the customer wants, whatever the run does; ``None``: as the run.
    together: bool | None = None


def group(rows: Sequence[Row], *, together: bool) -> list[int]:
    """Return the number of the reminder that each row is part of.

    Numbers begin at 1 and follow the first row of each reminder. Rows travel
    together when customer, currency and channel are the same (the language is the
    customer's) and the customer, else the run, wants it; at most ``MOST`` of them,
    shared out evenly. The highest level of a reminder speaks for all its rows,
    with two limits:

    - A formal notice holds only invoices that have come to that very level. It
      says that reminders of them had no effect, starts interest for those who owe
      none before it, and cannot be taken back. An invoice not yet due, or one whose
      own procedure is still at a lower level, would be put there by the grouping
      alone, a level skipped and nobody having chosen it: it stays apart, in the
      customer's other reminder.
    - An invoice not yet due is not told of as overdue: such invoices travel among
      themselves, and never in a formal notice that others share.
    """
    found: list[int] = []
    numbers: dict[tuple[object, ...], int] = {}
    for key in _parts([_key(row, i, together) for i, row in enumerate(rows)]):
        found.append(numbers.setdefault(key, len(numbers) + 1))
    return found


def days_of_all(days: Iterable[Iterable[date]]) -> tuple[date, ...]:
    """Return the days on which every invoice of a letter was reminded, oldest first,
    from those of each.

    The letter speaks of its invoices as one, "despite our reminder of 9 October":
    a day that one of them was not reminded on would be a false statement.
    """
    each = [set(one) for one in days]
    return tuple(sorted(set.intersection(*each))) if each else ()


def _key(row: Row, place: int, together: bool) -> tuple[object, ...]:
    wanted = together if row.together is None else row.together
    alone = not wanted or (row.is_formal_notice and not row.overdue)
    return (
        row.customer,
        row.currency,
        row.channel,
        row.rank if row.is_formal_notice else None,
        row.overdue,
        place if alone else None,
    )


def _parts(keys: Sequence[tuple[object, ...]]) -> Iterator[tuple[object, ...]]:
    """Yield each key with its part added, so that none has more than ``MOST``."""
    sizes, seen = Counter(keys), Counter[tuple[object, ...]]()
    for key in keys:
        parts = -(-sizes[key] // MOST)
        part = seen[key] * parts // sizes[key]
        seen[key] += 1
        yield (*key, part)
