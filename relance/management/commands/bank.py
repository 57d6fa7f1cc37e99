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
from relance.management.terminal import Exit, TerminalCommand, named_user
from relance.queries.receipts import proposed
from relance.services.preparing import prepare
from relance.services.receipts import StatementResult, import_statements


class Command(TerminalCommand):
    summary = "Read bank statements and say what they settle"
    example = "relance bank releve-octobre.xml"
    prints_json = True

    def options(self, parser: argparse.ArgumentParser) -> None:
        files_option(parser, words=_("a statement: CAMT.053, OFX, MT940 or CFONB120"))

    def run(self, *, files: list[Path], by: str, json: bool, **options: Any) -> Exit:
        now = timezone.now()
        prepare(now=now)
        user = named_user(by)
        results = [
            *import_statements(read_files(files), by=user, now=now),
            *_absent(files),
        ]
        waiting = proposed()
        sure = sum(one.sure for one in waiting)
        if json:
            told = [result.as_data() for result in results]
            self.answer({"files": told, "to_match": len(waiting), "sure": sure})
        else:
            self._show(results, waiting=len(waiting), sure=sure)
        return Exit.PARTLY if any(r.error for r in results) else Exit.DONE

    def _show(self, results: list[StatementResult], *, waiting: int, sure: int) -> None:
        table = Table(box=None, pad_edge=False)
        table.add_column(_("File"))
        for title in (_("New receipts"), _("Known"), _("Money out")):
            table.add_column(title, justify="right")
        for result in results:
            numbers = map(str, (result.new, result.known, result.out))
            table.add_row(escape(result.file), *numbers)
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
