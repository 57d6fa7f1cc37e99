"""What a spreadsheet file is made of, in plain values, and why one is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

MAX_FILE: Final = 64 * 1024 * 1024
# Ten years of a company that invoices a hundred customers a day.
MAX_ROWS: Final = 300_000
# What stands further to the right is not read.
MAX_COLUMNS: Final = 120
# Of one cell; what is longer is cut.
LONGEST_CELL: Final = 1000


class Reason(StrEnum):
    EMPTY = "empty"
    TOO_LARGE = "too_large"
    TOO_MANY_ROWS = "too_many_rows"
    NOT_A_TABLE = "not_a_table"
    OLD_EXCEL = "old_excel"
    OPEN_DOCUMENT = "open_document"
    PASSWORD = "password"  # noqa: S105 (a reason, not a secret)
    DAMAGED = "damaged"
    OPEN_QUOTE = "open_quote"
    UNSAFE = "unsafe"
    NO_SHEET = "no_sheet"


def _(sentence: str) -> str:
    """Mark a sentence for the translators; the fronts word it."""
    return sentence


SENTENCES: Final = {
    Reason.EMPTY: _("The file is empty."),
    Reason.TOO_LARGE: _("The file is larger than %(limit)s MB once opened."),
    Reason.TOO_MANY_ROWS: _(
        "The file has more than %(limit)s rows: export shorter periods, one after the "
        "other."
    ),
    Reason.NOT_A_TABLE: _(
        "This file is neither an Excel workbook (.xlsx) nor a table in text (.csv)."
    ),
    Reason.OLD_EXCEL: _(
        "This is a workbook of an old Excel (.xls). Open it and save it as .xlsx or "
        "as CSV."
    ),
    Reason.OPEN_DOCUMENT: _(
        "This is an OpenDocument spreadsheet (.ods). Open it and save it as .xlsx or "
        "as CSV."
    ),
    Reason.PASSWORD: _(
        "This workbook is protected by a password. Save it without one, then try again."
    ),
    Reason.DAMAGED: _("The file is damaged or cut short (%(value)s). Export it again."),
    Reason.OPEN_QUOTE: _(
        "A quotation mark is opened on row %(row)s and never closed: the file is "
        "probably cut short. Export it again."
    ),
    Reason.UNSAFE: _(
        "The workbook declares entities or unfolds to far more than its size, which no "
        "spreadsheet needs. It is refused for safety."
    ),
    Reason.NO_SHEET: _("The workbook has no visible sheet with this name."),
}


class SpreadsheetError(Exception):
    """A file cannot be read as a table; ``reason`` and ``values`` word it."""

    def __init__(self, reason: Reason, **values: str) -> None:
        self.reason = reason
        self.values = values
        super().__init__(SENTENCES[reason] % values)


@dataclass(frozen=True, kw_only=True)
class Row:
    """The cells of a row, as text, without what is empty on the right.

    ``number`` is the row's own, as a spreadsheet shows it beside the row. Days of a
    workbook are ``2026-11-24``; its numbers have a point, and two decimals or more
    unless they are whole.
    """

    number: int
    cells: tuple[str, ...]

    def __getitem__(self, column: int) -> str:
        """Return a cell, empty where the row is shorter."""
        return self.cells[column] if column < len(self.cells) else ""


@dataclass(frozen=True, kw_only=True)
class Book:
    """A file that opens as a table. ``sheets`` are its visible ones, one for CSV.

    ``separator`` is empty for a workbook.
    """

    sheets: tuple[str, ...]
    separator: str
    read: Callable[[str], Iterator[Row]]

    def rows(self, sheet: str = "") -> Iterator[Row]:
        """Yield the rows that hold something, the first sheet's when none is named.

        Read as they are asked for: raises SpreadsheetError as it goes.
        """
        return self.read(sheet or self.sheets[0])


def tidy(text: str) -> str:
    """Return the text of a cell on one line, without control characters."""
    if not text.isprintable():
        text = "".join(char if char.isprintable() else " " for char in text)
    return text.strip()[:LONGEST_CELL]


def made_row(number: int, cells: list[str]) -> Row | None:
    """Return a row without its empty end; none when nothing is left."""
    while cells and not cells[-1]:
        cells.pop()
    if not cells:
        return None
    if number > MAX_ROWS:
        raise SpreadsheetError(Reason.TOO_MANY_ROWS, limit=f"{MAX_ROWS:,}")
    return Row(number=number, cells=tuple(cells))
