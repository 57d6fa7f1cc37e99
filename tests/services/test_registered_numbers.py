"""Numbers pasted for many letters: looked at first, then recorded as looked at."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from relance.models import Channel, Customer, HistoryEntry, Posting, Reminder, User
from relance.services import postings
from relance.services.posting_changes import News
from relance.services.refusal import Refused
from relance.services.registered_numbers import (
    Matched,
    match_numbers,
    set_registered_numbers,
)
from tests import make
from tests.make import NOW

pytestmark = pytest.mark.django_db

MADE, POSTED, LATER = date(2026, 11, 2), date(2026, 11, 3), date(2026, 11, 5)
A, B, C = "1A12345678901", "2C12345678902", "RK123456785FR"


@pytest.fixture(autouse=True)
def _company() -> None:
    make.company()


def letter(**values: Any) -> Reminder:
    defaults = {"made_on": MADE, "channel": Channel.REGISTERED}
    return make.reminder(make.invoice(), **(defaults | values))


def look(text: str, *ticked: Reminder, posted_on: date = POSTED) -> Matched:
    pks = [reminder.pk for reminder in ticked]
    return match_numbers(text, letters=pks, posted_on=posted_on, now=NOW)


def found(matched: Matched) -> list[tuple[Reminder | None, str]]:
    return [
        (match.reminder, match.news.registered_number if match.news else match.trouble)
        for match in matched.matches
    ]


def troubles(matched: Matched) -> list[str]:
    return [match.trouble.replace("\u00a0", " ") for match in matched.matches]


def number_of(reminder: Reminder) -> str:
    return Posting.objects.get(reminder=reminder).registered_number


def hear(reminder: Reminder, **known: Any) -> None:
    news = News(**({"posted_on": POSTED} | known))
    postings.record_news(reminder, news, by=None, now=NOW)


def test_numbers_alone_go_to_the_ticked_letters_in_their_order() -> None:
    first, second, third = letter(), letter(), letter()

    matched = look(f"{A}\n{B}", third, first, second)

    assert found(matched) == [(third, A), (first, B)]
    assert matched.without == (second,)
    assert matched.to_post == 2
    # Nothing is recorded by looking.
    assert not Posting.objects.exists()


def test_references_say_whose_number_it_is_whatever_is_ticked() -> None:
    first, second = letter(), letter()

    matched = look(f"{second.reference} {B}\n{A} {first.reference}")

    assert found(matched) == [(second, B), (first, A)]


def test_a_named_letter_is_not_given_another_number_in_passing() -> None:
    first, second = letter(), letter()

    matched = look(f"{A}\n{first.reference} {B}", first, second)

    assert found(matched) == [(second, A), (first, B)]


def test_only_registered_letters_without_number_wait_for_one() -> None:
    plain, cancelled = letter(channel="letter"), letter(state="cancelled")
    numbered, waiting = letter(), letter()
    hear(numbered, registered_number=B)

    matched = look(A, plain, cancelled, numbered, waiting)

    assert found(matched) == [(waiting, A)]
    assert matched.without == ()


def test_a_line_that_cannot_be_read_still_stands_for_its_letter() -> None:
    first, second, third = letter(), letter(), letter()

    matched = look(f"{A}\nillisible\n{B}", first, second, third)

    assert [match.reminder for match in matched.matches] == [first, second, third]
    assert found(matched)[2] == (third, B)
    assert matched.troubled == 1


def test_a_label_scanned_twice_takes_no_other_letter() -> None:
    first, second = letter(), letter()

    matched = look(f"{A}\n{A}\n{B}", first, second)

    assert [match.reminder for match in matched.matches] == [first, None, second]
    assert "compte une fois" in troubles(matched)[1]
    assert matched.without == ()


def test_every_trouble_is_said_on_its_line() -> None:
    numbered, cancelled, email = letter(), letter(state="cancelled"), letter()
    hear(numbered, registered_number=A)
    Reminder.objects.filter(pk=email.pk).update(channel="email", state="sent")
    free = letter()

    matched = look(
        "\n".join(
            [
                "R-99999 2C12345678903",
                f"{free.reference} {A}",
                f"{numbered.reference} {B}",
                f"{cancelled.reference} 2C12345678904",
                f"{email.reference} 2C12345678905",
                "2C12345678906",
                "RK123456784FR",
                f"{letter().reference} 2C12345678907 04/11/2026 03/11/2026",
            ]
        )
    )

    assert matched.good == []
    assert troubles(matched) == [
        "Aucun courrier n’a la référence R-99999.",
        f"Ce numéro est déjà celui du courrier {numbered.reference}.",
        f"Il a déjà le numéro {A} : corrigez-le sur sa fiche.",
        "Il a été annulé.",
        "Ce n’est pas un courrier.",
        "Il ne reste aucune lettre recommandée cochée pour ce numéro.",
        "Ce numéro est mal saisi : sa clé de contrôle est fausse.",
        "Ce jour-là, le courrier n’était pas encore posté.",
    ]


def test_what_is_recorded_already_is_said_and_left() -> None:
    made = letter()
    hear(made, registered_number=A)

    [match] = look(f"{made.reference} {A}").matches

    assert match.known
    assert not match.good
    assert match.trouble == ""


def test_an_unusual_number_is_kept_but_remarked() -> None:
    [match] = look("LRE-2026-000123", letter()).matches

    assert match.good
    assert "vérifiez" in match.remark


def test_nothing_and_too_much_are_refused() -> None:
    with pytest.raises(Refused) as caught:
        look(" \n\n")
    assert caught.value.field == "text"
    with pytest.raises(Refused, match="2000"):
        look("\n".join([A] * 2001))


def test_what_was_looked_at_is_recorded(alice: User) -> None:
    first, second, posted = letter(), letter(), letter()
    hear(posted)
    matched = look(f"{A}\n{B} 04/11/2026\nLRE-2026-0001", second, first, posted)

    done = set_registered_numbers(matched.as_text(), by=alice, now=NOW)

    assert (done.done, done.left, done.effects) == (3, [], [])
    assert [number_of(one) for one in (second, first, posted)] == [
        A,
        B,
        "LRE-2026-0001",
    ]
    assert Posting.objects.get(reminder=second).posted_on == POSTED
    assert Posting.objects.get(reminder=first).posted_on == date(2026, 11, 4)
    assert set(Reminder.objects.values_list("state", flat=True)) == {"posted"}
    entries = HistoryEntry.objects.filter(user=alice, reminder__isnull=False)
    assert sorted(entries.values_list("action", flat=True)) == [
        "posting.news",
        "reminder.posted",
        "reminder.posted",
    ]


def test_days_and_returns_of_many_letters_come_with_a_paste() -> None:
    first, second = letter(), letter()
    for made in (first, second):
        hear(made)
    Reminder.objects.filter(pk=second.pk).update(
        recipient={"address": ["4 quai de la Fosse", "44000 NANTES"]}
    )
    text = (
        "référence;numéro;présenté le;distribué le;retour le;motif\n"
        f"{first.reference};{A};04/11/2026;05/11/2026;;\n"
        f"{second.reference};{B};;;05/11/2026;NPAI"
    )

    done = set_registered_numbers(look(text).as_text(), by=None, now=NOW)

    kept = Posting.objects.get(reminder=first)
    assert (kept.posted_on, kept.presented_on, kept.delivered_on) == (
        POSTED,
        date(2026, 11, 4),
        LATER,
    )
    assert len(done.effects) == 1
    assert Customer.objects.filter(address_refused_on=LATER).count() == 1


def test_what_changed_since_it_was_looked_at_is_left_with_its_reason() -> None:
    first, second, third = letter(), letter(), letter()
    text = look(f"{A}\n{B}\n{C}", first, second, third).as_text()
    hear(first, registered_number=C)
    Reminder.objects.filter(pk=second.pk).update(state="cancelled")

    done = set_registered_numbers(text, by=None, now=NOW)

    assert done.done == 0
    assert [reference for reference, _why in done.left] == [
        first.reference,
        second.reference,
        third.reference,
    ]
    assert number_of(first) == C
    assert not Posting.objects.filter(reminder=third).exists()


def test_confirmed_twice_it_is_recorded_once() -> None:
    text = look(A, letter()).as_text()

    assert set_registered_numbers(text, by=None, now=NOW).done == 1
    again = set_registered_numbers(text, by=None, now=NOW)

    assert (again.done, again.left) == (0, [])
    assert Posting.objects.count() == 1


def test_a_line_without_reference_is_never_recorded_unseen() -> None:
    letter()

    done = set_registered_numbers(f"{A}\nbonjour", by=None, now=NOW)

    assert done.done == 0
    assert [text for text, _why in done.left] == [A, "bonjour"]


def test_three_hundred_numbers_take_few_queries(django_assert_max_num_queries) -> None:
    made = [letter() for _number in range(300)]
    text = "\n".join(f"1A{number:011d}" for number in range(300))

    with django_assert_max_num_queries(8):
        matched = look(text, *made)
    with django_assert_max_num_queries(20):
        done = set_registered_numbers(matched.as_text(), by=None, now=NOW)

    assert done.done == 300
    assert number_of(made[299]) == "1A00000000299"
