"""A spreadsheet imported without asking: only where nothing has to be asked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from relance.models import Spreadsheet, SpreadsheetProfile, User
from relance.rules.spreadsheet_targets import Kind
from relance.services import spreadsheet_work, spreadsheets
from relance.services.clock import Clock
from relance.services.refusal import Refused
from relance.services.spreadsheet_layout import Layout, layout_from_data
from relance.services.spreadsheet_reports import Report, report_from_data
from relance.services.spreadsheet_words import problem_words
from relance.services.spreadsheet_work import Tell

# Problems said in words.
SAID = 20


@dataclass(frozen=True, kw_only=True)
class SpreadsheetResult:
    """A file, in words: what it lists, what became of its rows."""

    file: str
    kind: Kind | None = None
    report: Report | None = None
    error: str = ""

    @property
    def problems(self) -> list[str]:
        """Return what is wrong in its first rows that have something wrong."""
        lines = self.report.faulty if self.report else []
        return [
            _("row %(row)s: %(why)s")
            % {"row": line.row, "why": " ".join(map(problem_words, line.problems))}
            for line in lines[:SAID]
        ]

    @property
    def bad(self) -> bool:
        return bool(self.error or (self.report and self.report.bad))

    def as_data(self) -> dict[str, object]:
        """Return what ``relance import --json`` prints."""
        statuses = self.report.statuses if self.report else {}
        return {
            "file": self.file,
            "kind": self.kind.value if self.kind else None,
            "rows": {key.value: count for key, count in statuses.items()},
            "problems": self.problems,
            "error": self.error or None,
        }


def import_spreadsheet(
    name: str,
    data: bytes,
    *,
    by: User | None,
    clock: Clock,
    today: date,
    tell: Tell,
    profile: SpreadsheetProfile | None = None,
    only: Kind | None = None,
) -> SpreadsheetResult:
    """Import a file whose columns say all that is needed, by themselves or with a
    profile; refuse, in words, one of which something must be asked, or that lists
    something else than ``only``. Nothing of it is then kept."""
    try:
        found = spreadsheets.drop(name, data, by=by, now=clock())
    except Refused as refused:
        return SpreadsheetResult(file=name, error=refused.message)
    try:
        layout = _settled(found, profile)
        spreadsheets.choose(found, layout, now=clock())
        if only is not None and layout.kind != only:
            raise Refused(_("This file lists no receipts: relance import reads it."))
        spreadsheet_work.check(found.pk, clock=clock, today=today, tell=tell)
        return _imported(name, found, by=by, clock=clock, today=today, tell=tell)
    except Refused as refused:
        spreadsheets.discard(found)
        return SpreadsheetResult(file=name, error=refused.message)


def _settled(found: Spreadsheet, profile: SpreadsheetProfile | None) -> Layout:
    layout = layout_from_data(found.layout)
    if profile is not None:
        layout = spreadsheets.taken_over(layout, profile)
    if layout.kind is None:
        words = _(
            "The names of its columns do not tell what this file lists. Import it on "
            "the page Spreadsheet (CSV, Excel), or name a profile with --profile."
        )
        raise Refused(words)
    reading = spreadsheets.reading(found, layout=layout)
    if reading.asks_order or reading.asks_marks:
        words = _(
            "Dates or amounts of this file read two ways. Import it on the page "
            "Spreadsheet (CSV, Excel), where the right one is chosen, and keep that "
            "choice as a profile."
        )
        raise Refused(words)
    return reading.layout


def _imported(
    name: str,
    found: Spreadsheet,
    *,
    by: User | None,
    clock: Clock,
    today: date,
    tell: Tell,
) -> SpreadsheetResult:
    found.refresh_from_db()
    if found.state != Spreadsheet.State.CHECKED:
        raise Refused(found.trouble)
    kind, report = Kind(found.kind), report_from_data(found.report)
    if report.to_write:
        spreadsheets.start(found, by=by, now=clock())
        spreadsheet_work.work(found.pk, clock=clock, today=today, tell=tell)
        found.refresh_from_db()
        report = report_from_data(found.report)
    else:
        # Everything is known, or refused: there is nothing to come back to.
        spreadsheets.discard(found)
    return SpreadsheetResult(file=name, kind=kind, report=report)
