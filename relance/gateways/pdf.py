"""Other people's PDF files: looked at, stamped and joined, never changed in place."""

import io
import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import pikepdf
from django.utils.translation import gettext as _
from pikepdf import Name

from relance.gateways.free_place import Place, free_place
from relance.gateways.pdf_limits import bound_pdf_reading
from relance.gateways.typesetter import PageError, stamp_pdf

bound_pdf_reading()

MAX_BYTES = 50 * 1024 * 1024
MAX_PAGES = 1000
# Of one page: a plan has 5 MB of drawing, a scan in A3 at 600 dots 70 million pixels.
MAX_DRAWING = 30 * 1024 * 1024
MAX_PIXELS = 100_000_000
MIN_PAGE_MM = 10
STAMP_RED = "#b3261e"

_SAVE_OR_RESTORE = re.compile(rb"(?<![^\s\[\]<>()/%])([qQ])(?![^\s\[\]<>()/%])")
# What pikepdf answers to a broken structure, wherever it meets it.
_BROKEN = (
    pikepdf.PdfError,
    AttributeError,
    KeyError,
    RuntimeError,
    TypeError,
    ValueError,
)
_thread = threading.local()


class UnreadablePdf(PageError):
    """The file cannot be opened and printed; the reason is for the reader."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, kw_only=True)
class PdfFacts:
    """What a file turned out to be; encrypted ones that open are counted in."""

    pages: int
    encrypted: bool


def inspect(data: bytes) -> PdfFacts:
    """Say what this file is, or raise UnreadablePdf."""
    with _opened(data) as pdf:
        return PdfFacts(pages=len(pdf.pages), encrypted=pdf.is_encrypted)


def page_count(data: bytes) -> int:
    """Return the number of pages, or raise UnreadablePdf."""
    return inspect(data).pages


def stamp(data: bytes, text: str, *, colour: str = STAMP_RED) -> bytes:
    """Return a copy whose first page bears the stamp, where it hides nothing.

    Links, form fields and attached files stay. Where no place is free, the text
    lies across the page as a pale outline. Raises UnreadablePdf.
    """
    with _opened(data) as pdf:
        _stamp(pdf, Part(data=data, stamp=text, colour=colour))
        return _saved(pdf)


def stamp_place(data: bytes, text: str) -> Place | None:
    """Return where this stamp hides nothing on the first page, ``None`` where no
    place is free: what ``join`` need not look for again. Raises UnreadablePdf."""
    with _opened(data) as pdf:
        return _place(pdf.pages[0], data, text)


@dataclass(frozen=True, kw_only=True)
class Part:
    """A file of several that become one; with a stamp on its first page, or none."""

    data: bytes
    stamp: str = ""
    colour: str = STAMP_RED
    # Where stamps go, as ``stamp_place`` found it before; others are looked for.
    places: Mapping[str, Place | None] = field(default_factory=dict)


def join(parts: Sequence[Part]) -> bytes:
    """Return one file with the pages of all, each at its own size, stamped as
    asked. Raises UnreadablePdf."""
    with ExitStack() as stack:
        joined = stack.enter_context(pikepdf.new())
        add_pages(joined, stack, parts=parts)
        return _saved(joined)


def add_pages(joined: pikepdf.Pdf, stack: ExitStack, *, parts: Sequence[Part]) -> None:
    """Add the pages of files, stamped as asked; the files stay open until the stack
    closes, after ``joined`` is saved. Raises UnreadablePdf."""
    for part in parts:
        source = stack.enter_context(_opened(part.data))
        if part.stamp:
            _stamp(source, part)
        if Name.AcroForm in source.Root:
            # A form belongs to its file: what it says is drawn on the page.
            source.generate_appearance_streams()
            source.flatten_annotations("print")
        joined.pages.extend(source.pages)


def _stamp(pdf: pikepdf.Pdf, part: Part) -> None:
    page, text = pdf.pages[0], part.stamp
    view, content = _View(page), _content(page)
    known = text in part.places
    place = part.places[text] if known else _place(page, part.data, text)
    form = _form(text, part.colour, outline=place is None)
    if place is None:
        place = _across(view, *_size(form))
    _own_resources(page)
    name = page.add_resource(pdf.copy_foreign(form), Name.XObject, prefix="Stamp")
    page.obj.Contents = pdf.make_stream(_with_form(content, name, view.matrix(place)))


def _place(page: pikepdf.Page, data: bytes, text: str) -> Place | None:
    view = _View(page)
    if _too_many_pixels(page):
        return None
    size = _size(_form(text, STAMP_RED, outline=False))
    return free_place(data, view.width_mm, view.height_mm, *size)


@contextmanager
def _opened(data: bytes) -> Iterator[pikepdf.Pdf]:
    if len(data) > MAX_BYTES:
        limit = MAX_BYTES // 1024**2
        raise UnreadablePdf(
            _("This PDF is larger than %(limit)d MB.") % {"limit": limit}
        )
    if b"%PDF-" not in data[:1024]:
        raise UnreadablePdf(_("This file is not a PDF."))
    try:
        with pikepdf.open(io.BytesIO(data), suppress_warnings=True) as pdf:
            if not pdf.pages:
                raise UnreadablePdf(_("This PDF has no page."))
            if len(pdf.pages) > MAX_PAGES:
                raise UnreadablePdf(
                    _("This PDF has more than %(limit)d pages.") % {"limit": MAX_PAGES}
                )
            yield pdf
    except pikepdf.PasswordError as error:
        raise UnreadablePdf(_("This PDF is protected by a password.")) from error
    except _BROKEN as error:
        raise UnreadablePdf(_("This PDF is damaged and cannot be opened.")) from error


def _saved(pdf: pikepdf.Pdf) -> bytes:
    out = io.BytesIO()
    pdf.save(out, encryption=False, fix_metadata_version=False)
    return out.getvalue()


class _View:
    """The first page as it is seen: cropped, turned, in its own unit."""

    def __init__(self, page: pikepdf.Page) -> None:
        left, bottom, right, top = _visible(page)
        self._corner = left, bottom
        self._width, self._height = right - left, top - bottom
        self._turn = int(_inherited(page, Name.Rotate, 0)) % 360
        self._mm = float(page.obj.get(Name.UserUnit, 1)) * 25.4 / 72
        wide, high = self._width * self._mm, self._height * self._mm
        self.width_mm, self.height_mm = (
            (high, wide) if self._turn in (90, 270) else (wide, high)
        )
        if min(wide, high) < MIN_PAGE_MM:
            raise UnreadablePdf(_("The pages of this PDF are too small to be printed."))

    def matrix(self, place: Place) -> tuple[float, ...]:
        """Return the matrix that lays a form upright at a place, as seen."""
        x, y = place.left / self._mm, (self.height_mm - place.bottom) / self._mm
        scale = place.scale * 25.4 / 72 / self._mm
        turns = {
            0: ((1, 0, 0, 1), (x, y)),
            90: ((0, 1, -1, 0), (self._width - y, x)),
            180: ((-1, 0, 0, -1), (self._width - x, self._height - y)),
            270: ((0, -1, 1, 0), (y, self._height - x)),
        }
        axes, (right, up) = turns.get(self._turn, turns[0])
        left, bottom = self._corner
        return (*(axis * scale for axis in axes), left + right, bottom + up)


def _visible(page: pikepdf.Page) -> tuple[float, float, float, float]:
    """Return the crop box, cut to the media box, corners in order."""
    media, crop = _corners(page.mediabox), _corners(page.cropbox)
    left, bottom = max(media[0], crop[0]), max(media[1], crop[1])
    right, top = min(media[2], crop[2]), min(media[3], crop[3])
    return (left, bottom, right, top) if left < right and bottom < top else media


def _corners(box: pikepdf.Object) -> tuple[float, float, float, float]:
    x1, y1, x2, y2 = (float(side) for side in box.as_list())
    return min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2)


def _inherited(page: pikepdf.Page, key: Name, default: int) -> int:
    node: pikepdf.Object = page.obj
    for _depth in range(50):
        if key in node:
            return int(node[key])
        if Name.Parent not in node:
            break
        node = node.Parent
    return default


def _across(view: _View, width: float, height: float) -> Place:
    scale = 0.8 * min(view.width_mm / width, view.height_mm / height)
    return Place(
        left=(view.width_mm - width * scale) / 2,
        bottom=(view.height_mm + height * scale) / 2,
        scale=scale,
    )


@cache
def _stamp_file(text: str, colour: str, outline: bool) -> bytes:
    return stamp_pdf(text, colour=colour, outline=outline)


def _form(text: str, colour: str, *, outline: bool) -> pikepdf.Object:
    """Return the stamp, made once and kept open by this thread."""
    key = (text, colour, outline)
    known: dict[tuple[str, str, bool], tuple[pikepdf.Pdf, pikepdf.Object]]
    known = _thread.__dict__.setdefault("stamps", {})
    if key not in known:
        pdf = pikepdf.open(io.BytesIO(_stamp_file(*key)))
        form = pdf.make_indirect(pdf.pages[0].as_form_xobject())
        known[key] = pdf, form
    return known[key][1]


def _size(form: pikepdf.Object) -> tuple[float, float]:
    """Return the width and height of a form in millimetres."""
    left, bottom, right, top = (float(side) for side in form.BBox.as_list())
    return (right - left) * 25.4 / 72, (top - bottom) * 25.4 / 72


def _with_form(content: bytes, name: Name, matrix: tuple[float, ...]) -> bytes:
    """Return content that draws the form last, whatever state it leaves behind."""
    letters = _SAVE_OR_RESTORE.findall(content)
    unclosed = letters.count(b"q") - letters.count(b"Q")
    numbers = " ".join(f"{number:.5f}" for number in matrix)
    before = b"q\n" * (1 + max(0, -unclosed))
    after = "\nQ" * (1 + max(0, unclosed)) + f"\nq {numbers} cm {name} Do Q\n"
    return before + content + after.encode()


def _content(page: pikepdf.Page) -> bytes:
    """Return what draws the page."""
    page.contents_coalesce()
    content = page.obj.Contents.read_bytes() if Name.Contents in page.obj else b""
    if len(content) > MAX_DRAWING:
        raise UnreadablePdf(_("The first page of this PDF is too heavy to be printed."))
    return content


def _too_many_pixels(page: pikepdf.Page) -> bool:
    return any(
        int(picture.get(Name.Width, 0)) * int(picture.get(Name.Height, 0)) > MAX_PIXELS
        for picture in page.get_images().values()
    )


def _own_resources(page: pikepdf.Page) -> None:
    """Part the page from resources that it shares with others."""
    own: dict[str, Any] = dict(page.resources.items())
    if "/XObject" in own:
        own["/XObject"] = pikepdf.Dictionary(dict(own["/XObject"].items()))
    page.obj.Resources = pikepdf.Dictionary(own)
