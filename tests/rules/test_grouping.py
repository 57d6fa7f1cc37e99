"""Which rows are one reminder: france.md § 2.9, and our limits."""

from dataclasses import replace
from datetime import date

import pytest

from relance.rules.grouping import MOST, Row, days_of_all, group

FIRST = Row(customer=1, currency="EUR", channel="letter", rank=1)
SECOND = replace(FIRST, rank=2)
NOTICE = replace(FIRST, rank=3, is_formal_notice=True)
FINAL = replace(NOTICE, rank=4)
EARLY = replace(FIRST, overdue=False)
COURTESY = replace(EARLY, rank=0)
OTHER = replace(FIRST, customer=2)
DOLLARS = replace(FIRST, currency="USD")
EMAIL = replace(FIRST, channel="email")
ALONE = replace(FIRST, together=False)
ALWAYS = replace(FIRST, together=True)


@pytest.mark.parametrize(
    ("rows", "numbers"),
    [
        ([], []),
        ([FIRST], [1]),
        ([FIRST, FIRST], [1, 1]),
        # The highest level speaks: reminders of any level travel together.
        ([FIRST, SECOND, FIRST], [1, 1, 1]),
        # Customer, currency and channel.
        ([FIRST, OTHER, FIRST], [1, 2, 1]),
        ([FIRST, DOLLARS], [1, 2]),
        ([FIRST, EMAIL, FIRST, EMAIL], [1, 2, 1, 2]),
        ([NOTICE, replace(NOTICE, channel="registered")], [1, 2]),
        # A formal notice: only what has come to that very level.
        ([NOTICE, NOTICE], [1, 1]),
        ([FIRST, NOTICE, SECOND, NOTICE], [1, 2, 1, 2]),
        ([NOTICE, FINAL], [1, 2]),
        # What is not yet due is not told of as overdue.
        ([FIRST, EARLY, EARLY], [1, 2, 2]),
        ([COURTESY, EARLY, SECOND], [1, 1, 2]),
        ([NOTICE, replace(NOTICE, overdue=False)], [1, 2]),
        ([replace(NOTICE, overdue=False)] * 2, [1, 2]),
        # The customer's own wish.
        ([ALONE, ALONE], [1, 2]),
        ([ALWAYS, ALWAYS], [1, 1]),
    ],
)
def test_a_run_that_groups(rows, numbers):
    assert group(rows, together=True) == numbers


@pytest.mark.parametrize(
    ("rows", "numbers"),
    [
        ([FIRST, FIRST], [1, 2]),
        ([ALONE, ALONE], [1, 2]),
        ([ALWAYS, FIRST, ALWAYS], [1, 2, 1]),
        ([replace(NOTICE, together=True)] * 2, [1, 1]),
    ],
)
def test_a_run_that_does_not(rows, numbers):
    assert group(rows, together=False) == numbers


@pytest.mark.parametrize(
    ("rows", "sizes"),
    [(MOST, [MOST]), (MOST + 1, [16, 15]), (3 * MOST, [MOST] * 3), (61, [21, 20, 20])],
)
def test_a_long_list_is_shared_out(rows, sizes):
    numbers = group([FIRST] * rows, together=True)

    assert [numbers.count(number) for number in sorted(set(numbers))] == sizes
    assert numbers == sorted(numbers)


A, B, C = date(2026, 10, 9), date(2026, 10, 20), date(2026, 11, 4)


@pytest.mark.parametrize(
    ("days", "shared"),
    [
        ([], ()),
        ([[]], ()),
        ([[C, A]], (A, C)),
        ([[A], []], ()),
        ([[A], [B]], ()),
        ([[A, C], [C, A]], (A, C)),
        ([[A, B, C], [C, A], [A, C]], (A, C)),
        ([[A, B], [B], [B, C]], (B,)),
    ],
)
def test_days_on_which_every_invoice_was_reminded(days, shared):
    assert days_of_all(days) == shared
