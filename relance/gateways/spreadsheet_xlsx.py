"""Excel workbooks, read row by row within bounds, whatever they claim to hold."""

from __future__ import annotations

import io
import re
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from relance.gateways.spreadsheet_content import (
    MAX_COLUMNS,
    MAX_ROWS,
    Book,
    Reason,
    Row,
    SpreadsheetError,
    made_row,
    tidy,
)

# Unfolded: a sheet is read as it comes, the rest is held in memory.
_MAX_SHEETS_SIZE: Final = 600 * 1024 * 1024
_MAX_PART: Final = 48 * 1024 * 1024
_MAX_PARTS: Final = 2000
# Sheets of figures fold to a tenth; bombs to a thousandth.
_MOST_FOLDED: Final = 200
_SHEET: Final = re.compile(r"xl/worksheets/[^/]+\.xml", re.IGNORECASE)
_ROOT: Final = re.compile(r"<[A-Za-z_]")
# What a damaged or hostile workbook makes openpyxl and the parsers below it raise.
_FAILURES: Final = (
    InvalidFileException,
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    SyntaxError,
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    RecursionError,
    RuntimeError,
    TypeError,
    ValueError,
    NotImplementedError,
)


def opened(data: bytes) -> Book:
    """Return a workbook; raise SpreadsheetError when it is none, or not safe."""
    _check_parts(data)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
            sheets = tuple(
                sheet.title
                for sheet in book.worksheets
                if sheet.sheet_state == "visible"
            )
    except _FAILURES as error:
        raise SpreadsheetError(Reason.DAMAGED, value=type(error).__name__) from error
    if not sheets:
        raise SpreadsheetError(Reason.NO_SHEET)

    def read(sheet: str) -> Iterator[Row]:
        if sheet not in sheets:
            raise SpreadsheetError(Reason.NO_SHEET)
        return _rows(book[sheet])

    return Book(sheets=sheets, separator="", read=read)


def _rows(sheet: Any) -> Iterator[Row]:
    # What the sheet says of its own size is often wrong.
    sheet.reset_dimensions()
    try:
        rows = sheet.iter_rows(
            max_row=MAX_ROWS + 1, max_col=MAX_COLUMNS, values_only=True
        )
        for number, values in enumerate(rows, start=1):
            found = [_text(value) for value in values]
            row = made_row(number, found)
            if row is not None:
                yield row
    except _FAILURES as error:
        raise SpreadsheetError(Reason.DAMAGED, value=type(error).__name__) from error


def _text(value: object) -> str:
    """Return a cell as text: see Row."""
    if value is None:
        return ""
    if isinstance(value, str):
        return tidy(value)
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, int):
        return str(value) if abs(value) < 10**30 else ""
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d}" if value.year > 1900 else ""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time | timedelta):
        return ""
    return tidy(str(value))


def _number(value: float) -> str:
    """Return a number without the dust of binary fractions. Three decimals would look
    like thousands: a fourth is written."""
    if not abs(value) < 1e15:
        return f"{value:g}"
    whole, _mark, decimals = f"{value:.6f}".partition(".")
    decimals = decimals.rstrip("0")
    if not decimals:
        return whole
    return f"{whole}.{decimals.ljust(4 if len(decimals) == 3 else 2, '0')}"


def _check_parts(data: bytes) -> None:
    """Refuse what unfolds too far, or declares what no workbook needs."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
            if len(parts) > _MAX_PARTS:
                raise SpreadsheetError(Reason.UNSAFE)
            sheets = [part for part in parts if _SHEET.fullmatch(part.filename)]
            others = [part for part in parts if part not in sheets]
            if any(part.flag_bits & 1 for part in parts):
                raise SpreadsheetError(Reason.PASSWORD)
            _check_sizes(sheets, most=_MAX_SHEETS_SIZE)
            _check_sizes(others, most=_MAX_PART * 2)
            for part in parts:
                if part.filename.lower().endswith((".xml", ".rels")):
                    _check_prologue(archive, part)
    except _FAILURES as error:
        raise SpreadsheetError(Reason.DAMAGED, value=type(error).__name__) from error


def _check_sizes(parts: list[zipfile.ZipInfo], *, most: int) -> None:
    if sum(part.file_size for part in parts) > most:
        raise SpreadsheetError(Reason.TOO_LARGE, limit=str(most // 1024 // 1024))
    for part in parts:
        folded = max(part.compress_size, 1)
        if part.file_size > 1024 * 1024 and part.file_size / folded > _MOST_FOLDED:
            raise SpreadsheetError(Reason.UNSAFE)


def _check_prologue(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    """Refuse a document type, which declares entities; it stands before the root."""
    with archive.open(part) as file:
        start = file.read(16 * 1024).replace(b"\0", b"").decode("latin-1")
    root = _ROOT.search(start)
    if root is None and len(start) >= 8 * 1024:
        raise SpreadsheetError(Reason.UNSAFE)
    if "<!DOCTYPE" in start[: root.start() if root else None].upper():
        raise SpreadsheetError(Reason.UNSAFE)
