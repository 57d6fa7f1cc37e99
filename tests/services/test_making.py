"""A reminder whose process died before its page was made, and what changed since."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest

from relance.models import (
    Channel,
    Customer,
    HistoryEntry,
    Invoice,
    OutboxMessage,
    Reminder,
)
from relance.services import making, reminders
from relance.services.drafts import Wish
from tests import make
from tests.make import NOW, TODAY

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _company() -> None:
    make.company()


def _claimed(invoice: Invoice, channel: Channel = Channel.LETTER) -> Reminder:
    """A reminder whose process died before its page was made."""
    wish = Wish(invoice=invoice, channel=channel)
    return reminders.claim(wish, key=uuid.uuid4(), by=None, now=NOW, today=TODAY)


def test_what_a_crash_left_is_finished_once() -> None:
    reminder = _claimed(make.invoice())
    later = NOW + timedelta(minutes=10)

    done = reminders.finish_interrupted(older_than=later, now=later, today=TODAY)
    again = reminders.finish_interrupted(older_than=later, now=later, today=TODAY)

    assert (done, again) == (1, 0)
    assert Reminder.objects.get(pk=reminder.pk).state == "made"
    assert HistoryEntry.objects.filter(action="reminder.made").count() == 1


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda i: make.payment(i, "1200.00"), "rien à payer"),
        (lambda i: make.payment(i, "200.00"), "a changé entre-temps"),
        (lambda i: make.hold(i), "litige"),
        (
            lambda i: Customer.objects.filter(pk=i.customer_id).update(city="Rennes"),
            "destinataire a changé",
        ),
    ],
)
def test_what_changed_before_it_was_made_cancels_it(change, words: str) -> None:
    invoice = make.invoice()
    reminder = _claimed(invoice)
    change(invoice)

    with pytest.raises(making.NotMade, match=words):
        making.finish(reminder.pk, now=NOW, today=TODAY)

    left = Reminder.objects.get()
    assert (left.state, left.document) == ("cancelled", None)
    assert words in left.cancel_reason
    later = NOW + timedelta(hours=1)
    assert reminders.finish_interrupted(older_than=later, now=later, today=TODAY) == 0


def test_two_that_finish_at_once_record_once() -> None:
    reminder = _claimed(make.invoice(), Channel.EMAIL)
    making.finish(reminder.pk, now=NOW, today=TODAY)
    making.finish(reminder.pk, now=NOW, today=TODAY)
    assert OutboxMessage.objects.count() == 1
