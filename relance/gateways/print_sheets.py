"""Sheets for the one who prints: the cover of a run, the test of the window."""

import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any

import pikepdf
import typst

from relance.gateways.compiler import compile_pdf
from relance.gateways.pdf_writer import PdfWriter
from relance.gateways.printable import cut, one_line, printable
from relance.gateways.typesetter import TypesettingError

# Of a character at 8 pt, on average, and of the air around a cell.
_CHARACTER_MM = 1.42
_AIR_MM = 2.6
_NARROWEST_MM, _WIDEST_MM = 8, 30
_LONGEST_CELL = 90
# A longer list is set two pages at a time: Typst takes 125 MB for a thousand rows, and
# forgets what it set ten settings ago.
_WHOLE = 300
_SLICE, _FIRST_SLICE = 100, 80


@dataclass(frozen=True, kw_only=True)
class Cover:
    """What the cover sheet of a run says, already worded."""

    title: str
    reference: str
    company: str
    facts: tuple[tuple[str, str], ...]
    totals: tuple[tuple[str, str], ...]
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    aligns: tuple[str, ...]  # "left" or "right", one a column
    # The column that takes what the others leave; the one whose words are red in
    # the rows that matter most, and these rows.
    main: int
    marked: int
    marked_rows: tuple[int, ...] = ()
    # The title of the box that is filled in by hand, and its blanks.
    posted: tuple[str, ...]
    footer: str
    language: str = "fr"


@dataclass(frozen=True, kw_only=True)
class WindowTest:
    """A page that shows whether the address stands in the window."""

    title: str
    steps: tuple[str, ...]
    window: str
    always_seen: str
    fold: str
    scale: str
    shift: str
    address: tuple[str, ...]
    footer: str
    offset_mm: tuple[float, float] = (0, 0)  # of the address: right, down
    language: str = "fr"


def cover_pdf(cover: Cover) -> bytes:
    """Return the cover sheet, as many pages as its list needs, or raise
    TypesettingError."""
    rows = [[cut(one_line(cell), _LONGEST_CELL) for cell in row] for row in cover.rows]
    data = asdict(cover) | {
        "company": cut(one_line(cover.company), 90),
        "facts": [(label, one_line(value)) for label, value in cover.facts],
        "widths": list(_widths([cover.header, *rows], main=cover.main)),
        "footer": cut(cover.footer, 900),
        "whole": len(rows) <= _WHOLE,
    }
    out = io.BytesIO()
    writer = PdfWriter(out)
    marked = set(cover.marked_rows)
    for start, end in pairwise(_cuts(len(rows))):
        here: dict[str, Any] = {"rows": rows[start:end], "first": start == 0}
        here["marked_rows"] = [
            row - start for row in range(start, end) if row in marked
        ]
        here["pages_before"] = writer.pages
        with pikepdf.open(io.BytesIO(_set("cover.typ", data | here))) as pages:
            writer.add_pages(pages)
    writer.finish()
    return out.getvalue()


def window_pdf(test: WindowTest) -> bytes:
    """Return the window test, one page, or raise TypesettingError."""
    offset = [min(max(mm, -20), 20) for mm in test.offset_mm]
    footer = cut(test.footer, 900)
    return _set("window.typ", asdict(test) | {"offset": offset, "footer": footer})


def _cuts(rows: int) -> list[int]:
    """Return where a list of so many rows is cut, its start and its end included."""
    if rows <= _WHOLE:
        return [0, rows]
    return [0, *range(_FIRST_SLICE, rows, _SLICE), rows]


def _widths(rows: Sequence[Sequence[str]], *, main: int) -> Iterator[float]:
    """Yield the width of each column in millimetres; 0 for what the others leave.

    Counted from the characters: Typst measures 10,000 rows ten times slower.
    """
    for number, column in enumerate(zip(*rows, strict=True)):
        wanted = max(map(len, column)) * _CHARACTER_MM + _AIR_MM
        yield 0 if number == main else min(max(wanted, _NARROWEST_MM), _WIDEST_MM)


def _set(template: str, data: dict[str, object]) -> bytes:
    try:
        return compile_pdf(template, lambda: json.dumps(printable(data)), strict=False)
    except typst.TypstError as error:
        raise TypesettingError(str(error)) from error
