"""What a check found, or an import did: counts, and the rows to be looked at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from relance.rules.spreadsheet_targets import Target
from relance.services.spreadsheet_decisions import Decision, Status
from relance.services.spreadsheet_records import Problem, Trouble

# Rows kept to be shown: the first ones, and those with a problem.
FIRST = 12
FAULTY = 200
# A row that has several outcomes is told by the first of these.
_TELLING = (
    Status.REFUSED, Status.CONFLICT, Status.CREATED, Status.UPDATED, Status.UNCHANGED,
    Status.LEFT_OUT,
)  # fmt: skip


@dataclass(kw_only=True)
class ReportLine:
    """A row as it is shown: its cells, what becomes of it, what is wrong where."""

    row: int
    cells: list[str]
    status: Status
    problems: list[Problem]


@dataclass(kw_only=True)
class Report:
    """Counts add up over the chunks of a file."""

    statuses: Counter[Status] = field(default_factory=Counter)
    customers: int = 0
    payments: int = 0
    # How often each problem occurs, by what is wrong and in which column.
    troubles: Counter[tuple[Trouble, Target | None]] = field(default_factory=Counter)
    first: list[ReportLine] = field(default_factory=list)
    faulty: list[ReportLine] = field(default_factory=list)

    @property
    def created(self) -> int:
        return self.statuses[Status.CREATED]

    @property
    def updated(self) -> int:
        return self.statuses[Status.UPDATED]

    @property
    def to_write(self) -> int:
        return self.created + self.updated

    @property
    def bad(self) -> int:
        return self.statuses[Status.REFUSED] + self.statuses[Status.CONFLICT]

    def add(self, decisions: Sequence[Decision]) -> None:
        """Count the decisions of a chunk; the rows of one follow each other."""
        lines: dict[int, ReportLine] = {}
        for one in decisions:
            self.statuses[one.status] += 1
            record = one.record
            line = lines.get(record.row.number)
            if line is None:
                lines[record.row.number] = ReportLine(
                    row=record.row.number,
                    cells=list(record.row.cells),
                    status=one.status,
                    problems=record.problems,
                )
            elif _TELLING.index(one.status) < _TELLING.index(line.status):
                line.status = one.status
        for line in lines.values():
            self._keep(line)

    def _keep(self, line: ReportLine) -> None:
        for problem in line.problems:
            self.troubles[problem.trouble, problem.target] += 1
        if len(self.first) < FIRST:
            self.first.append(line)
        if line.problems and len(self.faulty) < FAULTY:
            self.faulty.append(line)

    def as_data(self) -> dict[str, object]:
        return {
            "statuses": {key.value: count for key, count in self.statuses.items()},
            "customers": self.customers,
            "payments": self.payments,
            "troubles": [
                [trouble.value, target.value if target else "", count]
                for (trouble, target), count in self.troubles.items()
            ],
            "first": [_line_data(line) for line in self.first],
            "faulty": [_line_data(line) for line in self.faulty],
        }


def report_from_data(data: dict[str, object]) -> Report:
    """Return the report that ``as_data`` wrote, an empty one from nothing."""
    return Report(
        statuses=Counter(
            {Status(key): count for key, count in _dict(data, "statuses").items()}
        ),
        customers=int(str(data.get("customers", 0))),
        payments=int(str(data.get("payments", 0))),
        troubles=Counter(
            {
                (Trouble(trouble), Target(target) if target else None): count
                for trouble, target, count in _list(data, "troubles")
            }
        ),
        first=[_line(line) for line in _list(data, "first")],
        faulty=[_line(line) for line in _list(data, "faulty")],
    )


def _line_data(line: ReportLine) -> dict[str, object]:
    return {
        "row": line.row,
        "cells": line.cells,
        "status": line.status.value,
        "problems": [
            [one.trouble.value, one.target.value if one.target else "", one.value]
            for one in line.problems
        ],
    }


def _line(data: dict[str, object]) -> ReportLine:
    return ReportLine(
        row=int(str(data["row"])),
        cells=[str(cell) for cell in _list(data, "cells")],
        status=Status(str(data["status"])),
        problems=[
            Problem(
                trouble=Trouble(trouble),
                target=Target(target) if target else None,
                value=value,
            )
            for trouble, target, value in _list(data, "problems")
        ],
    )


def _dict(data: dict[str, object], name: str) -> dict[str, int]:
    found = data.get(name)
    return found if isinstance(found, dict) else {}


def _list(data: dict[str, object], name: str) -> list:  # type: ignore[type-arg]
    found = data.get(name)
    return found if isinstance(found, list) else []
