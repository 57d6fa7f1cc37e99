"""The print file read back with other libraries: each letter once, whole, in order."""

import dataclasses
import errno
import os
import subprocess
import sys
import zlib
from pathlib import Path

import pikepdf
import pypdf
import pypdfium2
import pytest
from pikepdf import Dictionary, Name

from relance.gateways import pdf
from relance.gateways.print_file import PrintItem, UnreadableLetter, write_print_file
from relance.gateways.typesetter import letters_pdf
from tests.gateways.test_typesetter import LETTER

A4 = (595, 842)


def letter(folder, name, *, pages=2, size=A4, **entries):
    """Write a letter whose pages say "NAME 1", "NAME 2"…"""
    with pikepdf.new() as made:
        font = made.make_indirect(
            Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
        )
        for number in range(1, pages + 1):
            page = made.add_blank_page(page_size=size)
            page.obj.Resources = Dictionary(Font=Dictionary(F1=font))
            text = f"BT /F1 14 Tf 40 60 Td ({name} {number}) Tj ET"
            page.obj.Contents = made.make_stream(text.encode())
            for key, value in entries.items():
                page.obj["/" + key] = value
        path = folder / f"{name}.pdf"
        made.save(path)
    return PrintItem(path=path, pages=pages)


def printed(items, folder, **options):
    target = folder / "print.pdf"
    pages = write_print_file(items, target, **options)
    said = texts(target)
    assert pages == len(said)
    with pikepdf.open(target) as checked:
        assert checked.check_pdf_syntax() == []
    return said


def texts(path):
    reader = pypdf.PdfReader(path, strict=True)
    return [page.extract_text().strip() for page in reader.pages]


def pictures(path):
    with pypdfium2.PdfDocument(path) as pdf:
        if pdf.get_formtype():
            pdf.init_forms()
        return [bytes(page.render(scale=0.7).buffer) for page in pdf]


def sizes(path):
    """Return the pages' sizes as they are seen."""
    with pypdfium2.PdfDocument(path) as pdf:
        return [tuple(map(round, page.get_size())) for page in pdf]


def rewritten(item, change):
    with pikepdf.open(item.path, allow_overwriting_input=True) as pdf:
        change(pdf)
        pdf.save(item.path)
    return item


def test_each_letter_is_there_once_in_the_order_given(tmp_path):
    items = [letter(tmp_path, name) for name in ("B", "A", "C")]
    assert printed(items, tmp_path) == ["B 1", "B 2", "A 1", "A 2", "C 1", "C 2"]


def test_the_cover_comes_first(tmp_path):
    cover = letter(tmp_path, "cover", pages=1).path.read_bytes()
    said = printed([letter(tmp_path, "A")], tmp_path, cover=cover)
    assert said == ["cover 1", "A 1", "A 2"]


@pytest.mark.parametrize("cover_pages", [0, 1, 2])
def test_on_both_sides_each_letter_starts_on_a_front(tmp_path, cover_pages):
    cover = None
    if cover_pages:
        cover = letter(tmp_path, "cover", pages=cover_pages).path.read_bytes()
    lengths = {"A": 1, "B": 2, "C": 3, "D": 1}
    items = [letter(tmp_path, name, pages=n) for name, n in lengths.items()]

    said = printed(items, tmp_path, duplex=True, cover=cover)

    for name in lengths:
        assert said.index(f"{name} 1") % 2 == 0
    assert [text for text in said if text] == [
        *(f"cover {n}" for n in range(1, cover_pages + 1)),
        "A 1", "B 1", "B 2", "C 1", "C 2", "C 3", "D 1",
    ]  # fmt: skip
    # Nothing follows the last letter.
    assert said[-1] == "D 1"


@pytest.mark.parametrize(
    "entries",
    [
        {},
        {"Rotate": 90},
        {"Rotate": 270},
        {"CropBox": [50, 60, 350, 260]},
        {"MediaBox": [-100, -100, 400, 300]},
        {"UserUnit": 2},
    ],
    ids=["plain", "turned", "turned back", "cropped", "offset", "larger units"],
)
def test_pages_keep_their_size_and_blank_ones_take_that_of_the_page_before(
    tmp_path, entries
):
    odd = letter(tmp_path, "odd", pages=1, size=(420, 300), **entries)
    items = [letter(tmp_path, "A"), odd, letter(tmp_path, "B")]

    printed(items, tmp_path, duplex=True)

    found = sizes(tmp_path / "print.pdf")
    assert found[2] == found[3] == sizes(odd.path)[0]
    assert found[0] == found[4] == A4
    assert pictures(tmp_path / "print.pdf")[2] == pictures(odd.path)[0]


