"""The lists of letters and their counts."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from relance.models import Channel, Posting, Reminder, Run
from relance.queries.postings import (
    Criteria,
    ToMark,
    counts,
    letters,
    of_run,
    row_of,
    rows,
    to_mark,
)
from tests import make
from tests.make import NOW

pytestmark = pytest.mark.django_db

DAY = date(2026, 11, 3)


def letter(**values: Any) -> Reminder:
    defaults: dict[str, Any] = {"made_on": date(2026, 11, 2)}
    return make.reminder(make.invoice(), **(defaults | values))


def posted(channel: str = "registered", **known: Any) -> Reminder:
    made = letter(channel=channel, state="posted")
    Posting.objects.create(
        reminder=made, recorded_at=NOW, **({"posted_on": DAY} | known)
    )
    return made


def listed(which: str = "to_post", words: str = "", **asked: Any) -> list[Reminder]:
    return list(letters(Criteria(which=which, words=words, **asked)))


def test_each_list_has_its_letters_and_its_count() -> None:
    plain, registered = letter(), letter(channel="registered")
    notice = letter(level_kind="formal_notice", level_rank=3)
    letter(channel="email", state="sent")
    letter(channel="none")
    letter(state="cancelled")
    letter(state="being_made")
    late = posted(posted_on=date(2026, 11, 5))
    silent = posted()
    plain_posted = posted(channel="letter")
    presented = posted(presented_on=DAY)
    delivered = posted(delivered_on=DAY)
    returned = posted(returned_on=DAY, return_reason="npai")

    # Formal notices first, then registered letters, then the others.
    assert listed() == [notice, registered, plain]
    # The longest without news first.
    assert listed("silent") == [silent, late]
    assert listed("returned") == [returned]
    assert set(listed("all")) == {
        plain, registered, notice, late, silent, plain_posted, presented, delivered,
        returned,
    }  # fmt: skip
    criteria = Criteria()
    for which, count in counts(criteria).items():
        assert count == len(listed(which)), which


def test_what_a_list_marks_at_once_is_counted() -> None:
    letter()
    letter(channel="registered")
    posted()
    for line in letter(channel="registered").lines.all():
        make.payment(line.invoice, "1200.00")
    letter(number=7777)

    counted = ToMark(registered=1, needless=1)
    assert to_mark(Criteria()) == to_mark(Criteria(which="all")) == counted
    found = to_mark(Criteria(words="R-7777"))
    assert found == ToMark(registered=0, needless=0)


def test_letters_are_found_by_what_people_know_of_them() -> None:
    customer = make.customer(name="Éts Lefèvre")
    invoice = make.invoice(customer, number="FA-2026-77")
    made = make.reminder(invoice, number=4310, channel="registered", state="posted")
    Posting.objects.create(
        reminder=made,
        posted_on=DAY,
        registered_number="1A12345678901",
        recorded_at=NOW,
    )
    other = letter(number=9999)
    for words in (
        "lefevre",
        "FA-2026-77",
        "R-04310",
        "4310",
        "1a 123 456 7890 1",
        "12345678901",
        "lefevre simple",
    ):
        assert listed("all", words) == [made], words
    assert listed("all", "R-9999") == [other]
    assert listed("all", "rien") == []
    assert listed("all", "9" * 30) == []


def test_lists_are_sorted_as_asked() -> None:
    first = make.reminder(make.invoice(make.customer(name="Zoé")), number=10)
    second = make.reminder(make.invoice(make.customer(name="Albert")), number=20)
    third = posted(channel="letter")

    assert listed("all", sort="customer")[0] == second
    assert listed("all", sort="-customer")[0] == first
    assert listed("all", sort="id")[:2] != listed("all", sort="-id")[:2]
    # What is not known comes last, either way.
    assert listed("all", sort="posted")[0] == third
    assert listed("all", sort="-posted")[0] == third
    assert listed("all", sort="nonsense") == listed("all")


def test_criteria_are_read_from_an_address_and_written_back() -> None:
    asked = {"which": "returned", "q": "zoé", "sort": "-made", "run": "3"}

    criteria = Criteria.from_query(asked)

    assert criteria == Criteria(which="returned", words="zoé", sort="-made", run=3)
    assert criteria.as_query() == asked
    for wrong in ({"which": "x"}, {"run": "-1"}, {"run": "9" * 30}, {"run": "²"}):
        assert Criteria.from_query(wrong) == Criteria()
    assert Criteria().as_query() == {"which": "to_post"}


def test_a_page_is_read_in_few_queries(django_assert_num_queries) -> None:
    made = [posted() for _number in range(20)]
    page = [one.pk for one in letters(Criteria(which="all"))]

    with django_assert_num_queries(3):
        shown = rows(page)
        for row in shown:
            assert str(row.reminder.customer)
            assert [line.invoice.number for line in row.reminder.lines.all()]
            assert row.posting is not None
            assert not list(row.posting.proofs.all())
    assert [row.reminder for row in shown] == made[::-1]


def test_a_row_shows_its_number_as_labels_do() -> None:
    row = row_of(posted(registered_number="1A12345678901"))

    assert row.number == "1A 123 456 7890 1"
    assert row.tracking.endswith("code=1A12345678901")
    assert (row_of(letter()).number, row_of(letter()).tracking) == ("", "")


def test_the_letters_of_a_run_wait_apart() -> None:
    run, other = (
        Run.objects.create(
            number=number,
            request_key=f"00000000-0000-0000-0000-00000000000{number}",
            approved_at=NOW,
            made_on=DAY,
        )
        for number in (1, 2)
    )
    plain = letter(run=run)
    registered = letter(run=run, channel=Channel.REGISTERED)
    letter(run=run, state="cancelled")
    letter(run=other)

    assert of_run(run.pk, registered=False) == [plain.pk]
    assert of_run(run.pk, registered=True) == [plain.pk, registered.pk]
    assert listed("all", run=run.pk) == [registered, plain]
    assert counts(Criteria(run=run.pk))["all"] == 2
