"""The letters of a run as the one who prints them sees them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Min, Q, QuerySet, Sum

from relance.models import Channel, Level, Reminder, Run
from relance.models.money import sum_of
from relance.models.reminders import reminder_reference
from relance.queries.company import company
from relance.queries.needless import needless

# A cancelled letter is printed no more.
_MADE = Q(
    state__in=(Reminder.State.MADE, Reminder.State.POSTED), document__isnull=False
)
PRINTED_TOGETHER = _MADE & Q(channel=Channel.LETTER)
PRINTED_APART = _MADE & Q(channel=Channel.REGISTERED)

# How the last line of an address in this country begins.
_POSTCODE = re.compile(r"[0-9]{4,5}\b")
_BY_NAME: tuple[Any, ...] = ("customer__sorted_name", "customer__code", "number")


@dataclass(frozen=True, kw_only=True, slots=True)
class PrintedLetter:
    """A letter at its place in the print file."""

    # The first is 1; sheets are counted from the first letter, without the cover.
    rank: int
    first_sheet: int
    pages: int
    reminder_id: int
    reference: str
    sha256: str
    customer: str
    town: str
    level: str
    is_formal_notice: bool
    # The number of the invoice; of several, the lowest.
    invoice: str
    invoices: int
    owed: Decimal
    currency: str


@dataclass(frozen=True, kw_only=True)
class PrintRoom:
    """How many letters there are, and whether their file is ready."""

    run: Run
    letters: int
    # Pages of the letters, without the cover and blank pages.
    letter_pages: int
    # Registered letters: each a file of its own.
    registered: int
    to_post: int
    # Of these, registered letters.
    registered_to_post: int
    # To post, and nothing is left to pay on what they claim.
    needless: int
    # Begun before the run was stopped.
    being_made: int

    @property
    def ready(self) -> bool:
        return bool(self.run.print_file)

    @property
    def sheets(self) -> int:
        """Sheets of paper in the file as it is printed."""
        return sheets(self.run.print_pages or 0, duplex=self.run.print_duplex)

    @property
    def at_rest(self) -> bool:
        """Whether the file can be made: nothing more is added for now."""
        at_work = self.run.state in (Run.State.APPROVED, Run.State.WORKING)
        return not at_work and not self.being_made


def print_room(run: Run) -> PrintRoom:
    """Return the print room of a run."""
    waiting = Q(state=Reminder.State.MADE)
    found = run.reminders.aggregate(
        letters=Count("pk", filter=PRINTED_TOGETHER),
        letter_pages=Sum("document__pages", filter=PRINTED_TOGETHER),
        registered=Count("pk", filter=PRINTED_APART),
        to_post=Count(
            "pk",
            filter=waiting & Q(channel__in=(Channel.LETTER, Channel.REGISTERED)),
        ),
        registered_to_post=Count("pk", filter=waiting & Q(channel=Channel.REGISTERED)),
        needless=Count("pk", filter=needless()),
        being_made=Count("pk", filter=Q(state=Reminder.State.BEING_MADE)),
    )
    found["letter_pages"] = found["letter_pages"] or 0
    return PrintRoom(run=run, **found)


def sheets(pages: int, *, duplex: bool) -> int:
    """Return the sheets of paper that so many pages take."""
    return (pages + 1) // 2 if duplex else pages


def letters_of(run: Run) -> list[PrintedLetter]:
    """Return the letters of a run that are printed together, in print order.

    Registered letters are files of their own. Only what is printed is read: the
    letters themselves are 10,000 long texts.
    """
    found = (
        Reminder.objects.filter(PRINTED_TOGETHER, run=run)
        .annotate(
            owed=sum_of("lines__balance"),
            invoices=Count("lines"),
            invoice=Min("lines__invoice__number"),
        )
        .order_by(*_order(Run.PrintOrder(run.print_order)))
        .values_list(
            "pk",
            "number",
            "level_name",
            "level_kind",
            "currency",
            "owed",
            "invoices",
            "invoice",
            "customer__name",
            "customer__postcode",
            "customer__city",
            "customer__country",
            "recipient",
            "document__sha256",
            "document__pages",
            named=True,
        )
    )
    rows = list(found)
    if run.print_order == Run.PrintOrder.POSTCODE:
        home = company().country
        rows.sort(key=lambda row: _postcode(row, home=home))
    return list(numbered(map(_letter, rows), duplex=run.print_duplex))


def registered_of(run: Run) -> QuerySet[Reminder]:
    """Return the registered letters of a run, each with its document."""
    return (
        Reminder.objects.filter(PRINTED_APART, run=run)
        .select_related("document")
        .only("number", "document")
        .order_by(*_BY_NAME)
    )


def _order(order: Run.PrintOrder) -> tuple[Any, ...]:
    if order == Run.PrintOrder.PAGES:
        return (F("document__pages"), *_BY_NAME)
    return _BY_NAME


def _postcode(row: Any, *, home: str) -> tuple[bool, str, str]:
    """Return where a letter stands by postcode: that of its window, which may be a
    contact's. What goes abroad has another postage, and postcodes of its own."""
    lines = row.recipient.get("address") or [""]
    at_home = _POSTCODE.match(lines[-1])
    if at_home is not None:
        return (False, "", at_home[0])
    country = row.customer__country
    if len(lines) > 1:
        return (True, lines[-1], lines[-2])
    return (country != home, country, row.customer__postcode)


def numbered(
    letters: Iterable[PrintedLetter], *, duplex: bool
) -> Iterator[PrintedLetter]:
    """Yield letters with the rank and the first sheet that this order gives them."""
    sheet = 1
    for rank, letter in enumerate(letters, start=1):
        yield replace(letter, rank=rank, first_sheet=sheet)
        sheet += sheets(letter.pages, duplex=duplex)


def _letter(row: Any) -> PrintedLetter:
    return PrintedLetter(
        rank=0,
        first_sheet=0,
        pages=row.document__pages or 0,
        reminder_id=row.pk,
        reference=reminder_reference(row.number),
        sha256=row.document__sha256,
        customer=row.customer__name,
        town=f"{row.customer__postcode} {row.customer__city}".strip(),
        level=row.level_name,
        is_formal_notice=row.level_kind == Level.Kind.FORMAL_NOTICE,
        invoice=row.invoice or "",
        invoices=row.invoices,
        owed=row.owed,
        currency=row.currency,
    )