def test_real_letters_look_the_same_and_share_their_fonts(tmp_path):
    names = [f"CLIENT {n}" for n in range(6)]
    made = letters_pdf(
        [dataclasses.replace(LETTER, address=(name, "44000 NANTES")) for name in names]
    )
    items = []
    for number, page in enumerate(made):
        copy = letter(tmp_path, f"copy{number}", pages=1).path.read_bytes()
        path = tmp_path / f"{number}.pdf"
        parts = [pdf.Part(data=page), pdf.Part(data=copy, stamp="Rappel")]
        path.write_bytes(pdf.join(parts))
        items.append(PrintItem(path=path, pages=2))

    said = printed(items, tmp_path)

    target = tmp_path / "print.pdf"
    before = [picture for item in items for picture in pictures(item.path)]
    assert pictures(target) == before
    assert all(name in page for name, page in zip(names, said[::2], strict=True))
    kept = sum(item.path.stat().st_size for item in items)
    assert target.stat().st_size < kept / 2


def test_what_a_page_inherits_comes_with_it(tmp_path):
    def lift(pdf):
        page = pdf.pages[0].obj
        for key in ("/MediaBox", "/Resources", "/Rotate"):
            pdf.Root.Pages[key] = page[key]
            del page[key]

    item = letter(tmp_path, "A", pages=1, size=(300, 500), Rotate=90)
    before = pictures(item.path)
    rewritten(item, lift)

    assert printed([item], tmp_path) == ["A 1"]
    assert sizes(tmp_path / "print.pdf") == [(500, 300)]
    assert pictures(tmp_path / "print.pdf") == before


def test_what_a_form_says_is_drawn_on_the_page(tmp_path):
    def fill(pdf):
        field = pdf.make_indirect(
            Dictionary(
                Type=Name.Annot,
                Subtype=Name.Widget,
                FT=Name.Tx,
                T="montant",
                V="1 234 EUR",
                F=4,
                Rect=[40, 200, 240, 220],
                DA="/F1 12 Tf 0 g",
            )
        )
        pdf.pages[0].obj.Annots = pdf.make_indirect(pikepdf.Array([field]))
        pdf.Root.AcroForm = Dictionary(
            Fields=[field],
            NeedAppearances=True,
            DR=Dictionary(Font=pdf.pages[0].obj.Resources.Font),
            DA="/F1 12 Tf 0 g",
        )

    item = rewritten(letter(tmp_path, "A", pages=1), fill)
    printed([item], tmp_path)
    with pypdfium2.PdfDocument(tmp_path / "print.pdf") as pdf:
        said = pdf[0].get_textpage().get_text_bounded()
    assert "1 234 EUR" in said
    assert "A 1" in said


def test_links_lead_to_pages_of_the_same_letter_and_to_sites(tmp_path):
    def link(pdf):
        first, second = pdf.pages
        inside = Dictionary(
            Type=Name.Annot,
            Subtype=Name.Link,
            Rect=[0, 0, 10, 10],
            Dest=[second.obj, Name.Fit],
            P=first.obj,
        )
        outside = Dictionary(
            Type=Name.Annot,
            Subtype=Name.Link,
            Rect=[20, 0, 30, 10],
            A=Dictionary(S=Name.URI, URI="https://pay.example/ 1 0 R (2 0 R"),
        )
        first.obj.Annots = pdf.make_indirect(
            pikepdf.Array([pdf.make_indirect(inside), pdf.make_indirect(outside)])
        )

    item = rewritten(letter(tmp_path, "B"), link)
    printed([letter(tmp_path, "A"), item], tmp_path)

    with pikepdf.open(tmp_path / "print.pdf") as pdf:
        inside, outside = pdf.pages[2].obj.Annots
        assert inside.Dest[0].objgen == pdf.pages[3].obj.objgen
        assert inside.P.objgen == pdf.pages[2].obj.objgen
        # A string that looks like a reference is a string.
        assert str(outside.A.URI) == "https://pay.example/ 1 0 R (2 0 R"


