"""What a partial payment settles first: art. 1343-1 of the Code civil, to the cent.

"Lorsque l'obligation de somme d'argent porte intérêt, le débiteur se libère en
versant le principal et les intérêts. Le paiement partiel s'impute d'abord sur les
intérêts." The amounts were computed apart, by hand.
"""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relance.rules.debts import Debt, Imputation, PaymentOn, as_mapping
from relance.rules.penalties import compute
from relance.rules.rates import HalfYear, MissingRate
from relance.rules.regimes import Regime
from relance.services.rates import seed_table

RATES = seed_table()
DUE = date(2026, 3, 31)
UNTIL = date(2026, 6, 30)


def paid(text, amount, *, credit=False):
    on = date.fromisoformat(text)
    return PaymentOn(on=on, amount=Decimal(amount), is_credit=credit)


def run(payments, *, amount="2000", regime="B2B", until=UNTIL, stop=False, **more):
    debt = Debt(
        regime=Regime(regime),
        due=more.pop("due", DUE),
        amount=Decimal(amount),
        payments=payments,
        imputation=Imputation.INTEREST,
        **more,
    )
    return compute(debt, until=until, rates=RATES, stop_at_last_rate=stop)


# 12.15 % in 2026-S1. Each row: payments, segments (days, base, amount), what each
# payment settled (interest, principal), principal left.
@pytest.mark.parametrize(
    ("payments", "segments", "imputed", "principal"),
    [
        pytest.param(*row[1:], id=row[0])
        for row in [
            # Vector E of our notes, interest first: 2000 × 12.15 % × 45 / 365 =
            # 29.96, then 1229.96 × 12.15 % × 46 / 365 = 18.83.
            ("E", [paid("2026-05-15", 800)],
             [(45, "2000", "29.96"), (46, "1229.96", "18.83")],
             [("29.96", "770.04")], "1229.96"),
            # Paid in time: no interest has run yet (1231-6, L441-10 II: from the
            # day after the due date).
            ("in time", [paid("2026-03-31", 800)],
             [(91, "1200", "36.35")], [("0", "800")], "1200.00"),
            # Less than the interest: the principal is untouched, and interest bears
            # none (1343-2 C. civ.): 2000 × 12.15 % × 46 / 365 = 30.62.
            ("less than the interest", [paid("2026-05-15", 20)],
             [(45, "2000", "29.96"), (46, "2000", "30.62")],
             [("20", "0")], "2000.00"),
            # The rest of the interest (9.96) and its own 9.32 (14 days) before the
            # principal.
            ("twice", [paid("2026-05-15", 20), paid("2026-05-29", 500)],
             [(45, "2000", "29.96"), (14, "2000", "9.32"), (32, "1519.28", "16.18")],
             [("20", "0"), ("19.28", "480.72")], "1519.28"),
            # Two on a day are one.
            ("the same day", [paid("2026-05-15", 300), paid("2026-05-15", 500)],
             [(45, "2000", "29.96"), (46, "1229.96", "18.83")],
             [("29.96", "770.04")], "1229.96"),
            # A credit note corrects the debt: never set against interest.
            ("credit note", [paid("2026-05-15", 800, credit=True)],
             [(45, "2000", "29.96"), (46, "1200", "18.37")], [], "1200.00"),
            # Retroactive: from the invoice's own date.
            ("retroactive credit note", [paid("2026-03-01", 800, credit=True)],
             [(91, "1200", "36.35")], [], "1200.00"),
            # A payment that bounced restores what it had settled: 1229.96 for 16
            # days = 6.55, then 2000 again for 30 = 19.97.
            ("bounced", [paid("2026-05-15", 800), paid("2026-05-31", -800)],
             [(45, "2000", "29.96"), (16, "1229.96", "6.55"), (30, "2000", "19.97")],
             [("29.96", "770.04"), ("-29.96", "-770.04")], "2000.00"),
            # The one of its amount is taken back, not the last one.
            ("the first bounced",
             [paid("2026-04-10", 800), paid("2026-04-10", 0),
              paid("2026-05-15", 300), paid("2026-05-15", -800)],
             [(10, "2000", "6.66"), (35, "1206.66", "14.06"), (46, "1706.66", "26.13")],
             [("6.66", "793.34"), ("0", "-500")], "1706.66"),
        ]
    ],
)  # fmt: skip
def test_interest_first(payments, segments, imputed, principal):
    found = run(payments)

    said = [(s.days, s.base, s.amount) for s in found.segments]
    assert said == [(d, Decimal(b), Decimal(a)) for d, b, a in segments]
    settled = [(one.interest, one.principal) for one in found.imputed]
    assert settled == [(Decimal(i), Decimal(p)) for i, p in imputed]
    assert found.principal == Decimal(principal)


