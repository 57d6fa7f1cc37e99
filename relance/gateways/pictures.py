"""Pages of a PDF as pictures, to show on a screen."""

from __future__ import annotations

import io
import threading

import pypdfium2

# PDFium is not made for threads: one page is drawn at a time, whoever asks.
drawing = threading.Lock()


class NoSuchPage(Exception):
    """This PDF has no such page, or it cannot be drawn."""


def page_picture(data: bytes, *, page: int = 1, width: int = 900) -> bytes:
    """Return one page as a PNG of this width in pixels, as it is seen on a screen.

    Notes and filled forms are drawn. Raises NoSuchPage.
    """
    with drawing:
        try:
            document = pypdfium2.PdfDocument(data)
        except pypdfium2.PdfiumError as error:
            raise NoSuchPage(str(error)) from error
        try:
            if not 1 <= page <= len(document):
                raise NoSuchPage(str(page))
            shown = document[page - 1]
            scale = width / max(shown.get_width(), 1)
            # A very long page must not ask for a picture of gigabytes.
            scale = min(scale, 4000 / max(shown.get_height(), 1))
            image = shown.render(scale=scale, may_draw_forms=False).to_pil()
        finally:
            document.close()
    out = io.BytesIO()
    image.save(out, "PNG", optimize=False, compress_level=4)
    return out.getvalue()
