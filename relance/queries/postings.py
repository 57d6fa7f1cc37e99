"""Letters as the post has them: to be posted, on their way, returned."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Case, Count, F, IntegerField, OrderBy, Prefetch, Q, When

from relance.models import Channel, Customer, Level, Posting, Reminder, ReminderLine
from relance.models.reminders import ReminderQuerySet
from relance.models.search import words_of
from relance.queries.needless import Owed, needless, owed_of
from relance.rules.registered_numbers import spaced, tracking_url

_LETTERS = (Channel.LETTER, Channel.REGISTERED)
_MADE, _POSTED = Reminder.State.MADE, Reminder.State.POSTED

_REFERENCE = re.compile(r"R-?([0-9]{1,9})", re.IGNORECASE)

# Each is a list and its count, never one without the other.
FILTERS: dict[str, Q] = {
    "to_post": Q(state=_MADE),
    "needless": needless(),
    "silent": Q(
        state=_POSTED,
        channel=Channel.REGISTERED,
        posting__presented_on__isnull=True,
        posting__delivered_on__isnull=True,
        posting__returned_on__isnull=True,
    ),
    "returned": Q(state=_POSTED, posting__returned_on__isnull=False),
    "all": Q(),
}
SORTS = {
    "id": ("number",),
    "customer": ("customer__sorted_name", "number"),
    "made": ("made_on", "number"),
    "posted": ("posting__posted_on", "number"),
    "returned": ("posting__returned_on", "number"),
}


@dataclass(frozen=True, kw_only=True)
class Criteria:
    """What the page's address asks for; an empty sort is the order of the work."""

    which: str = "to_post"
    words: str = ""
    sort: str = ""
    run: int | None = None

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> Criteria:
        """Read the page's address; what it says wrong is left out."""
        which, run = query.get("which", ""), query.get("run", "")
        return cls(
            which=which if which in FILTERS else "to_post",
            words=query.get("q", ""),
            sort=query.get("sort", ""),
            run=int(run) if run.isdecimal() and len(run) < 10 else None,
        )

    def as_query(self) -> dict[str, str]:
        """Return what ``from_query`` reads back as the same."""
        given = {"which": self.which, "q": self.words, "sort": self.sort}
        if self.run is not None:
            given["run"] = str(self.run)
        return {name: value for name, value in given.items() if value}


@dataclass(frozen=True, kw_only=True)
class Row:
    """A letter as the list shows it."""

    reminder: Reminder
    posting: Posting | None
    number: str
    tracking: str
    # Of a letter not posted yet: what its invoices still have to be paid.
    owed: Owed


def letters(criteria: Criteria) -> ReminderQuerySet:
    """Return the letters of a list, in order."""
    found = _all(criteria).filter(FILTERS[criteria.which])
    return _matching(found, criteria.words).order_by(*_order(criteria))


def rows(pks: Sequence[int]) -> list[Row]:
    """Return what the list shows of these letters, in their order."""
    lines = Prefetch("lines", ReminderLine.objects.select_related("invoice"))
    found = (
        Reminder.objects.filter(pk__in=pks)
        .select_related("customer", "document", "posting", "run")
        .prefetch_related(lines, "posting__proofs__document")
        .defer("content", "body", "amounts")
        .in_bulk()
    )
    return [row_of(found[pk]) for pk in pks]


def row_of(reminder: Reminder) -> Row:
    """Return a letter with its number as labels print it, and where to track it."""
    posting: Posting | None = getattr(reminder, "posting", None)
    number = posting.registered_number if posting is not None else ""
    return Row(
        reminder=reminder,
        posting=posting,
        number=spaced(number),
        tracking=tracking_url(number),
        owed=owed_of(reminder),
    )


def counts(criteria: Criteria) -> dict[str, int]:
    """Return how many letters each filter holds, whatever words are searched."""
    held = {
        name: _all(criteria).filter(FILTERS[name]).count()
        for name in ("to_post", "needless", "silent")
    }
    # A letter has its posting from the day it is posted: fewer and shorter rows.
    posted = Posting.objects.all()
    if criteria.run is not None:
        posted = posted.filter(reminder__run=criteria.run)
    held["returned"] = posted.filter(returned_on__isnull=False).count()
    held["all"] = held["to_post"] + posted.count()
    return held


@dataclass(frozen=True, kw_only=True)
class ToMark:
    """What marking all the letters of a list at once has to say."""

    registered: int
    # Left out: they should not leave any more.
    needless: int


def to_mark(criteria: Criteria) -> ToMark:
    """Count, of the letters of a list that wait, those that are not like the others."""
    waiting = letters(criteria).filter(state=_MADE).order_by()
    return ToMark(
        **waiting.aggregate(
            registered=Count("pk", filter=~needless() & Q(channel=Channel.REGISTERED)),
            needless=Count("pk", filter=needless()),
        )
    )


def of_run(run: int, *, registered: bool) -> list[int]:
    """Return the letters of a run that wait to be posted."""
    found = Reminder.objects.filter(run=run, state=_MADE, channel=Channel.LETTER)
    if registered:
        found |= Reminder.objects.filter(
            run=run, state=_MADE, channel=Channel.REGISTERED
        )
    return list(found.order_by("number").values_list("pk", flat=True))


def _all(criteria: Criteria) -> ReminderQuerySet:
    found = Reminder.objects.filter(channel__in=_LETTERS, state__in=(_MADE, _POSTED))
    return found if criteria.run is None else found.filter(run=criteria.run)


def _matching(found: ReminderQuerySet, words: str) -> ReminderQuerySet:
    for word in words_of(words):
        if (reference := _REFERENCE.fullmatch(word)) is not None:
            found = found.filter(number=int(reference[1]))
            continue
        about = ReminderLine.objects.filter(invoice__number__icontains=word)
        wanted = Q(pk__in=about.values("reminder"))
        # The customers first: they are fewer than their letters.
        wanted |= Q(customer__in=Customer.objects.matching(word).values("pk"))
        wanted |= Q(posting__registered_number__icontains=word)
        wanted |= Q(level_name__icontains=word)
        if word.isdecimal() and len(word) < 10:
            wanted |= Q(number=int(word))
        found = found.filter(wanted)
    return found


def _order(criteria: Criteria) -> list[OrderBy | str]:
    down, name = criteria.sort.startswith("-"), criteria.sort.removeprefix("-")
    if name in SORTS:
        order = [F(field) for field in SORTS[name]]
        return [
            field.desc(nulls_last=True) if down else field.asc(nulls_last=True)
            for field in order
        ]
    if criteria.which == "returned":
        return [F("posting__returned_on").desc(), "-number"]
    if criteria.which == "all":
        return ["-number"]
    if criteria.which == "silent":
        # The longest without news comes first.
        return ["posting__posted_on", "number"]
    first = Case(
        When(level_kind=Level.Kind.FORMAL_NOTICE, then=0),
        When(channel=Channel.REGISTERED, then=1),
        default=2,
        output_field=IntegerField(),
    )
    return [first.asc(), "number"]
