"""The rows of a spreadsheet as the page shows them, each problem in its cell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy, pgettext_lazy

from relance.rules.spreadsheet_columns import typed
from relance.rules.spreadsheet_targets import Target
from relance.services.spreadsheet_decisions import Status
from relance.services.spreadsheet_layout import Layout
from relance.services.spreadsheet_reports import Report, ReportLine
from relance.services.spreadsheet_words import LABELS, problem_words, trouble_words

STATUSES: dict[Status, tuple[str | Promise, str]] = {
    Status.CREATED: (pgettext_lazy("row of a file", "new"), "good"),
    Status.UPDATED: (pgettext_lazy("row of a file", "updated"), "accent"),
    Status.UNCHANGED: (pgettext_lazy("row of a file", "already known"), ""),
    Status.CONFLICT: (pgettext_lazy("row of a file", "conflict"), "warn"),
    Status.REFUSED: (pgettext_lazy("row of a file", "refused"), "bad"),
    Status.LEFT_OUT: (pgettext_lazy("row of a file", "left out"), ""),
}
COUNTED: dict[Status, str | Promise] = {
    Status.CREATED: gettext_lazy("New"),
    Status.UPDATED: pgettext_lazy("rows of a file", "Updated"),
    Status.UNCHANGED: gettext_lazy("Already known"),
    Status.CONFLICT: gettext_lazy("In conflict"),
    Status.REFUSED: pgettext_lazy("rows of a file", "Refused"),
    Status.LEFT_OUT: gettext_lazy("Left out: totals, nothing to pay"),
}
# Letters that never break.
SHORT = 24


@dataclass(frozen=True, kw_only=True)
class ShownCell:
    text: str
    label: str | Promise
    number: bool
    words: str
    bad: bool

    @property
    def short(self) -> bool:
        """Whether it stays on one line: a number, a date."""
        return " " not in self.text and len(self.text) < SHORT


@dataclass(frozen=True, kw_only=True)
class ShownRow:
    row: int
    cells: list[ShownCell]
    status: str | Promise
    tone: str
    # What is wrong with the row, or with what no column says.
    words: list[str]


def heads(layout: Layout) -> list[tuple[str | Promise, bool]]:
    """Return the names of the columns that are used, and whether they hold figures."""
    return [(LABELS[t], typed(t) == "amount") for t in _targets(layout)]


def shown(lines: Sequence[ReportLine], layout: Layout) -> list[ShownRow]:
    targets = _targets(layout)
    return [_row(line, targets, layout) for line in lines]


def _targets(layout: Layout) -> list[Target]:
    return sorted(layout.columns, key=lambda target: layout.columns[target])


def _row(line: ReportLine, targets: list[Target], layout: Layout) -> ShownRow:
    cells = []
    for target in targets:
        place = layout.columns[target]
        mine = [one for one in line.problems if one.target == target]
        cells.append(
            ShownCell(
                text=line.cells[place] if place < len(line.cells) else "",
                label=LABELS[target],
                number=typed(target) == "amount",
                words=" ".join(map(problem_words, mine)),
                bad=any(one.stops for one in mine),
            )
        )
    label, tone = STATUSES[line.status]
    rest = [one for one in line.problems if one.target not in targets]
    words = [
        f"{LABELS[one.target]} : {problem_words(one)}"
        if one.target
        else problem_words(one)
        for one in rest
    ]
    return ShownRow(row=line.row, cells=cells, status=label, tone=tone, words=words)


def figures(report: Report) -> list[tuple[str | Promise, int, str]]:
    """Return how many rows of each outcome, in order, those that occur."""
    return [
        (COUNTED[status], report.statuses[status], STATUSES[status][1])
        for status in Status
        if report.statuses[status]
    ]


def troubles(report: Report) -> list[tuple[str, str | Promise, int]]:
    """Return every problem of the file, the most frequent first, and its column."""
    return [
        (trouble_words(trouble), LABELS[target] if target else "", count)
        for (trouble, target), count in report.troubles.most_common()
    ]
