"""Unpaid invoices that wait for a decision: until somebody made it, no longer."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from relance.models import Invoice, Proposal
from relance.queries import attention
from relance.services import holds, limitation
from tests import make
from tests.make import NOW, TODAY

pytestmark = pytest.mark.django_db

D = Decimal
YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)


def promise(on, until: date, **values):
    usual = {"reason": "promise", "starts_on": date(2026, 11, 1), "until": until}
    data = holds.HoldData(**(usual | values))
    return holds.hold(on, data, by=None, now=NOW)


# --- promises ---------------------------------------------------------------


def broken() -> set[Invoice]:
    return set(attention.promise_broken(today=TODAY))


def test_a_promise_is_broken_the_day_after() -> None:
    past, running = make.invoice(), make.invoice()
    promise(past, YESTERDAY)
    promise(running, TODAY)

    assert broken() == {past}


def test_a_promise_of_a_customer_is_about_all_that_they_owe() -> None:
    owner = make.customer()
    first, second = make.invoice(owner), make.invoice(owner)
    make.payment(make.invoice(owner), "1200.00")
    promise(owner, YESTERDAY)

    assert broken() == {first, second}


def test_what_was_done_since_ends_it() -> None:
    paid, ended, again, reminded = (make.invoice() for _ in range(4))
    by_customer = make.customer()
    make.invoice(by_customer)
    for one in (paid, ended, again, reminded, by_customer):
        hold = promise(one, YESTERDAY)
        if one is ended:
            holds.end_hold(hold, by=None, now=NOW)
    make.payment(paid, "1200.00")
    promise(again, TOMORROW, starts_on=TODAY)
    make.reminder(reminded)
    make.reminder(make.invoice(by_customer))

    assert broken() == set()


def test_a_note_or_an_earlier_reminder_does_not_end_it() -> None:
    invoice = make.invoice()
    promise(invoice, YESTERDAY)
    make.reminder(invoice, channel="none")
    make.reminder(invoice, made_on=YESTERDAY)
    make.reminder(invoice, state="cancelled")

    assert broken() == {invoice}


def test_a_promised_part_is_kept_once_it_is_paid() -> None:
    kept, short, before = (make.invoice() for _ in range(3))
    for one in (kept, short, before):
        promise(one, YESTERDAY, amount=D("500.00"))
    make.payment(kept, "500.00", received_on=date(2026, 11, 10))
    make.payment(short, "499.99", received_on=date(2026, 11, 10))
    make.payment(before, "500.00", received_on=date(2026, 10, 15))

    assert broken() == {short, before}


# --- holds that end ---------------------------------------------------------


@pytest.mark.parametrize(
    ("until", "shown"),
    [
        (YESTERDAY, False),
        (TODAY, True),
        (TODAY + timedelta(days=7), True),
        (TODAY + timedelta(days=8), False),
        (None, False),
    ],
)
def test_a_hold_is_shown_in_its_last_week(until: date | None, shown: bool) -> None:
    owner = make.customer()
    of_customer = make.invoice(owner)
    make.hold(owner, "manual", until=until)
    own = make.invoice()
    make.hold(own, until=until)

    found = set(attention.hold_ending(today=TODAY))

    assert found == ({of_customer, own} if shown else set())


# --- formal notices ---------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "over"),
    [
        ({"level_kind": "formal_notice", "pay_by": YESTERDAY}, True),
        ({"level_kind": "formal_notice", "pay_by": TODAY}, False),
        ({"level_kind": "reminder", "pay_by": YESTERDAY}, False),
    ],
)
def test_a_notice_is_over_the_day_after(values, over: bool) -> None:
    invoice, paid = make.invoice(), make.invoice()
    for one in (invoice, paid):
        last = make.reminder(one, **values)
        Proposal.objects.create(invoice=one, customer=one.customer, last=last)
    make.payment(paid, "1200.00")

    found = list(attention.notice_over(today=TODAY))

    assert found == ([invoice] if over else [])


# --- limitation -------------------------------------------------------------


def near() -> set[Invoice]:
    return set(attention.limitation_near(today=TODAY))


def dated(day: date, regime: str = "B2B", **values) -> Invoice:
    return make.invoice(
        make.customer(regime=regime), issued_on=day, due_date=day, **values
    )


# TODAY is 24/11/2026. One is warned 12 months before, consumers 6 (§ 1.7 of our
# notes on the law); carriage of goods: one year (L133-6 C. com.), 6 months before.
@pytest.mark.parametrize(
    ("regime", "start", "shown"),
    [
        ("B2C", date(2024, 11, 23), False),
        ("B2C", date(2024, 11, 24), True),
        ("B2C", date(2025, 5, 24), True),
        ("B2C", date(2025, 5, 25), False),
        ("B2B", date(2021, 11, 23), False),
        ("B2B", date(2021, 11, 24), True),
        ("B2B", date(2022, 11, 24), True),
        ("B2B", date(2022, 11, 25), False),
        ("NON_PRO", date(2022, 11, 24), True),
        ("PUBLIC", date(2021, 12, 31), False),
        ("PUBLIC", date(2022, 1, 1), True),
        ("PUBLIC", date(2022, 12, 31), True),
        ("PUBLIC", date(2023, 1, 1), False),
    ],
)
def test_limitation_is_shown_in_its_last_months(regime, start, shown) -> None:
    invoice = dated(start, regime)

    assert near() == ({invoice} if shown else set())


@pytest.mark.parametrize(
    ("start", "shown"),
    [
        (date(2025, 11, 23), False),
        (date(2025, 11, 24), True),
        (date(2026, 5, 24), True),
        (date(2026, 5, 25), False),
        (date(2022, 11, 24), False),
    ],
)
@pytest.mark.parametrize("regime", ["B2B", "PUBLIC"])
def test_carriage_lapses_in_a_year(regime, start, shown) -> None:
    make.company(carriage=True)
    invoice = dated(start, regime)

    assert near() == ({invoice} if shown else set())


def test_the_first_to_end_comes_first_with_what_is_left() -> None:
    later = dated(date(2022, 6, 1))
    first = dated(date(2022, 1, 10))
    middle = dated(date(2025, 2, 1), "B2C")

    found = attention.limitations(today=TODAY)

    assert [(one.invoice, one.months, one.is_urgent) for one in found] == [
        (first.pk, 2, True),
        (middle.pk, 3, False),
        (later.pk, 12, False),
    ]


def test_the_service_counts_when_it_came_first() -> None:
    invoice = dated(date(2023, 3, 1), regime="B2B", service_date=date(2021, 12, 1))

    assert near() == {invoice}


def interrupt(invoice: Invoice, day: date) -> None:
    event = limitation.Interruption(kind="acknowledgement", happened_on=day)
    limitation.record_interruption(invoice, event, by=None, now=NOW)


def test_an_interruption_moves_it() -> None:
    later, sooner = dated(date(2025, 1, 1), "B2C"), dated(date(2024, 1, 1), "B2C")
    interrupt(later, date(2026, 3, 1))
    interrupt(sooner, date(2024, 12, 1))

    assert near() == {sooner}


def test_what_is_paid_is_no_longer_claimed() -> None:
    make.payment(dated(date(2025, 1, 1), "B2C"), "1200.00")

    assert near() == set()
