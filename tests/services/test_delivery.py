"""E-mails leave once, whole, and only if nothing has come to stand against them."""

import email
import email.policy
import threading
from datetime import timedelta

import pytest
from django.db import connection

from relance.gateways import mailer
from relance.models import (
    Document,
    HistoryEntry,
    Invoice,
    MailAccount,
    OutboxMessage,
    Reminder,
)
from relance.services import delivery, documents, mail_batches, outbox
from relance.services.mail_account import smtp_account
from tests import letterbox, make, smtp
from tests.letterbox import LATER, NOW, PDF, states

State = OutboxMessage.State


@pytest.fixture
def server():
    with smtp.running() as running:
        yield running


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