def test_objects_that_lead_back_to_themselves_are_written_once(tmp_path):
    def tie(pdf):
        note = pdf.make_indirect(
            Dictionary(Type=Name.Annot, Subtype=Name.Text, Rect=[0, 0, 9, 9])
        )
        popup = pdf.make_indirect(
            Dictionary(Type=Name.Annot, Subtype=Name.Popup, Rect=[0, 0, 9, 9])
        )
        note.Popup, popup.Parent = popup, note
        pdf.pages[0].obj.Annots = pikepdf.Array([note, popup])

    item = rewritten(letter(tmp_path, "A", pages=1), tie)
    printed([item], tmp_path)
    with pikepdf.open(tmp_path / "print.pdf") as pdf:
        note, popup = pdf.pages[0].obj.Annots
        assert note.Popup.objgen == popup.objgen
        assert popup.Parent.objgen == note.objgen


def test_a_file_locked_against_changes_is_printed_unlocked(tmp_path):
    item = letter(tmp_path, "A", pages=1)
    with pikepdf.open(item.path, allow_overwriting_input=True) as pdf:
        pdf.save(item.path, encryption=pikepdf.Encryption(owner="secret", user=""))
    assert printed([item], tmp_path) == ["A 1"]
    with pikepdf.open(tmp_path / "print.pdf") as pdf:
        assert not pdf.is_encrypted


def test_more_pages_than_one_node_holds(tmp_path):
    items = [letter(tmp_path, f"L{n}", pages=3) for n in range(150)]
    said = printed(items, tmp_path)
    assert said == [f"L{n} {page}" for n in range(150) for page in (1, 2, 3)]
    with pikepdf.open(tmp_path / "print.pdf") as pdf:
        nodes = list(pdf.Root.Pages.Kids)
        assert [node.Count for node in nodes] == [100, 100, 100, 100, 50]


def test_the_index_names_each_packed_object_by_its_place(tmp_path):
    """Readers that go by the place, not by the number, find the same."""
    printed([letter(tmp_path, f"L{n}") for n in range(150)], tmp_path)

    reader = pypdf.PdfReader(tmp_path / "print.pdf", strict=True)
    packed = reader.xref_objStm
    assert len({stream for stream, _place in packed.values()}) > 1
    for number, (stream, place) in packed.items():
        found = reader.get_object(pypdf.generic.IndirectObject(stream, 0, reader))
        assert int(found.get_data().split()[2 * place]) == number


def test_what_letters_have_alike_is_written_once(tmp_path):
    logo = os.urandom(60_000)

    def add_logo(pdf):
        picture = pdf.make_stream(
            zlib.compress(logo),
            Dictionary(
                Type=Name.XObject,
                Subtype=Name.Image,
                Width=200,
                Height=100,
                ColorSpace=Name.DeviceRGB,
                BitsPerComponent=8,
                Filter=Name.FlateDecode,
            ),
        )
        pdf.pages[0].add_resource(picture, Name.XObject, name=Name.Logo)

    items = [rewritten(letter(tmp_path, f"L{n}"), add_logo) for n in range(20)]
    printed(items, tmp_path)

    assert (tmp_path / "print.pdf").stat().st_size < 2 * len(logo)
    with pikepdf.open(tmp_path / "print.pdf") as pdf:
        for page in list(pdf.pages)[::2]:
            assert page.obj.Resources.XObject.Logo.read_bytes() == logo


def test_streams_that_differ_only_in_their_dictionary_are_not_confused(tmp_path):
    def turn(pdf):
        form = pdf.make_stream(b"0 0 10 10 re f", Dictionary(
            Type=Name.XObject, Subtype=Name.Form, BBox=[0, 0, 99, 99]
        ))  # fmt: skip
        pdf.pages[0].add_resource(form, Name.XObject, name=Name.X)

    plain = rewritten(letter(tmp_path, "A", pages=1), turn)
    other = rewritten(letter(tmp_path, "B", pages=1), turn)

    def shrink(pdf):
        pdf.pages[0].obj.Resources.XObject.X.BBox = [0, 0, 1, 1]

    rewritten(other, shrink)
    printed([plain, other], tmp_path)
    with pikepdf.open(tmp_path / "print.pdf") as pdf:
        found = [list(page.obj.Resources.XObject.X.BBox) for page in pdf.pages]
    assert found == [[0, 0, 99, 99], [0, 0, 1, 1]]


