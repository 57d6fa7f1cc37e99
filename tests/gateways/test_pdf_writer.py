"""What a page inherits, shows or leads to is written once and comes with it."""

from __future__ import annotations

import os
import zlib

import pikepdf
import pypdf
import pypdfium2
from pikepdf import Dictionary, Name

from tests.gateways._print_file import letter, pictures, printed, rewritten, sizes


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
