"""Limitation periods of the four types of customer."""

from datetime import date

import pytest

from relance.rules.regimes import Regime, limitation_date, limitation_warning


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


# § 1.7 of our notes: at −12, −6, −2 months; consumers, and a year's period, at −6,
# −3, −1.
@pytest.mark.parametrize(
    ("regime", "carriage", "last", "today", "months"),
    [
        ("B2B", False, date(2029, 3, 5), date(2028, 3, 4), None),
        ("B2B", False, date(2029, 3, 5), date(2028, 3, 5), 12),
        ("B2B", False, date(2029, 3, 5), date(2028, 9, 4), 12),
        ("B2B", False, date(2029, 3, 5), date(2028, 9, 5), 6),
        ("B2B", False, date(2029, 3, 5), date(2029, 1, 5), 2),
        ("B2B", False, date(2029, 3, 5), date(2029, 3, 5), 2),
        ("B2B", False, date(2029, 3, 5), date(2029, 3, 6), None),
        ("PUBLIC", False, date(2028, 12, 31), date(2027, 12, 31), 12),
        ("NON_PRO", False, date(2029, 8, 31), date(2029, 2, 27), 12),
        # 31 August less six months: the last day of February.
        ("NON_PRO", False, date(2029, 8, 31), date(2029, 2, 28), 6),
        ("B2C", False, date(2026, 3, 5), date(2025, 9, 4), None),
        ("B2C", False, date(2026, 3, 5), date(2025, 9, 5), 6),
        ("B2C", False, date(2026, 3, 5), date(2025, 12, 5), 3),
        ("B2C", False, date(2026, 3, 5), date(2026, 2, 5), 1),
        ("B2B", True, date(2026, 3, 5), date(2025, 9, 4), None),
        ("PUBLIC", True, date(2026, 3, 5), date(2026, 2, 5), 1),
    ],
)
def test_one_is_warned_before_the_end(regime, carriage, last, today, months):
    found = limitation_warning(Regime(regime), last, today=today, carriage=carriage)

    assert found == months


# Art. L133-6 C. com.: one year from the delivery, whoever owes.
@pytest.mark.parametrize("regime", list(Regime))
def test_carriage_of_goods_lapses_in_a_year(regime):
    start, signed = date(2024, 3, 5), date(2024, 9, 1)

    assert limitation_date(regime, start=start, carriage=True) == date(2025, 3, 5)
    assert limitation_date(
        regime, start=start, interruptions=[signed], carriage=True
    ) == date(2025, 9, 1)
