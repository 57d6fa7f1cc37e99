"""The follow-up tables: which reminders they show, and in what order."""

from __future__ import annotations

import itertools
import uuid
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from relance.models import Customer, Invoice, Reminder, ReminderLine
from relance.queries import follow_up as queries
from tests import make
from tests.make import NOW, TODAY

pytestmark = pytest.mark.django_db

numbers = itertools.count(1)


def reminder(invoice: Invoice, **values) -> Reminder:
    made = Reminder.objects.create(
        **{
            "number": next(numbers),
            "customer": invoice.customer,
            "channel": "letter",
            "currency": invoice.currency,
            "language": "fr",
            "made_on": TODAY,
            "made_at": NOW,
            "state": Reminder.State.MADE,
            "request_key": uuid.uuid4(),
        }
        | values
    )
    ReminderLine.objects.create(reminder=made, invoice=invoice, balance=invoice.balance)
    return made


def test_the_general_table_forgets_what_is_paid_and_the_cards_do_not() -> None:
    owner = make.customer()
    unpaid, paid = make.invoice(owner), make.invoice(owner, total=Decimal("100.00"))
    other = make.invoice()
    kept, over, elsewhere = reminder(unpaid), reminder(paid), reminder(other)
    make.payment(paid)

    assert set(queries.follow_up()) == {kept, elsewhere}
    assert set(queries.follow_up(customer=owner)) == {kept, over}
    assert list(queries.follow_up(invoice=paid)) == [over]


def test_words_are_looked_for_in_what_one_sees() -> None:
    invoice = make.invoice(make.customer(name="Brasserie"), number="FA-77")
    found = reminder(invoice, note="rappelle lundi", level_name="Rappel simple")
    reminder(make.invoice())

    for words in ("brass", "lundi", "simple", "fa-77", "brass fa-77"):
        assert list(queries.follow_up(words=words)) == [found]
    assert list(queries.follow_up(words="brass nothing")) == []


@pytest.mark.parametrize("sort", [*queries.SORTS, "unknown"])
def test_each_column_sorts_both_ways(sort: str) -> None:
    for name in ("Un", "Deux"):
        reminder(make.invoice(make.customer(name=name)), made_by=make.user(name=name))

    up = [r.pk for r in queries.follow_up(sort=sort)]
    down = [r.pk for r in queries.follow_up(sort=f"-{sort}")]

    assert len(up) == 2
    assert up == down[::-1]


def test_many_rows_take_no_more_queries_than_one() -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as context:
            for row in queries.follow_up():
                assert row.customer.name
                assert [line.invoice.number for line in row.lines.all()]
        return len(context)

    reminder(make.invoice())
    one = asked()
    for _ in range(10):
        reminder(make.invoice())
    assert asked() == one == 2


def test_the_choices_of_a_new_reminder_are_the_unpaid_oldest_first() -> None:
    owner = make.customer(name="Brasserie")
    late, later = make.invoice(owner), make.invoice(owner, due_date=TODAY)
    make.invoice(owner, kind="credit_note")
    other = make.invoice(number="AAA")

    assert list(queries.unpaid_choices(customer=owner)) == [late, later]
    assert list(queries.unpaid_choices(words="aaa")) == [other]
    assert queries.unpaid_choices(limit=2).count() == 2
    assert Customer.objects.count() == 2
