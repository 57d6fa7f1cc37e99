"""What a company chooses of its letters, on the page; and what it can never do."""

import dataclasses
import io
import time

import pikepdf
import pypdfium2
import pytest

from relance.gateways import sandbox, typesetter
from relance.gateways.look import PLAIN, Look, Picture, folder_of
from relance.gateways.stationery_pictures import logo, signature
from relance.gateways.typesetter import (
    Pages,
    TypesettingError,
    letter_png,
    letters_pdf,
    set_letters,
    try_out,
)
from tests.gateways.test_typesetter import (
    CLOSING,
    LETTER,
    LONG,
    MM,
    STATEMENT,
    in_window,
    invoices,
    is_pdf_a,
    letters_of,
    set_letter,
    texts,
)
from tests.paper import SVG, layout, picture

SIGNED = "c" * 64
LOGO = Picture(data=SVG, suffix=".svg")
FULL = Look(
    accent="#8a2b2b",
    font="Lora",
    logo=LOGO,
    footer_text="Membre d’un centre de gestion agréé.",
    signatures=((SIGNED, signature(picture())),),
)
ADDRESS = "".join(LETTER.address).replace(" ", "")


def pictures_of(data):
    """Return what is drawn or placed on the first page, as boxes in millimetres."""
    with pypdfium2.PdfDocument(data) as pdf:
        height = pdf[0].get_height()
        kinds = (
            pypdfium2.raw.FPDF_PAGEOBJ_IMAGE,
            pypdfium2.raw.FPDF_PAGEOBJ_PATH,
            pypdfium2.raw.FPDF_PAGEOBJ_FORM,
        )
        boxes = []
        for one in pdf[0].get_objects(filter=kinds):
            left, bottom, right, top = one.get_bounds()
            boxes.append(
                (left / MM, (height - top) / MM, right / MM, (height - bottom) / MM)
            )
    return boxes


def fonts(data):
    with pikepdf.open(io.BytesIO(data)) as pdf:
        return {str(font.BaseFont) for font in pdf.pages[0].Resources.Font.values()}


@pytest.mark.parametrize("font", ["Source Sans 3", "Lora", "Inter"])
def test_the_font_chosen_is_used_with_bold_and_italics(font):
    marked = {
        "kind": "paragraph",
        "spans": [{"text": "gras", "bold": True}, {"text": "penché", "italic": True}],
    }
    data = set_letter(Look(font=font), body=(marked, CLOSING))
    assert all(font.replace(" ", "") in name for name in fonts(data))
    assert any("Italic" in name for name in fonts(data))
    assert is_pdf_a(data)


@pytest.mark.parametrize(
    "name", ["株式会社山田製作所", "شركة النور", "Café 😀", "Ελληνική", "Égypte 𓀀"]
)
@pytest.mark.parametrize("font", ["Lora", "Inter"])
def test_any_name_shows_in_any_font(font, name):
    data = set_letter(Look(font=font), subject=name, address=(name, "44000 NANTES"))
    assert is_pdf_a(data)


def test_the_accent_colours_the_name():
    red, green = (
        letter_png(LETTER, look=Look(accent="#aa0000")),
        letter_png(LETTER, look=Look(accent="#00aa00")),
    )
    assert red != green
    data = set_letter(Look(accent="#aa0000"))
    with pikepdf.open(io.BytesIO(data)) as pdf:
        drawn = [
            [round(float(number), 2) for number in operands]
            for operands, operator in pikepdf.parse_content_stream(pdf.pages[0])
            if str(operator) in ("scn", "rg") and len(operands) == 3
        ]
    assert [0.67, 0.0, 0.0] in drawn


@pytest.mark.parametrize("suffix", [".svg", ".png", ".jpg"])
def test_a_logo_stands_above_the_name_with_its_proportions(suffix):
    made = {
        ".svg": LOGO,
        ".png": logo(picture(400, 100, mode="RGBA")),
        ".jpg": logo(picture(400, 100, kind="JPEG")),
    }[suffix]
    data = set_letter(Look(logo=made))
    boxes = [box for box in pictures_of(data) if box[3] < 50 and box[0] > 10]
    left, top = min(box[0] for box in boxes), min(box[1] for box in boxes)
    right, bottom = max(box[2] for box in boxes), max(box[3] for box in boxes)
    assert left > 21
    assert top > 11
    assert bottom < 27
    assert right < 87
    if suffix != ".svg":
        assert (right - left) / (bottom - top) == pytest.approx(4, rel=0.02)
    assert "Ateliers Vauban" in texts(data)[0]
    assert is_pdf_a(data)


