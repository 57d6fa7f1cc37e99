"""Which rates in use are missing or unverified: one query, only what is in use."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from relance.models import Company, Rate
from relance.queries.rates import doubtful_rates
from tests import make
from tests.make import TODAY

pytestmark = pytest.mark.django_db


def doubts() -> list[tuple[str, str, bool]]:
    return [
        (str(one.half_year), one.kind.value, one.missing)
        for one in doubtful_rates(today=TODAY)
    ]


def late(due: date, *, regime: str = "B2B") -> None:
    make.invoice(make.customer(regime=regime), issued_on=due, due_date=due)


@pytest.fixture(autouse=True)
def _verified() -> None:
    make.company()
    Rate.objects.update(verified=True)
    Rate.objects.get_or_create(
        kind="LEGAL",
        half_year="2026-S2",
        defaults={"percent": Decimal("2.70"), "verified": True, "source": "essai"},
    )


def test_with_all_known_and_verified_there_is_nothing(
    django_assert_num_queries,
) -> None:
    late(date(2025, 3, 31))
    with django_assert_num_queries(1):
        assert doubts() == []


def test_both_rates_of_today_are_looked_at_whatever_is_owed() -> None:
    Rate.objects.filter(half_year="2026-S2", kind="LEGAL").delete()
    Rate.objects.filter(half_year="2026-S2", kind="ECB").update(verified=False)

    assert doubts() == [("2026-S2", "LEGAL", True), ("2026-S2", "ECB", False)]


# Interest begins the day after the due date.
@pytest.mark.parametrize(
    ("due", "named"),
    [
        (date(2025, 6, 29), True),
        (date(2025, 6, 30), False),
        (date(2026, 10, 1), False),
    ],
)
def test_an_earlier_half_year_counts_while_something_bears_interest(due, named):
    Rate.objects.filter(half_year="2025-S1", kind="ECB").update(verified=False)
    late(due)

    assert doubts() == ([("2025-S1", "ECB", False)] if named else [])


@pytest.mark.parametrize(
    ("regime", "rate", "named"),
    [
        ("B2B", None, False),
        ("PUBLIC", None, False),
        ("B2C", None, True),
        ("NON_PRO", None, True),
        # A contract rate is checked against three times the legal one.
        ("B2B", Decimal(15), True),
    ],
)
def test_the_legal_rate_counts_where_it_is_used(regime, rate, named) -> None:
    Company.objects.update(contract_rate=rate)
    Rate.objects.filter(half_year="2026-S1", kind="LEGAL").delete()
    late(date(2026, 3, 31), regime=regime)

    assert doubts() == ([("2026-S1", "LEGAL", True)] if named else [])


def test_what_is_paid_uses_no_rate() -> None:
    Rate.objects.filter(half_year="2025-S1").delete()
    due = date(2025, 3, 31)
    make.payment(make.invoice(issued_on=due, due_date=due), "1200.00")

    assert doubts() == []


def test_without_any_rate_those_of_today_are_missing() -> None:
    Rate.objects.all().delete()
    assert doubts() == [("2026-S2", "LEGAL", True), ("2026-S2", "ECB", True)]
