"""Just before a reminder is made or leaves, Dolibarr is asked what is left to pay."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from relance.models import (
    Channel,
    DolibarrConnection,
    HistoryEntry,
    Invoice,
    Level,
    OutboxMessage,
    Reminder,
    Run,
    RunLine,
)
from relance.services import delivery, live_balances, recovery, reminders, run_work
from relance.services.drafts import Wish
from relance.services.reminders import ReminderRefused
from tests import make, smtp
from tests.dolibarr_server import DolibarrServer, Fault, dolibarr
from tests.dolibarr_sync import NOW, TODAY, connected, ours, synchronise

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(minutes=10)


@pytest.fixture
def server() -> Iterator[DolibarrServer]:
    make.company()
    with dolibarr() as running:
        connected(running)
        yield running


@pytest.fixture
def id(server: DolibarrServer) -> int:
    """Dolibarr's invoice of 1 200 €, late, brought in."""
    made = server.add_invoice(server.add_customer(email="a@client.example"), "1200")
    synchronise()
    return made


def go_on() -> None:
    DolibarrConnection.objects.update(when_unreachable="go_on")


def run_of(*invoices: Invoice, channel: Channel = Channel.LETTER) -> Run:
    run = Run.objects.create(
        number=1, request_key=uuid.uuid4(), approved_at=NOW, made_on=TODAY
    )
    for position, invoice in enumerate(invoices):
        RunLine.objects.create(
            run=run,
            position=position,
            group=position,
            invoice=invoice,
            customer=invoice.customer,
            level=Level.objects.get(rank=1),
            channel=channel,
        )
    return run


def work(run: Run) -> None:
    while run_work.work(run.pk, now=NOW, today=TODAY):
        pass
    run.refresh_from_db()


def remind(id: int, channel: Channel = Channel.LETTER, **values: Any) -> Reminder:
    wish = Wish(invoice=ours(id), channel=channel)
    key = uuid.uuid4()
    return reminders.remind(wish, key=key, by=None, now=NOW, today=TODAY, **values)


# --- a run ---------------------------------------------------------------------


def test_what_was_paid_a_minute_ago_is_left_out(
    server: DolibarrServer, id: int
) -> None:
    run = run_of(ours(id))
    server.pay(id, "1200")
    work(run)
    line = RunLine.objects.get()
    assert (line.state, line.cause) == ("left_out", "settled")
    assert not Reminder.objects.exists()
    assert ours(id).state == Invoice.State.SETTLED


def test_a_partial_payment_is_on_the_letter(server: DolibarrServer, id: int) -> None:
    run = run_of(ours(id))
    server.pay(id, "500")
    work(run)
    [line] = Reminder.objects.get().lines.all()
    assert line.balance == Decimal("700.00")
    assert RunLine.objects.get().why == ""


def test_a_chunk_is_read_in_one_request(server: DolibarrServer) -> None:
    customer = server.add_customer()
    ids = [server.add_invoice(customer, "100") for _nth in range(12)]
    synchronise()
    before = len(server.requests)
    live_balances.read_again([ours(id).pk for id in ids], now=NOW, today=TODAY)
    assert len(server.requests) == before + 1
    # Invoices of our own ask Dolibarr nothing.
    live_balances.read_again([make.invoice().pk], now=NOW, today=TODAY)
    assert len(server.requests) == before + 1


@pytest.mark.parametrize("fault", [Fault.CUT, Fault.HTML, Fault.UNAUTHORIZED])
def test_without_dolibarr_the_run_waits_says_so_and_goes_on_by_itself(
    server: DolibarrServer, id: int, fault: Fault
) -> None:
    run = run_of(ours(id), make.invoice())
    server.spoil(fault, path="invoices", times=2)
    work(run)
    assert run.trouble.startswith("En attente de Dolibarr")
    assert RunLine.objects.filter(state="waiting").count() == 2
    assert not Reminder.objects.exists()

    server._spoilt.clear()
    work(run)
    assert run.trouble == ""
    assert RunLine.objects.filter(state="made").count() == 2


def test_or_it_goes_on_with_the_last_known_balance_said_on_each_line(
    server: DolibarrServer, id: int
) -> None:
    go_on()
    own = make.invoice()
    run = run_of(ours(id), own)
    server.spoil(Fault.CUT, path="invoices", times=99)
    work(run)
    assert run.trouble == ""
    theirs = RunLine.objects.get(invoice=ours(id))
    assert (theirs.state, theirs.cause) == ("made", "last_known")
    said = "Dolibarr n’a pas répondu\u00a0: reste à payer connu au 24/11/2026, 10:30."
    assert theirs.why == said
    made = Reminder.objects.get(lines__invoice=ours(id))
    assert made.content["remarks"][-1] == theirs.why
    assert RunLine.objects.get(invoice=own).why == ""
    assert HistoryEntry.objects.get(
        action="reminder.made", invoice=ours(id)
    ).words.endswith(theirs.why)