@pytest.mark.parametrize(
    "data", [b"", b"no PDF", b"%PDF-1.7\ncut short", None], ids=str
)
def test_a_letter_that_cannot_be_read_is_named(tmp_path, data):
    items = [letter(tmp_path, name) for name in "ABC"]
    bad = items[1].path
    bad.unlink() if data is None else bad.write_bytes(data)
    target = tmp_path / "print.pdf"
    target.write_bytes(b"the one before")

    with pytest.raises(UnreadableLetter) as caught:
        write_print_file(items, target)

    assert caught.value.path == bad
    assert target.read_bytes() == b"the one before"
    assert not list(tmp_path.glob(".writing-*"))


def test_a_letter_that_lost_a_page_is_named(tmp_path):
    item = letter(tmp_path, "A", pages=3)
    rewritten(item, lambda pdf: pdf.pages.remove(p=3))
    with pytest.raises(UnreadableLetter, match="2 pages"):
        write_print_file([item], tmp_path / "print.pdf")


def test_a_hostile_chain_of_objects_is_refused(tmp_path):
    def chain(pdf):
        link = pdf.make_indirect(Dictionary(S=Name.URI, URI="https://e.example"))
        for _ in range(5000):
            link = pdf.make_indirect(Dictionary(S=Name.URI, Next=link))
        pdf.pages[0].obj.Annots = pikepdf.Array(
            [Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=[0, 0, 1, 1], A=link)]
        )

    item = rewritten(letter(tmp_path, "A", pages=1), chain)
    with pytest.raises(UnreadableLetter, match="nested too deep"):
        write_print_file([item], tmp_path / "print.pdf")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is full")
def test_a_full_disk_is_the_disks_error_and_no_letters():
    """The writer meets a real ENOSPC: it is not taken for a broken letter."""
    folder = Path(os.environ["RELANCE_DATA"]) / "full"
    folder.mkdir(exist_ok=True)
    item = letter(folder, "A")
    code = (
        "import resource, signal, sys; from pathlib import Path;"
        "from relance.gateways.print_file import *;"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (200, 200));"
        "folder = Path(sys.argv[1]);"
        "write_print_file([PrintItem(path=folder / 'A.pdf', pages=2)],"
        " folder / 'print.pdf')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, folder],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[2],
    )
    assert item.path.exists()
    assert done.stderr.splitlines()[-1].startswith(f"OSError: [Errno {errno.EFBIG}]")
    assert not list(folder.glob(".writing-*"))
    assert not (folder / "print.pdf").exists()


def test_memory_does_not_grow_with_the_letters(tmp_path):
    """Each letter brings a new picture of 1 MB; the program stays far below all."""
    for n in range(150):
        item = letter(tmp_path, f"L{n:03}", pages=1)
        rewritten(
            item,
            lambda pdf: pdf.pages[0].add_resource(
                pdf.make_stream(os.urandom(1_000_000)), Name.XObject, name=Name.X
            ),
        )
    code = (
        "import resource, sys; from pathlib import Path;"
        "from relance.gateways.print_file import *;"
        "peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss;"
        "before = peak(); folder = Path(sys.argv[1]);"
        "items = [PrintItem(path=p, pages=1) for p in sorted(folder.glob('L*.pdf'))];"
        "write_print_file(items, folder / 'print.pdf');"
        "print(peak() - before)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, tmp_path],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    assert int(done.stdout) < 30 * 1024, "kilobytes; the file has 150 MB"


def test_letters_are_read_as_they_come(tmp_path):
    """Nothing is opened before its turn: items may be made on the way."""
    seen = []

    def items():
        for name in "AB":
            seen.append(name)
            yield letter(tmp_path, name)

    assert len(printed(items(), tmp_path)) == 4
    assert seen == ["A", "B"]
