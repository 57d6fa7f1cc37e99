"""Charts drawn on the server: geometry only, colours are classes of the CSS.

Lengths across are percentages and lengths down are pixels, so that a chart fits
any width and its words keep their size.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from relance.gateways import wording

# Down: the words above the highest bar, the bars, the words below.
ABOVE, BARS, BELOW = 20, 130, 24
# The part of its column that a bar takes, in hundredths.
FILLED = 76


@dataclass(frozen=True, kw_only=True)
class Bar:
    """What a bar stands for; ``tone`` is the class of its colour."""

    value: Decimal
    shown: str
    label: str
    tone: str
    url: str = ""


@dataclass(frozen=True, kw_only=True)
class DrawnBar:
    """A bar in its place, its lengths as SVG writes them."""

    bar: Bar
    left: str
    width: str
    middle: str
    top: int
    height: int

    @property
    def value_at(self) -> int:
        return self.top - 7


@dataclass(frozen=True, kw_only=True)
class Chart:
    """Bars side by side; the table beside it says the same to who cannot see it."""

    bars: tuple[DrawnBar, ...]
    height: int = ABOVE + BARS + BELOW
    label_at: int = ABOVE + BARS + 18
    floor: int = ABOVE + BARS


def bar_chart(bars: Sequence[Bar]) -> Chart:
    """Draw bars of zero or more: the highest is as high as there is room."""
    highest = max((bar.value for bar in bars), default=Decimal(0))
    column = Decimal(100) / max(len(bars), 1)
    width = column * FILLED / 100
    drawn = []
    for place, bar in enumerate(bars):
        height = _height(bar.value, highest)
        left = column * place + (column - width) / 2
        drawn.append(
            DrawnBar(
                bar=bar,
                left=_percent(left),
                width=_percent(width),
                middle=_percent(left + width / 2),
                top=ABOVE + BARS - height,
                height=height,
            )
        )
    return Chart(bars=tuple(drawn))


def short_amount(amount: Decimal, *, currency: str, language: str) -> str:
    """Write an amount without its cents: there is little room above a bar."""
    whole = amount.quantize(Decimal(1), rounding=ROUND_HALF_UP)
    words = wording.money(whole, currency=currency, language=language)
    return re.sub(r"[.,]00(?!\d)", "", words)


def _height(value: Decimal, highest: Decimal) -> int:
    if value <= 0:
        return 0
    # The smallest amount is still seen.
    return max(2, round(BARS * value / highest))


def _percent(value: Decimal) -> str:
    return f"{value:.2f}%"
