"""Scans that prove a deposit or a delivery: PDF, JPEG or PNG, bounded, looked at
before they are kept."""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass

import pikepdf
from django.utils.translation import gettext as _
from pikepdf import Name
from PIL import Image

from relance.gateways import pdf

MAX_BYTES = 10 * 1024 * 1024
MAX_PAGES = 50
# A page in A3 at 600 dots per inch.
MAX_PIXELS = pdf.MAX_PIXELS

_MEDIA = {"JPEG": ("image/jpeg", ".jpg"), "PNG": ("image/png", ".png")}
# What Pillow and pikepdf answer to a broken file, wherever they meet it.
_BROKEN = (
    pikepdf.PdfError,
    AttributeError,
    EOFError,
    KeyError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
)


class UnusableScan(Exception):
    """The file cannot be kept as a proof; the reason is for the reader."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, kw_only=True)
class Scan:
    """What a file turned out to be, whatever it was called."""

    media_type: str
    suffix: str
    pages: int


def inspect(data: bytes) -> Scan:
    """Say what this file is, or raise UnusableScan. Nothing is unfolded beyond what
    a real page holds."""
    if not data:
        raise UnusableScan(_("This file is empty."))
    if len(data) > MAX_BYTES:
        limit = MAX_BYTES // 1024**2
        raise UnusableScan(
            _("This file is larger than %(limit)d MB.") % {"limit": limit}
        )
    if b"%PDF-" in data[:1024]:
        return _pdf(data)
    if data.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")):
        return _picture(data)
    raise UnusableScan(_("Only PDF, JPEG and PNG files are kept as proofs."))


def _pdf(data: bytes) -> Scan:
    try:
        pages = pdf.page_count(data)
    except pdf.UnreadablePdf as error:
        raise UnusableScan(error.reason) from error
    if pages > MAX_PAGES:
        raise UnusableScan(
            _("This PDF has more than %(limit)d pages.") % {"limit": MAX_PAGES}
        )
    try:
        with pikepdf.open(io.BytesIO(data), suppress_warnings=True) as opened:
            heavy = any(_is_heavy(page) for page in opened.pages)
    except _BROKEN as error:
        raise UnusableScan(_("This PDF is damaged and cannot be opened.")) from error
    if heavy:
        raise UnusableScan(_("A page of this PDF is too heavy for a scan."))
    return Scan(media_type="application/pdf", suffix=".pdf", pages=pages)


def _is_heavy(page: pikepdf.Page) -> bool:
    if any(_pixels(picture) > MAX_PIXELS for picture in page.get_images().values()):
        return True
    page.contents_coalesce()
    if Name.Contents not in page.obj:
        return False
    return len(page.obj.Contents.read_bytes()) > pdf.MAX_DRAWING


def _pixels(picture: pikepdf.Object) -> int:
    return int(picture.get(Name.Width, 0)) * int(picture.get(Name.Height, 0))


def _picture(data: bytes) -> Scan:
    try:
        with warnings.catch_warnings():
            # The bound is ours.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            kind, pixels = _looked_at(data)
    except Image.DecompressionBombError as error:
        raise UnusableScan(_too_many()) from error
    except _BROKEN as error:
        raise UnusableScan(
            _("This picture is damaged and cannot be opened.")
        ) from error
    if pixels > MAX_PIXELS:
        raise UnusableScan(_too_many())
    media_type, suffix = _MEDIA[kind]
    return Scan(media_type=media_type, suffix=suffix, pages=1)


def _too_many() -> str:
    return _("This picture has too many pixels for a scan.")


def _looked_at(data: bytes) -> tuple[str, int]:
    """Return the kind and the pixels of a picture; its content is read, not unfolded,
    unless there are too many."""
    with Image.open(io.BytesIO(data), formats=list(_MEDIA)) as image:
        kind, (width, height) = str(image.format), image.size
        if width * height > MAX_PIXELS:
            return kind, width * height
        if kind == "JPEG":
            # An eighth of its size is enough to see that it is whole.
            image.draft("L", (max(width // 8, 1), max(height // 8, 1)))
            image.load()
        else:
            image.verify()
    return kind, width * height
