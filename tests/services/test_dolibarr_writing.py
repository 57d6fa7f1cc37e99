"""Reminders and payments written in Dolibarr: once, and never in a run's way."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from relance.models import (
    Channel,
    DolibarrConnection,
    DolibarrWrite,
    HistoryEntry,
    Payment,
    PendingPayment,
    Reminder,
)
from relance.services import (
    delivery,
    documents,
    dolibarr_writing,
    receipt_matches,
    reminders,
)
from relance.services.dolibarr_writing import WritingData
from relance.services.drafts import Part, Wish
from relance.services.payments import Share
from relance.services.refusal import Refused
from tests import make, smtp
from tests.dolibarr_server import DolibarrServer, Fault, dolibarr
from tests.dolibarr_sync import NOW, TODAY, connected, ours, synchronise

pytestmark = pytest.mark.django_db

BEFORE = NOW - timedelta(hours=1)
ALL = {"write_events": True, "write_letters": True}
PAYMENTS = {"write_payments": True, "payments_account": 1}


@pytest.fixture
def server() -> Iterator[DolibarrServer]:
    make.company()
    with dolibarr() as running:
        connected(running, user_id=1)
        yield running


@pytest.fixture
def id(server: DolibarrServer) -> int:
    made = server.add_invoice(server.add_customer(email="a@client.example"), "1200")
    synchronise()
    return made


def choose(**values: Any) -> None:
    dolibarr_writing.choose(WritingData(**values), by=None, now=BEFORE)


def remind(*ids: int, channel: Channel = Channel.LETTER) -> Reminder:
    first, *others = [ours(id) for id in ids]
    parts = tuple(Part(invoice=one) for one in others)
    wish = Wish(invoice=first, channel=channel, others=parts)
    key = uuid.uuid4()
    return reminders.remind(wish, key=key, by=None, now=NOW, today=TODAY)


def write(*, minutes: int = 1) -> None:
    now = NOW + timedelta(minutes=minutes)
    dolibarr_writing.note_due(now=now)
    while dolibarr_writing.write_waiting(clock=lambda: now):
        pass


def states() -> list[str]:
    return list(DolibarrWrite.objects.values_list("state", flat=True))


# --- chosen ----------------------------------------------------------------------


def test_nothing_is_written_unless_asked_for_nor_what_was_made_before(
    server: DolibarrServer, id: int
) -> None:
    remind(id)
    write()
    assert not DolibarrWrite.objects.exists()
    dolibarr_writing.choose(
        WritingData(write_events=True), by=None, now=NOW + timedelta(minutes=1)
    )
    write()
    assert not DolibarrWrite.objects.exists()
    # Chosen again, it goes on from the first time.
    choose(write_events=True, write_letters=True)
    since = DolibarrConnection.objects.get().writes_since
    assert since == NOW + timedelta(minutes=1)


def test_a_payment_needs_its_account_and_a_choice_its_connection(
    server: DolibarrServer,
) -> None:
    with pytest.raises(Refused, match="compte bancaire") as said:
        choose(write_payments=True)
    assert said.value.field == "payments_account"
    DolibarrConnection.objects.all().delete()
    with pytest.raises(Refused, match="Reliez"):
        choose(write_events=True)
    assert dolibarr_writing.note_due(now=NOW) == 0
    assert not dolibarr_writing.write_waiting(clock=lambda: NOW)


def test_a_slow_server_makes_no_row_look_abandoned(
    server: DolibarrServer, id: int
) -> None:
    choose(write_events=True, write_letters=True)
    remind(id)
    dolibarr_writing.note_due(now=NOW)
    minutes = (NOW + timedelta(minutes=number) for number in itertools.count(1))
    assert not dolibarr_writing.write_waiting(clock=lambda: next(minutes))
    rows = DolibarrWrite.objects.order_by("pk")
    first, second = rows.values_list("claimed_at", "done_at")
    assert first[0] < first[1] < second[0] < second[1]


# --- events and letters -----------------------------------------------------------


def test_a_letter_is_noted_and_put_among_the_documents(
    server: DolibarrServer, id: int
) -> None:
    choose(**ALL)
    made = remind(id)
    write()
    write()

    [event] = server.events.values()
    assert event["code"] == "AC_RELANCE_1"
    assert event["label"] == f"Relance simple – {ours(id).number} ({made.reference})"
    assert (event["elementid"], event["socid"], event["userownerid"]) == (id, 1, 1)
    assert event["type_code"] == "AC_OTH"
    assert made.document
    files = server.files[ours(id).number]
    assert files[made.document.name] == documents.read(made.document)
    assert states() == ["done", "done"]
    told = HistoryEntry.objects.filter(action="dolibarr.written", reminder=made)
    assert told.count() == 2


def test_an_e_mail_is_noted_once_it_has_left(server: DolibarrServer, id: int) -> None:
    choose(write_events=True)
    with smtp.running() as mail:
        make.mail_account(port=mail.port)
        remind(id, channel=Channel.EMAIL)
        write()
        assert server.events == {}
        delivery.deliver_all(lambda: NOW + timedelta(minutes=2))
    write(minutes=3)
    [event] = server.events.values()
    assert event["type_code"] == "AC_EMAIL"
    assert "a@client.example" in event["note_private"]


def test_one_letter_for_two_invoices_is_noted_on_each(
    server: DolibarrServer, id: int
) -> None:
    second = server.add_invoice(1, "300")
    synchronise()
    choose(write_events=True)
    remind(id, second)
    write()
    assert {event["elementid"] for event in server.events.values()} == {id, second}


def test_invoices_of_our_own_are_not_dolibarrs(server: DolibarrServer) -> None:
    choose(**ALL)
    wish = Wish(invoice=make.invoice(), channel=Channel.LETTER)
    reminders.remind(wish, key=uuid.uuid4(), by=None, now=NOW, today=TODAY)
    write()
    assert not DolibarrWrite.objects.exists()


def test_a_cancelled_letter_is_not_noted(server: DolibarrServer, id: int) -> None:
    choose(write_events=True)
    made = remind(id)
    dolibarr_writing.note_due(now=NOW)
    reminders.cancel_letter(made, "erreur", by=None, now=NOW)
    write()
    assert states() == ["needless"]
    assert server.events == {}


# --- what goes wrong ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "after", "chosen"),
    [
        ("agendaevents", 1, {"write_events": True}),
        ("documents/upload", 0, {"write_letters": True}),
    ],
)
def test_written_and_the_answer_lost_is_found_and_not_written_twice(
    server: DolibarrServer, id: int, path: str, after: int, chosen: dict[str, Any]
) -> None:
    choose(**chosen)
    remind(id)
    server.spoil(Fault.DONE_THEN_CUT, path=path, after=after)
    write()
    row = DolibarrWrite.objects.get()
    assert row.state == "waiting"
    assert row.error
    write(minutes=2)
    assert states() == ["waiting"]

    write(minutes=10)
    assert states() == ["done"]
    assert len(server.events) + len(server.uploaded) == 1


def test_a_crash_in_the_middle_is_looked_into(server: DolibarrServer, id: int) -> None:
    choose(write_events=True)
    remind(id)
    write()
    DolibarrWrite.objects.update(state="doing", claimed_at=NOW)
    write(minutes=2)
    assert states() == ["doing"]
    write(minutes=20)
    assert states() == ["done"]
    assert len(server.events) == 1


def test_a_missing_right_is_said_and_tried_again_on_demand(
    server: DolibarrServer, id: int
) -> None:
    choose(**ALL)
    remind(id)
    server.rights.remove("events")
    write()
    failed = DolibarrWrite.objects.get(kind="event")
    assert failed.state == "failed"
    assert "droit" in failed.error
    # The other one is written all the same.
    assert DolibarrWrite.objects.get(kind="letter").state == "done"

    server.rights.add("events")
    write(minutes=60)
    assert server.events == {}
    assert dolibarr_writing.retry(by=None, now=NOW) == 1
    write(minutes=61)
    assert states() == ["done", "done"]


def test_while_dolibarr_is_away_everything_waits(
    server: DolibarrServer, id: int
) -> None:
    choose(**ALL)
    remind(id)
    server.key = "another"
    for minutes in range(0, 60, 6):
        write(minutes=minutes)
    assert set(states()) == {"waiting"}
    # Whatever the times: no row is to blame.
    assert set(DolibarrWrite.objects.values_list("attempts", flat=True)) == {0}
    server.key = "a-key-of-32-characters-0123456789"
    write(minutes=70)
    assert set(states()) == {"done"}


def test_errors_of_the_server_are_tried_a_few_times(
    server: DolibarrServer, id: int
) -> None:
    choose(write_letters=True)
    remind(id)
    server.spoil(Fault.ERROR_500, path="documents/upload", times=99)
    for minutes in (1, 10, 60, 200, 1000):
        write(minutes=minutes)
    assert states() == ["failed"]
    assert server.uploaded == set()


# --- payments --------------------------------------------------------------------


def matched(id: int, amount: str = "500.00") -> PendingPayment:
    invoice = ours(id)
    share = Share(invoice=invoice, amount=Decimal(amount))
    line = make.bank_line(amount)
    receipt_matches.accept(line, invoice.customer, [share], by=None, now=NOW)
    return PendingPayment.objects.get(bank_line=line)


def test_a_payment_is_written_there_and_counts_here_at_once(
    server: DolibarrServer, id: int
) -> None:
    choose(**PAYMENTS)
    row = matched(id)
    write()
    write()
    row.refresh_from_db()
    assert (row.state, row.arrived_as) == ("arrived", Payment.objects.get())
    assert ours(id).balance == Decimal("700.00")
    assert [told["num"] for told in server.payments[id]] == [f"RELANCE-{row.pk}"]
    synchronise()
    assert Payment.objects.count() == 1


def test_one_that_was_recorded_there_meanwhile_is_not_written(
    server: DolibarrServer, id: int
) -> None:
    choose(**PAYMENTS)
    row = matched(id)
    server.pay(id, "500", on=row.received_on)
    write()
    row.refresh_from_db()
    assert (row.state, states()) == ("arrived", ["needless"])
    assert len(server.payments[id]) == 1


def test_a_payment_whose_answer_was_lost_is_not_written_twice(
    server: DolibarrServer, id: int
) -> None:
    choose(**PAYMENTS)
    row = matched(id)
    server.spoil(Fault.DONE_THEN_CUT, path="invoices/paymentsdistributed")
    write()
    assert states() == ["waiting"]
    # A synchronisation may bring it in before we know.
    synchronise()
    row.refresh_from_db()
    assert row.state == "arrived"
    write(minutes=10)
    assert len(server.payments[id]) == 1
    assert ours(id).balance == Decimal("700.00")


def test_more_than_is_left_there_is_for_a_person(
    server: DolibarrServer, id: int
) -> None:
    choose(**PAYMENTS)
    matched(id)
    server.pay(id, "900")
    write()
    row = DolibarrWrite.objects.get()
    assert row.state == "failed"
    assert "300,00" in row.error
    assert len(server.payments[id]) == 1


def test_one_like_another_of_weeks_before_is_for_a_person(
    server: DolibarrServer, id: int
) -> None:
    choose(**PAYMENTS)
    matched(id)
    server.pay(id, "500", on=date(2026, 10, 30))
    write()
    row = DolibarrWrite.objects.get()
    assert row.state == "failed"
    assert "30/10/2026" in row.error
    assert len(server.payments[id]) == 1


def test_what_was_deleted_there_is_waited_for_no_more(
    server: DolibarrServer, id: int
) -> None:
    row = matched(id)
    del server.invoices[id]
    synchronise()
    row.refresh_from_db()
    assert row.state == "settled"


def test_a_payment_removed_there_is_not_written_again(
    server: DolibarrServer, id: int
) -> None:
    choose(**PAYMENTS)
    row = matched(id)
    write()
    server.payments[id].clear()
    synchronise()
    row.refresh_from_db()
    assert row.state == "waiting"
    write(minutes=10)
    assert server.payments[id] == []
