"""Days and amounts of cells: read one way, or asked about; never guessed."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relance.gateways.spreadsheet_values import (
    CellError,
    DayOrder,
    ValueProblem,
    amount,
    day,
    day_order,
    decimal_mark,
    depends_on_order,
    needs_mark,
)

NOVEMBER = date(2026, 11, 24)


@pytest.mark.parametrize(
    "said",
    [
        "24/11/2026", "24/11/26", "24.11.2026", "24-11-2026", " 24 11 2026 ",
        "2026-11-24", "2026/11/24", "20261124", "2026-11-24T10:00:00Z",
        "24/11/2026 00:00", "24/11/2026 14h30", "24 novembre 2026", "24 nov. 2026",
        "mardi 24 novembre 2026", "24-nov-2026", "Nov 24, 2026", "24 November 2026",
        "46350", "46350.5",
    ],
)  # fmt: skip
def test_days_as_they_are_written(said: str) -> None:
    assert day(said) == NOVEMBER


def test_the_first_of_the_month_and_months_with_accents() -> None:
    assert day("1er août 2026") == date(2026, 8, 1)
    assert day("15 déc. 2026") == date(2026, 12, 15)
    assert day("3 février 2026") == date(2026, 2, 3)
    assert day("7 juil. 2026") == date(2026, 7, 7)


def test_the_order_of_the_column_counts() -> None:
    assert day("05/10/2026") == date(2026, 10, 5)
    assert day("05/10/2026", DayOrder.MONTH_FIRST) == date(2026, 5, 10)
    assert day("2026-05-10", DayOrder.MONTH_FIRST) == date(2026, 5, 10)


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ("31/02/2026", ValueProblem.NOT_A_DAY),
        ("24/13/2026", ValueProblem.NOT_A_DAY),
        ("24/11/202", ValueProblem.NOT_A_DAY),
        ("24/11/1026", ValueProblem.NOT_A_DAY),
        ("à réception", ValueProblem.NOT_A_DAY),
        ("12", ValueProblem.NOT_A_DAY),
        ("123456789", ValueProblem.NOT_A_DAY),
        ("", ValueProblem.NOT_A_DAY),
        ("#N/A", ValueProblem.FORMULA_ERROR),
        ("#REF!", ValueProblem.FORMULA_ERROR),
    ],
)
def test_what_is_no_day(said: str, problem: ValueProblem) -> None:
    with pytest.raises(CellError) as caught:
        day(said)
    assert caught.value.problem == problem


@pytest.mark.parametrize(
    ("column", "order"),
    [
        (["05/10/2026", "24/11/2026"], DayOrder.DAY_FIRST),
        (["05/10/2026", "11/24/2026"], DayOrder.MONTH_FIRST),
        (["05/10/2026", "06/10/2026"], None),
        (["2026-10-05"], None),
        ([], None),
    ],
)
def test_the_order_is_seen_in_the_column(
    column: list[str], order: DayOrder | None
) -> None:
    assert day_order(column) == order


def test_only_days_that_read_two_ways_depend_on_the_order() -> None:
    assert depends_on_order(["2026-10-05", "05/10/2026"])
    assert not depends_on_order(["2026-10-05", "10/10/2026", "5 mai 2026"])


@pytest.mark.parametrize(
    ("said", "value"),
    [
        ("1 234,56", "1234.56"),
        ("1\u202f234,56\u00a0€", "1234.56"),
        ("1.234,56", "1234.56"),
        ("1,234.56", "1234.56"),
        ("EUR 1234.5", "1234.50"),
        ("-1 200,00", "-1200.00"),
        ("(1 200,00)", "-1200.00"),
        ("1 200,00-", "-1200.00"),
        ("\u22121200", "-1200.00"),
        ("0", "0.00"),
        ("12", "12.00"),
    ],
)
def test_amounts_as_they_are_written(said: str, value: str) -> None:
    assert amount(said) == Decimal(value)


def test_the_decimal_mark_of_the_column_settles_what_could_be_either() -> None:
    with pytest.raises(CellError) as caught:
        amount("1.234")
    assert caught.value.problem == ValueProblem.AMBIGUOUS
    assert amount("1.234", ",") == Decimal("1234.00")
    assert amount("1,234", ".") == Decimal("1234.00")
    assert amount("1.230", ".") == Decimal("1.23")
    assert amount("12.50000", ".") == Decimal("12.50")
    with pytest.raises(CellError) as caught:
        amount("1.234", ".")
    assert caught.value.problem == ValueProblem.TOO_PRECISE


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ("néant", ValueProblem.NOT_AN_AMOUNT),
        ("1 23,45", ValueProblem.NOT_AN_AMOUNT),
        ("1e5", ValueProblem.NOT_AN_AMOUNT),
        ("nan", ValueProblem.NOT_AN_AMOUNT),
        ("12,345 6", ValueProblem.NOT_AN_AMOUNT),
        ("9999999999999", ValueProblem.TOO_LARGE),
        ("#VALEUR!", ValueProblem.FORMULA_ERROR),
    ],
)
def test_what_is_no_amount(said: str, problem: ValueProblem) -> None:
    with pytest.raises(CellError) as caught:
        amount(said)
    assert caught.value.problem == problem


@pytest.mark.parametrize(
    ("column", "mark"),
    [
        (["12", "1.234", "12,5"], ","),
        (["1,234", "1,234.50"], "."),
        (["1.234,50"], ","),
        (["1234.5600"], "."),
        (["1.234", "12"], ""),
    ],
)
def test_the_mark_is_seen_in_the_column(column: list[str], mark: str) -> None:
    assert decimal_mark(column) == mark


def test_a_mark_is_needed_only_where_an_amount_reads_two_ways() -> None:
    assert needs_mark(["12", "1.234"])
    assert not needs_mark(["12", "néant", "1.234,00"])


@given(st.dates(date(1990, 1, 1), date(2099, 12, 31)))
def test_every_day_comes_back(found: date) -> None:
    serial = str((found - date(1899, 12, 30)).days)
    said = [f"{found:%d/%m/%Y}", f"{found:%d.%m.%Y}", f"{found}", f"{found:%Y%m%d}"]
    assert {day(one) for one in [*said, serial]} == {found}
    assert day(f"{found:%m/%d/%Y}", DayOrder.MONTH_FIRST) == found


@given(st.decimals(-(10**9), 10**9, places=2))
def test_every_amount_comes_back(value: Decimal) -> None:
    english = f"{value:,.2f}"
    french = english.replace(",", "\u202f").replace(".", ",")
    german = english.translate(str.maketrans(",.", ".,"))
    assert {amount(said) for said in (english, french, german)} == {value}


@given(st.text(max_size=20))
def test_any_text_is_read_or_refused(text: str) -> None:
    for read in (day, amount):
        try:
            found = read(text)
        except CellError:
            continue
        assert isinstance(found, date | Decimal)


def test_a_serial_is_a_day_of_the_workbook_s_own_count() -> None:
    assert day("45292") == date(1899, 12, 30) + timedelta(days=45292)
