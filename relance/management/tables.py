"""Spreadsheets among the files of ``relance import`` and ``relance bank``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from django.utils import timezone
from django.utils.translation import gettext as _
from rich.console import Console
from rich.markup import escape
from rich.progress import Progress
from rich.table import Table

from relance.gateways.bank import is_statement
from relance.gateways.lifecycle import is_lifecycle
from relance.gateways.spreadsheet import SpreadsheetError, opened
from relance.management.terminal import Exit, Stop
from relance.models import SpreadsheetProfile, User
from relance.models.spreadsheets import KINDS
from relance.rules.spreadsheet_targets import Kind
from relance.services.spreadsheet_at_once import SpreadsheetResult, import_spreadsheet
from relance.services.spreadsheet_decisions import Status

_KINDS = dict(KINDS)


@dataclass
class Tables:
    """Takes spreadsheets out of files, imports them and tells what became of them."""

    by: User | None
    profile: SpreadsheetProfile | None = None
    # The only kind that is read, when others are not asked for.
    only: Kind | None = None
    results: list[SpreadsheetResult] = field(default_factory=list)

    def taken_out(
        self, files: Iterable[tuple[str, bytes]]
    ) -> Iterator[tuple[str, bytes]]:
        """Yield the files that are no spreadsheets; import those that are."""
        for name, data in files:
            if is_statement(data) or is_lifecycle(data) or not is_table(data):
                yield name, data
            else:
                self.results.append(self._brought_in(name, data))

    def _brought_in(self, name: str, data: bytes) -> SpreadsheetResult:
        console = Console(file=sys.stderr)
        with Progress(
            console=console, transient=True, disable=not console.is_terminal
        ) as bar:
            task = bar.add_task(escape(Path(name).name), total=None)

            def tell(done: int, total: int) -> None:
                bar.update(task, completed=done, total=total or None)

            return import_spreadsheet(
                name,
                data,
                by=self.by,
                clock=timezone.now,
                today=timezone.localdate(),
                tell=tell,
                profile=self.profile,
                only=self.only,
            )

    def show(self, console: Console) -> None:
        """Print a line a file, then what is wrong in it."""
        if not self.results:
            return
        table = Table(box=None, pad_edge=False)
        table.add_column(_("Spreadsheet (CSV, Excel)"))
        table.add_column(_("What it lists"))
        titles = (_("Imported"), _("Updated"), _("Known"), _("Conflict"), _("Refused"))
        for title in titles:
            table.add_column(title, justify="right")
        for one in self.results:
            table.add_row(*_row(one))
        console.print(table)
        for one in self.results:
            for words in filter(None, (one.error, *one.problems)):
                console.print(f"{escape(one.file)}: {escape(words)}")


def is_table(data: bytes) -> bool:
    """Whether a file opens as a workbook or a table in text."""
    try:
        opened(data)
    except SpreadsheetError:
        return False
    return True


def profile_option(parser: argparse.ArgumentParser) -> None:
    """Add ``--profile`` to a command that reads spreadsheets."""
    parser.add_argument(
        "--profile",
        metavar="NAME",
        help=_("the column profile by which spreadsheets are read"),
    )


def named_profile(name: str | None) -> SpreadsheetProfile | None:
    """Return the profile that ``--profile`` names, none without it; raise Stop."""
    if not name:
        return None
    found = SpreadsheetProfile.objects.filter(name=name).first()
    if found is None:
        words = _("No profile is called %(name)s.") % {"name": name}
        raise Stop(words, code=Exit.USAGE)
    return found


def _row(one: SpreadsheetResult) -> tuple[str, ...]:
    name = escape(Path(one.file).name)
    if one.report is None or one.kind is None:
        return (name, "", "", "", "", "", "[red]✗[/red]")
    counts = one.report.statuses
    told = (
        Status.CREATED, Status.UPDATED, Status.UNCHANGED, Status.CONFLICT,
        Status.REFUSED,
    )  # fmt: skip
    return (
        name,
        str(_KINDS[one.kind.value]),
        *(str(counts[status]) for status in told),
    )
