"""What is recorded of letters' journeys: checked, written together, with what a
return does to the customer's address."""

from __future__ import annotations

import copy
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from relance.gateways.wording import short_date
from relance.models import Channel, Posting, Reminder, User
from relance.rules.journeys import Journey, faults
from relance.rules.registered_numbers import InvalidNumber, read_number
from relance.services import history
from relance.services.history import About, Entry
from relance.services.posting_words import journey_fault, line_fault, what_changed
from relance.services.refusal import Refused
from relance.services.returns import take_effect

LETTERS = (Channel.LETTER, Channel.REGISTERED)
# Rows named in one statement of the database.
CHUNK = 1000
_FIELDS = (
    "posted_on",
    "registered_number",
    "presented_on",
    "delivered_on",
    "returned_on",
    "return_reason",
)


@dataclass(frozen=True, kw_only=True)
class News:
    """All that is known of a letter's journey; what is left empty is not known.

    Without ``posted_on`` the day already recorded stays.
    """

    posted_on: date | None = None
    registered_number: str = ""
    presented_on: date | None = None
    delivered_on: date | None = None
    returned_on: date | None = None
    return_reason: str = ""

    @classmethod
    def of(cls, posting: Posting | None) -> News:
        """Return what is recorded."""
        if posting is None:
            return cls()
        return cls(**{name: getattr(posting, name) for name in _FIELDS})


@dataclass(frozen=True, kw_only=True)
class Change:
    """A locked letter and all that is to be known of it from now on, checked."""

    reminder: Reminder
    news: News


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """A posting as it is now, and what a return does, in words."""

    posting: Posting
    effect: str = ""


def read() -> QuerySet[Reminder]:
    """Return letters with all that is told of them, without their text."""
    return (
        Reminder.objects.select_related("customer", "posting")
        .prefetch_related("lines__invoice")
        .defer("content", "body", "amounts")
    )


def locked(reminder_ids: Collection[int]) -> list[Reminder]:
    """Lock letters, always in the same order, then read them: what others recorded
    while this waited is seen."""
    found = Reminder.objects.filter(pk__in=reminder_ids).order_by("pk")
    list(found.select_for_update().values_list("pk"))
    return list(read().filter(pk__in=reminder_ids).order_by("pk"))


def posting_of(reminder: Reminder) -> Posting | None:
    """Return what is known of a letter, ``None`` before it is posted."""
    return getattr(reminder, "posting", None)


def why_not_a_letter(reminder: Reminder) -> str:
    """Say why nothing can be recorded of this journey; empty when something can."""
    if reminder.channel not in LETTERS:
        return _("It is not a letter.")
    if reminder.state == Reminder.State.CANCELLED:
        return _("It was cancelled.")
    if reminder.state == Reminder.State.BEING_MADE:
        return _("It is still being made.")
    return ""


def why_not_posted(reminder: Reminder, *, posted_on: date) -> str:
    """Say why a letter cannot be marked as posted that day; empty when it can."""
    if why := why_not_a_letter(reminder):
        return why
    known = posting_of(reminder)
    if known is not None:
        return _("It is already marked as posted, on %(day)s.") % {
            "day": short_date(known.posted_on)
        }
    if posted_on < reminder.made_on:
        return _("It was made later, on %(day)s.") % {
            "day": short_date(reminder.made_on)
        }
    return ""


def check_news(news: News, reminder: Reminder, *, now: datetime) -> News:
    """Return news as they are recorded; raise Refused, with the field at fault, for
    a number that is none or for days that cannot be true. Whether the number is
    another letter's is for the caller, who may have many."""
    known = posting_of(reminder)
    number = news.registered_number.strip()
    if number and (known is None or number != known.registered_number):
        try:
            number = read_number(number)
        except InvalidNumber as error:
            words = line_fault(error.fault)
            raise Refused(words, field="registered_number") from error
    posted_on = news.posted_on or (known.posted_on if known else None)
    if posted_on is None:
        raise Refused(_("Say on which day the letter was posted."), field="posted_on")
    journey = Journey(
        made_on=reminder.made_on,
        posted_on=posted_on,
        presented_on=news.presented_on,
        delivered_on=news.delivered_on,
        returned_on=news.returned_on,
        return_reason=news.return_reason,
    )
    for field, fault in faults(journey, today=timezone.localdate(now)):
        raise Refused(journey_fault(fault), field=field)
    return replace(news, posted_on=posted_on, registered_number=number)


def write(
    changes: Sequence[Change], *, by: User | None, now: datetime
) -> list[Recorded]:
    """Record changes together, inside the caller's transaction, each with its entry
    in the history; what changes nothing leaves no trace."""
    before = [posting_of(change.reminder) for change in changes]
    after = [
        _after(change, known, by=by, now=now)
        for change, known in zip(changes, before, strict=True)
    ]
    new = [posting for posting in after if posting.pk is None]
    Reminder.objects.filter(
        pk__in=[posting.reminder_id for posting in new], state=Reminder.State.MADE
    ).update(state=Reminder.State.POSTED)
    Posting.objects.bulk_update([one for one in after if one.pk], _FIELDS)
    Posting.objects.bulk_create(new)
    steps = list(
        zip((change.reminder for change in changes), before, after, strict=True)
    )
    history.record_many(
        [
            Entry(
                action="posting.news" if known else "reminder.posted",
                words=words,
                about=About.of(reminder),
                by=by,
            )
            for reminder, known, posting in steps
            if (words := what_changed(reminder, known, posting))
        ],
        at=now,
    )
    return [
        Recorded(
            posting=posting,
            effect=take_effect(reminder, known, posting, by=by, now=now),
        )
        for reminder, known, posting in steps
    ]


def _after(
    change: Change, before: Posting | None, *, by: User | None, now: datetime
) -> Posting:
    # The row that was read stays as it was, to tell what changed.
    posting = copy.copy(before) if before is not None else _new(change, by=by, now=now)
    for name in _FIELDS:
        setattr(posting, name, getattr(change.news, name))
    return posting


def _new(change: Change, *, by: User | None, now: datetime) -> Posting:
    return Posting(reminder=change.reminder, recorded_by=by, recorded_at=now)
