"""The journey of a letter is kept and corrected; what cannot be true is refused."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from relance.models import Channel, HistoryEntry, Posting, Reminder
from relance.services import postings
from relance.services.posting_changes import News
from relance.services.refusal import Refused
from tests import make
from tests.make import NOW
from tests.services._postings import (
    MADE,
    POSTED,
    hear,
    letter,
    mark,
    notice,
    png,
    prove,
    words,
)

pytestmark = pytest.mark.django_db
NUMBER = "1A 123 456 7890 1"


@pytest.fixture(autouse=True)
def _company() -> None:
    make.company()


def refused(reminder: Reminder, **known: Any) -> tuple[str, str | None]:
    with pytest.raises(Refused) as caught:
        hear(reminder, **known)
    return caught.value.message, caught.value.field


# --- news -------------------------------------------------------------------


def test_the_whole_journey_is_kept_and_told(alice) -> None:
    made = notice()
    postings.mark_posted(
        made, posted_on=POSTED, registered_number=NUMBER, by=alice, now=NOW
    )
    news = News(
        registered_number="1A12345678901",
        presented_on=date(2026, 11, 4),
        delivered_on=date(2026, 11, 6),
    )
    done = postings.record_news(made, news, by=alice, now=NOW)

    posting = Posting.objects.get()
    assert done.posting == posting
    assert done.effect == ""
    assert News.of(posting) == News(
        posted_on=POSTED,
        registered_number="1A12345678901",
        presented_on=date(2026, 11, 4),
        delivered_on=date(2026, 11, 6),
    )
    assert words() == [
        f"Courrier {made.reference} : posté le 03/11/2026, numéro 1A 123 456 7890 1.",
        f"Courrier {made.reference} : présenté le 04/11/2026, distribué le 06/11/2026.",
    ]
    assert {entry.user for entry in HistoryEntry.objects.exclude(reminder=None)} == {
        alice
    }


def test_news_of_a_letter_not_posted_yet_post_it() -> None:
    made = notice()

    hear(made, registered_number=NUMBER)

    assert Reminder.objects.get().state == "posted"
    assert refused(notice(), posted_on=None)[1] == "posted_on"


def test_a_mistake_is_corrected_and_both_are_told() -> None:
    made = notice()
    hear(made, registered_number=NUMBER, presented_on=date(2026, 11, 4))
    hear(
        made,
        posted_on=MADE,
        registered_number="2C12345678902",
        presented_on=None,
    )
    hear(made, posted_on=MADE)

    assert words()[1:] == [
        f"Courrier {made.reference} : posté le 02/11/2026 (avant : 03/11/2026), "
        "numéro 2C 123 456 7890 2 (avant : 1A 123 456 7890 1), "
        "présentation du 04/11/2026 retirée.",
        f"Courrier {made.reference} : numéro 2C 123 456 7890 2 retiré.",
    ]


def test_a_letter_posted_by_mistake_waits_again() -> None:
    invoice = make.invoice()
    made = notice(invoice)
    mark(made)
    postings.take_back(made, by=None, now=NOW)

    made.refresh_from_db()
    assert made.state == Reminder.State.MADE
    assert not Posting.objects.exists()
    assert words()[-1].endswith("pas posté le 03/11/2026, finalement.")
    assert mark(made).done == 1


def test_what_did_leave_stays_posted() -> None:
    invoice = make.invoice()
    heard, kept, followed, never = letter(), letter(), letter(invoice), letter()
    mark(heard, kept, followed)
    hear(heard, delivered_on=POSTED)
    prove(kept, png(), "depot.png")
    later = letter(invoice)

    for made, why in (
        (heard, "La Poste en a donné des nouvelles"),
        (kept, "Une preuve"),
        (followed, later.reference),
        (never, "pas marqué"),
    ):
        with pytest.raises(Refused, match=why):
            postings.take_back(made, by=None, now=NOW)
    assert Posting.objects.count() == 3


def test_the_same_news_again_leave_no_trace() -> None:
    made = notice()
    hear(made, registered_number=NUMBER)
    before = words()

    hear(made, registered_number=NUMBER)

    assert words() == before


@pytest.mark.parametrize(
    ("known", "field", "said"),
    [
        ({"posted_on": date(2026, 11, 1)}, "posted_on", "avant d’avoir été fait"),
        ({"posted_on": date(2026, 11, 25)}, "posted_on", "pas encore venu"),
        ({"presented_on": MADE}, "presented_on", "pas encore posté"),
        ({"presented_on": date(2026, 11, 25)}, "presented_on", "pas encore venu"),
        ({"returned_on": POSTED}, "return_reason", "motif"),
        ({"return_reason": "npai"}, "returned_on", "jour du retour"),
        ({"registered_number": "1A12345"}, "registered_number", "incomplet"),
        ({"registered_number": "RK123456784FR"}, "registered_number", "clé"),
    ],
)
def test_what_cannot_be_true_is_refused_where_it_stands(
    known: dict[str, Any], field: str, said: str
) -> None:
    made = notice()

    message, at = refused(made, **known)

    assert at == field
    assert said in message
    assert not Posting.objects.exists()
    assert Reminder.objects.get().state == "made"


def test_a_number_belongs_to_one_letter() -> None:
    first, second = notice(), notice()
    hear(first, registered_number=NUMBER)

    message, field = refused(second, registered_number="1a12345678901")

    assert first.reference in message
    assert field == "registered_number"


@pytest.mark.parametrize(
    "values",
    [
        {"channel": Channel.EMAIL, "state": Reminder.State.SENT},
        {"channel": Channel.NONE},
        {"state": Reminder.State.CANCELLED},
        {"state": Reminder.State.BEING_MADE},
    ],
)
def test_only_letters_that_were_made_have_a_journey(values: dict[str, Any]) -> None:
    made = letter(**values)

    assert refused(made)[0]
    with pytest.raises(Refused):
        postings.mark_posted(made, posted_on=POSTED, by=None, now=NOW)
    assert not Posting.objects.exists()
