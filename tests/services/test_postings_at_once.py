"""Two people at the post office's counter: each letter is recorded once."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from relance.models import Channel, HistoryEntry, Posting, Reminder
from relance.services import postings, reminders
from relance.services.posting_changes import News
from relance.services.registered_numbers import match_numbers, set_registered_numbers
from tests import make
from tests.make import NOW, TODAY
from tests.services.test_concurrency import at_once, refusals

pytestmark = pytest.mark.django_db(transaction=True)

A = "1A12345678901"


@pytest.fixture(autouse=True)
def _company(transactional_db: None) -> None:
    make.company()


def letters(count: int) -> list[Reminder]:
    return [
        make.reminder(
            make.invoice(), channel=Channel.REGISTERED, made_on=date(2026, 11, 2)
        )
        for _number in range(count)
    ]


def mark(pks: list[int]) -> postings.Marked:
    return postings.mark_many_posted(pks, posted_on=TODAY, by=None, now=NOW)


def test_letters_marked_by_two_are_marked_once() -> None:
    pks = [made.pk for made in letters(20)]

    given: list[Any] = at_once(lambda: mark(pks), lambda: mark(pks[::-1]))

    assert refusals(given) == []
    assert sorted(marked.done for marked in given) == [0, 20]
    assert sorted(len(marked.left) for marked in given) == [0, 20]
    assert Posting.objects.count() == 20
    assert HistoryEntry.objects.filter(action="reminder.posted").count() == 20


def test_one_number_is_not_given_to_two_letters() -> None:
    made = letters(2)

    def number(reminder: Reminder) -> object:
        news = News(posted_on=TODAY, registered_number=A)
        return postings.record_news(reminder, news, by=None, now=NOW)

    given = at_once(lambda: number(made[0]), lambda: number(made[1]))

    [refusal] = refusals(given)
    assert refusal.field == "registered_number"
    assert Posting.objects.get().registered_number == A


def test_marked_and_numbered_at_once_a_letter_has_one_posting() -> None:
    made = letters(1)
    pks = [one.pk for one in made]
    text = match_numbers(A, letters=pks, posted_on=TODAY, now=NOW).as_text()

    given: list[Any] = at_once(
        lambda: mark(pks), lambda: set_registered_numbers(text, by=None, now=NOW)
    )

    assert refusals(given) == []
    # Whoever came second found the letter posted, and left or completed it.
    assert Posting.objects.get().registered_number == A


def test_a_letter_is_cancelled_or_posted_never_both() -> None:
    [made] = letters(1)

    given: list[Any] = at_once(
        lambda: mark([made.pk]),
        lambda: reminders.cancel_letter(made, "payée", by=None, now=NOW),
    )

    made.refresh_from_db()
    if refusals(given):
        assert made.state == "posted"
        assert Posting.objects.count() == 1
    else:
        assert made.state == "cancelled"
        assert not Posting.objects.exists()
