"""Files are stamped and joined whole; what cannot be printed is refused in words."""

import contextlib
import io
import subprocess
from concurrent.futures import ThreadPoolExecutor
from shutil import which

import pikepdf
import pypdfium2
import pytest
from pikepdf import Name

from relance.gateways import pdf
from relance.gateways.pdf import UnreadablePdf
from relance.gateways.typesetter import stamp_pdf
from tests.gateways._pdf import page_with, saved, stamp_box, text_of, written


def merged(*parts):
    """Return one file with the pages of all."""
    return pdf.join([pdf.Part(data=part) for part in parts])


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
