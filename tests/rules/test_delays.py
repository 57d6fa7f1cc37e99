"""Delays and payment terms: what is understood, what is refused, when it ends."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relance.rules.delays import (
    Delay,
    InvalidDelay,
    Month,
    PaymentTerms,
    Unit,
    parse_delay,
    parse_terms,
)


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("+ 15 days", "+ 15 days"), ("+15 days", "+ 15 days"), ("15", "+ 15 days"),
        ("15 JOURS", "+ 15 days"), ("  15j ", "+ 15 days"), ("1 day", "+ 1 day"),
        ("+2 weeks", "+ 2 weeks"), ("une semaine", "+ 1 week"),
        ("2 sem.", "+ 2 weeks"), ("un mois", "+ 1 month"), ("3 Mois", "+ 3 months"),
        ("1 an", "+ 1 year"), ("un an", "+ 1 year"), ("2 années", "+ 2 years"),
        ("a month", "+ 1 month"), ("36 months", "+ 36 months"),
        ("3 years", "+ 3 years"),
    ],
)  # fmt: skip
def test_a_delay_is_read(text, stored):
    assert str(parse_delay(text)) == stored


@pytest.mark.parametrize(
    "text",
    ["", " ", "0", "0 days", "-1 day", "+ -1 day", "4 years", "37 months", "month",
     "deux mois", "15 parsecs", "1.5 days", "9" * 5000],
)  # fmt: skip
def test_a_delay_is_refused(text):
    with pytest.raises(InvalidDelay) as caught:
        parse_delay(text)

    assert caught.value.text == text


@given(st.integers(1, 3), st.sampled_from(Unit))
def test_a_delay_reads_what_it_writes(count, unit):
    delay = Delay(count=count, unit=unit)

    assert parse_delay(str(delay)) == delay


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("1 month", date(2026, 1, 31), date(2026, 2, 28)),
        ("1 month", date(2026, 12, 31), date(2027, 1, 31)),
        ("1 year", date(2024, 2, 29), date(2025, 2, 28)),
        ("2 weeks", date(2026, 12, 24), date(2027, 1, 7)),
    ],
)
def test_the_day_after_a_delay(text, start, end):
    assert parse_delay(text).after(start) == end


# "45 jours fin de mois" is counted in two ways (art. L441-10 I C. com.).
@pytest.mark.parametrize(
    ("text", "stored", "due"),
    [
        ("45 jours fin de mois", "45 EOM", date(2026, 2, 28)),
        ("fin de mois + 45 jours", "EOM+45", date(2026, 3, 17)),
        ("45+EOM", "45 EOM", date(2026, 2, 28)),
        ("EOM + 45", "EOM+45", date(2026, 3, 17)),
        ("30 jours", "NET 30", date(2026, 2, 9)),
        ("Net 30", "NET 30", date(2026, 2, 9)),
        ("à réception", "NET 0", date(2026, 1, 10)),
        ("fin de mois", "EOM+0", date(2026, 1, 31)),
        ("30 jours fin de mois le 10", "30 EOM D10", date(2026, 3, 10)),
        ("30 jours le 10", "NET 30 D10", date(2026, 2, 10)),
        ("30 jours le 1er", "NET 30 D1", date(2026, 3, 1)),
    ],
)
def test_payment_terms(text, stored, due):
    terms = parse_terms(text)

    assert str(terms) == stored
    assert terms.due_date(date(2026, 1, 10)) == due


@pytest.mark.parametrize(
    "text",
    ["", "demain", "367", "30 jours le 32", "30 jours le 0", "30 jours + 10 jours",
     "30 jours fin de mois + 10 jours"],
)  # fmt: skip
def test_payment_terms_are_refused(text):
    with pytest.raises(InvalidDelay):
        parse_terms(text)


@given(st.integers(0, 366), st.sampled_from(Month), st.none() | st.integers(1, 31))
def test_terms_read_what_they_write(days, month, nth):
    terms = PaymentTerms(days=days, month=month, day_of_month=nth)

    assert parse_terms(str(terms)) == terms


@pytest.mark.parametrize(
    ("text", "answer"),
    [("NET 60", False), ("NET 61", True), ("45 EOM", False), ("EOM+46", True)],
)
def test_terms_longer_than_the_law_allows(text, answer):
    assert parse_terms(text).too_long is answer
