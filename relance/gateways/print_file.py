"""One file to print, of thousands of letters, in little memory."""

import io
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import pikepdf
from pikepdf import Name

from relance.gateways.pdf_limits import bound_pdf_reading
from relance.gateways.pdf_writer import PdfWriter

bound_pdf_reading()

# What pikepdf answers to a broken structure, wherever it meets it.
_BROKEN = (
    pikepdf.PdfError,
    AttributeError,
    KeyError,
    RuntimeError,
    TypeError,
    ValueError,
)


class UnreadableLetter(Exception):
    """A letter to print cannot be read; ``path`` says which, ``why`` is technical."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"{path.name}: {why}")
        self.path = path
        self.why = why


@dataclass(frozen=True, kw_only=True)
class PrintItem:
    """A letter with its invoice behind, as it is kept, and the pages it then had."""

    path: Path
    pages: int | None = None


def write_print_file(
    items: Iterable[PrintItem],
    target: Path,
    *,
    duplex: bool = False,
    cover: bytes | None = None,
) -> int:
    """Write the letters one after the other, the cover first; return the pages.

    ``duplex``: a blank page comes before a letter that would start on a back.
    Letters are read from the disk one at a time; what they have alike is written
    once. The target is there whole, or as it was before. Raises UnreadableLetter,
    and OSError when the disk is full.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with _replacing(target) as out:
        writer = PdfWriter(out)
        if cover is not None:
            with pikepdf.open(io.BytesIO(cover)) as source:
                writer.add_pages(source)
        for item in items:
            if duplex and writer.pages % 2:
                writer.add_blank_page()
            _add(writer, item)
        writer.finish()
    return writer.pages


def _add(writer: PdfWriter, item: PrintItem) -> None:
    try:
        with pikepdf.open(item.path, suppress_warnings=True) as source:
            if Name.AcroForm in source.Root:
                # A form belongs to its file: what it says is drawn on the page.
                source.generate_appearance_streams()
                source.flatten_annotations("print")
            # Damaged, some of its pages may be left: the rest must not go unnoticed.
            if not len(source.pages) or item.pages not in (None, len(source.pages)):
                raise ValueError(f"{len(source.pages)} pages, not {item.pages}")
            writer.add_pages(source)
    except (*_BROKEN, FileNotFoundError) as error:
        raise UnreadableLetter(item.path, str(error)) from error


@contextmanager
def _replacing(target: Path) -> Iterator[BinaryIO]:
    """Give a file to write beside the target, whose place it takes at the end."""
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=".writing-")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as out:
            yield out
            out.flush()
            os.fsync(out.fileno())
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
