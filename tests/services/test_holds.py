"""Reminders suspended and taken up again, with who and why."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from relance.models import HistoryEntry, Hold
from relance.services import holds
from relance.services.holds import HoldData
from relance.services.refusal import Refused
from tests import make
from tests.make import NOW, TODAY

pytestmark = pytest.mark.django_db


def hold(on, reason="dispute", *, by=None, **values) -> Hold:
    data = HoldData(**({"reason": reason, "starts_on": TODAY} | values))
    return holds.hold(on, data, by=by, now=NOW)


def test_an_invoice_is_suspended_with_who_and_why() -> None:
    invoice, alice = make.invoice(), make.user()

    made = hold(invoice, note="  colis abîmé ", amount=Decimal("50.00"), by=alice)

    assert (made.invoice, made.customer, made.held) == (invoice, None, invoice)
    assert (made.amount, made.made_by, made.made_at) == (Decimal("50.00"), alice, NOW)
    entry = HistoryEntry.objects.get(action="hold.made")
    assert (entry.invoice, entry.customer) == (invoice, invoice.customer)
    assert entry.user == alice
    assert entry.words.endswith("colis abîmé")
    assert "litige" in entry.words


def test_a_customer_is_suspended_without_a_note() -> None:
    customer = make.customer()

    made = hold(customer, "insolvency")

    assert (made.invoice, made.customer, made.held) == (None, customer, customer)
    entry = HistoryEntry.objects.get(action="hold.made")
    assert (entry.invoice, entry.customer) == (None, customer)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"reason": "weather"}, "reason"),
        ({"until": date(2026, 11, 23)}, "until"),
        ({"reason": "promise"}, "until"),
        ({"amount": Decimal("0.00")}, "amount"),
        ({"amount": Decimal("-1.00")}, "amount"),
        ({"reason": "insolvency"}, "reason"),
    ],
)
def test_what_suspends_nothing(values: dict, field: str) -> None:
    invoice = make.invoice()

    with pytest.raises(Refused) as caught:
        hold(invoice, **values)

    assert caught.value.field == field
    assert caught.value.message
    assert not Hold.objects.exists()


@pytest.mark.parametrize(
    ("reason", "starts_on", "words"),
    [
        ("promise", TODAY, "Le jour annoncé est passé"),
        ("manual", TODAY, "Ce jour est passé"),
        ("promise", date(2026, 11, 25), "La fin est avant le début"),
    ],
)
def test_a_day_that_is_over_is_said(reason: str, starts_on: date, words: str) -> None:
    with pytest.raises(Refused, match=words) as caught:
        hold(make.invoice(), reason, starts_on=starts_on, until=date(2026, 11, 23))
    assert caught.value.field == "until"


def test_a_promise_is_never_for_more_than_the_balance() -> None:
    invoice = make.invoice()
    promise = {"until": TODAY, "amount": Decimal("1200.01")}

    with pytest.raises(Refused, match=r"1\s200,00\s€") as caught:
        hold(invoice, "promise", **promise)
    assert caught.value.field == "amount"
    hold(invoice, "promise", until=TODAY, amount=Decimal("1200.00"))
    # A dispute may be about what was paid too.
    hold(invoice, "dispute", amount=Decimal("1500.00"))


def test_the_same_reason_does_not_run_twice() -> None:
    invoice = make.invoice()
    first = hold(invoice, until=TODAY)

    with pytest.raises(Refused) as caught:
        hold(invoice)

    assert caught.value.field == "reason"
    hold(invoice, "manual")
    hold(make.invoice())
    hold(invoice.customer)
    hold(invoice, starts_on=date(2026, 11, 25))
    holds.end_hold(first, by=None, now=NOW)
    hold(invoice)


def test_a_hold_ends_once_and_stays() -> None:
    invoice, alice = make.invoice(), make.user()
    made = hold(invoice)

    ended = holds.end_hold(made, note=" réglé ", by=alice, now=NOW)

    assert (ended.ended_by, ended.ended_at, ended.end_note) == (alice, NOW, "réglé")
    entry = HistoryEntry.objects.get(action="hold.ended")
    assert (entry.invoice, entry.user) == (invoice, alice)
    assert "litige" in entry.words
    with pytest.raises(Refused):
        holds.end_hold(made, by=None, now=NOW)
    assert HistoryEntry.objects.filter(action="hold.ended").count() == 1
    assert list(Hold.objects.running(on=TODAY)) == []


@pytest.mark.parametrize(
    ("day", "runs"),
    [
        (date(2026, 11, 23), False),
        (TODAY, True),
        (date(2026, 11, 30), True),
        (date(2026, 12, 1), False),
    ],
)
def test_both_its_days_count(day: date, runs: bool) -> None:
    hold(make.invoice(), until=date(2026, 11, 30))

    assert Hold.objects.running(on=day).exists() is runs


def test_the_table_refuses_by_itself() -> None:
    invoice = make.invoice()
    wrong = [
        {},
        {"invoice": invoice, "customer": invoice.customer},
        {"invoice": invoice, "until": date(2026, 11, 23)},
        {"invoice": invoice, "amount": Decimal("0.00")},
    ]
    for values in wrong:
        row = Hold(reason="dispute", starts_on=TODAY, made_at=NOW, **values)
        with pytest.raises(IntegrityError), transaction.atomic():
            row.save()
