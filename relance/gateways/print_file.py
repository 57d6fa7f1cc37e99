"""One file to print, of thousands of letters, in little memory."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import batched
from pathlib import Path

import pikepdf

# Files open at once: a machine allows a thousand or so.
_AT_ONCE = 200


class UnreadableLetter(Exception):
    """A letter to print cannot be opened; ``path`` says which."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"{path.name}: {why}")
        self.path = path


@dataclass(frozen=True, kw_only=True)
class PrintItem:
    """A letter with its invoice behind, as it is kept."""

    path: Path


def write_print_file(
    items: Sequence[PrintItem],
    target: Path,
    *,
    duplex: bool = False,
    cover: bytes | None = None,
) -> int:
    """Write the letters one after the other, the cover first; return the pages.

    ``duplex``: a blank page follows a letter with an odd number of pages, so that
    the next one starts on a front. Files are read from the disk as they are needed
    and joined by steps. The target is there whole or not at all. Raises
    UnreadableLetter, and OSError when the disk is full.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".printing-") as name:
        folder = Path(name)
        paths = [item.path for item in items]
        if cover is not None:
            first = folder / "cover.pdf"
            first.write_bytes(cover)
            paths.insert(0, first)
        steps = []
        for rank, some in enumerate(batched(paths, _AT_ONCE)):
            step = folder / f"step-{rank}.pdf"
            _join(some, step, duplex=duplex)
            steps.append(step)
        whole = folder / "whole.pdf"
        pages = _join(steps, whole, duplex=False)
        _make_lasting(whole)
        whole.replace(target)
    return pages


def _join(paths: Iterable[Path], target: Path, *, duplex: bool) -> int:
    with ExitStack() as stack:
        joined = stack.enter_context(pikepdf.new())
        for path in paths:
            joined.pages.extend(_opened(path, stack).pages)
            if duplex and len(joined.pages) % 2:
                joined.add_blank_page(page_size=_size(joined.pages[-1]))
        joined.save(target)
        return len(joined.pages)


def _opened(path: Path, stack: ExitStack) -> pikepdf.Pdf:
    try:
        return stack.enter_context(pikepdf.open(path, suppress_warnings=True))
    except (pikepdf.PdfError, FileNotFoundError) as error:
        raise UnreadableLetter(path, str(error)) from error


def _size(page: pikepdf.Page) -> tuple[float, float]:
    """Return the size of a page as it lies in the tray."""
    left, bottom, right, top = (float(side) for side in page.mediabox.as_list())
    turned = int(page.obj.get(pikepdf.Name.Rotate, 0)) % 180
    wide, high = abs(right - left), abs(top - bottom)
    return (high, wide) if turned else (wide, high)


def _make_lasting(path: Path) -> None:
    handle = os.open(path, os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
