"""Tables in text: whatever their encoding, their separator, their quotation marks."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from typing import Final

from relance.gateways.decoding import decoded
from relance.gateways.spreadsheet_content import (
    MAX_COLUMNS,
    Book,
    Reason,
    Row,
    SpreadsheetError,
    made_row,
    tidy,
)

SEPARATORS: Final = (";", "\t", ",", "|")
# Rows that tell which separator it is.
_SAMPLE: Final = 60


def opened(data: bytes) -> Book:
    """Return a table in text; raise SpreadsheetError when it is none."""
    text = decoded(data)
    if "\0" in text:
        raise SpreadsheetError(Reason.NOT_A_TABLE)
    separator, start = _separator(text)
    if not separator:
        raise SpreadsheetError(Reason.NOT_A_TABLE)

    def read(_sheet: str) -> Iterator[Row]:
        return _rows(text, separator, skip=start)

    return Book(sheets=("",), separator=separator, read=read)


def _separator(text: str) -> tuple[str, int]:
    """Return the separator, and how many rows only announce it (Excel's ``sep=;``)."""
    first, _mark, _rest = text[:100].partition("\n")
    said = first.strip("\r ").lower()
    if len(said) == 5 and said.startswith("sep=") and said[4] in SEPARATORS:
        return said[4], 1
    best, points = "", 0.0
    for separator in SEPARATORS:
        found = _points(text, separator)
        if found > points:
            best, points = separator, found
    return best, 0


def _points(text: str, separator: str) -> float:
    """Say how much like a table the text is with this separator: rows of one width."""
    reader = csv.reader(io.StringIO(text[:200_000], newline=""), delimiter=separator)
    widths: list[int] = []
    # A quotation mark that is never closed is told of while reading.
    with suppress(csv.Error):
        widths += (len(cells) for cells in islice(reader, _SAMPLE) if any(cells))
    wide = Counter(width for width in widths if width > 1)
    if not wide:
        return 0.0
    width, times = wide.most_common(1)[0]
    # A comma in every amount makes rows of two; columns make rows of many.
    return times / len(widths) * (1 + min(width, 20) / 10)


def _rows(text: str, separator: str, *, skip: int) -> Iterator[Row]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    number, last = 0, None
    try:
        for number, cells in enumerate(reader, start=1):
            last = cells
            if number <= skip:
                continue
            row = made_row(number, [tidy(cell) for cell in cells[:MAX_COLUMNS]])
            if row is not None:
                yield row
    except csv.Error as error:
        # Only an unclosed quotation mark makes a cell of a hundred thousand letters.
        raise SpreadsheetError(Reason.OPEN_QUOTE, row=str(number + 1)) from error
    if last and "\n" in last[-1].rstrip("\n") and text.count('"') % 2:
        raise SpreadsheetError(Reason.OPEN_QUOTE, row=str(number))
