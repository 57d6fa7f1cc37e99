"""Colours on white paper; the figures are those of the WCAG formula."""

import pytest

from relance.rules.contrast import contrast_on_white, is_colour


@pytest.mark.parametrize(
    ("colour", "contrast"),
    [
        ("#000000", 21.0),
        ("#ffffff", 1.0),
        ("#767676", 4.54),  # the palest grey that passes AA
        ("#777777", 4.48),
        ("#ff0000", 4.0),
        ("#ffff00", 1.07),
        ("#0f5c6e", 7.57),
    ],
)
def test_contrast(colour, contrast):
    assert contrast_on_white(colour) == pytest.approx(contrast, abs=0.01)


@pytest.mark.parametrize("text", ["", "red", "#fff", "#0F5C6E", "#0f5c6e0", "#00000g"])
def test_what_is_no_colour(text):
    assert not is_colour(text)