def test_a_logo_that_says_the_name_stands_for_it():
    data = set_letter(Look(logo=LOGO, logo_says_name=True), footer="")
    assert "Ateliers Vauban" not in texts(data)[0]
    assert "12 rue Vauban" in texts(data)[0]
    alone = set_letter(Look(logo_says_name=True), footer="")
    assert "Ateliers Vauban" in texts(alone)[0]


def test_the_signature_stands_under_who_signs():
    data = set_letter(FULL, signature=SIGNED)
    with pypdfium2.PdfDocument(data) as pdf:
        [image] = pdf[0].get_objects(filter=[pypdfium2.raw.FPDF_PAGEOBJ_IMAGE])
        left, bottom, right, top = (mm / MM for mm in image.get_bounds())
        page = pdf[0].get_textpage()
        found = page.search("Responsable comptable").get_next()
        words = page.get_charbox(found[0])
    assert top < words[1] / MM
    assert left == pytest.approx(words[0] / MM, abs=1)
    assert (right - left, top - bottom) == pytest.approx((48, 16), abs=0.5)
    assert is_pdf_a(data)


def test_a_signature_that_is_not_there_leaves_room_to_sign():
    with pypdfium2.PdfDocument(set_letter(FULL, signature="d" * 64)) as pdf:
        images = [pypdfium2.raw.FPDF_PAGEOBJ_IMAGE]
        assert list(pdf[0].get_objects(filter=images)) == []


def test_the_foot_of_the_page_says_more():
    pages = texts(set_letter(FULL, statement=STATEMENT))
    assert all("20 000 € · Membre d’un centre" in page for page in pages)


@pytest.mark.parametrize("margins", [(15, 15, 20), (30, 30, 40), (22, 20, 24)])
@pytest.mark.parametrize("offset", [(-15, -15), (15, 15), (-15, 15), (0, 0)])
@pytest.mark.parametrize("with_logo", [False, True])
def test_the_window_holds_the_address_alone_whatever_is_chosen(
    margins, offset, with_logo
):
    tall = logo(picture(60, 600))
    wide = logo(picture(2000, 40))
    for made in (tall, wide, LOGO) if with_logo else (None,):
        look = dataclasses.replace(
            FULL, margins_mm=margins, offset_mm=offset, logo=made, font="Inter"
        )
        data = set_letter(
            look,
            sender=("S" * 300, *["ligne de l’expéditeur"] * 9),
            sending_mode="LETTRE RECOMMANDÉE AVEC AVIS DE RÉCEPTION " * 3,
            signature=SIGNED,
        )
        assert in_window(data) == ADDRESS
        assert not [
            box
            for box in pictures_of(data)
            if box[2] > 90 and box[3] > 35 and box[1] < 95
        ]


@pytest.mark.parametrize("margins", [(15, 15, 20), (30, 30, 40)])
def test_long_values_stay_between_the_margins(margins):
    left, right, _bottom = margins
    look = dataclasses.replace(FULL, margins_mm=margins, logo=LOGO)
    paragraph = {"kind": "paragraph", "spans": [{"text": LONG}]}
    data = set_letter(
        look,
        sender=(LONG, LONG),
        address=(LONG, LONG),
        sending_mode=LONG,
        subject=LONG,
        body=(paragraph, invoices(60), paragraph, CLOSING),
        signatory=(LONG[:500], LONG[:500]),
        signature=SIGNED,
        enclosures=LONG,
        footer=LONG,
        statement=STATEMENT,
    )
    with pypdfium2.PdfDocument(data) as pdf:
        for number, page in enumerate(pdf):
            for char, x, top, end, low in letters_of(page):
                if number == 0 and 45 < top < 85 and x > 90:
                    continue  # the address stands where the window is
                assert left - 1 <= x, char
                assert end <= 210 - right + 1, char
                assert top >= 11, char
                assert low <= 296, char


def test_letters_share_one_compilation_and_each_has_its_own_signature():
    other = "e" * 64
    look = dataclasses.replace(
        FULL, signatures=(*FULL.signatures, (other, signature(picture(200, 200))))
    )
    made = letters_pdf(
        [
            dataclasses.replace(LETTER, signature=one)
            for one in (SIGNED, other, "", SIGNED)
        ],
        look,
    )
    shapes = []
    for data in made:
        with pypdfium2.PdfDocument(data) as pdf:
            shapes.append(
                [
                    image.get_px_size()
                    for image in pdf[0].get_objects(
                        filter=[pypdfium2.raw.FPDF_PAGEOBJ_IMAGE]
                    )
                ]
            )
    assert shapes == [[(300, 100)], [(200, 200)], [], [(300, 100)]]


