"""Pictures and layouts for the letter paper, good and bad."""

from __future__ import annotations

import io
from typing import Any

from PIL import Image

from relance.gateways.compiler import TEMPLATES

SVG = (
    b'<?xml version="1.0"?><!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" '
    b'"http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">'
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 220 64">'
    b'<path fill="#8a2b2b" d="M4 60V20L32 4l28 16v40H42V34H22v26z"/>'
    b'<circle cx="150" cy="40" r="18" fill="none" stroke="#8a2b2b"/></svg>'
)


def picture(
    width: int = 300, height: int = 100, *, kind: str = "PNG", **how: Any
) -> bytes:
    """Return a picture of one colour."""
    out = io.BytesIO()
    mode = how.pop("mode", "RGB")
    Image.new(mode, (width, height), how.pop("colour", 90)).save(out, kind, **how)
    return out.getvalue()


def drawing(inside: str, *, before: str = "", attributes: str = "") -> bytes:
    """Return an SVG drawing with this inside."""
    return (
        f'{before}<svg xmlns="http://www.w3.org/2000/svg" '
        f'xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 9 9" {attributes}>'
        f"{inside}</svg>"
    ).encode()


def layout(*, more: str = "", title: str = "") -> str:
    """Return our letter.typ with something added to it, or its greeting replaced."""
    text = (TEMPLATES / "letter.typ").read_text("utf-8")
    if title:
        text = text.replace("  align(right, letter.place_and_date)", title)
    return f"{text}\n{more}"
