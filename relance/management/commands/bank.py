"""``relance bank``: statements read, and how much of them is sure."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from rich.markup import escape
from rich.table import Table

from relance.management.files import absent, files_option, read_files
from relance.management.tables import Tables, named_profile, profile_option
from relance.management.terminal import Exit, TerminalCommand, acting_user
from relance.queries.receipts import proposed
from relance.rules.permissions import Action
from relance.rules.spreadsheet_targets import Kind
from relance.services.preparing import prepare
from relance.services.receipts import StatementResult, import_statements


class Command(TerminalCommand):
    summary = "Read bank statements and say what they settle"
    example = "relance bank releve-octobre.xml"
    prints_json = True

    def options(self, parser: argparse.ArgumentParser) -> None:
        words = _("a statement: CAMT.053, OFX, MT940, CFONB120, CSV or Excel")
        files_option(parser, words=words)
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
        tables = Tables(by=user, profile=named_profile(profile), only=Kind.STATEMENT)
        others = tables.taken_out(read_files(files))
        results = [*import_statements(others, by=user, now=now), *_absent(files)]
        waiting = proposed()
        sure = sum(one.sure for one in waiting)
        if json:
            told = [one.as_data() for one in results]
            told += [one.as_data() for one in tables.results]
            self.answer({"files": told, "to_match": len(waiting), "sure": sure})
        else:
            tables.show(self.console)
            self._show(results, waiting=len(waiting), sure=sure)
        bad = any(one.error for one in results) or any(
            one.bad for one in tables.results
        )
        return Exit.PARTLY if bad else Exit.DONE

    def _show(self, results: list[StatementResult], *, waiting: int, sure: int) -> None:
        table = Table(box=None, pad_edge=False)
        table.add_column(_("File"))
        for title in (_("New receipts"), _("Known"), _("Money out")):
            table.add_column(title, justify="right")
        for result in results:
            numbers = map(str, (result.new, result.known, result.out))
            table.add_row(escape(result.file), *numbers)
        if results:
            self.console.print(table)
        for result in results:
            if result.error:
                self.console.print(f"{escape(result.file)}: {escape(result.error)}")
        words = ngettext(
            "%(n)s receipt to match, of which %(sure)s sure.",
            "%(n)s receipts to match, of which %(sure)s sure.",
            waiting,
        )
        self.console.print(words % {"n": waiting, "sure": sure})


def _absent(files: list[Path]) -> Iterator[StatementResult]:
    for name, words in absent(files):
        yield StatementResult(file=name, error=words)
