"""How a spreadsheet is to be read: proposed from what it holds, corrected by hand."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import islice

from relance.gateways import spreadsheet
from relance.gateways.spreadsheet import Row
from relance.gateways.spreadsheet_values import (
    DayOrder,
    day_order,
    decimal_mark,
    depends_on_order,
    needs_mark,
)
from relance.rules.spreadsheet_columns import (
    header_row,
    in_french,
    is_total,
    matched,
    plain,
    recognised,
    sure,
)
from relance.rules.spreadsheet_targets import AMOUNTS, DAYS, Kind, Target

# Rows in which the header, and the ways to write days and amounts, are looked for.
SAMPLE = 2000
# Values shown under the name of a column.
SHOWN = 3


@dataclass(frozen=True, kw_only=True)
class Layout:
    """What is listed, which column says what, how days and amounts are written.

    ``header`` is the number of the row that names the columns, zero while it is to
    be found. ``order`` is none where no day depends on it, or nobody said.
    """

    kind: Kind | None = None
    columns: Mapping[Target, int] = field(default_factory=dict)
    sheet: str = ""
    header: int = 1
    order: DayOrder | None = None
    marks: Mapping[int, str] = field(default_factory=dict)
    currency: str = "EUR"
    # The day of an aged balance; the account of a statement.
    as_of: date | None = None
    account: str = ""

    def as_data(self) -> dict[str, object]:
        return {
            "kind": self.kind.value if self.kind else "",
            "columns": {
                target.value: column for target, column in self.columns.items()
            },
            "sheet": self.sheet,
            "header": self.header,
            "order": self.order.value if self.order else "",
            "marks": {str(column): mark for column, mark in self.marks.items()},
            "currency": self.currency,
            "as_of": self.as_of.isoformat() if self.as_of else "",
            "account": self.account,
        }


def layout_from_data(data: Mapping[str, object]) -> Layout:
    """Return the layout that ``as_data`` wrote."""
    said = dict(data)
    columns, marks = said.get("columns"), said.get("marks")
    as_of = str(said.get("as_of") or "")
    return Layout(
        kind=Kind(str(said["kind"])) if said.get("kind") else None,
        columns=(
            {Target(name): int(column) for name, column in columns.items()}
            if isinstance(columns, dict)
            else {}
        ),
        sheet=str(said.get("sheet") or ""),
        header=int(str(said.get("header") or 0)),
        order=DayOrder(str(said["order"])) if said.get("order") else None,
        marks=(
            {int(column): str(mark) for column, mark in marks.items()}
            if isinstance(marks, dict)
            else {}
        ),
        currency=str(said.get("currency") or "EUR"),
        as_of=date.fromisoformat(as_of) if as_of else None,
        account=str(said.get("account") or ""),
    )


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column as the person sees it."""

    place: int
    header: str
    samples: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Inspection:
    """The beginning of a file, and what is proposed for it.

    ``asks_order``: days read two ways and nothing tells which; ``asks_marks``: the
    columns whose amounts read two ways.
    """

    sheets: tuple[str, ...]
    columns: tuple[Column, ...]
    kinds: tuple[Kind, ...]
    layout: Layout
    asks_order: bool = False
    asks_marks: tuple[int, ...] = ()

    @property
    def headers(self) -> tuple[str, ...]:
        return tuple(column.header for column in self.columns)

    @property
    def signature(self) -> str:
        return signature(self.headers)


def signature(headers: Sequence[str]) -> str:
    """Name a header: the same columns, however dressed, have the same name."""
    said = "\n".join(plain(header) for header in headers)
    return hashlib.sha256(said.encode()).hexdigest()


def inspected(data: bytes, *, known: Layout | None = None) -> Inspection:
    """Read the beginning of a file; what is already chosen is kept.

    Raises SpreadsheetError.
    """
    book = spreadsheet.opened(data)
    chosen = known.sheet if known else ""
    sheet = chosen if chosen in book.sheets else book.sheets[0]
    rows = list(islice(book.rows(sheet), SAMPLE))
    header = known.header if known is not None and known.header else _header(rows)
    above = next((row for row in rows if row.number == header), None)
    below = [row for row in rows if row.number > header]
    columns = _columns(above, below)
    headers = [column.header for column in columns]
    if known is None or not known.columns:
        kind = (known.kind if known else None) or sure(headers)
        layout = replace(
            known or Layout(),
            kind=kind,
            columns=matched(kind, headers) if kind else {},
        )
    else:
        layout = known
    layout = replace(layout, sheet=sheet, header=header)
    return _asked(
        Inspection(
            sheets=book.sheets,
            columns=tuple(columns),
            kinds=tuple(recognised(headers)),
            layout=layout,
        ),
        below,
    )


def _header(rows: Sequence[Row]) -> int:
    place = header_row([row.cells for row in rows[:60]])
    return rows[place].number if rows else 1


def _columns(above: Row | None, below: Sequence[Row]) -> list[Column]:
    width = max(
        (len(row.cells) for row in [*below, *([above] if above else [])]), default=0
    )
    columns = []
    for place in range(width):
        values = (row[place] for row in below if row[place])
        samples = tuple(islice(dict.fromkeys(values), SHOWN))
        header = above[place] if above else ""
        if header or samples:
            columns.append(Column(place=place, header=header, samples=samples))
    return columns


def _asked(found: Inspection, below: Sequence[Row]) -> Inspection:
    """Complete the layout with the order of days and the decimal marks that the
    values show, and say what must be asked."""
    layout = found.layout
    rows = [row for row in below if not is_total(row.cells, layout.columns)]

    def values(column: int) -> list[str]:
        return [row[column] for row in rows if row[column]]

    days = [
        values(column) for target, column in layout.columns.items() if target in DAYS
    ]
    order = layout.order or next(filter(None, map(day_order, days)), None)
    ask = order is None and any(map(depends_on_order, days))
    if ask and in_french(found.headers):
        order, ask = DayOrder.DAY_FIRST, False
    amounts = {
        column: values(column)
        for target, column in layout.columns.items()
        if target in AMOUNTS
    }
    marks = {
        column: layout.marks.get(column) or decimal_mark(texts)
        for column, texts in amounts.items()
    }
    # The other columns of the file are written by the same program.
    usual = next(filter(None, marks.values()), "")
    marks = {column: mark or usual for column, mark in marks.items()}
    doubtful = tuple(
        column
        for column, texts in amounts.items()
        if not marks[column] and needs_mark(texts)
    )
    return replace(
        found,
        layout=replace(layout, order=order, marks=marks),
        asks_order=ask,
        asks_marks=doubtful,
    )
