"""Pages that are only looked at: a word across each of them."""

from __future__ import annotations

import io
from collections.abc import Sequence
from contextlib import ExitStack
from functools import cache
from typing import BinaryIO

import pikepdf

from relance.gateways import pdf
from relance.gateways.pdf import Part
from relance.gateways.pdf_writer import PdfWriter
from relance.gateways.typesetter import stamp_pdf

# Pale: what is under it stays readable.
COLOUR = "#a5342a"
# The part of the page's width and height that the word takes.
SHARE = 0.8


class MarkedFile:
    """One PDF of many files, each of their pages crossed by a word; it takes the
    memory of one of them at a time."""

    def __init__(self, out: BinaryIO, *, mark: str) -> None:
        self._writer = PdfWriter(out)
        self._mark = mark

    def add(self, parts: Sequence[Part]) -> None:
        """Add the pages of all the parts, or none of them: raises PageError."""
        with pikepdf.open(io.BytesIO(_crossed(parts, self._mark))) as crossed:
            self._writer.add_pages(crossed)

    def finish(self) -> int:
        """Write what ties the pages together, and return how many there are."""
        if self._writer.pages:
            self._writer.finish()
        return self._writer.pages


def _crossed(parts: Sequence[Part], mark: str) -> bytes:
    with ExitStack() as stack:
        joined = stack.enter_context(pikepdf.new())
        pdf.add_pages(joined, stack, parts=parts)
        word = stack.enter_context(pikepdf.open(io.BytesIO(_word(mark)))).pages[0]
        for page in joined.pages:
            page.add_overlay(word, _across(page), push_stack=True)
        out = io.BytesIO()
        joined.save(out, fix_metadata_version=False)
        return out.getvalue()


@cache
def _word(mark: str) -> bytes:
    return stamp_pdf(mark, colour=COLOUR, outline=True)


def _across(page: pikepdf.Page) -> pikepdf.Rectangle:
    left, bottom, right, top = (float(side) for side in page.trimbox.as_list())
    wide, high = (right - left) * (1 - SHARE) / 2, (top - bottom) * (1 - SHARE) / 2
    return pikepdf.Rectangle(left + wide, bottom + high, right - wide, top - high)
