"""Until when payments are known, and what of them settles nothing yet."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from relance.models import BankLine, Company, DolibarrConnection, Payment
from relance.queries.company import NotSetUp
from relance.queries.freshness import Freshness, freshness
from relance.services import proposals, receipt_matches, receipts
from tests import bank_samples, make
from tests.make import NOW, TODAY

pytestmark = pytest.mark.django_db

PARIS = ZoneInfo("Europe/Paris")


@pytest.fixture
def company(db: None) -> Company:
    return make.company()


def entered(on: date) -> None:
    """A payment received long ago, entered on a day at noon."""
    made = make.payment(received_on=date(2026, 1, 5))
    at = datetime(on.year, on.month, on.day, 12, tzinfo=PARIS)
    Payment.objects.filter(pk=made.pk).update(recorded_at=at)


def fresh(today: date = TODAY) -> Freshness:
    proposals.refresh(today=today)
    return freshness(today=today, now=NOW)


def test_before_the_first_payment_nothing_is_known(company: Company) -> None:
    found = fresh()
    assert (found.known_until, found.recorded_at) == (None, None)
    assert found.stale
    assert (found.unmatched_count, found.unmatched) == (0, [])


def test_before_the_set_up_there_is_nothing_to_say() -> None:
    with pytest.raises(NotSetUp):
        freshness(today=TODAY, now=NOW)


@pytest.mark.parametrize(
    ("last", "today", "days", "stale"),
    [
        # Tuesday, 24 November 2026.
        (date(2026, 11, 24), date(2026, 11, 24), 0, False),
        (date(2026, 11, 23), date(2026, 11, 24), 1, False),
        (date(2026, 11, 20), date(2026, 11, 24), 2, False),
        (date(2026, 11, 19), date(2026, 11, 24), 3, True),
        # 8 May is a holiday (a Friday), as is Ascension, 14 May (a Thursday).
        (date(2026, 5, 6), date(2026, 5, 11), 2, False),
        (date(2026, 5, 12), date(2026, 5, 18), 3, True),
        (date(2026, 11, 25), date(2026, 11, 24), 0, False),
    ],
)
def test_working_days_since_the_last_entry_are_counted(
    company: Company, last: date, today: date, days: int, stale: bool
) -> None:
    entered(date(2026, 2, 2))
    entered(last)
    found = fresh(today)
    assert (found.known_until, found.working_days, found.stale) == (last, days, stale)


def test_the_company_says_after_how_many(company: Company) -> None:
    entered(date(2026, 11, 19))
    Company.objects.update(payments_stale_after=3)
    assert not fresh().stale


def test_the_day_of_an_entry_is_the_company_s_own(company: Company) -> None:
    made = make.payment()
    at = datetime(2026, 11, 23, 23, 30, tzinfo=ZoneInfo("UTC"))
    Payment.objects.filter(pk=made.pk).update(recorded_at=at)
    assert fresh().known_until == TODAY


def test_what_settles_nothing_is_summed_by_currency(company: Company) -> None:
    one, two, three = make.customer(), make.customer(), make.customer()
    for owner in (one, one, two, three):
        make.invoice(owner)
    make.invoice(two, currency="CHF")
    make.payment(of=one, amount="70.00")
    make.payment(of=two, amount="5.00")
    make.payment(make.invoice(three), "100.00")
    make.invoice(two, kind="credit_note", total=Decimal("8.00"), currency="CHF")

    found = fresh()

    assert found.unmatched == [("CHF", Decimal("8.00")), ("EUR", Decimal("75.00"))]
    assert found.unmatched_count == 2


def test_it_takes_two_queries(company: Company, django_assert_num_queries: Any) -> None:
    for _ in range(3):
        make.payment(of=make.invoice().customer)
    proposals.refresh(today=TODAY)
    with django_assert_num_queries(2):
        freshness(today=TODAY, now=NOW + timedelta(hours=1))


def test_a_statement_says_until_when_and_what_waits(company: Company) -> None:
    """A receipt matched today does not make yesterday's receipts known."""
    invoice = make.invoice(number="FA2609-001")
    files = [("releve.xml", bank_samples.camt())]
    receipts.import_statements(files, by=None, now=NOW)
    found = fresh()
    assert (found.known_until, found.recorded_at) == (date(2026, 10, 5), None)
    assert found.waiting == 1
    assert found.stale

    line = BankLine.objects.get()
    receipt_matches.accept(line, invoice.customer, by=None, now=NOW)
    found = fresh()
    assert (found.known_until, found.waiting) == (date(2026, 10, 5), 0)

    entered(TODAY)
    found = fresh()
    assert (found.known_until, found.stale) == (TODAY, False)
    assert found.recorded_at is not None


def test_a_synchronisation_with_dolibarr_tells_of_payments_until_it_began(
    company: Company,
) -> None:
    entered(date(2026, 11, 17))
    synced = datetime(2026, 11, 23, 18, tzinfo=PARIS)
    connection = DolibarrConnection.objects.create(pk=1, address="https://doli.example")
    assert fresh().known_until == date(2026, 11, 17)

    connection.last_sync_at = synced
    connection.save()
    found = fresh()
    assert (found.known_until, found.recorded_at) == (date(2026, 11, 23), synced)
    assert not found.stale


def test_before_the_first_payment_a_synchronisation_is_enough(company: Company) -> None:
    synced = datetime(2026, 11, 24, 8, tzinfo=PARIS)
    DolibarrConnection.objects.create(
        pk=1, address="https://doli.example", last_sync_at=synced
    )
    assert fresh().known_until == date(2026, 11, 24)
