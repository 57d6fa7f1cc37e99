"""Pages that are only looked at: a word across each of them."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from functools import cache
from typing import IO

import pikepdf

from relance.gateways import pdf
from relance.gateways.pdf import Part
from relance.gateways.typesetter import PageError, stamp_pdf

# Pale: what is under it stays readable.
COLOUR = "#a5342a"
# The part of the page's width and height that the word takes.
SHARE = 0.8


def write_marked(
    out: IO[bytes], files: Iterable[Sequence[Part]], *, mark: str
) -> list[PageError | None]:
    """Write one PDF with the pages of all the files, each crossed by ``mark``.

    Return for each file, in order, why it could not be added, ``None`` when it was.
    Nothing is written when no page could be.
    """
    troubles: list[PageError | None] = []
    with ExitStack() as stack:
        joined = stack.enter_context(pikepdf.new())
        for parts in files:
            troubles.append(_added(joined, stack, parts))
        word = stack.enter_context(pikepdf.open(io.BytesIO(_word(mark)))).pages[0]
        for page in joined.pages:
            page.add_overlay(word, _across(page), push_stack=True)
        if joined.pages:
            joined.save(out, fix_metadata_version=False)  # type: ignore[arg-type]
    return troubles


def _added(
    joined: pikepdf.Pdf, stack: ExitStack, parts: Sequence[Part]
) -> PageError | None:
    before = len(joined.pages)
    try:
        pdf.add_pages(joined, stack, parts=parts)
    except PageError as error:
        del joined.pages[before:]
        return error
    return None


@cache
def _word(mark: str) -> bytes:
    return stamp_pdf(mark, colour=COLOUR, outline=True)


def _across(page: pikepdf.Page) -> pikepdf.Rectangle:
    box = page.trimbox.as_list()
    left, bottom, right, top = (float(side) for side in box)
    wide, high = (right - left) * (1 - SHARE) / 2, (top - bottom) * (1 - SHARE) / 2
    return pikepdf.Rectangle(left + wide, bottom + high, right - wide, top - high)
