"""Limitation periods of the four types of customer."""

from datetime import date

import pytest

from relance.rules.regimes import Regime, limitation_date


# L110-4 C. com., L218-2 C. conso., loi n° 68-1250, 2224 and 2231 C. civ.
@pytest.mark.parametrize(
    ("regime", "start", "interruptions", "last"),
    [
        ("B2B", date(2024, 3, 5), [], date(2029, 3, 5)),
        ("B2C", date(2024, 3, 5), [], date(2026, 3, 5)),
        ("B2C", date(2024, 2, 29), [], date(2026, 2, 28)),
        ("NON_PRO", date(2024, 3, 5), [], date(2029, 3, 5)),
        ("PUBLIC", date(2024, 3, 5), [], date(2028, 12, 31)),
        ("PUBLIC", date(2024, 3, 5), [date(2026, 1, 2)], date(2030, 12, 31)),
        ("B2B", date(2024, 3, 5), [date(2025, 1, 2), date(2024, 6, 1)],
         date(2030, 1, 2)),
        ("B2B", date(2024, 3, 5), [date(2023, 1, 2)], date(2029, 3, 5)),
        # Interrupted on the last day, in any order; a day too late revives nothing.
        ("B2C", date(2020, 3, 5), [date(2024, 3, 5), date(2022, 3, 5)],
         date(2026, 3, 5)),
        ("B2C", date(2020, 3, 5), [date(2022, 3, 6)], date(2022, 3, 5)),
        ("PUBLIC", date(2020, 3, 5), [date(2025, 1, 1)], date(2024, 12, 31)),
    ],
)  # fmt: skip
def test_limitation(regime, start, interruptions, last):
    found = limitation_date(Regime(regime), start=start, interruptions=interruptions)

    assert found == last


def test_who_owes_the_indemnity():
    assert [one for one in Regime if one.owes_indemnity] == ["B2B", "PUBLIC"]
