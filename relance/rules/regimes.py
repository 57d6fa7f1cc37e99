"""The four types of debtor that the law tells apart, and what depends on them."""

from __future__ import annotations

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


def limitation_date(
    regime: Regime, *, start: date, interruptions: Sequence[date] = ()
) -> date:
    """Return the last day on which the debt may be claimed in court.

    ``start`` is the completion of the service or delivery (Cass. com. 26/02/2020
    n° 18-25.036); each interrupting event since then makes the whole period start
    anew (art. 2231 C. civ.), but one that comes after its end revives nothing. For
    public bodies the years are counted from 1 January after the right arose (loi
    n° 68-1250).
    """
    last = _period_end(regime, start)
    for day in sorted(day for day in interruptions if day >= start):
        if day > last:
            break
        last = _period_end(regime, day)
    return last


def _period_end(regime: Regime, start: date) -> date:
    year = start.year + regime.limitation_years
    if regime == Regime.PUBLIC:
        return date(year, 12, 31)
    try:
        return start.replace(year=year)
    except ValueError:
        # 29 February: the period ends on the month's last day.
        return date(year, 2, 28)
