"""Many e-mails leave together, at their rate, and one does not keep the others."""

from __future__ import annotations

import itertools
import uuid
from datetime import timedelta

import pytest

from relance.models import OutboxMessage, Reminder, Run
from relance.services import delivery
from tests import letterbox, smtp
from tests.letterbox import LATER, NOW, TODAY, states

State = OutboxMessage.State


@pytest.fixture
def server():
    with smtp.running() as running:
        yield running


@pytest.mark.django_db
def test_many_leave_over_one_connection(server):
    letterbox.account(server)
    messages = [letterbox.message(number) for number in range(1, 6)]
    done = delivery.deliver_all(lambda: LATER)
    assert done == {State.SENT: 5}
    assert len(server.received) == 5
    assert server.connections == 1
    assert {states(message) for message in messages} == {
        (State.SENT, Reminder.State.SENT)
    }


@pytest.mark.django_db
def test_one_that_breaks_does_not_keep_the_others(server, caplog):
    letterbox.account(server)
    broken, whole = letterbox.message(1), letterbox.message(2)
    # Data that no version of this program writes.
    Reminder.objects.filter(pk=broken.reminder_id).update(recipient={})
    assert delivery.deliver_all(lambda: LATER) == {State.SENT: 1}
    assert states(whole)[0] == State.SENT
    assert states(broken)[0] == State.QUEUED
    assert f"Message {broken.pk} was not handled." in caplog.text


@pytest.mark.django_db
def test_a_server_that_is_away_costs_one_attempt_in_all():
    with smtp.running() as gone:
        letterbox.account(gone)
    messages = [letterbox.message(number) for number in (1, 2)]
    assert delivery.deliver_all(lambda: LATER) == {State.QUEUED: 1}
    for message in messages:
        states(message)
    assert [message.attempts for message in messages] == [1, 0]
    assert "ne répond pas" in messages[0].answer


@pytest.mark.django_db
def test_after_one_that_perhaps_left_the_others_wait(server):
    letterbox.account(server)
    messages = [letterbox.message(number) for number in (1, 2)]
    server.behaviour.cut_at = "content"
    assert delivery.deliver_all(lambda: LATER) == {State.UNCERTAIN: 1}
    server.behaviour.cut_at = ""
    assert delivery.deliver_all(lambda: LATER) == {State.SENT: 1}
    assert [states(message)[0] for message in messages] == [
        State.UNCERTAIN, State.SENT,
    ]  # fmt: skip


@pytest.mark.django_db
def test_the_rate_lets_so_many_leave_a_minute(server):
    letterbox.account(server, per_minute=2)
    for number in range(1, 6):
        letterbox.message(number)
    minute = timedelta(minutes=1)
    assert delivery.deliver_all(lambda: LATER) == {State.SENT: 2}
    assert delivery.deliver_all(lambda: LATER + minute / 2).total() == 0
    assert delivery.deliver_all(lambda: LATER + minute) == {State.SENT: 2}
    assert delivery.deliver_all(lambda: LATER + 2 * minute) == {State.SENT: 1}


@pytest.mark.django_db
def test_each_is_dated_by_its_own_moment(server):
    letterbox.account(server)
    first, second = letterbox.message(1), letterbox.message(2)
    minutes = (LATER + timedelta(minutes=number) for number in itertools.count())
    assert delivery.deliver_all(lambda: next(minutes)) == {State.SENT: 2}
    first.refresh_from_db()
    second.refresh_from_db()
    assert first.claimed_at < first.sent_at < second.claimed_at < second.sent_at


@pytest.mark.django_db
def test_a_slice_says_whether_to_go_on(server, monkeypatch):
    letterbox.account(server)
    monkeypatch.setattr(delivery, "SLICE", 2)
    for number in (1, 2, 3):
        letterbox.message(number)
    assert delivery.deliver_some(lambda: LATER) is True
    assert len(server.received) == 2
    assert delivery.deliver_some(lambda: LATER) is False
    assert len(server.received) == 3


@pytest.mark.django_db
@pytest.mark.parametrize("state", [Run.State.STOPPED, Run.State.CANCELLED])
def test_what_a_stopped_run_queued_does_not_leave(server, state):
    letterbox.account(server)
    message = letterbox.message()
    run = Run.objects.create(
        number=1,
        request_key=uuid.uuid4(),
        approved_at=NOW,
        made_on=TODAY,
        state=state,
    )
    Reminder.objects.filter(pk=message.reminder_id).update(run=run)
    assert delivery.deliver_all(lambda: LATER).total() == 0
    assert delivery.deliver(message.pk, now=LATER) == State.QUEUED
    Run.objects.update(state=Run.State.DONE)
    assert delivery.deliver_all(lambda: LATER) == {State.SENT: 1}
