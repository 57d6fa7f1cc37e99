"""E-mails leave once, whole, and only if nothing has come to stand against them."""

import email
import email.policy
import itertools
import threading
import uuid
from datetime import timedelta

import pytest
from django.db import connection

from relance.gateways import mailer
from relance.gateways.storage import Storage
from relance.models import (
    Document,
    HistoryEntry,
    Invoice,
    MailAccount,
    OutboxMessage,
    Reminder,
    Run,
)
from relance.services import delivery, documents, mail_batches, outbox
from relance.services.mail_account import smtp_account
from tests import letterbox, make, smtp
from tests.letterbox import LATER, NOW, PDF, TODAY

State = OutboxMessage.State


@pytest.fixture
def server():
    with smtp.running() as running:
        yield running


def states(message):
    message.refresh_from_db()
    message.reminder.refresh_from_db()
    return message.state, message.reminder.state


@pytest.mark.django_db
def test_what_is_kept_is_what_the_server_received(server):
    letterbox.account(server)
    message = letterbox.message(copies=("chef@martin.example",))
    assert delivery.deliver(message.pk, now=LATER) == State.SENT
    assert states(message) == (State.SENT, Reminder.State.SENT)
    [received] = server.received
    assert documents.read(message.document) == received.data
    assert received.recipients == ["client1@martin.example", "chef@martin.example"]
    assert message.document.kind == Document.Kind.EMAIL
    assert message.document.name == "R-00001.eml"
    assert message.sent_at == LATER
    assert message.answer == "250 queued as 1"
    assert message.sender == "Durand, comptabilité <compta@durand.example>"
    assert "250 queued as 1" in HistoryEntry.objects.first().words


@pytest.mark.django_db
def test_the_message_says_and_carries_what_was_queued(server):
    letterbox.account(server)
    message = letterbox.message()
    delivery.deliver(message.pk, now=LATER)
    received = email.message_from_bytes(
        server.received[0].data, policy=email.policy.default
    )
    assert received["Message-ID"] == message.message_id
    assert received["Reply-To"] == "relances@durand.example"
    assert received["Subject"] == "Facture FA-0001 à régler"
    assert received["Date"].datetime == LATER
    [pdf] = received.iter_attachments()
    assert pdf.get_filename() == "FA-0001.pdf"
    assert pdf.get_content() == PDF


@pytest.mark.django_db
def test_the_company_s_own_copy_is_not_shown_to_the_customer(server):
    letterbox.account(server, copy_to="archives@durand.example")
    message = letterbox.message()
    delivery.deliver(message.pk, now=LATER)
    [received] = server.received
    assert "archives@durand.example" in received.recipients
    assert b"archives" not in received.data


@pytest.mark.django_db
def test_nothing_leaves_without_an_account():
    message = letterbox.message()
    assert not delivery.deliver_all(lambda: LATER)
    assert delivery.deliver(message.pk, now=LATER) == State.QUEUED
    assert states(message) == (State.QUEUED, Reminder.State.QUEUED)


@pytest.mark.django_db
def test_nothing_leaves_before_its_moment(server):
    letterbox.account(server)
    message = letterbox.message()
    assert delivery.deliver(message.pk, now=NOW) == State.QUEUED
    assert not delivery.deliver_all(lambda: NOW)
    assert server.received == []


@pytest.mark.django_db
def test_a_second_delivery_sends_nothing(server):
    letterbox.account(server)
    message = letterbox.message()
    delivery.deliver(message.pk, now=LATER)
    assert delivery.deliver(message.pk, now=LATER) == State.SENT
    assert len(server.received) == 1


@pytest.mark.django_db
def test_what_was_paid_meanwhile_is_not_reminded(server):
    letterbox.account(server)
    message = letterbox.message()
    Invoice.objects.update(balance=0, state=Invoice.State.SETTLED)
    assert delivery.deliver(message.pk, now=LATER) == State.CANCELLED
    assert states(message) == (State.CANCELLED, Reminder.State.CANCELLED)
    assert message.reminder.cancel_reason
    assert message.reminder.cancel_reason in HistoryEntry.objects.first().words
    assert server.received == []


