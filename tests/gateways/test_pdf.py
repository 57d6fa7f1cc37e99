"""Stamps lie where nothing is written; files are joined whole."""

import contextlib
import io
import math
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from shutil import which

import pikepdf
import pypdfium2
import pytest
from pikepdf import Name

from relance.gateways import pdf
from relance.gateways.pdf import UnreadablePdf
from relance.gateways.typesetter import stamp_pdf

SAMPLES = Path(__file__).parents[2] / "../shared/samples/einvoices"
TEXT_STAMP = "MISE EN DEMEURE"


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


def merged(*parts):
    """Return one file with the pages of all."""
    return pdf.join([pdf.Part(data=part) for part in parts])


def saved(made, **options):
    out = io.BytesIO()
    made.save(out, **options)
    return out.getvalue()


def written(x, y, text=b"FACTURE", size=12):
    return b"BT /F1 %d Tf %d %d Td (%s) Tj ET\n" % (size, x, y, text)


def full_of_text():
    lines = [written(10, y, b"Tout est pris ici, il n'y a plus de place. " * 3) for y in
             range(5, 842, 11)]  # fmt: skip
    return page_with(b"".join(lines))


def text_of(data, page=0):
    with pypdfium2.PdfDocument(data) as document:
        return document[page].get_textpage().get_text_bounded()


def boxes(data):
    """Return the characters of the first page with their boxes, in page space."""
    with pypdfium2.PdfDocument(data) as document:
        text = document[0].get_textpage()
        return [
            (text.get_text_range(index, 1), text.get_charbox(index, loose=True))
            for index in range(text.count_chars())
            if text.get_text_range(index, 1).strip()
        ]


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


def test_links_fields_and_attached_files_stay():
    with pikepdf.open(io.BytesIO(page_with(written(40, 700)))) as made:
        link = pikepdf.Dictionary(
            Type=Name.Annot,
            Subtype=Name.Link,
            Rect=[40, 700, 100, 712],
            A=pikepdf.Dictionary(S=Name.URI, URI="https://pay.example/1"),
        )
        made.pages[0].obj.Annots = pikepdf.Array([made.make_indirect(link)])
        made.Root.AcroForm = pikepdf.Dictionary(Fields=[])
        made.attachments["factur-x.xml"] = b"<xml/>"
        original = saved(made)
    stamped = pdf.stamp(original, "Rappel")
    with pikepdf.open(io.BytesIO(stamped)) as kept:
        assert str(kept.pages[0].Annots[0].A.URI) == "https://pay.example/1"
        assert Name.AcroForm in kept.Root
        assert kept.attachments["factur-x.xml"].get_file().read_bytes() == b"<xml/>"
    with pikepdf.open(io.BytesIO(merged(stamped))) as joined:
        assert str(joined.pages[0].Annots[0].A.URI) == "https://pay.example/1"


def test_only_the_first_page_is_stamped():
    with pikepdf.new() as made:
        for _page in range(3):
            made.add_blank_page()
        original = saved(made)
    stamped = pdf.stamp(original, "Rappel")
    assert [text_of(stamped, page) for page in range(3)] == ["RAPPEL", "", ""]
    assert pdf.page_count(stamped) == 3


def test_a_resource_shared_by_pages_is_not_stamped_twice():
    with pikepdf.new() as made:
        shared = made.make_indirect(pikepdf.Dictionary(XObject=pikepdf.Dictionary()))
        for _page in range(2):
            made.add_blank_page().obj.Resources = shared
        stamped = pdf.stamp(saved(made), "Rappel")
    with pikepdf.open(io.BytesIO(stamped)) as kept:
        assert [len(page.Resources.XObject) for page in kept.pages] == [1, 0]


def encrypted(user):
    with pikepdf.open(io.BytesIO(page_with(written(40, 700)))) as made:
        return saved(made, encryption=pikepdf.Encryption(owner="secret", user=user))


def test_a_file_locked_against_changes_is_still_stamped_and_joined():
    locked = encrypted("")
    assert pdf.inspect(locked) == pdf.PdfFacts(pages=1, encrypted=True)
    joined = merged(pdf.stamp(locked, "Rappel"), locked)
    assert not pdf.inspect(joined).encrypted
    assert "FACTURE" in text_of(joined, 1)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (encrypted("secret"), "protected by a password"),
        (b"", "not a PDF"),
        (b"PK\x03\x04 a spreadsheet", "not a PDF"),
        (b"%PDF-1.7\n" + b"garbage " * 50, "damaged"),
        (page_with()[:200], "damaged"),
    ],
)
def test_what_cannot_be_printed_is_refused_in_words(data, reason):
    from django.utils.translation import override

    for action in (
        pdf.inspect,
        pdf.page_count,
        lambda data: pdf.stamp(data, "Rappel"),
        lambda data: merged(data),
    ):
        with override("en"), pytest.raises(UnreadablePdf) as refusal:
            action(data)
        assert reason in refusal.value.reason


