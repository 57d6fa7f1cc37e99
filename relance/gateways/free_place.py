"""Where a page has nothing yet: looked for on a very small picture of it."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import pypdfium2

from relance.gateways.pictures import drawing

_PIXEL_MM = 1.5
_MOST_PIXELS = 1000
_EDGE_MM = 7.0  # printers leave the edge white
_AROUND_MM = 2.5  # free ground around the stamp
_STEP_MM = 4.0
_SCALES = (1.0, 0.8, 0.65)
# Paler than this beside the ground is a smudge of the scanner.
_CONTRAST = 5
_MOST_KNOWN = 5000


@dataclass(frozen=True, kw_only=True)
class Place:
    """The lower left corner, in millimetres from the top left of the page as seen."""

    left: float
    bottom: float
    scale: float


def free_place(
    data: bytes, page_width: float, page_height: float, width: float, height: float
) -> Place | None:
    """Find room for a stamp on the first page, the nearest to its top right corner.

    Everything that shows counts: text, images, lines, notes, form fields. Sizes are
    in millimetres, the page's as it is seen. A narrow page takes a smaller stamp.
    None when there is no room, or when the page cannot be drawn.
    """
    # Drawing takes most of the time of a stamp, and an invoice is reminded again.
    key = hashlib.sha256(data).digest(), round(width, 1), round(height, 1)
    if key not in _known:
        if len(_known) >= _MOST_KNOWN:
            _known.clear()
        _known[key] = _look(data, (page_width, page_height), width, height)
    return _known[key]


def _look(
    data: bytes, page: tuple[float, float], width: float, height: float
) -> Place | None:
    picture = _picture(data, page)
    if picture is None:
        return None
    for scale in _SCALES:
        if width * scale > page[0] / 2:
            continue
        found = picture.find(width * scale, height * scale)
        if found is not None:
            left, top = found
            return Place(left=left, bottom=top + height * scale, scale=scale)
    return None


@dataclass(frozen=True, kw_only=True)
class _Picture:
    """One byte a pixel, 0 where nothing is drawn."""

    marks: bytes
    columns: int
    rows: int
    pixel_mm: float

    def find(self, width: float, height: float) -> tuple[float, float] | None:
        """Return left and top in millimetres of a free rectangle of this size."""
        pixel = self.pixel_mm
        margin = _AROUND_MM / pixel
        wide = int(width / pixel + 2 * margin) + 2
        high = int(height / pixel + 2 * margin) + 2
        blank = bytes(wide)
        for column, row in _candidates(self.columns, self.rows, wide, high, pixel):
            start = row * self.columns + column
            stop = start + high * self.columns
            if all(
                self.marks[at : at + wide] == blank
                for at in range(start, stop, self.columns)
            ):
                return (column + margin + 1) * pixel, (row + margin + 1) * pixel
        return None


_known: dict[tuple[bytes, float, float], Place | None] = {}


@lru_cache(maxsize=64)
def _candidates(
    columns: int, rows: int, wide: int, high: int, pixel: float
) -> tuple[tuple[int, int], ...]:
    """Return the corners to try, from the top right of the page on."""
    edge = max(0, int((_EDGE_MM - _AROUND_MM) / pixel))
    step = max(1, round(_STEP_MM / pixel))
    last = columns - edge - wide
    tried = [
        (column, row)
        for row in range(edge, rows - edge - high + 1, step)
        for column in range(last, edge - 1, -step)
    ]
    # Going down is worth twice as much as going left: the stamp stays on top.
    return tuple(sorted(tried, key=lambda at: (last - at[0]) + 2 * (at[1] - edge)))


@lru_cache(maxsize=2)
def _picture(data: bytes, page: tuple[float, float]) -> _Picture | None:
    """Draw once for the stamps of all the levels, looked for one after the other."""
    return _draw(
        data, pixel_mm=max(_PIXEL_MM, max(page) / _MOST_PIXELS), width_mm=page[0]
    )


def _draw(data: bytes, *, pixel_mm: float, width_mm: float) -> _Picture | None:
    try:
        with drawing:
            grey, columns, rows = _grey(data, width_mm / pixel_mm)
    except pypdfium2.PdfiumError:
        return None
    ground = 255 if grey.count(255) * 3 > len(grey) else max(set(grey), key=grey.count)
    marked = bytes(abs(level - ground) > _CONTRAST for level in range(256))
    return _Picture(
        marks=grey.translate(marked),
        columns=columns,
        rows=rows,
        pixel_mm=width_mm / columns,
    )


def _grey(data: bytes, columns: float) -> tuple[bytes, int, int]:
    """Return the grey levels of the first page, its columns and rows."""
    document = pypdfium2.PdfDocument(data)
    try:
        if document.get_formtype():
            document.init_forms()
        page = document[0]
        bitmap = page.render(scale=columns / page.get_width(), grayscale=True)
        wide, high, stride = bitmap.width, bitmap.height, bitmap.stride
        lines = bytes(bitmap.buffer)
        if stride != wide:
            lines = b"".join(_lines(lines, wide, high, stride))
        return lines[: wide * high], wide, high
    finally:
        document.close()


def _lines(pixels: bytes, wide: int, high: int, stride: int) -> Iterator[bytes]:
    for row in range(high):
        yield pixels[row * stride : row * stride + wide]