@pytest.mark.django_db
def test_a_customer_who_moved_to_another_address_cancels_it(server):
    letterbox.account(server)
    message = letterbox.message()
    message.reminder.customer.email = "autre@martin.example"
    message.reminder.customer.save()
    assert delivery.deliver(message.pk, now=LATER) == State.CANCELLED
    assert server.received == []


@pytest.mark.django_db
def test_an_address_corrected_by_hand_is_the_one_that_was_meant(server, alice):
    letterbox.account(server)
    server.behaviour.refuse = {"client1@martin.example": "550 no such user"}
    message = letterbox.message()
    assert delivery.deliver(message.pk, now=LATER) == State.FAILED
    first = OutboxMessage.objects.get(pk=message.pk).document
    message.refresh_from_db()
    outbox.retry_failed(message, by=alice, now=LATER, recipient="b@martin.example")
    assert delivery.deliver(message.pk, now=LATER) == State.SENT
    assert server.received[0].recipients == ["b@martin.example"]
    assert b"To: b@martin.example\r\n" in server.received[0].data
    states(message)
    assert message.document != first


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
def test_what_happens_after_all_were_looked_at_is_still_noticed(server):
    letterbox.account(server)
    paid, late = letterbox.message(1), letterbox.message(2)
    account = MailAccount.objects.get()
    batch = mail_batches.Batch([paid.pk, late.pk], account, now=LATER)
    # The transfer is recorded while the first messages of the batch leave.
    invoice = paid.reminder.lines.get().invoice
    make.payment(invoice, str(invoice.balance))
    with mailer.Connection(smtp_account(account)) as connection:
        done = [
            delivery._deliver(message, batch, account, connection, clock=lambda: LATER)
            for message in batch.messages
        ]
    assert done == [State.CANCELLED, State.SENT]
    assert len(server.received) == 1
    assert states(paid)[0] == State.CANCELLED
    assert paid.document is None


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


@pytest.mark.django_db
def test_another_sender_writes_the_message_anew(server):
    account = letterbox.account(server)
    server.behaviour.refuse_message = "451 try again"
    message = letterbox.message()
    delivery.deliver(message.pk, now=LATER)
    account.sender_email = "relances@durand.example"
    account.save()
    server.behaviour.refuse_message = ""
    delivery.deliver(message.pk, now=LATER + timedelta(hours=1))
    [received] = server.received
    assert received.sender == "relances@durand.example"
    assert b"<relances@durand.example>" in received.data


@pytest.mark.django_db
def test_the_e_mail_comes_from_whoever_made_the_reminder(server, alice):
    alice.sender_email = "alice@durand.example"
    alice.save()
    letterbox.account(server, sender_per_user=True)
    message = letterbox.message()
    Reminder.objects.update(made_by=alice)

    delivery.deliver(message.pk, now=LATER)

    [received] = server.received
    read = email.message_from_bytes(received.data, policy=email.policy.default)
    assert str(read["From"]) == "Alice Martin <alice@durand.example>"
    assert str(read["Reply-To"]) == "alice@durand.example"
    # What bounces comes back to the account.
    assert received.sender == "compta@durand.example"
    message.refresh_from_db()
    assert message.sender == "Alice Martin <alice@durand.example>"
    assert message.reply_to == "alice@durand.example"


@pytest.mark.django_db(transaction=True)
def test_two_that_deliver_at_the_same_time_send_once(server):
    letterbox.account(server)
    messages = [letterbox.message(number) for number in range(1, 7)]
    ready = threading.Barrier(3)
    troubles = []

    def work():
        try:
            ready.wait(10)
            for message in messages:
                delivery.deliver(message.pk, now=LATER)
        except Exception as error:  # noqa: BLE001  # told by the main thread
            troubles.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert troubles == []
    recipients = sorted(received.recipients[0] for received in server.received)
    assert recipients == sorted(message.recipient for message in messages)


@pytest.mark.django_db(transaction=True)
def test_leaving_is_committed_before_the_server_is_spoken_to(server):
    letterbox.account(server)
    message = letterbox.message()
    seen = []

    def look():
        # In the server's thread, hence over another connection to the database.
        try:
            seen.append(OutboxMessage.objects.get().state)
        finally:
            connection.close()

    server.on_message = look
    delivery.deliver(message.pk, now=LATER)
    assert seen == [State.SENDING]
