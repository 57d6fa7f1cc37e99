"""Penalties to the cent: published examples, the law's corners, laws of sums."""

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relance.rules.debts import BelowFloor, Debt, PaymentOn, as_mapping
from relance.rules.penalties import compute
from relance.rules.rates import (
    HalfYear,
    MissingRate,
    RateKind,
    RateRow,
    RateTable,
    legal_floor,
)
from relance.rules.regimes import Regime
from relance.services.rates import seed_table

RATES = seed_table()


def day(text):
    return date.fromisoformat(text)


def paid(text, amount):
    return PaymentOn(on=day(text), amount=Decimal(amount))


def run(regime, amount, due, until, *, rates=RATES, stop=False, **more):
    if "contract" in more:
        more["contract_rate"] = Decimal(more.pop("contract"))
    if "notice" in more:
        more["notice"] = day(more["notice"])
    debt = Debt(regime=Regime(regime), amount=Decimal(amount), due=day(due), **more)
    return compute(debt, until=day(until), rates=rates, stop_at_last_rate=stop)


# A and B are published examples; the others were computed apart, by hand.
@pytest.mark.parametrize(
    ("regime", "amount", "due", "until", "more", "penalties", "indemnity"),
    [
        pytest.param(*row[1:], id=row[0])
        for row in [
            ("A", "B2B", 15000, "2018-04-15", "2018-05-15", {"contract": "15"},
             "184.93", 40),
            ("B", "B2B", 5000, "2025-01-31", "2025-03-02",
             {"contract": "10", "below_floor": BelowFloor.CONTRACT}, "41.10", 40),
            ("C", "B2B", 1200, "2025-06-20", "2025-07-10", {}, "8.31", 40),
            ("D", "B2B", 3600, "2026-05-31", "2026-11-24", {}, "215.73", 40),
            ("E", "B2B", 2000, "2026-03-31", "2026-06-30",
             {"payments": [paid("2026-05-15", 800)]}, "48.33", 40),
            ("F", "PUBLIC", 10000, "2025-12-10", "2026-08-31", {}, "734.14", 40),
            ("G", "B2C", 900, "2026-03-01", "2026-06-30", {"notice": "2026-05-04"},
             "3.68", 0),
            ("H", "B2B", 2400, "2023-12-15", "2024-07-15", {}, "202.30", 40),
            # 1000 × 12.15 % × 31 / 365: the default rate, not the clause.
            ("I", "B2B", 1000, "2025-07-31", "2025-08-31", {"contract": "8.00"},
             "10.32", 40),
            ("J", "B2B", 1000, "2026-05-31", "2026-05-31", {}, "0.00", 0),
            ("K", "B2C", 900, "2025-03-01", "2026-06-30", {}, "0.00", 0),
        ]
    ],
)  # fmt: skip
def test_vectors(regime, amount, due, until, more, penalties, indemnity):
    found = run(regime, amount, due, until, **more)

    assert found.penalties == Decimal(penalties)
    assert found.indemnity == indemnity
    assert found.total_due == found.principal + found.penalties + found.indemnity


@pytest.mark.parametrize("regime", ["B2C", "NON_PRO"])
def test_vector_l_a_missing_legal_rate_is_an_error(regime):
    with pytest.raises(MissingRate) as caught:
        run(regime, 900, "2026-03-01", "2026-07-01", notice="2026-05-04")

    assert caught.value.kind == RateKind.LEGAL
    assert caught.value.half_year == HalfYear(2026, 2)


def test_amounts_may_stop_at_the_last_known_rate():
    found = run("B2C", 900, "2026-03-01", "2026-11-24", notice="2026-05-04", stop=True)

    assert found.penalties == Decimal("3.68")
    assert found.stopped_on == date(2026, 6, 30)


def test_a_clause_below_the_floor_warns_and_may_still_be_claimed():
    found = run("B2B", 1000, "2025-07-31", "2025-08-31", contract="8.00")
    kept = run(
        "B2B", 1000, "2025-07-31", "2025-08-31", contract="8.00",
        below_floor=BelowFloor.CONTRACT,
    )  # fmt: skip

    assert legal_floor(RATES, HalfYear(2025, 2)) == Decimal("8.28")
    assert legal_floor(RATES, HalfYear(2026, 2)) is None
    assert found.below_floor == kept.below_floor == (HalfYear(2025, 2),)
    assert (found.rate, kept.rate) == (Decimal("12.15"), Decimal("8.00"))


def test_a_fixed_rate_is_one_segment():
    public = run("PUBLIC", 10000, "2025-12-10", "2026-08-31")
    agreed = run("B2B", 1000, "2025-01-31", "2026-03-31", contract="15")

    assert [(s.days, s.rate) for s in public.segments] == [(264, Decimal("10.15"))]
    assert len(agreed.segments) == 1


