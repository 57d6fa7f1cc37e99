"""Easters, public holidays and the last day to pay."""

from datetime import date

import pytest

from relance.rules.calendar import (
    add_working_days,
    deadline,
    easter_sunday,
    is_working_day,
    public_holidays,
    working_days_since,
)


@pytest.mark.parametrize(
    ("year", "month", "day"),
    [(1954, 4, 18), (2000, 4, 23), (2008, 3, 23), (2024, 3, 31), (2025, 4, 20),
     (2026, 4, 5), (2027, 3, 28), (2028, 4, 16), (2029, 4, 1), (2030, 4, 21)],
)  # fmt: skip
def test_easter(year, month, day):
    assert easter_sunday(year) == date(year, month, day)


def test_the_eleven_holidays_of_2026():
    assert sorted(public_holidays(2026)) == [
        date(2026, *md)
        for md in [(1, 1), (4, 6), (5, 1), (5, 8), (5, 14), (5, 25), (7, 14),
                   (8, 15), (11, 1), (11, 11), (12, 25)]
    ]  # fmt: skip


def test_working_days():
    assert is_working_day(date(2026, 11, 24))
    assert not is_working_day(date(2026, 11, 22))
    assert not is_working_day(date(2026, 5, 14))
    assert add_working_days(date(2026, 4, 30), 1) == date(2026, 5, 4)
    assert add_working_days(date(2026, 4, 30), 0) == date(2026, 4, 30)


@pytest.mark.parametrize(
    ("letter", "days", "by_post", "last"),
    [
        (date(2026, 11, 24), 8, False, date(2026, 12, 2)),
        (date(2026, 11, 24), 8, True, date(2026, 12, 7)),
        (date(2026, 11, 20), 8, False, date(2026, 11, 30)),  # a Saturday
        (date(2026, 4, 23), 8, False, date(2026, 5, 4)),  # 1 May, a Friday
        (date(2026, 12, 24), 8, False, date(2027, 1, 4)),  # the year's end
    ],
)
def test_the_last_day_to_pay(letter, days, by_post, last):
    assert deadline(letter, days=days, by_post=by_post) == last


@pytest.mark.parametrize(
    ("day", "days"),
    [
        (date(2026, 11, 24), 0),
        (date(2026, 11, 23), 1),
        # Over a week-end, then over 11 November.
        (date(2026, 11, 20), 2),
        (date(2026, 11, 10), 9),
        (date(2026, 11, 25), 0),
    ],
)
def test_working_days_that_have_come_since(day, days):
    assert working_days_since(day, today=date(2026, 11, 24)) == days
