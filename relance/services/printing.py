"""The print room: the letters of a run as one file, in the order one chose."""

from __future__ import annotations

import errno
import uuid
import zipfile
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from relance.gateways.print_file import (
    PrintItem,
    UnreadableLetter,
    write_print_file,
)
from relance.gateways.storage import CorruptFile, MissingFile
from relance.gateways.typesetter import TypesettingError
from relance.models import Reminder, Run, User
from relance.queries.print_room import (
    PRINTED_TOGETHER,
    PrintedLetter,
    letters_of,
    numbered,
    registered_of,
)
from relance.services import documents, history
from relance.services.covers import cover_sheet
from relance.services.history import About
from relance.services.refusal import Refused

# Longer than any print file takes to be written and recorded.
LEFT_BEHIND = timedelta(hours=1)
# Letters that a sentence names.
_NAMED = 5


def prints_to_build() -> list[int]:
    """Return the runs at rest whose letters have no print file (any more)."""
    # Stopped a moment ago: those would be missing in the file.
    coming = Reminder.objects.filter(state=Reminder.State.BEING_MADE, run__isnull=False)
    letters = Reminder.objects.filter(PRINTED_TOGETHER, run__isnull=False)
    return list(
        Run.objects.filter(
            state__in=(Run.State.DONE, Run.State.STOPPED, Run.State.CANCELLED),
            print_file="",
            pk__in=letters.values("run"),
        )
        .exclude(pk__in=coming.values("run"))
        .order_by("pk")
        .values_list("pk", flat=True)
    )


def build_print_file(run_id: int, *, now: datetime) -> None:
    """Join the letters of a run and write the file down.

    The file is derived: it can be made again at any time from the kept documents.
    Made twice at once, one is kept; a letter cancelled meanwhile, none. A letter
    that can no longer be read is left out and named on the run. What the disk
    refuses is written there too, and tried again by the schedule.
    """
    run = Run.objects.select_related("approved_by").get(pk=run_id)
    letters = letters_of(run)
    if run.print_file or not letters:
        return
    name = f"{run.reference}-{uuid.uuid4().hex}.pdf"
    try:
        written = _write(run, letters, _folder() / name, with_cover=run.print_cover)
    except OSError as error:
        _say_trouble(run, _not_made(error))
        return
    if not written.pages:
        _say_trouble(run, written.trouble)
    elif not _record(run, letters, name, written):
        (_folder() / name).unlink(missing_ok=True)


@transaction.atomic
def choose_print(
    run: Run, *, order: str, duplex: bool, cover: bool, by: User | None, now: datetime
) -> None:
    """Keep how the letters are to follow each other; the file is made again."""
    if order not in Run.PrintOrder.values:
        raise Refused(_("Choose one of the orders."), field="order")
    forget_print(run.pk)
    Run.objects.filter(pk=run.pk).update(
        print_order=order, print_duplex=duplex, print_cover=cover
    )
    words = _("Print file of %(run)s to be made again.") % {"run": run.reference}
    history.record("run.print", words, about=About(run=run), by=by, at=now)


def forget_print(run_id: int) -> None:
    """Have the print file made again, inside the transaction of what changed."""
    Run.objects.filter(pk=run_id).update(
        print_file="", print_pages=None, print_trouble=""
    )


def tidy_prints(*, now: datetime) -> None:
    """Remove the files that no run names any more; have those that are gone made
    again (they are in no backup)."""
    named = dict(Run.objects.exclude(print_file="").values_list("print_file", "pk"))
    folder = _folder()
    there = {path.name for path in folder.iterdir()} if folder.is_dir() else set()
    for name in named.keys() - there:
        # As long as it is still this one: another may have been made since.
        Run.objects.filter(pk=named[name], print_file=name).update(
            print_file="", print_pages=None
        )
    for name in there - named.keys():
        _remove_old(folder / name, before=now - LEFT_BEHIND)


def print_path(run: Run) -> Path | None:
    """Return where the print file lies, ``None`` while it is not there."""
    # The name alone: whatever the row says, nothing outside the folder is shown.
    path = _folder() / Path(run.print_file).name
    return path if run.print_file and path.is_file() else None


def print_from(run: Run, first: str, target: Path) -> int:
    """Write the letters from one on, to print them again; return the pages.

    ``first``: a rank of the cover sheet (12) or a reference (R-00431), which is the
    same letter even when one before it was cancelled since. Raises Refused when
    there is no such letter.
    """
    wanted = first.strip().upper()
    letters = letters_of(run)
    for letter in letters:
        if wanted in (str(letter.rank), letter.reference):
            rest = letters[letter.rank - 1 :]
            try:
                written = _write(run, rest, target, with_cover=False)
            except OSError as error:
                raise Refused(_not_made(error)) from error
            if written.pages:
                return written.pages
            raise Refused(written.trouble)
    words = _("There is no letter “%(first)s” in this print file.")
    raise Refused(words % {"first": first.strip()[:20]})


