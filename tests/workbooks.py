"""Workbooks for tests, well made and hostile."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Sequence
from typing import Any

from openpyxl import Workbook


def workbook(
    rows: Iterable[Sequence[Any]], *, title: str = "Feuille", hidden: str = ""
) -> bytes:
    """A workbook of one sheet, and of a hidden one before it when it is named."""
    book = Workbook()
    sheet = book.active
    sheet.title = title
    for row in rows:
        sheet.append(list(row))
    if hidden:
        secret = book.create_sheet(hidden, 0)
        secret.append(["Secret", "1"])
        secret.sheet_state = "hidden"
        book.active = 1
    return saved(book)


def saved(book: Workbook) -> bytes:
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def with_part(data: bytes, name: str, content: bytes) -> bytes:
    """The same workbook with one part replaced, or added."""
    target = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as old,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for part in old.namelist():
            if part != name:
                new.writestr(part, old.read(part))
        new.writestr(name, content)
    return target.getvalue()


SHEET = "xl/worksheets/sheet1.xml"
_NS = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def sheet_xml(body: str, *, start: str = "") -> bytes:
    """A sheet written by hand: what no program writes."""
    words = f'<?xml version="1.0"?>{start}<worksheet xmlns="{_NS}"><sheetData>'
    return f"{words}{body}</sheetData></worksheet>".encode()
