"""Ledgers of accounts (FEC) among the files of ``relance import``."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from django.utils.translation import gettext as _
from rich.console import Console
from rich.markup import escape
from rich.progress import Progress
from rich.table import Table

from relance.gateways import wording
from relance.gateways.fec import is_fec
from relance.models import User
from relance.services.fec_at_once import FecResult, import_fec


@dataclass
class Ledgers:
    """Takes ledgers out of files, brings them in and tells what became of them."""

    by: User | None
    now: datetime
    results: list[FecResult] = field(default_factory=list)

    def taken_out(
        self, files: Iterable[tuple[str, bytes]]
    ) -> Iterator[tuple[str, bytes]]:
        """Yield the files that are no ledgers; bring in those that are."""
        for name, data in files:
            if is_fec(data):
                self.results.append(self._brought_in(name, data))
            else:
                yield name, data

    def _brought_in(self, name: str, data: bytes) -> FecResult:
        console = Console(file=sys.stderr)
        with Progress(
            console=console, transient=True, disable=not console.is_terminal
        ) as bar:
            task = bar.add_task(escape(Path(name).name), total=None)

            def tell(waiting: int) -> None:
                if bar.tasks[0].total is None:
                    bar.update(task, total=waiting)
                bar.update(task, completed=(bar.tasks[0].total or waiting) - waiting)

            return import_fec(name, data, by=self.by, now=self.now, tell=tell)

    def show(self, console: Console) -> None:
        """Print a line a ledger, then what was refused in it."""
        if not self.results:
            return
        table = Table(box=None, pad_edge=False)
        table.add_column(_("Ledger (FEC)"))
        titles = (
            _("Balance of customers"),
            _("Control"),
            _("Imported"),
            _("Known"),
            _("Left out"),
            _("Refused"),
        )
        for title in titles:
            table.add_column(title, justify="right")
        for one in self.results:
            table.add_row(*_row(one))
        console.print(table)
        for one in self.results:
            for words in filter(None, (one.error, *one.refused)):
                console.print(f"{escape(one.file)}: {escape(words)}")


def _row(one: FecResult) -> tuple[str, ...]:
    name = escape(Path(one.file).name)
    if one.error:
        return (name, "", "", "", "", "", "[red]✗[/red]")
    gap = wording.money(one.difference, currency="EUR", language="fr")
    return (
        name,
        wording.money(one.balance, currency="EUR", language="fr"),
        f"[red]{gap}[/red]" if one.difference else "[green]✓[/green]",
        str(one.imported),
        str(one.known),
        str(one.left_out),
        str(len(one.refused)),
    )
