"""``relance import``: e-invoices, their statuses, ledgers (FEC), spreadsheets."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from rich.markup import escape
from rich.table import Table

from relance.gateways import wording
from relance.management.files import absent, files_option, read_files
from relance.management.ledgers import Ledgers
from relance.management.tables import Tables, named_profile, profile_option
from relance.management.terminal import Exit, TerminalCommand, acting_user
from relance.rules.permissions import Action
from relance.services.imports import ImportResult, Status, import_files
from relance.services.preparing import prepare

STYLES = {
    Status.IMPORTED: "green",
    Status.UPDATED: "green",
    Status.UNCHANGED: "dim",
    Status.CONFLICT: "yellow",
    Status.REFUSED: "red",
}


class Command(TerminalCommand):
    summary = "Read e-invoices and their statuses, ledgers (FEC) and spreadsheets"
    example = "relance import factures/*.pdf factures.zip clients.csv"
    prints_json = True

    def options(self, parser: argparse.ArgumentParser) -> None:
        files_option(parser, words=_("a file, a ZIP or a folder"))
        profile_option(parser)

    def run(
        self,
        *,
        files: list[Path],
        by: str,
        json: bool,
        profile: str | None = None,
        **options: Any,
    ) -> Exit:
        now = timezone.now()
        prepare(now=now)
        user = acting_user(by, Action.EDIT_LEDGER)
        ledgers = Ledgers(by=user, now=now)
        tables = Tables(by=user, profile=named_profile(profile))
        others = tables.taken_out(ledgers.taken_out(read_files(files)))
        results = [*import_files(others, by=user, now=now), *_absent(files)]
        if json:
            told = [result.as_data() for result in results]
            told += [one.as_data() for one in ledgers.results]
            told += [one.as_data() for one in tables.results]
            self.answer(told)
        else:
            self._show(results)
            ledgers.show(self.console)
            tables.show(self.console)
        bad = any(r.status in (Status.REFUSED, Status.CONFLICT) for r in results)
        bad = bad or any(one.error or one.refused for one in ledgers.results)
        bad = bad or any(one.bad for one in tables.results)
        return Exit.PARTLY if bad else Exit.DONE

    def _show(self, results: list[ImportResult]) -> None:
        if not results:
            return
        table = Table(box=None, pad_edge=False)
        for title in (
            _("File"),
            _("Result"),
            _("Invoice"),
            _("Customer"),
            _("Balance"),
        ):
            table.add_column(title)
        for result in results:
            table.add_row(*_row(result))
        self.console.print(table)
        for result in results:
            for words in filter(None, (result.error, *result.warnings)):
                self.console.print(f"{escape(result.file)}: {escape(words)}")


def _row(result: ImportResult) -> tuple[str, ...]:
    style = STYLES[result.status]
    status = f"[{style}]{status_words(result.status)}[/{style}]"
    found = result.invoice
    if found is None:
        return (escape(Path(result.file).name), status, "", "", "")
    balance = wording.money(found.balance, currency=found.currency, language="fr")
    return (
        escape(Path(result.file).name),
        status,
        escape(found.number),
        escape(found.customer.name),
        balance,
    )


def status_words(status: Status) -> str:
    """Return what became of a file, in the active language."""
    return {
        Status.IMPORTED: _("imported"),
        Status.UNCHANGED: _("already known"),
        Status.UPDATED: _("updated"),
        Status.CONFLICT: _("conflict"),
        Status.REFUSED: _("refused"),
    }[status]


def _absent(files: list[Path]) -> Iterator[ImportResult]:
    for name, words in absent(files):
        yield ImportResult(file=name, status=Status.REFUSED, error=words)
