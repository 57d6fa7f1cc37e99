"""The four types of debtor that the law tells apart, and what depends on them."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from datetime import date
from enum import StrEnum


class Regime(StrEnum):
    """The type of customer, on which penalties, texts and limitation depend."""

    B2B = "B2B"
    B2C = "B2C"
    PUBLIC = "PUBLIC"
    NON_PRO = "NON_PRO"

    @property
    def owes_indemnity(self) -> bool:
        """Whether the 40 € are due (art. D441-5 C. com., D2192-35 CCP); a
        consumer or a non-professional body never owes them."""
        return self in (Regime.B2B, Regime.PUBLIC)

    @property
    def limitation_years(self) -> int:
        """Years of the limitation period: L110-4 C. com. (B2B), L218-2 C. conso.
        (B2C), loi 68-1250 (public bodies), 2224 C. civ. (the others)."""
        return {Regime.B2C: 2, Regime.PUBLIC: 4}.get(self, 5)


# Months before the end at which one is warned: time to obtain an acknowledgement,
# then to go to court. Short periods have shorter ones.
_WARNED = (12, 6, 2)
_WARNED_SHORT = (6, 3, 1)


def limitation_date(
    regime: Regime,
    *,
    start: date,
    interruptions: Sequence[date] = (),
    carriage: bool = False,
) -> date:
    """Return the last day on which the debt may be claimed in court.

    ``start`` is the completion of the service or delivery (Cass. com. 26/02/2020
    n° 18-25.036); each interrupting event since then makes the whole period start
    anew (art. 2231 C. civ.), but one that comes after its end revives nothing. For
    public bodies the years are counted from 1 January after the right arose (loi
    n° 68-1250). For the ``carriage`` of goods it is one year, whoever owes
    (art. L133-6 C. com.).
    """
    last = _period_end(regime, start, carriage=carriage)
    for day in sorted(day for day in interruptions if day >= start):
        if day > last:
            break
        last = _period_end(regime, day, carriage=carriage)
    return last


def limitation_warning(
    regime: Regime, last: date, *, today: date, carriage: bool = False
) -> int | None:
    """Return how many months are left at most, of those at which one is warned;
    ``None`` before the first of them and once the period is over."""
    if today > last:
        return None
    short = carriage or regime == Regime.B2C
    passed = [
        months
        for months in (_WARNED_SHORT if short else _WARNED)
        if today >= months_before(last, months)
    ]
    return min(passed, default=None)


def months_before(day: date, months: int) -> date:
    """Return the same day of an earlier month, its last one where it has none."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def limitation_years(regime: Regime, *, carriage: bool = False) -> int:
    """Return how long a debt may be claimed in court."""
    return 1 if carriage else regime.limitation_years


def _period_end(regime: Regime, start: date, *, carriage: bool) -> date:
    year = start.year + limitation_years(regime, carriage=carriage)
    if regime == Regime.PUBLIC and not carriage:
        return date(year, 12, 31)
    try:
        return start.replace(year=year)
    except ValueError:
        # 29 February: the period ends on the month's last day.
        return date(year, 2, 28)
