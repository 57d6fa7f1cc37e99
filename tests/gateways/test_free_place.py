"""A stamp lies where nothing is written, upright, whatever the page holds."""

from __future__ import annotations

import io
import math
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
from pikepdf import Name

from relance.gateways import pdf
from tests.gateways._pdf import page_with, picture, saved, stamp_box, text_of, written

SAMPLES = Path(__file__).parents[2] / "../shared/samples/einvoices"
TEXT_STAMP = "MISE EN DEMEURE"


def full_of_text():
    lines = [written(10, y, b"Tout est pris ici, il n'y a plus de place. " * 3) for y in
             range(5, 842, 11)]  # fmt: skip
    return page_with(b"".join(lines))


def boxes(data):
    """Return the characters of the first page with their boxes, in page space."""
    with pypdfium2.PdfDocument(data) as document:
        text = document[0].get_textpage()
        return [
            (text.get_text_range(index, 1), text.get_charbox(index, loose=True))
            for index in range(text.count_chars())
            if text.get_text_range(index, 1).strip()
        ]


def assert_stamp_is_clear(original, stamped):
    """What the stamp's rectangle covers was of one colour before."""
    (left, top, right, bottom), (wide, _), before = stamp_box(original, stamped)
    ground = {
        before[y * wide + x]
        for y in range(top, bottom + 1)
        for x in range(left, right + 1)
    }
    assert max(ground) - min(ground) <= 8
    return left, top, right, bottom


def turned(data, angle):
    with pikepdf.open(io.BytesIO(data)) as made:
        page = made.pages[0]
        page.rotate(angle, relative=True)
        return saved(made)


def samples():
    found = sorted(SAMPLES.glob("*.pdf"))
    if not found:
        return [pytest.param(None, marks=pytest.mark.skip(f"no samples in {SAMPLES}"))]
    return [pytest.param(path, id=path.stem) for path in found]


@pytest.mark.parametrize("angle", [0, 90, 180, 270])
@pytest.mark.parametrize("sample", samples())
def test_the_stamp_meets_no_text_of_real_invoices(sample, angle):
    original = turned(sample.read_bytes(), angle)
    stamped = pdf.stamp(original, "Mise en demeure")
    before, after = boxes(original), boxes(stamped)
    assert after[: len(before)] == before
    added = after[len(before) :]
    assert "".join(char for char, _ in added) == TEXT_STAMP.replace(" ", "")
    left, bottom = min(b[0] for _, b in added), min(b[1] for _, b in added)
    right, top = max(b[2] for _, b in added), max(b[3] for _, b in added)
    meets = [
        char
        for char, (x1, y1, x2, y2) in before
        if x1 < right and left < x2 and y1 < top and bottom < y2
    ]
    assert meets == []
    assert_stamp_is_clear(original, stamped)


@pytest.mark.parametrize("angle", [0, 90, 180, 270])
@pytest.mark.parametrize(
    "entries",
    [
        {},
        {"CropBox": [100, 200, 500, 700]},
        {"MediaBox": [-300, -400, 295, 442]},
        {"MediaBox": [595, 842, 0, 0]},
        {"CropBox": [-50, -50, 9000, 9000]},
    ],
    ids=["plain", "cropped", "offset", "corners swapped", "crop too large"],
)
def test_the_stamp_is_upright_at_the_top_right(entries, angle):
    original = page_with(Rotate=angle, **entries)
    stamped = pdf.stamp(original, "Rappel")
    left, top, right, bottom = assert_stamp_is_clear(original, stamped)
    assert picture(original)[1] - right < 40
    assert top < 40
    assert (right - left, bottom - top) == pytest.approx((80, 35), abs=4)
    assert reading_direction(stamped) == angle


def reading_direction(data):
    """Return the angle, against the clock, from the first to the last letter."""
    (_, first), *_, (_, last) = boxes(data)
    right = (last[0] + last[2] - first[0] - first[2]) / 2
    up = (last[1] + last[3] - first[1] - first[3]) / 2
    return round(math.degrees(math.atan2(up, right)) / 10) * 10 % 360


@pytest.mark.parametrize("angle", [0, 90])
def test_a_page_in_larger_units_takes_a_stamp_of_the_same_size(angle):
    large = page_with(size=(297.5, 421), UserUnit=2, Rotate=angle)
    plain = page_with(size=(595, 842), Rotate=angle)

    def share(original):
        (left, _, right, _), (wide, _), _ = stamp_box(
            original, pdf.stamp(original, "Rappel")
        )
        return (right - left) / wide

    assert share(large) == pytest.approx(share(plain), rel=0.05)


def test_pictures_lines_notes_and_fields_are_in_the_way_too():
    drawn = b"0.2 0.4 0.6 rg 300 700 280 130 re f 0.3 w 0 0 0 RG 20 690 560 -60 re S"
    original = page_with(drawn)
    assert_stamp_is_clear(original, pdf.stamp(original, "Rappel"))
    note = pikepdf.Dictionary(
        Type=Name.Annot,
        Subtype=Name.Square,
        Rect=[330, 640, 580, 830],
        C=[1, 0, 0],
        F=4,
    )
    original = page_with(Annots=[note])
    left, top, right, bottom = assert_stamp_is_clear(
        original, pdf.stamp(original, "Rappel")
    )
    assert right < 330 or top > 842 - 640 or (left > 331 and bottom < 202)


def test_a_coloured_ground_is_free_ground():
    original = page_with(b"0.93 0.95 1 rg 0 0 595 842 re f\n" + written(40, 700))
    stamped = pdf.stamp(original, "Rappel")
    _, top, right, _ = assert_stamp_is_clear(original, stamped)
    assert (right > 500, top < 40) == (True, True)


def test_a_full_page_stays_readable_under_an_outline():
    original = full_of_text()
    stamped = pdf.stamp(original, "Mise en demeure")
    before, wide, high = picture(original)
    after = picture(stamped)[0]
    changes = [(b, a) for b, a in zip(before, after, strict=True) if a != b]
    assert len(changes) > wide * high / 200, "the outline cannot be seen"
    assert all(abs(b - a) <= 255 * 0.30 for b, a in changes)
    assert TEXT_STAMP in text_of(stamped)


def test_a_narrow_ticket_takes_a_smaller_stamp():
    original = page_with(written(10, 300, b"Ticket", 8), size=(165, 340))
    left, _, right, _ = assert_stamp_is_clear(original, pdf.stamp(original, "Rappel"))
    assert right - left < 165 / 2 + 2


@pytest.mark.parametrize("left_open", [b"q q 0.1 0 0 0.1 0 0 cm\n", b"Q Q Q\n"])
def test_what_the_content_leaves_open_does_not_move_the_stamp(left_open):
    original = page_with(written(40, 700) + left_open)
    _, top, right, _ = assert_stamp_is_clear(original, pdf.stamp(original, "Rappel"))
    assert (right > 500, top < 60) == (True, True)
