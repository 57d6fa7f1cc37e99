"""What the list of invoices shows of each, in as many queries for 1 as for 50."""

import uuid
from datetime import date

import pytest

from relance.models import Invoice, Reminder, ReminderLine
from relance.queries import invoices as queries
from tests import make

pytestmark = pytest.mark.django_db


def test_rows_say_what_holds_back_and_how_late():
    customer, other = make.customer(), make.customer()
    held, by_customer = make.invoice(customer), make.invoice(other)
    free, paid = make.invoice(customer), make.invoice(customer)
    make.hold(held)
    make.hold(other, reason="manual")
    make.payment(paid, "1200.00")

    rows = {
        row.invoice: row
        for row in queries.rows(Invoice.objects.all(), today=make.TODAY)
    }

    assert {invoice for invoice, row in rows.items() if row.held} == {
        held,
        by_customer,
    }
    assert rows[free].days_late == 54
    assert rows[paid].days_late == 0
    assert rows[free].last is None


def test_rows_keep_the_order_they_are_given():
    given = [make.invoice(number=number) for number in ("C", "A", "B")]

    rows = queries.rows(given, today=make.TODAY)

    assert [row.invoice.number for row in rows] == ["C", "A", "B"]


@pytest.mark.parametrize("count", [1, 12])
def test_rows_take_two_queries(count, django_assert_num_queries):
    given = [make.invoice() for _ in range(count)]

    with django_assert_num_queries(2):
        queries.rows(given, today=make.TODAY)


def reminded(invoice, number, rank, on, state=Reminder.State.MADE):
    reminder = Reminder.objects.create(
        number=number,
        customer=invoice.customer,
        channel="letter",
        state=state,
        level_rank=rank,
        level_name=f"Niveau {rank}",
        level_kind="reminder",
        language="fr",
        made_on=on,
        made_at=make.NOW,
        currency="EUR",
        request_key=uuid.uuid4(),
    )
    ReminderLine.objects.create(
        reminder=reminder, invoice=invoice, balance=invoice.balance
    )


def test_the_last_level_is_that_of_the_latest_reminder_that_counts():
    invoice, other = make.invoice(), make.invoice()
    reminded(invoice, 1, 1, date(2026, 10, 10))
    reminded(invoice, 2, 2, date(2026, 10, 25))
    reminded(invoice, 3, 3, date(2026, 11, 10), state=Reminder.State.CANCELLED)
    reminded(other, 4, 3, date(2026, 11, 20))

    row, _other = queries.rows([invoice, other], today=make.TODAY)

    assert row.last is not None
    assert (row.last.name, row.last.rank) == ("Niveau 2", 2)
