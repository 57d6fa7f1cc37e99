"""Registered numbers given to many letters at once, looked at before they are kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import batched

from django.db import transaction
from django.utils.translation import gettext as _

from relance.models import Channel, Company, Posting, Reminder, User
from relance.models.reminders import reminder_reference
from relance.rules.number_lines import Fault as LineFault
from relance.rules.number_lines import ParsedLine, paste_numbers, write_numbers
from relance.rules.registered_numbers import Kind, kind_of, spaced
from relance.services.posting_changes import (
    CHUNK,
    Change,
    News,
    check_news,
    posting_of,
    read,
    why_not_a_letter,
    write,
)
from relance.services.posting_words import line_fault
from relance.services.refusal import Refused

MOST_LINES = 2000


@dataclass(frozen=True, kw_only=True)
class Match:
    """A line and the letter it is for: what will be recorded, or why nothing is."""

    parsed: ParsedLine
    reminder: Reminder | None = None
    news: News | None = None
    trouble: str = ""
    remark: str = ""
    # It says what is recorded already.
    known: bool = False

    @property
    def number(self) -> str:
        """The number as labels print it."""
        return spaced(self.news.registered_number) if self.news is not None else ""

    @property
    def good(self) -> bool:
        return self.news is not None and not self.known


@dataclass(frozen=True, kw_only=True)
class Matched:
    """The lines of a paste; the ticked letters that none of them was for."""

    matches: tuple[Match, ...]
    without: tuple[Reminder, ...]

    @property
    def good(self) -> list[Match]:
        return [match for match in self.matches if match.good]

    @property
    def troubled(self) -> int:
        return sum(bool(match.trouble) for match in self.matches)

    @property
    def to_post(self) -> int:
        """Letters that are thereby marked as posted."""
        return sum(
            match.reminder is not None and posting_of(match.reminder) is None
            for match in self.good
        )

    def as_text(self) -> str:
        """Return the good lines, each with its reference, to be confirmed: nothing
        that is ticked or recorded meanwhile can move a number to another letter."""
        return write_numbers(
            ParsedLine(
                line=match.parsed.line,
                text="",
                reference=match.reminder.number,
                number=match.news.registered_number,
                days=_days(match.news),
                reason=match.news.return_reason,
            )
            for match in self.good
            if match.reminder is not None and match.news is not None
        )


def match_numbers(
    text: str, *, letters: Sequence[int] = (), posted_on: date | None, now: datetime
) -> Matched:
    """Find the letter of each line, and say what will be recorded; nothing is.

    A line without reference is for the next of the ticked registered letters that
    have no number, in their order. Letters not posted yet are posted on the day of
    the line, else on ``posted_on``. Raises Refused for an empty or endless paste.
    """
    lines = paste_numbers(text)
    if not lines:
        raise Refused(_("Type, paste or scan at least one number."), field="text")
    if len(lines) > MOST_LINES:
        raise Refused(
            _("At most %(most)s lines at once.") % {"most": MOST_LINES}, field="text"
        )
    named = _by_number([line.reference for line in lines if line.reference is not None])
    ticked = _waiting(letters, besides={one.pk for one in named.values()})
    taken = _taken([line.number for line in lines if line.number])
    matches = list(_matches(lines, named, iter(ticked), taken, posted_on, now))
    served = {match.reminder.pk for match in matches if match.reminder is not None}
    return Matched(
        matches=tuple(matches),
        without=tuple(one for one in ticked if one.pk not in served),
    )


@dataclass(frozen=True, kw_only=True)
class Numbered:
    """How many letters were given something, and why others were not."""

    done: int
    left: list[tuple[str, str]]
    effects: list[str]


@transaction.atomic
def set_registered_numbers(text: str, *, by: User | None, now: datetime) -> Numbered:
    """Record lines that were looked at (``Matched.as_text``), each with its reference.

    What changed meanwhile is looked at again, and left out with its reason.
    """
    # Two letters with one number: the second waits here, then sees the first.
    Company.objects.select_for_update(no_key=True).first()
    named = Reminder.objects.filter(
        number__in=[line.reference for line in paste_numbers(text) if line.reference]
    )
    list(named.select_for_update().order_by("pk").values_list("pk"))
    found = match_numbers(text, posted_on=None, now=now)
    changes = [
        Change(reminder=match.reminder, news=match.news)
        for match in found.good
        if match.reminder is not None and match.news is not None
    ]
    recorded = write(changes, by=by, now=now)
    return Numbered(
        done=len(recorded),
        left=[
            (_called(match), match.trouble) for match in found.matches if match.trouble
        ],
        effects=[one.effect for one in recorded if one.effect],
    )


def _called(match: Match) -> str:
    if match.parsed.reference is not None:
        return reminder_reference(match.parsed.reference)
    return match.parsed.text


def _matches(
    lines: Sequence[ParsedLine],
    named: dict[int, Reminder],
    ticked: Iterator[Reminder],
    taken: dict[str, Reminder],
    posted_on: date | None,
    now: datetime,
) -> Iterator[Match]:
    for line in lines:
        if line.reference is not None:
            reminder = named.get(line.reference)
        elif line.fault == LineFault.SAME_NUMBER:
            # A label scanned twice is no label of the next letter.
            reminder = None
        else:
            # A line that cannot be read still stands for its letter: the numbers
            # after it stay with theirs.
            reminder = next(ticked, None)
        match = Match(parsed=line, reminder=reminder)
        if line.fault is not None:
            yield replace(match, trouble=line_fault(line.fault))
        elif reminder is None:
            yield replace(match, trouble=_nobody(line))
        elif why := why_not_a_letter(reminder) or _taken_by(line, reminder, taken):
            yield replace(match, trouble=why)
        else:
            yield _completed(match, reminder, posted_on, now)


def _nobody(line: ParsedLine) -> str:
    if line.reference is None:
        return _("No ticked registered letter is left for this number.")
    return _("No letter has the reference %(reference)s.") % {
        "reference": reminder_reference(line.reference)
    }


def _completed(
    match: Match, reminder: Reminder, posted_on: date | None, now: datetime
) -> Match:
    """Add to what is known of a letter what its line says."""
    line = match.parsed
    before = News.of(posting_of(reminder))
    news = replace(
        before,
        registered_number=line.number or before.registered_number,
        return_reason=line.reason or before.return_reason,
        **line.days,
    )
    if news.posted_on is None:
        news = replace(news, posted_on=posted_on)
    try:
        news = check_news(news, reminder, now=now)
    except Refused as refused:
        return replace(match, trouble=refused.message)
    unusual = line.number and kind_of(line.number) == Kind.OTHER
    remark = _("This is not how La Poste writes its numbers: check it.")
    return replace(
        match, news=news, known=news == before, remark=remark if unusual else ""
    )


def _taken_by(line: ParsedLine, reminder: Reminder, taken: dict[str, Reminder]) -> str:
    """Say why a number cannot be this letter's; empty when it can."""
    other = taken.get(line.number)
    if other is not None and other.pk != reminder.pk:
        return _("This number is already that of letter %(reference)s.") % {
            "reference": other.reference
        }
    posting = posting_of(reminder)
    own = posting.registered_number if posting is not None else ""
    if own and line.number and own != line.number:
        return _("It already has the number %(number)s: correct it on its card.") % {
            "number": own
        }
    return ""


