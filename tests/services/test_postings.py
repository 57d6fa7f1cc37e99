"""Letters are marked as posted, those that can be, and wait no longer."""

from __future__ import annotations

import uuid
from datetime import date, timedelta
from decimal import Decimal

import pytest

from relance.models import Channel, HistoryEntry, Posting, Reminder, ReminderLine
from relance.queries.situations import situation
from relance.rules.escalation import Code
from relance.services import postings, reminders
from relance.services.drafts import Wish
from relance.services.refusal import Refused
from tests import make
from tests.make import NOW, TODAY
from tests.services._postings import MADE, POSTED, letter, mark, notice

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _company() -> None:
    make.company()


def many(count: int) -> list[int]:
    """Letters as rows, of twenty customers."""
    invoices = [make.invoice() for _number in range(20)]
    made = Reminder.objects.bulk_create(
        Reminder(
            number=5000 + place,
            customer=invoices[place % 20].customer,
            level_name="Relance simple",
            channel=Channel.LETTER,
            language="fr",
            made_on=MADE,
            made_at=NOW,
            state=Reminder.State.MADE,
            request_key=uuid.uuid4(),
        )
        for place in range(count)
    )
    ReminderLine.objects.bulk_create(
        ReminderLine(
            reminder=reminder,
            invoice=invoices[place % 20],
            balance=Decimal("1200.00"),
        )
        for place, reminder in enumerate(made)
    )
    return [reminder.pk for reminder in made]


# --- posted -----------------------------------------------------------------


def test_three_hundred_letters_are_marked_at_once(
    alice, django_assert_max_num_queries
) -> None:
    pks = many(300)

    with django_assert_max_num_queries(16):
        marked = postings.mark_many_posted(pks, posted_on=POSTED, by=alice, now=NOW)

    assert marked == postings.Marked(done=300, left=[])
    assert Reminder.objects.filter(state="posted").count() == 300
    assert {(p.posted_on, p.recorded_by) for p in Posting.objects.all()} == {
        (POSTED, alice)
    }
    entries = HistoryEntry.objects.filter(action="reminder.posted", user=alice)
    assert entries.count() == 300
    # Each names its letter, its customer and its only invoice.
    assert set(entries.values_list("reminder", flat=True)) == set(pks)
    assert not entries.filter(invoice=None).exists()
    assert not entries.filter(customer=None).exists()
    assert "posté le 03/11/2026" in entries[0].words


def test_more_letters_than_one_statement_names_are_marked() -> None:
    marked = postings.mark_many_posted(many(1001), posted_on=POSTED, by=None, now=NOW)

    assert marked.done == 1001
    assert not Reminder.objects.filter(state="made").exists()


def test_what_cannot_be_posted_is_left_with_its_reason() -> None:
    good, late = letter(), letter(made_on=date(2026, 11, 4))
    cancelled = letter(state=Reminder.State.CANCELLED)
    making = letter(state=Reminder.State.BEING_MADE)
    email = letter(channel=Channel.EMAIL, state=Reminder.State.SENT)
    posted = letter()
    mark(posted)

    marked = mark(good, late, cancelled, making, email, posted, good)

    assert marked.done == 1
    assert [(ref, why.replace("\u00a0", " ")) for ref, why in marked.left] == [
        (late.reference, "Il a été fait après, le 04/11/2026."),
        (cancelled.reference, "Il a été annulé."),
        (making.reference, "Il est encore en cours de création."),
        (email.reference, "Ce n’est pas un courrier."),
        (posted.reference, "Il est déjà marqué comme posté, le 03/11/2026."),
    ]
    assert Posting.objects.count() == 2
    assert mark() == postings.Marked(done=0, left=[])


def test_nothing_is_posted_tomorrow() -> None:
    made = letter()

    with pytest.raises(Refused) as caught:
        mark(made, posted_on=TODAY + timedelta(days=1))

    assert caught.value.field == "posted_on"
    assert not Posting.objects.exists()


def test_a_posted_letter_is_no_longer_cancelled() -> None:
    made = letter()
    mark(made)

    with pytest.raises(Refused, match="partie"):
        reminders.cancel_letter(made, "trop tard", by=None, now=NOW)
    assert Reminder.objects.get().state == "posted"


def test_a_formal_notice_waits_to_be_posted_and_then_no_more() -> None:
    invoice = make.invoice()
    made = notice(invoice)
    assert not situation(invoice, today=TODAY).last.posted
    refusal = Wish(invoice=invoice, channel=Channel.LETTER)
    with pytest.raises(reminders.ReminderRefused) as caught:
        reminders.remind(refusal, key=uuid.uuid4(), by=None, now=NOW, today=TODAY)
    assert Code.NOT_POSTED in [reason.code for reason in caught.value.reasons]

    mark(made)

    assert situation(invoice, today=TODAY).last.posted


def test_what_is_paid_is_left_unless_chosen_by_itself() -> None:
    good, paid = letter(), letter()
    for line in paid.lines.all():
        make.payment(line.invoice, str(line.invoice.balance))
    pks = [good.pk, paid.pk]

    marked = postings.mark_many_posted(
        pks, posted_on=POSTED, one_by_one=False, by=None, now=NOW
    )

    assert marked == postings.Marked(done=1, left=[], needless=[paid.reference])
    paid.refresh_from_db()
    assert paid.state == Reminder.State.MADE
    assert mark(paid) == postings.Marked(done=1, left=[])
