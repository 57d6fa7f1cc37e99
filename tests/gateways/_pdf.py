"""Pages made for a test, and what is found on them."""

from __future__ import annotations

import io

import pikepdf
import pypdfium2
from pikepdf import Name


def page_with(content=b"", *, size=(595, 842), **entries):
    """Return a one-page PDF with this content and these page entries."""
    with pikepdf.new() as made:
        page = made.add_blank_page(page_size=size)
        font = made.make_indirect(
            pikepdf.Dictionary(
                Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica
            )
        )
        page.obj.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font))
        page.obj.Contents = made.make_stream(content)
        for key, value in entries.items():
            page.obj["/" + key] = value
        return saved(made)


def saved(made, **options):
    out = io.BytesIO()
    made.save(out, **options)
    return out.getvalue()


def written(x, y, text=b"FACTURE", size=12):
    return b"BT /F1 %d Tf %d %d Td (%s) Tj ET\n" % (size, x, y, text)


def text_of(data, page=0):
    with pypdfium2.PdfDocument(data) as document:
        return document[page].get_textpage().get_text_bounded()


def stamp_box(original, stamped):
    """Return the box of what the stamp changed, in pixels at 144 dpi, and the page."""
    before, after = picture(original), picture(stamped)
    assert before[1:] == after[1:], "the page changed its size"
    wide, high = before[1:]
    changed = [
        (index % wide, index // wide)
        for index in range(wide * high)
        if before[0][index] != after[0][index]
    ]
    assert changed, "no stamp to be seen"
    columns, rows = [x for x, _ in changed], [y for _, y in changed]
    return (min(columns), min(rows), max(columns), max(rows)), (wide, high), before[0]


def picture(data, scale=1.0):
    with pypdfium2.PdfDocument(data) as document:
        if document.get_formtype():
            document.init_forms()
        bitmap = document[0].render(scale=scale, grayscale=True)
        pixels = bytes(bitmap.buffer)
        rows = [
            pixels[y * bitmap.stride : y * bitmap.stride + bitmap.width]
            for y in range(bitmap.height)
        ]
        return b"".join(rows), bitmap.width, bitmap.height
