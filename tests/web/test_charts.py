"""Charts: bars in proportion, whatever the language writes numbers like."""

from __future__ import annotations

from decimal import Decimal

import pytest

from relance.web.charts import BARS, Bar, bar_chart, short_amount


def bars(*values: str) -> list[Bar]:
    return [
        Bar(value=Decimal(value), shown=value, label="x", tone="b1") for value in values
    ]


def test_the_highest_bar_takes_all_the_room_and_others_their_part() -> None:
    chart = bar_chart(bars("200.00", "100.00", "0.00", "0.01"))

    assert [drawn.height for drawn in chart.bars] == [BARS, BARS // 2, 0, 2]
    for drawn in chart.bars:
        assert drawn.top + drawn.height == chart.floor


def test_bars_share_the_width() -> None:
    chart = bar_chart(bars("1", "1"))

    assert [(drawn.left, drawn.width, drawn.middle) for drawn in chart.bars] == [
        ("6.00%", "38.00%", "25.00%"),
        ("56.00%", "38.00%", "75.00%"),
    ]


@pytest.mark.parametrize("values", [(), ("0",), ("0", "0")])
def test_nothing_is_no_bar(values) -> None:
    assert {drawn.height for drawn in bar_chart(bars(*values)).bars} <= {0}


@pytest.mark.parametrize(
    ("amount", "currency", "language", "words"),
    [
        ("18240.49", "EUR", "fr", "18\u00a0240\u00a0€"),
        ("18240.50", "EUR", "fr", "18\u00a0241\u00a0€"),
        ("18240.00", "EUR", "en", "€18,240"),
        ("100.00", "CHF", "fr", "100\u00a0CHF"),
    ],
)
def test_an_amount_is_short_above_a_bar(amount, currency, language, words) -> None:
    said = short_amount(Decimal(amount), currency=currency, language=language)

    assert said == words
