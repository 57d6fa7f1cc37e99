"""The outgoing tray: what may still be stopped, tried again, or decided."""

from datetime import timedelta

import pytest

from relance.models import HistoryEntry, OutboxMessage, Reminder
from relance.services import outbox
from relance.services.refusal import Refused
from tests import letterbox
from tests.letterbox import LATER, NOW

pytestmark = pytest.mark.django_db

State = OutboxMessage.State


def put(message, state, **fields):
    OutboxMessage.objects.filter(pk=message.pk).update(state=state, **fields)
    Reminder.objects.filter(pk=message.reminder_id).update(state=state)
    message.refresh_from_db()
    return message


def states(message):
    message.refresh_from_db()
    message.reminder.refresh_from_db()
    return message.state, message.reminder.state


def last_words():
    return HistoryEntry.objects.first().words


def test_a_message_waits_for_the_pause_of_the_company():
    message = letterbox.message()
    assert message.not_before == NOW + timedelta(seconds=60)
    assert outbox.messages_to_send(NOW) == []
    assert outbox.messages_to_send(LATER) == [message.pk]


def test_the_oldest_leave_first():
    second, first = letterbox.message(1), letterbox.message(2)
    put(second, State.QUEUED, not_before=NOW + timedelta(seconds=90))
    assert outbox.messages_to_send(LATER) == [first.pk, second.pk]


def test_what_is_joined_keeps_its_order_and_names():
    [joined] = letterbox.message().attachments.all()
    assert joined.filename == "FA-0001.pdf"


def test_the_message_id_is_of_the_sender_of_the_company_or_of_nobody():
    key = "0" * 31
    assert letterbox.message(1).message_id == (f"<reminder-1.{key}1@durand.example>")
    ours = letterbox.company()
    ours.email = ""
    ours.save()
    assert letterbox.message(2).message_id == f"<reminder-2.{key}2@relance.invalid>"


def test_cancelled_in_time_nothing_leaves(alice):
    message = letterbox.message()
    outbox.cancel_message(message, by=alice, now=NOW, reason="payé ce matin")
    assert states(message) == (State.CANCELLED, Reminder.State.CANCELLED)
    assert message.reminder.cancel_reason == "payé ce matin"
    assert message.reminder.cancelled_by == alice
    assert message.reminder.cancelled_at == NOW
    assert "payé ce matin" in last_words()
    assert outbox.messages_to_send(LATER) == []


@pytest.mark.parametrize("state", [state for state in State if state != State.QUEUED])
def test_what_no_longer_waits_is_not_cancelled(alice, state):
    message = put(letterbox.message(), state)
    with pytest.raises(Refused, match="déjà en train de partir"):
        outbox.cancel_message(message, by=alice, now=NOW)
    assert states(message)[0] == state
    assert message.reminder.cancelled_at is None
    assert not HistoryEntry.objects.exists()


def test_cancelling_loses_to_a_departure_since_the_page_was_read(alice):
    message = letterbox.message()
    OutboxMessage.objects.update(state=State.SENDING, claimed_at=LATER)
    with pytest.raises(Refused):
        outbox.cancel_message(message, by=alice, now=LATER)
    assert states(message) == (State.SENDING, Reminder.State.QUEUED)


def test_a_failed_message_is_tried_again(alice):
    message = put(letterbox.message(), State.FAILED, attempts=3, answer="550 no")
    outbox.retry_failed(message, by=alice, now=LATER)
    assert states(message) == (State.QUEUED, Reminder.State.QUEUED)
    assert (message.attempts, message.answer) == (0, "")
    assert outbox.messages_to_send(LATER) == [message.pk]
    assert HistoryEntry.objects.first().user == alice


def test_a_failed_message_goes_to_the_corrected_address(alice):
    message = letterbox.message()
    put(message, State.FAILED, document=message.attachments.first().document)
    outbox.retry_failed(message, by=alice, now=LATER, recipient=" b@martin.example ")
    assert states(message)[0] == State.QUEUED
    assert message.recipient == "b@martin.example"
    # The bytes to send are written anew; the reminder keeps what was decided.
    assert message.document is None
    assert message.reminder.recipient["email"] == "client1@martin.example"
    assert "b@martin.example et non à client1@martin.example" in last_words()


def test_a_wrong_correction_is_refused_on_its_field(alice):
    message = put(letterbox.message(), State.FAILED)
    with pytest.raises(Refused) as refused:
        outbox.retry_failed(message, by=alice, now=LATER, recipient="a@b, c@d")
    assert refused.value.field == "recipient"
    assert states(message)[0] == State.FAILED


@pytest.mark.parametrize("state", [State.SENT, State.UNCERTAIN, State.CANCELLED])
def test_only_a_failed_message_is_tried_again(alice, state):
    message = put(letterbox.message(), state)
    with pytest.raises(Refused):
        outbox.retry_failed(message, by=alice, now=LATER)
    assert states(message)[0] == state


def test_somebody_found_that_it_had_left(alice):
    message = put(letterbox.message(), State.UNCERTAIN, claimed_at=NOW)
    outbox.decide_uncertain(message, sent=True, by=alice, now=LATER)
    assert states(message) == (State.SENT, Reminder.State.SENT)
    assert message.sent_at == NOW
    assert "bien parti" in last_words()


def test_somebody_found_that_it_had_not_left(alice):
    message = put(letterbox.message(), State.UNCERTAIN, claimed_at=NOW, attempts=2)
    outbox.decide_uncertain(message, sent=False, by=alice, now=LATER)
    assert states(message) == (State.QUEUED, Reminder.State.QUEUED)
    assert message.attempts == 0
    assert outbox.messages_to_send(LATER) == [message.pk]


def test_of_two_who_decide_one_is_heard(alice):
    message = put(letterbox.message(), State.UNCERTAIN)
    outbox.decide_uncertain(message, sent=True, by=alice, now=LATER)
    with pytest.raises(Refused, match="déjà tranché"):
        outbox.decide_uncertain(message, sent=False, by=alice, now=LATER)
    assert states(message)[0] == State.SENT


def test_what_a_crash_left_leaving_waits_for_a_human():
    old = put(letterbox.message(1), State.SENDING, claimed_at=NOW)
    fresh = put(letterbox.message(2), State.SENDING, claimed_at=LATER)
    limit = NOW + timedelta(minutes=1)
    assert outbox.settle_interrupted(now=LATER, older_than=limit) == 1
    assert states(old) == (State.UNCERTAIN, Reminder.State.UNCERTAIN)
    assert states(fresh)[0] == State.SENDING
    assert "interrompu" in old.answer
    assert outbox.messages_to_send(LATER + timedelta(days=1)) == []
