"""Logos and signatures: bounded, looked at, and written again before they are kept."""

from __future__ import annotations

import io
import re
import warnings

from django.utils.translation import gettext as _
from lxml import etree
from PIL import Image, ImageOps

from relance.gateways.look import Picture

MAX_BYTES = 2 * 1024 * 1024
MAX_PIXELS = 25_000_000
# What a drawing may hold.
MAX_SHAPES = 5_000
_LEAST = 16
# 300 dots an inch at the size in which letters show them, and a little more.
_LOGO = (1000, 400)
_SIGNATURE = (800, 300)

_SVG = "http://www.w3.org/2000/svg"
_XLINK = "{http://www.w3.org/1999/xlink}href"
# What a drawing on paper does not need, left out.
_LEFT_OUT = {"script", "metadata", "title", "desc", "animate", "animateMotion",
             "animateTransform", "set"}  # fmt: skip
# What would bring something from elsewhere, or text in a font that is not there.
_REFUSED = {"image", "feImage", "foreignObject", "text", "tspan", "textPath", "font"}
_ELSEWHERE = re.compile(r"@import|url\(\s*['\"]?\s*(?!#)[^'\")\s]", re.IGNORECASE)
# What Pillow answers to a broken file, wherever it meets it.
_BROKEN = (
    AttributeError,
    EOFError,
    IndexError,
    KeyError,
    OSError,
    SyntaxError,
    TypeError,
    ValueError,
)


class UnusablePicture(Exception):
    """The picture cannot be put on a letter; the reason is for the reader."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def logo(data: bytes) -> Picture:
    """Return a logo as letters use it, or raise UnusablePicture: a PNG or JPEG of a
    sensible size, or a drawing without anything from elsewhere."""
    _bounded(data)
    if data.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")):
        return _written_again(data, most=_LOGO)
    if b"<svg" in data[:4096] or data.lstrip().startswith(b"<?xml"):
        return Picture(data=_drawing(data), suffix=".svg")
    raise UnusablePicture(_("Choose a PNG, JPEG or SVG picture."))


def signature(data: bytes) -> bytes:
    """Return the picture of a signature as a PNG, or raise UnusablePicture."""
    _bounded(data)
    if not data.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")):
        raise UnusablePicture(_("Choose a PNG or JPEG picture."))
    return _written_again(data, most=_SIGNATURE, always_png=True).data


def _bounded(data: bytes) -> None:
    if not data:
        raise UnusablePicture(_("This file is empty."))
    if len(data) > MAX_BYTES:
        words = _("This file is larger than %(limit)d MB.")
        raise UnusablePicture(words % {"limit": MAX_BYTES // 1024**2})


def _written_again(
    data: bytes, *, most: tuple[int, int], always_png: bool = False
) -> Picture:
    """Write the picture again at the size of its use: what else the file held (a
    place, a profile, a tail) is gone."""
    try:
        with warnings.catch_warnings():
            # The bound is ours.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=["PNG", "JPEG"]) as image:
                return _smaller(image, most=most, always_png=always_png)
    except Image.DecompressionBombError as error:
        raise UnusablePicture(_too_many()) from error
    except _BROKEN as error:
        words = _("This picture is damaged and cannot be opened.")
        raise UnusablePicture(words) from error


def _too_many() -> str:
    return _("This picture has too many pixels: 25 million at most.")


def _smaller(image: Image.Image, *, most: tuple[int, int], always_png: bool) -> Picture:
    width, height = image.size
    if width * height > MAX_PIXELS:
        raise UnusablePicture(_too_many())
    if min(width, height) < _LEAST:
        words = _("This picture is too small: %(least)d pixels at least.")
        raise UnusablePicture(words % {"least": _LEAST})
    is_jpeg = image.format == "JPEG" and not always_png
    upright = ImageOps.exif_transpose(image)
    seen = upright.convert("RGB" if image.format == "JPEG" else "RGBA")
    seen.thumbnail(most, Image.Resampling.LANCZOS)
    out = io.BytesIO()
    if is_jpeg:
        seen.save(out, "JPEG", quality=92)
        return Picture(data=out.getvalue(), suffix=".jpg")
    seen.save(out, "PNG", optimize=True)
    return Picture(data=out.getvalue(), suffix=".png")


def _drawing(data: bytes) -> bytes:
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True,
        remove_pis=True, huge_tree=False,
    )  # fmt: skip
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        words = _("This drawing is damaged and cannot be opened.")
        raise UnusablePicture(words) from error
    if root.tag != f"{{{_SVG}}}svg":
        raise UnusablePicture(_("Choose a PNG, JPEG or SVG picture."))
    shapes = list(root.iter())
    if len(shapes) > MAX_SHAPES:
        words = _("This drawing has too many shapes: %(most)d at most.")
        raise UnusablePicture(words % {"most": MAX_SHAPES})
    for shape in shapes:
        _look_at(shape)
    # Without its DOCTYPE: the root alone is written.
    return etree.tostring(root, encoding="utf-8")


def _look_at(shape: etree._Element) -> None:
    if not isinstance(shape.tag, str):  # an entity
        raise UnusablePicture(_("This drawing refers to something outside of it."))
    name = etree.QName(shape).localname
    parent = shape.getparent()
    if name in _LEFT_OUT and parent is not None:
        parent.remove(shape)
        return
    if name in _REFUSED:
        raise UnusablePicture(
            _(
                "This drawing holds text or a picture: have them turned into shapes "
                "(“convert text to outlines”), or choose a PNG."
            )
        )
    for attribute, value in list(shape.attrib.items()):
        if str(attribute).startswith("on"):
            del shape.attrib[attribute]
        elif (attribute in ("href", _XLINK) and not str(value).startswith("#")) or (
            _ELSEWHERE.search(str(value))
        ):
            raise UnusablePicture(_("This drawing refers to something outside of it."))
    if name == "style" and _ELSEWHERE.search(shape.text or ""):
        raise UnusablePicture(_("This drawing refers to something outside of it."))