def test_with_the_connection_removed_it_goes_on_and_says_so(id: int) -> None:
    run = run_of(ours(id))
    DolibarrConnection.objects.all().delete()
    with pytest.raises(live_balances.DolibarrAway, match="a été retirée"):
        remind(id)
    work(run)
    line = RunLine.objects.get()
    assert (line.state, line.cause) == ("made", "last_known")
    assert line.why.startswith("Dolibarr n’a pas répondu")


def test_what_a_crash_left_being_made_is_read_again_too(
    server: DolibarrServer, id: int
) -> None:
    run = run_of(ours(id))
    [pk] = run_work._claim(run.pk, now=NOW, today=TODAY) or []
    # Asked twice, for all of the run together and for none of it alone.
    server.spoil(Fault.CUT, path="invoices", times=2)
    recovery.finish_interrupted(older_than=LATER, now=LATER, today=TODAY)
    run.refresh_from_db()
    assert run.trouble
    assert Reminder.objects.get(pk=pk).state == Reminder.State.BEING_MADE

    server.pay(id, "1200")
    recovery.finish_interrupted(older_than=LATER, now=LATER, today=TODAY)
    assert Reminder.objects.get(pk=pk).state == Reminder.State.CANCELLED
    assert RunLine.objects.get().cause == "settled"


# --- one reminder ----------------------------------------------------------------


def test_one_reminder_is_decided_on_what_is_read(
    server: DolibarrServer, id: int
) -> None:
    server.pay(id, "1200")
    with pytest.raises(ReminderRefused):
        remind(id)
    assert not Reminder.objects.exists()


def test_one_reminder_asks_whether_the_last_known_balance_will_do(
    server: DolibarrServer, id: int
) -> None:
    server.spoil(Fault.CUT, path="invoices", times=99)
    with pytest.raises(live_balances.DolibarrAway, match="dernier reste à payer connu"):
        remind(id)
    assert not Reminder.objects.exists()

    made = remind(id, last_known=True)
    assert made.state == Reminder.State.MADE
    assert "Dolibarr n’a pas répondu" in made.content["remarks"][0]


# --- e-mails ------------------------------------------------------------------------


@pytest.fixture
def mail() -> Iterator[Any]:
    with smtp.running() as running:
        make.mail_account(port=running.port)
        yield running


def test_an_e_mail_paid_for_meanwhile_does_not_leave(
    server: DolibarrServer, id: int, mail: Any
) -> None:
    remind(id, Channel.EMAIL)
    server.pay(id, "500")
    delivery.deliver_all(lambda: LATER)
    message = OutboxMessage.objects.get()
    assert message.state == "cancelled"
    assert "700,00" in message.answer
    assert mail.received == []


def test_an_e_mail_waits_for_dolibarr_and_keeps_the_others_from_nothing(
    server: DolibarrServer, id: int, mail: Any
) -> None:
    remind(id, Channel.EMAIL)
    own = Wish(invoice=make.invoice(), channel=Channel.EMAIL)
    reminders.remind(own, key=uuid.uuid4(), by=None, now=NOW, today=TODAY)
    server.spoil(Fault.CUT, path="invoices", times=2)
    delivery.deliver_all(lambda: LATER)
    waits, gone = OutboxMessage.objects.order_by("pk")
    assert (waits.state, waits.attempts) == ("queued", 0)
    assert waits.answer.startswith("En attente de Dolibarr")
    assert waits.not_before == LATER + delivery.DOLIBARR_AWAY
    assert gone.state == "sent"

    delivery.deliver_all(lambda: LATER + delivery.DOLIBARR_AWAY)
    waits.refresh_from_db()
    assert waits.state == "sent"
    assert len(mail.received) == 2


def test_or_it_leaves_with_the_last_known_balance_and_history_says_so(
    server: DolibarrServer, id: int, mail: Any
) -> None:
    go_on()
    made = remind(id, Channel.EMAIL)
    server.spoil(Fault.CUT, path="invoices", times=99)
    message = OutboxMessage.objects.get()
    assert delivery.deliver(message.pk, now=LATER) == "sent"
    said = HistoryEntry.objects.get(action="message.last_known", reminder=made)
    assert said.words.startswith("Dolibarr n’a pas répondu")