def test_non_professional_with_a_contract_rate_needs_no_notice():
    found = run("NON_PRO", 1000, "2026-01-31", "2026-02-28", contract="5")

    assert (found.segments[0].days, found.indemnity) == (28, 0)


@pytest.mark.parametrize(
    ("payments", "segments", "indemnity"),
    [
        ([paid("2026-03-31", 1000)], [], 0),
        ([paid("2026-03-31", 999)], [(30, 1)], 40),
        ([paid("2026-04-10", 1500)], [(10, 1000)], 40),
        ([paid("2026-04-10", 300), paid("2026-04-10", 200)],
         [(10, 1000), (20, 500)], 40),
        ([paid("2026-04-10", 300), paid("2026-04-10", -300)], [(30, 1000)], 40),
        # Paid, then undone: no interest on the days between, nor one line over them.
        ([paid("2026-04-10", 1000), paid("2026-04-20", -1000)],
         [(10, 1000), (10, 1000)], 40),
        ([paid("2026-03-31", 1000), paid("2026-04-20", -1000)], [(10, 1000)], 40),
        ([paid("2026-06-10", 1000)], [(30, 1000)], 40),
    ],
)  # fmt: skip
@pytest.mark.parametrize("more", [{}, {"contract": "15"}])
def test_payments(payments, segments, indemnity, more):
    found = run("B2B", 1000, "2026-03-31", "2026-04-30", payments=payments, **more)

    assert [(s.days, s.base) for s in found.segments] == segments
    assert found.indemnity == indemnity


def test_insolvency_forbids_the_indemnity():
    assert run("B2B", 9, "2026-03-31", "2026-04-30", insolvency=True).indemnity == 0


def test_an_unverified_rate_is_named():
    found = run("B2B", 3600, "2026-05-31", "2026-11-24")
    floor = RateTable(
        [
            RateRow(
                kind=RateKind.LEGAL,
                half_year=HalfYear(2026, 1),
                percent=Decimal(3),
                verified=False,
            )
        ]
    )
    by_floor = run("B2B", 9, "2026-03-31", "2026-04-30", contract="15", rates=floor)

    assert found.unverified == ((RateKind.ECB, HalfYear(2026, 2)),)
    assert by_floor.unverified == ((RateKind.LEGAL, HalfYear(2026, 1)),)


def test_an_amount_is_positive():
    with pytest.raises(ValueError, match="positive"):
        run("B2B", 0, "2026-03-31", "2026-04-30")


@pytest.mark.parametrize("text", ["2026", "2026-S3", "26-S1", "2026-S", ""])
def test_a_half_year_is_refused(text):
    with pytest.raises(ValueError, match="half-year"):
        HalfYear.parse(text)


def test_half_years_follow_one_another():
    first = HalfYear.parse("2025-S2")

    assert str(first.next) == "2026-S1"
    assert first.end + timedelta(days=1) == first.next.start
    assert first.next.end + timedelta(days=1) == first.next.next.start


def test_data_has_amounts_as_text():
    found = as_mapping(run("B2B", 3600, "2026-05-31", "2026-11-24"))

    assert (found["penalties"], found["indemnity"]) == ("215.73", "40.00")
    assert found["segments"][1] == {
        "from": "2026-07-01", "to": "2026-11-24", "days": 147,
        "base": "3600.00", "rate": "12.40", "amount": "179.78",
    }  # fmt: skip


def test_a_rate_is_written_in_full():
    found = as_mapping(run("NON_PRO", 9, "2026-01-31", "2026-02-28", contract="1e1"))

    assert found["segments"][0]["rate"] == "10"


DAYS = st.dates(date(2023, 1, 1), date(2026, 12, 30))
PAYMENTS = st.lists(
    st.builds(PaymentOn, on=DAYS, amount=st.decimals(-500, 900, places=2)), max_size=4
)


@given(regime=st.sampled_from(["B2B", "PUBLIC"]), due=DAYS, until=DAYS, moves=PAYMENTS)
def test_laws_of_the_table(regime, due, until, moves):
    debt = Debt(regime=Regime(regime), due=due, amount=Decimal(1000), payments=moves)
    halves = [
        PaymentOn(on=move.on, amount=part)
        for move in moves
        for part in (move.amount - 1, Decimal(1))
    ]
    split = Debt(regime=Regime(regime), due=due, amount=Decimal(1000), payments=halves)
    found = compute(debt, until=until, rates=RATES)
    later = compute(debt, until=until + timedelta(days=1), rates=RATES)

    assert found.penalties == sum(s.amount for s in found.segments)
    assert later.penalties >= found.penalties
    assert compute(split, until=until, rates=RATES) == found
    assert all(a.end < b.start for a, b in pairwise(found.segments))
    if not moves and found.segments:
        assert sum(s.days for s in found.segments) == (until - due).days