def write_registered(run: Run, out: IO[bytes]) -> int:
    """Write the registered letters of a run into a ZIP, each a file of its own, to
    be printed or deposited online by itself; return how many.

    Raises Refused when there is none, or when one can no longer be read.
    """
    letters = registered_of(run)
    if not letters:
        raise Refused(_("There is no registered letter to print in this run."))
    # Pages are compressed already.
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for letter in letters:
            document = letter.document
            try:
                if document is not None:
                    archive.writestr(document.name, documents.read(document))
            except (MissingFile, CorruptFile) as error:
                words = _(
                    "The kept document of %(letter)s can no longer be read: restore "
                    "it from a backup, or cancel the letter and make another."
                )
                raise Refused(words % {"letter": letter.reference}) from error
    return len(letters)


@dataclass(frozen=True, kw_only=True)
class _Written:
    """The pages written, and in words what is not among them."""

    pages: int
    trouble: str


def _write(
    run: Run, letters: Sequence[PrintedLetter], target: Path, *, with_cover: bool
) -> _Written:
    """Write the letters that can be read, all others put aside."""
    unread = _altered(letters)
    while good := [one for one in letters if one.sha256 not in unread]:
        good = list(numbered(good, duplex=run.print_duplex))
        cover, trouble = _cover(run, good) if with_cover else (None, "")
        try:
            pages = write_print_file(
                _items(good), target, duplex=run.print_duplex, cover=cover
            )
        except UnreadableLetter as error:
            unread.add(error.path.stem)
        else:
            trouble = f"{_unread_words(letters, unread)} {trouble}".strip()
            return _Written(pages=pages, trouble=trouble)
    return _Written(pages=0, trouble=_unread_words(letters, unread))


def _altered(letters: Sequence[PrintedLetter]) -> set[str]:
    """Return the documents that are gone, or no longer what was kept."""
    found, store = set(), documents.storage()
    for letter in letters:
        try:
            store.read(letter.sha256)
        except (MissingFile, CorruptFile):
            found.add(letter.sha256)
    return found


def _cover(run: Run, letters: Sequence[PrintedLetter]) -> tuple[bytes | None, str]:
    try:
        return cover_sheet(run, letters), ""
    except TypesettingError:
        return None, _("The cover sheet could not be composed.")


def _items(letters: Sequence[PrintedLetter]) -> list[PrintItem]:
    store = documents.storage()
    return [
        PrintItem(path=store.path(letter.sha256), pages=letter.pages or None)
        for letter in letters
    ]


@transaction.atomic
def _record(
    run: Run, letters: Sequence[PrintedLetter], name: str, written: _Written
) -> bool:
    """Write the file down if it is still what is wanted; say whether it is."""
    # Who cancels a letter changes this row too: one waits for the other.
    Run.objects.select_for_update().get(pk=run.pk)
    still = Reminder.objects.filter(PRINTED_TOGETHER, run=run)
    if set(still.values_list("pk", flat=True)) != {one.reminder_id for one in letters}:
        return False
    return bool(
        Run.objects.filter(
            pk=run.pk,
            print_file="",
            print_order=run.print_order,
            print_duplex=run.print_duplex,
            print_cover=run.print_cover,
        ).update(
            print_file=name, print_pages=written.pages, print_trouble=written.trouble
        )
    )


def _say_trouble(run: Run, words: str) -> None:
    Run.objects.filter(pk=run.pk, print_file="").update(print_trouble=words)


def _unread_words(letters: Sequence[PrintedLetter], unread: Collection[str]) -> str:
    out = [one for one in letters if one.sha256 in unread]
    if not out:
        return ""
    names = [f"{one.reference} ({one.customer})" for one in out[:_NAMED]]
    words = ngettext(
        "Not in the print file, for its kept document can no longer be read: "
        "%(letters)s. Restore it from a backup, or cancel the letter and make "
        "another.",
        "%(count)s letters are not in the print file, for their kept documents can "
        "no longer be read: %(letters)s. Restore them from a backup, or cancel the "
        "letters and make others.",
        len(out),
    )
    more = "…" if len(out) > _NAMED else ""
    return words % {"count": len(out), "letters": ", ".join(names) + more}


def _not_made(error: OSError) -> str:
    full = error.errno in (errno.ENOSPC, errno.EDQUOT)
    why = _("the disk is full") if full else error.strerror or str(error)
    return _("The print file could not be made: %(why)s.") % {"why": why}


def _remove_old(path: Path, *, before: datetime) -> None:
    try:
        if path.stat().st_mtime < before.timestamp():
            path.unlink()
    except OSError:
        # Gone already, or open in another program: the next time will do.
        return


def _folder() -> Path:
    return Path(settings.DATA) / "prints"
