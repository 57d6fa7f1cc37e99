"""An e-mail that is refused, or perhaps left, is told and never doubled."""

from __future__ import annotations

from datetime import timedelta

import pytest

from relance.gateways.storage import Storage
from relance.models import HistoryEntry, MailAccount, OutboxMessage, Reminder
from relance.services import delivery, mail_batches, outbox
from tests import letterbox, smtp
from tests.letterbox import LATER, PDF, states

State = OutboxMessage.State


@pytest.fixture
def server():
    with smtp.running() as running:
        yield running


@pytest.mark.django_db
def test_a_permanent_refusal_fails_at_once(server):
    letterbox.account(server)
    server.behaviour.refuse_message = "554 looks like spam"
    message = letterbox.message()
    assert delivery.deliver(message.pk, now=LATER) == State.FAILED
    assert states(message) == (State.FAILED, Reminder.State.FAILED)
    assert message.answer == "554 looks like spam"
    assert "554 looks like spam" in HistoryEntry.objects.first().words


@pytest.mark.django_db
def test_a_temporary_refusal_is_tried_three_times_then_fails(server):
    letterbox.account(server)
    server.behaviour.refuse_message = "451 try again"
    message = letterbox.message()
    assert delivery.deliver(message.pk, now=LATER) == State.QUEUED
    assert states(message) == (State.QUEUED, Reminder.State.QUEUED)
    assert (message.attempts, message.answer) == (1, "451 try again")
    kept = message.document
    second = message.not_before
    assert second == LATER + timedelta(minutes=5)
    assert delivery.deliver(message.pk, now=second) == State.QUEUED
    states(message)
    # The same bytes are tried again: one message, one proof.
    assert message.document == kept
    assert delivery.deliver(message.pk, now=message.not_before) == State.FAILED
    assert states(message)[1] == Reminder.State.FAILED
    assert message.attempts == 3


@pytest.mark.django_db
def test_it_leaves_at_the_second_attempt(server):
    letterbox.account(server)
    server.behaviour.refuse_message = "451 try again"
    message = letterbox.message()
    delivery.deliver(message.pk, now=LATER)
    server.behaviour.refuse_message = ""
    assert delivery.deliver(message.pk, now=LATER + timedelta(hours=1)) == State.SENT
    assert len(server.received) == 1


@pytest.mark.django_db
def test_cut_after_the_message_was_handed_over_it_is_never_sent_again(server):
    letterbox.account(server)
    server.behaviour.cut_at = "content"
    message = letterbox.message()
    assert delivery.deliver(message.pk, now=LATER) == State.UNCERTAIN
    assert states(message) == (State.UNCERTAIN, Reminder.State.UNCERTAIN)
    server.behaviour.cut_at = ""
    tomorrow = LATER + timedelta(days=1)
    delivery.deliver_all(lambda: tomorrow)
    outbox.settle_interrupted(now=tomorrow, older_than=tomorrow)
    delivery.deliver_all(lambda: tomorrow)
    assert len(server.received) == 1
    assert states(message)[0] == State.UNCERTAIN


@pytest.mark.django_db
def test_found_not_to_have_left_it_leaves_under_the_same_identifier(server, alice):
    letterbox.account(server)
    server.behaviour.cut_at = "content"
    message = letterbox.message()
    delivery.deliver(message.pk, now=LATER)
    server.behaviour.cut_at = ""
    message.refresh_from_db()
    outbox.decide_uncertain(message, sent=False, by=alice, now=LATER)
    assert delivery.deliver(message.pk, now=LATER) == State.SENT
    first, second = server.received
    assert first.data == second.data


@pytest.mark.django_db
def test_the_answer_of_a_slow_server_beats_the_doubt(server):
    letterbox.account(server)
    message = letterbox.message()
    account = MailAccount.objects.get()
    batch = mail_batches.Batch([message.pk], account, now=LATER)
    [claimed] = batch.messages
    assert delivery._claim(claimed, batch, account, now=LATER)
    limit = LATER + timedelta(hours=1)
    outbox.settle_interrupted(now=limit, older_than=limit)
    assert states(message)[0] == State.UNCERTAIN
    accepted = delivery.mailer.Accepted(answer="250 at last")
    delivery._record(claimed, accepted, now=limit)
    assert states(message) == (State.SENT, Reminder.State.SENT)


@pytest.mark.django_db
def test_a_refused_copy_is_told(server):
    letterbox.account(server)
    server.behaviour.refuse = {"chef@martin.example": "550 no such user"}
    message = letterbox.message(copies=("chef@martin.example",))
    assert delivery.deliver(message.pk, now=LATER) == State.SENT
    states(message)
    assert "chef@martin.example: 550 no such user" in message.answer


@pytest.mark.django_db
@pytest.mark.parametrize(
    "changes", [{"subject": "Rappel\nBcc: autre@example.org"}, {"recipient": "nobody"}]
)
def test_what_cannot_be_written_fails_in_words(server, changes):
    letterbox.account(server)
    message = letterbox.message(**changes)
    assert delivery.deliver(message.pk, now=LATER) == State.FAILED
    assert states(message)[0] == State.FAILED
    assert message.answer
    assert server.received == []


@pytest.mark.django_db
def test_a_joined_file_that_was_altered_is_not_sent(server, settings, tmp_path):
    settings.DATA = tmp_path
    letterbox.account(server)
    message = letterbox.message()
    document = message.attachments.get().document
    path = Storage(tmp_path / "documents").path(document.sha256)
    path.write_bytes(PDF + b"changed")
    assert delivery.deliver(message.pk, now=LATER) == State.FAILED
    assert server.received == []


@pytest.mark.django_db
def test_a_message_that_cannot_be_kept_is_not_sent(server, settings, tmp_path):
    letterbox.account(server)
    message = letterbox.message(attachments=())
    settings.DATA = tmp_path
    # Nothing can be written where a folder was expected.
    (tmp_path / "documents").write_bytes(b"")
    assert delivery.deliver(message.pk, now=LATER) == State.QUEUED
    assert states(message)[0] == State.QUEUED
    assert "conservé sur le disque" in message.answer
    assert server.received == []
