"""What the dashboard counts is what the lists that it leads to hold."""

from __future__ import annotations

import uuid
from datetime import timedelta
from decimal import Decimal

import pytest

from relance.models import (
    HistoryEntry,
    Invoice,
    Level,
    OutboxMessage,
    Payment,
    Rate,
    Reminder,
    Run,
    RunLine,
    Text,
)
from relance.queries import dashboard as queries
from relance.queries.company import NotSetUp
from relance.queries.freshness import freshness
from relance.services import proposals
from tests import make
from tests.make import NOW, TODAY

pytestmark = pytest.mark.django_db

YESTERDAY = TODAY - timedelta(days=1)


@pytest.fixture
def company():
    return make.company()


def waiting() -> queries.Waiting:
    proposals.refresh(today=TODAY)
    return queries.waiting(today=TODAY)


def test_before_the_set_up_there_is_nothing_to_count() -> None:
    with pytest.raises(NotSetUp):
        queries.waiting(today=TODAY)


def test_a_new_company_waits_for_nothing(company) -> None:
    Rate.objects.update(verified=True)
    found = vars(waiting())

    assert (found.pop("company"), found.pop("known_until")) == (company, None)
    assert set(found.values()) == {0}


def test_letters_wait_until_they_are_posted(company) -> None:
    make.reminder(make.invoice())
    make.reminder(make.invoice(), channel="registered", level_kind="formal_notice")
    make.reminder(make.invoice(), state="posted")
    make.reminder(make.invoice(), state="sent", channel="email")
    make.reminder(make.invoice(), channel="none")

    found = waiting()

    assert (found.letters_to_post, found.notices_to_post) == (2, 1)


@pytest.mark.parametrize("state", OutboxMessage.State)
def test_only_doubtful_e_mails_wait(company, state: str) -> None:
    email(state)

    found = waiting()

    assert found.uncertain == (state == "uncertain")
    assert found.failed == (state == "failed")


def email(state: str) -> OutboxMessage:
    reminder = make.reminder(make.invoice(), channel="email", state="queued")
    return OutboxMessage.objects.create(
        reminder=reminder,
        state=state,
        message_id=f"<{reminder.pk}@example.org>",
        recipient="compta@client.example",
        subject="Relance",
        text="",
        html="",
        queued_at=NOW,
        not_before=NOW,
    )


def test_a_notice_is_over_once_its_day_is_past(company) -> None:
    invoice = make.invoice()
    make.reminder(
        invoice,
        made_on=TODAY - timedelta(days=20),
        level_rank=3,
        level_kind="formal_notice",
        state="posted",
        pay_by=YESTERDAY,
    )
    assert waiting().notices_over == 1

    make.payment(invoice, "1200.00")

    assert waiting().notices_over == 0


def test_a_step_without_its_text_is_counted(company) -> None:
    level = Level.objects.get(rank=2)
    steps = level.steps.count()
    assert waiting().texts_missing == 0

    Text.objects.filter(level=level, channel="letter", language="en").delete()
    assert waiting().texts_missing == 0

    Text.objects.filter(level=level, channel="letter", grouped=True).delete()
    assert waiting().texts_missing == steps


# --- runs -------------------------------------------------------------------


def run(state: str = "done", **values) -> Run:
    return Run.objects.create(
        **{
            "number": Run.objects.count() + 1,
            "request_key": uuid.uuid4(),
            "state": state,
            "approved_at": NOW,
            "made_on": TODAY,
        }
        | values
    )


def line(of: Run, invoice: Invoice, state: str = "set_apart") -> RunLine:
    number = of.lines.count() + 1
    return RunLine.objects.create(
        run=of,
        position=number,
        group=number,
        invoice=invoice,
        customer=invoice.customer,
        level=Level.objects.get(rank=1),
        channel="letter",
        state=state,
    )


@pytest.mark.parametrize(
    ("values", "stuck"),
    [
        ({"state": "stopped"}, True),
        ({"state": "working"}, False),
        ({"state": "working", "trouble": "The disk is full."}, True),
        ({"state": "done", "trouble": "The disk was full."}, False),
        ({"state": "done", "print_trouble": "A file is missing."}, True),
        ({"state": "cancelled"}, False),
    ],
)
def test_a_run_that_stands_still_is_shown(company, values, stuck: bool) -> None:
    made = run(**values)

    assert [one.run for one in queries.stuck_runs(today=TODAY)] == [made] * stuck
    assert waiting().runs == stuck


def test_rows_set_apart_are_shown_until_they_are_dealt_with(company) -> None:
    paid, again, reminded, left = (make.invoice() for _ in range(4))
    runs = {invoice.pk: run() for invoice in (paid, again, reminded, left)}
    for invoice in (paid, again, reminded, left):
        line(runs[invoice.pk], invoice)
        line(runs[invoice.pk], make.invoice(), "made")
    make.payment(paid, "1200.00")
    line(run(), again, "made")
    make.reminder(reminded)

    [stuck] = queries.stuck_runs(today=TODAY)

    assert (stuck.run, stuck.set_apart, stuck.waiting) == (runs[left.pk], 1, 0)
    later = TODAY + timedelta(days=30)
    assert queries.stuck_runs(today=later) == []


# --- what is to be reminded, what happened ------------------------------------


def test_what_is_to_be_reminded_keeps_currencies_apart(company) -> None:
    for amount in ("100.00", "250.50"):
        make.invoice(total=Decimal(amount))
    make.invoice(total=Decimal("70.00"), currency="CHF")
    make.hold(make.invoice())
    make.invoice(due_date=TODAY)
    proposals.refresh(today=TODAY)

    found = queries.to_remind(today=TODAY)

    assert [(one.currency, one.count, one.balance) for one in found] == [
        ("EUR", 2, Decimal("350.50")),
        ("CHF", 1, Decimal("70.00")),
    ]


def test_a_run_tells_its_reminders_by_itself(company) -> None:
    HistoryEntry.objects.all().delete()
    alone, of_run = make.reminder(make.invoice()), make.reminder(make.invoice())
    Reminder.objects.filter(pk=of_run.pk).update(run=run())
    HistoryEntry.objects.all().delete()
    for minutes, reminder in enumerate((None, alone, of_run)):
        HistoryEntry.objects.create(
            at=NOW + timedelta(minutes=minutes),
            action="x",
            words=str(minutes),
            reminder=reminder,
        )

    assert [entry.words for entry in queries.activities()] == ["1", "0"]


def test_two_queries_count_all_that_waits(company, django_assert_num_queries) -> None:
    make.reminder(make.invoice())
    proposals.refresh(today=TODAY)
    with django_assert_num_queries(2):
        queries.waiting(today=TODAY)


@pytest.mark.parametrize("days", [None, 0, 1, 2, 3, 4, 5, 6, 10])
def test_payments_are_as_old_as_freshness_says(company, days: int | None) -> None:
    if days is not None:
        made = make.payment(received_on=TODAY)
        Payment.objects.filter(pk=made.pk).update(
            recorded_at=NOW - timedelta(days=days)
        )

    found, said = waiting(), freshness(today=TODAY, now=NOW)

    assert found.known_until == said.known_until
    assert found.is_stale(today=TODAY) == said.stale