def test_the_payment_of_its_own_amount_is_taken_back():
    """800 on 10 April (6.66 of interest), 300 on 15 May, the 800 bounce later."""
    found = run(
        [paid("2026-04-10", 800), paid("2026-05-15", 300), paid("2026-05-31", -800)]
    )

    last = found.imputed[-1]
    assert (last.interest, last.principal) == (Decimal("-6.66"), Decimal("-793.34"))
    # 300 less the 14.06 of interest of its own 35 days.
    assert found.principal == Decimal("1714.06")


def test_a_consumer_owes_no_interest_before_the_notice():
    """1231-6 and 1344-1 C. civ.: what was paid before it settles the principal."""
    found = run(
        [paid("2026-04-15", 300)],
        amount="900",
        regime="B2C",
        notice=date(2026, 5, 4),
    )

    assert [(one.interest, one.principal) for one in found.imputed] == [(0, 300)]
    assert [(s.days, s.base) for s in found.segments] == [(57, 600)]
    assert found.indemnity == 0


def test_a_fixed_rate_stays_one_line_between_payments():
    found = run([], regime="PUBLIC", due=date(2025, 12, 10), until=date(2026, 8, 31))
    agreed = run([], contract_rate=Decimal(15), until=date(2026, 8, 31))

    assert [s.days for s in found.segments] == [264]
    assert [s.days for s in agreed.segments] == [153]


def test_a_missing_rate_is_an_error_or_a_stop():
    """The legal rate of 2026-S2 is not known (vector L of our notes)."""
    with pytest.raises(MissingRate) as caught:
        run([], regime="B2C", notice=date(2026, 5, 4), until=date(2026, 8, 1))
    stopped = run(
        [paid("2026-07-15", 100)],
        regime="B2C",
        notice=date(2026, 5, 4),
        until=date(2026, 8, 1),
        stop=True,
    )

    assert caught.value.half_year == HalfYear(2026, 2)
    assert stopped.stopped_on == date(2026, 6, 30)
    assert [s.end for s in stopped.segments] == [date(2026, 6, 30)]
    # 2000 × 2.62 % × 57 / 365.
    assert [one.interest for one in stopped.imputed] == [Decimal("8.18")]


def test_data_says_what_each_payment_settled():
    found = as_mapping(run([paid("2026-05-15", 800)]))

    assert found["imputed"] == [
        {"on": "2026-05-15", "interest": "29.96", "principal": "770.04"}
    ]


DAYS = st.dates(date(2025, 1, 1), date(2026, 12, 30))
PAYMENTS = st.lists(
    st.builds(
        PaymentOn,
        on=DAYS,
        amount=st.decimals("0.01", 300, places=2),
        is_credit=st.booleans(),
    ),
    max_size=3,
)


@given(due=DAYS, until=DAYS, moves=PAYMENTS)
def test_the_law_changes_what_is_settled_never_the_sum(due, until, moves):
    debt = Debt(regime=Regime.B2B, due=due, amount=Decimal(1000), payments=moves)
    legal = Debt(
        regime=Regime.B2B,
        due=due,
        amount=Decimal(1000),
        payments=moves,
        imputation=Imputation.INTEREST,
    )
    usual = compute(debt, until=until, rates=RATES)
    found = compute(legal, until=until, rates=RATES)
    received = sum(move.amount for move in moves if move.on <= until)

    assert found.penalties == sum(s.amount for s in found.segments)
    assert found.total_due == 1000 + found.penalties + found.indemnity - received
    assert found.penalties >= usual.penalties
    assert found.principal >= usual.principal
    assert 0 <= found.settled_interest <= found.penalties
    assert found.indemnity == usual.indemnity
    for one in found.imputed:
        assert one.interest >= 0
        assert one.principal >= 0
    if not moves and due < until:
        assert found == usual
        assert sum(s.days for s in found.segments) == (until - due) // timedelta(days=1)
