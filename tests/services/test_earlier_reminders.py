"""Earlier reminders, as a letter for several invoices speaks of them: what it says
is true of every invoice it lists."""

from __future__ import annotations

from datetime import date

import pytest

from relance.models import Channel, Invoice, Level
from relance.services import contents, drafts
from relance.services.field_values import FieldValues
from tests import make
from tests.make import TODAY

pytestmark = pytest.mark.django_db

NINTH, TWENTIETH = date(2026, 10, 9), date(2026, 10, 20)
FOURTH = date(2026, 11, 4)


def _draft(
    days: list[list[date]],
    *,
    rank: int,
    channel: Channel = Channel.LETTER,
    regime: str = "B2B",
    language: str = "fr",
) -> drafts.Draft:
    """One letter for as many invoices as there are lists of days, each reminded on
    those of its list."""
    owner = make.customer(regime=regime, language=language)
    bills: list[Invoice] = []
    for reminded in days:
        bills.append(make.invoice(owner))
        for day in reminded:
            make.reminder(bills[-1], made_on=day)
    level = Level.objects.get(rank=rank)
    first, *others = bills
    wish = drafts.Wish(
        invoice=first,
        channel=channel,
        level=level,
        others=tuple(drafts.Part(invoice=bill, level=level) for bill in others),
    )
    return drafts.draft(wish, today=TODAY)


@pytest.mark.parametrize(
    ("days", "last", "all_of_them"),
    [
        # One invoice: as ever.
        ([[]], "", ""),
        ([[NINTH]], "9 octobre 2026", "notre relance du 9 octobre 2026"),
        (
            [[NINTH, FOURTH]],
            "4 novembre 2026",
            "nos relances des 9 octobre et 4 novembre 2026",
        ),
        # One of the two was never reminded.
        ([[NINTH], []], "", ""),
        ([[], [NINTH]], "", ""),
        # Both were, on other days.
        ([[NINTH], [TWENTIETH]], "", ""),
        # Both were, the same day, and one of them again.
        ([[NINTH], [NINTH]], "9 octobre 2026", "notre relance du 9 octobre 2026"),
        (
            [[NINTH, FOURTH], [NINTH]],
            "9 octobre 2026",
            "notre relance du 9 octobre 2026",
        ),
        (
            [[NINTH, TWENTIETH, FOURTH], [NINTH, FOURTH], [FOURTH, NINTH]],
            "4 novembre 2026",
            "nos relances des 9 octobre et 4 novembre 2026",
        ),
        # Two of three.
        ([[NINTH], [NINTH], []], "", ""),
    ],
)
def test_only_what_is_true_of_every_invoice_is_said(days, last, all_of_them) -> None:
    make.company()
    draft = _draft(days, rank=2)
    said = FieldValues(draft, number=1, letter_joined=False).values()
    assert said["relance.precedente_date"].replace("\u00a0", " ") == last
    assert said["relance.precedentes"].replace("\u00a0", " ") == all_of_them


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("regime", ["B2B", "B2C", "PUBLIC", "NON_PRO"])
@pytest.mark.parametrize(
    ("rank", "channel"),
    [
        (2, Channel.LETTER),
        (2, Channel.EMAIL),
        (3, Channel.REGISTERED),
        (3, Channel.EMAIL),
    ],
)
def test_the_default_texts_say_no_more(rank, channel, regime, language) -> None:
    make.company()
    day, word = {
        "fr": ("9 octobre 2026", "relance"),
        "en": ("9 October 2026", "reminder"),
    }[language]
    how = {"rank": rank, "channel": channel, "regime": regime, "language": language}
    both, one = _draft([[NINTH], [NINTH]], **how), _draft([[NINTH], []], **how)

    assert day in _words(both)
    assert day not in _words(one)
    # Nor does it speak of a reminder without its day.
    assert f" {word} " not in _words(one)
    assert "  " not in _words(one)


def _words(draft: drafts.Draft) -> str:
    said = contents.content_of(draft, number=1).plain
    first = next(line for line in said.splitlines() if "2 " in line)
    return first.replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("regime", "article"),
    [("B2B", "D.\u00a0441-5"), ("PUBLIC", "D.\u00a02192-35")],
)
@pytest.mark.parametrize("language", ["fr", "en"])
def test_an_article_is_not_cut_from_its_number(regime, article, language) -> None:
    make.company()
    draft = _draft([[NINTH]], rank=2, regime=regime, language=language)
    assert article in contents.content_of(draft, number=1).plain
