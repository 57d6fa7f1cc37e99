"""How well a colour reads on white paper (WCAG 2.2, § 1.4.3)."""

from __future__ import annotations

import re

_COLOUR = re.compile(r"#[0-9a-f]{6}")
# Text of any size; large bold text, as the company's name is.
LEGIBLE = 4.5
LEAST = 3.0


def is_colour(text: str) -> bool:
    """Say whether this is a colour written ``#0f5c6e``, in lower case."""
    return _COLOUR.fullmatch(text) is not None


def contrast_on_white(colour: str) -> float:
    """Return the contrast of a ``#rrggbb`` colour on white, from 1 to 21."""
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    lightness = 0.2126 * _linear(red) + 0.7152 * _linear(green) + 0.0722 * _linear(blue)
    return 1.05 / (lightness + 0.05)


def _linear(share: float) -> float:
    return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4
