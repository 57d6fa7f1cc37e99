"""The print room: the letters of a run as one file, in the order one chose."""

from __future__ import annotations

import uuid
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from relance.gateways.print_file import (
    PrintItem,
    UnreadableLetter,
    write_print_file,
)
from relance.gateways.storage import MissingFile
from relance.models import Channel, Reminder, Run, User
from relance.services import documents, history
from relance.services.covers import cover_sheet
from relance.services.history import About

Order = Run.PrintOrder

_ORDERS = {
    Order.CUSTOMER: ("customer__name", "customer__code", "number"),
    Order.POSTCODE: ("customer__postcode", "customer__name", "number"),
    Order.PAGES: ("document__pages", "customer__name", "number"),
}


def letters_of(run: Run) -> QuerySet[Reminder]:
    """Return the letters of a run that are printed together, in print order.

    Registered letters are files of their own; a cancelled letter is printed no more.
    """
    return (
        Reminder.objects.filter(run=run, channel=Channel.LETTER, document__isnull=False)
        .exclude(state=Reminder.State.CANCELLED)
        .select_related("customer", "document")
        .order_by(*_ORDERS[Order(run.print_order)])
    )


def prints_to_build() -> list[int]:
    """Return the runs at rest whose letters have no print file (any more)."""
    return list(
        Run.objects.filter(
            state__in=(Run.State.DONE, Run.State.STOPPED, Run.State.CANCELLED),
            print_file="",
            reminders__channel=Channel.LETTER,
            reminders__state__in=(Reminder.State.MADE, Reminder.State.POSTED),
        )
        .distinct()
        .order_by("pk")
        .values_list("pk", flat=True)
    )


def build_print_file(run_id: int, *, now: datetime) -> None:
    """Join the letters of a run and write the file down.

    The file is derived: it can be made again at any time from the kept documents.
    Made twice at once, one is kept. What keeps it from being made is written on
    the run, in words, and tried again by the schedule.
    """
    run = Run.objects.select_related("approved_by").get(pk=run_id)
    letters = list(letters_of(run).prefetch_related("lines__invoice"))
    if run.print_file or not letters:
        return
    name = f"{run.reference}-{uuid.uuid4().hex}.pdf"
    try:
        pages = write_print_file(
            _items(letters),
            _folder() / name,
            duplex=run.print_duplex,
            cover=cover_sheet(run, letters) if run.print_cover else None,
        )
    except (OSError, UnreadableLetter, MissingFile) as error:
        words = _("The print file could not be made: %(why)s") % {"why": error}
        Run.objects.filter(pk=run.pk).update(print_trouble=words)
        return
    won = Run.objects.filter(
        pk=run.pk,
        print_file="",
        print_order=run.print_order,
        print_duplex=run.print_duplex,
        print_cover=run.print_cover,
    ).update(print_file=name, print_pages=pages, print_trouble="")
    if not won:
        (_folder() / name).unlink()


@transaction.atomic
def choose_print(
    run: Run, *, order: str, duplex: bool, cover: bool, by: User | None, now: datetime
) -> None:
    """Keep how the letters are to follow each other; the file is made again."""
    forget_print(run.pk)
    Run.objects.filter(pk=run.pk).update(
        print_order=Order(order), print_duplex=duplex, print_cover=cover
    )
    words = _("Print file of %(run)s to be made again.") % {"run": run.reference}
    history.record("run.print", words, about=About(), by=by, at=now)


def forget_print(run_id: int) -> None:
    """Have the print file made again: a letter of it was cancelled."""
    Run.objects.filter(pk=run_id).update(print_file="", print_pages=None)


def print_path(run: Run) -> Path | None:
    """Return where the print file lies, ``None`` while it is not there."""
    path = _folder() / run.print_file
    return path if run.print_file and path.is_file() else None


def print_from(run: Run, rank: int, target: Path) -> int:
    """Write the letters from the n-th on (the first is 1) to print them again, and
    return the pages."""
    letters = list(letters_of(run))[max(rank, 1) - 1 :]
    return write_print_file(_items(letters), target, duplex=run.print_duplex)


def _items(letters: list[Reminder]) -> list[PrintItem]:
    store = documents.storage()
    return [
        PrintItem(path=store.path(letter.document.sha256))
        for letter in letters
        if letter.document is not None
    ]


def _folder() -> Path:
    return Path(settings.DATA) / "prints"
