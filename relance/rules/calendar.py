"""Working days, French public holidays, and the last day to pay."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

# Days that a letter may spend in the post before it is read.
POST_DAYS = 5
_ONE_DAY = timedelta(days=1)


@lru_cache(maxsize=64)
def public_holidays(year: int) -> frozenset[date]:
    """Return the public holidays of metropolitan France (art. L3133-1 C. trav.)."""
    easter = easter_sunday(year)
    fixed = ((1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25))
    moving = (1, 39, 50)  # Easter Monday, Ascension, Whit Monday
    return frozenset(
        [date(year, month, day) for month, day in fixed]
        + [easter + timedelta(days=days) for days in moving]
    )


def easter_sunday(year: int) -> date:
    """Return Easter in the Gregorian calendar (Meeus/Jones/Butcher)."""
    a, (b, c) = year % 19, divmod(year, 100)
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    n = (32 + 2 * e + 2 * i - h - k) % 7
    m = (a + 11 * h + 22 * n) // 451
    month, day = divmod(h + n - 7 * m + 114, 31)
    return date(year, month, day + 1)


def is_working_day(day: date) -> bool:
    """Say whether banks and offices work: Monday to Friday, no public holiday."""
    return day.weekday() < 5 and day not in public_holidays(day.year)


def next_working_day(day: date) -> date:
    """Return the day itself when one works on it, else the first one after."""
    while not is_working_day(day):
        day += _ONE_DAY
    return day


def add_working_days(day: date, count: int) -> date:
    """Return the day that comes after ``count`` working days."""
    for _step in range(count):
        day = next_working_day(day + _ONE_DAY)
    return day


def working_days_since(day: date, *, today: date) -> int:
    """Return how many working days have come after a day, today included."""
    days = ((day + timedelta(days=n)) for n in range(1, (today - day).days + 1))
    return sum(1 for later in days if is_working_day(later))


def deadline(letter_date: date, *, days: int, by_post: bool) -> date:
    """Return the last day to pay that a reminder prints: the days given, and the
    post's own for a letter, moved to a working day."""
    given = days + (POST_DAYS if by_post else 0)
    return next_working_day(letter_date + timedelta(days=given))
