"""Sheets for the one who prints: the cover of a run, the test of the window."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from relance.gateways.compiler import compile_pdf
from relance.gateways.printable import cut, printable


@dataclass(frozen=True, kw_only=True)
class Cover:
    """What the cover sheet of a run says, already worded."""

    title: str
    reference: str
    company: str
    facts: tuple[tuple[str, str], ...]
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    aligns: tuple[str, ...]
    total: tuple[str, ...]
    # The title of the box that is filled in by hand, and its lines.
    posted: tuple[str, ...]
    footer: str
    language: str = "fr"


@dataclass(frozen=True, kw_only=True)
class WindowTest:
    """A page that shows whether the address stands in the window."""

    title: str
    steps: tuple[str, ...]
    window: str
    address: tuple[str, ...]
    offset_mm: tuple[float, float] = (0, 0)
    language: str = "fr"


def cover_pdf(cover: Cover) -> bytes:
    """Return the cover sheet, as many pages as its list needs."""
    rows = [[cut(cell, 60) for cell in row] for row in cover.rows]
    table = {
        "header": cover.header,
        "rows": rows,
        "aligns": cover.aligns,
        "total": cover.total,
        # The name takes what the others leave.
        "shares": [1 if n == 1 else 0 for n in range(len(cover.header))],
    }
    return _set("cover.typ", asdict(cover) | {"table": table})


def window_pdf(test: WindowTest) -> bytes:
    """Return the window test, one page."""
    offset = [min(max(mm, -20), 20) for mm in test.offset_mm]
    return _set("window.typ", asdict(test) | {"offset": offset})


def _set(template: str, data: dict[str, object]) -> bytes:
    written = json.dumps(printable(data))
    return compile_pdf(template, lambda: written, strict=False)