def _by_number(numbers: Sequence[int]) -> dict[int, Reminder]:
    found = read().filter(number__in=numbers)
    return {reminder.number: reminder for reminder in found}


def _waiting(letters: Sequence[int], *, besides: set[int]) -> list[Reminder]:
    """Return the ticked registered letters without a number, as they are ticked."""
    ready = read().filter(
        channel=Channel.REGISTERED,
        state__in=(Reminder.State.MADE, Reminder.State.POSTED),
    )
    found = {
        reminder.pk: reminder
        for pks in batched(letters, CHUNK)
        for reminder in ready.filter(pk__in=pks)
    }
    waiting = [found[pk] for pk in dict.fromkeys(letters) if pk in found]
    return [
        reminder
        for reminder in waiting
        if reminder.pk not in besides and not _number_of(reminder)
    ]


def _number_of(reminder: Reminder) -> str:
    posting = posting_of(reminder)
    return posting.registered_number if posting is not None else ""


def _taken(numbers: Sequence[str]) -> dict[str, Reminder]:
    found = Posting.objects.filter(registered_number__in=numbers)
    return {
        posting.registered_number: posting.reminder
        for posting in found.select_related("reminder")
    }


def _days(news: News) -> dict[str, date]:
    names = ("posted_on", "presented_on", "delivered_on", "returned_on")
    days = {name: getattr(news, name) for name in names}
    return {name: day for name, day in days.items() if day is not None}