def test_the_shipped_look_reads_the_shipped_folder():
    assert folder_of(PLAIN) == folder_of(Look(fold_marks=False, footer_text="x"))
    assert folder_of(FULL) == folder_of(dataclasses.replace(FULL))
    assert folder_of(FULL) != folder_of(dataclasses.replace(FULL, accent="#000000"))


# An own letter.typ

OWN = layout(title="  align(right, strong[À NOTRE FAÇON])\n")


def test_an_own_layout_sets_letters_as_pdf_a():
    made = set_letters([LETTER] * 30, [None] * 30, Look(template=OWN))
    for page in made:
        assert isinstance(page, Pages)
        assert page.fell_back == ""
        assert "À NOTRE FAÇON" in texts(page.data)[0]
        assert is_pdf_a(page.data)


def test_an_own_layout_has_the_companys_choices():
    look = dataclasses.replace(FULL, template=OWN)
    data = set_letter(look, signature=SIGNED)
    assert all("Lora" in name for name in fonts(data))
    assert len(pictures_of(data)) > 3


HOSTILE = {
    "reads a system file": ('#read("/etc/passwd")', "not found"),
    "climbs out of its folder": ('#read("../../../../etc/passwd")', "escape"),
    "climbs to the program": ('#import "../typst/elements.typ": *', "escape"),
    "reads another template": ('#read("cover.typ")', "not found"),
    "fetches a package": ('#import "@preview/cetz:0.3.0"', "package"),
    "takes a local package": ('#import "@local/own:1.0.0"', "package"),
    "loops": ("#let n = 0\n#while n < 1 { n = n * 2 }", "infinite"),
    "calls itself": ("#let f(x) = f(x + 1)\n#f(1)", "depth"),
    "is not Typst": ("#let = (", "expected"),
    "names what is not there": ("#unknown", "unknown variable"),
    "loads code": ('#plugin("x.wasm")', "not found"),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_layout_is_refused_with_its_line(what):
    code, words = HOSTILE[what]
    with pytest.raises(TypesettingError) as refused:
        try_out([LETTER], Look(template=layout(more=code)))
    assert words in str(refused.value)
    assert "ligne" in str(refused.value)
    assert "relance-look" not in str(refused.value)


@pytest.mark.parametrize(
    "code",
    [
        "#for i in range(100000000) { let x = i * i }",
        '#let x = ("a" * 1000,)\n#for i in range(40) { x = x + x }',
    ],
)
def test_a_layout_without_end_is_stopped(code, monkeypatch):
    monkeypatch.setattr(sandbox, "SECONDS", 3.0)
    began = time.monotonic()
    with pytest.raises(TypesettingError, match="trop de temps"):
        try_out([LETTER], Look(template=layout(more=code)))
    assert time.monotonic() - began < 8
    # The next one has a process of its own again.
    assert set_letter(Look(template=OWN))


def test_a_layout_must_say_where_letters_begin():
    with pytest.raises(TypesettingError, match="à quelle page"):
        try_out([LETTER], Look(template="Bonjour"))


def test_a_layout_that_fails_on_a_letter_is_replaced_for_that_one():
    picky = layout(title='  assert(letter.reference != "R-00004")\n')
    letters = [
        dataclasses.replace(LETTER, reference=f"R-{number:05d}") for number in range(9)
    ]
    made = set_letters(letters, [None] * 9, Look(template=picky))
    assert [bool(page.fell_back) for page in made] == [n == 4 for n in range(9)]
    assert "assert" in made[4].fell_back
    assert "Lyon, le 24 novembre 2026" in texts(made[4].data)[0]
    assert is_pdf_a(made[4].data)


def test_a_layout_that_takes_too_long_later_stops_no_letter(monkeypatch):
    monkeypatch.setattr(sandbox, "SECONDS", 2.0)
    slow = layout(
        title='  if letter.reference == "R-00004" { for i in range(100000000) { i } }\n'
    )
    letters = [
        dataclasses.replace(LETTER, reference=f"R-{number:05d}") for number in range(30)
    ]
    began = time.monotonic()
    made = set_letters(letters, [None] * 30, Look(template=slow))
    assert all(isinstance(page, Pages) for page in made)
    assert [page.fell_back != "" for page in made[:12]] == [True] * 12
    assert time.monotonic() - began < 10


def test_a_character_without_a_glyph_is_replaced_in_an_own_layout_too():
    data = set_letter(Look(template=OWN), subject="Égypte 𓃀")
    assert "Égypte \ufffd" in texts(data)[0]
    assert is_pdf_a(data)


def test_the_sandbox_has_none_of_our_secrets(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://user:secret@host/db")
    assert "DATABASE_URL" not in sandbox._environment()
    assert typesetter.letter_png(LETTER, look=Look(template=OWN))