def test_a_file_without_pages_or_with_too_many_is_refused(monkeypatch):
    with pikepdf.new() as made:
        with pytest.raises(UnreadablePdf):
            pdf.inspect(saved(made))
        for _page in range(3):
            made.add_blank_page()
        monkeypatch.setattr(pdf, "MAX_PAGES", 2)
        with pytest.raises(UnreadablePdf):
            pdf.inspect(saved(made))


@pytest.mark.parametrize(
    "entries",
    [
        {"MediaBox": [0, 0, 1, 1]},
        {"MediaBox": [0, 0, Name.Wide, 842]},
        {"Rotate": Name.Left},
        {"Resources": 12},
        {"Resources": pikepdf.Dictionary(XObject=Name.Nothing)},
        {"Contents": 12},
    ],
)
def test_a_page_made_wrong_is_stamped_or_refused(entries):
    with contextlib.suppress(UnreadablePdf):
        stamped = pdf.stamp(page_with(**entries), "Rappel")
        assert pdf.page_count(stamped) == 1


def test_a_page_that_unfolds_to_a_flood_is_refused():
    flood = page_with(b"0 0 m 9 9 l S\n" * (pdf.MAX_DRAWING // 14 + 1))
    assert len(flood) < 200_000
    with pytest.raises(UnreadablePdf):
        pdf.stamp(flood, "Rappel")


def test_a_picture_too_large_to_be_drawn_leaves_the_outline():
    with pikepdf.open(io.BytesIO(page_with(b"q 9 0 0 9 9 9 cm /I Do Q"))) as made:
        huge = made.make_stream(b"", Type=Name.XObject, Subtype=Name.Image)
        huge.Width, huge.Height, huge.BitsPerComponent = 40_000, 40_000, 8
        huge.ColorSpace = Name.DeviceGray
        made.pages[0].obj.Resources.XObject = pikepdf.Dictionary(I=huge)
        original = saved(made)
    (left, top, right, bottom), (wide, high), _ = stamp_box(
        original, pdf.stamp(original, "Rappel")
    )
    assert right - left > wide / 2
    assert bottom - top > high / 4


def test_stamps_are_made_in_many_threads_at_once():
    originals = [page_with(written(40, 100 + number)) for number in range(24)]
    with ThreadPoolExecutor(4) as pool:
        stamped = list(pool.map(lambda data: pdf.stamp(data, "Rappel"), originals))
    assert all("RAPPEL" in text_of(one) for one in stamped)


def test_joined_pages_keep_their_order_and_size(tmp_path):
    parts = [
        page_with(written(40, 100, b"un"), size=(595, 842)),
        page_with(written(40, 100, b"deux"), size=(300, 400), Rotate=90),
        pdf.stamp(page_with(written(40, 100, b"trois"), size=(842, 595)), "Rappel"),
    ]
    joined = merged(*parts)
    with pypdfium2.PdfDocument(joined) as document:
        sizes = [tuple(map(round, page.get_size())) for page in document]
    assert sizes == [(595, 842), (400, 300), (842, 595)]
    assert [text_of(joined, page).split()[0] for page in (0, 1)] == ["un", "deux"]
    assert {"trois", "RAPPEL"} <= set(text_of(joined, 2).split())
    if which("pdftoppm"):
        (tmp_path / "joined.pdf").write_bytes(joined)
        done = subprocess.run(
            ["pdftoppm", "-r", "20", tmp_path / "joined.pdf", tmp_path / "page"],
            capture_output=True,
            check=True,
        )
        assert done.stderr == b""
        assert len(list(tmp_path.glob("page*.ppm"))) == 3


def test_what_a_form_says_is_still_there_once_joined():
    field = pikepdf.Dictionary(
        Type=Name.Annot,
        Subtype=Name.Widget,
        FT=Name.Tx,
        T="total",
        V="1 234 EUR",
        DA="/F1 12 Tf 0 g",
        Rect=[40, 600, 240, 620],
        F=4,
    )
    with pikepdf.open(io.BytesIO(page_with(written(40, 700)))) as made:
        widget = made.make_indirect(field)
        made.pages[0].obj.Annots = pikepdf.Array([widget])
        made.Root.AcroForm = pikepdf.Dictionary(
            Fields=[widget],
            NeedAppearances=True,
            DR=made.pages[0].Resources,
            DA="/F1 12 Tf 0 g",
        )
        original = saved(made)
    assert "1 234 EUR" in text_of(merged(original))


def test_the_original_is_not_touched():
    original = page_with(written(40, 700))
    kept = bytes(original)
    assert pdf.stamp(original, "Rappel") != original
    assert original == kept
    assert stamp_pdf("Rappel", colour="#000000").startswith(b"%PDF-")
