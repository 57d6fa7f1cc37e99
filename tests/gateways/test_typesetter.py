"""Letters as they come out of the printer, read back with another library."""

import dataclasses
import io
import re
import struct

import pikepdf
import pypdfium2
import pytest

from relance.gateways.look import PLAIN, Look
from relance.gateways.typesetter import (
    InvoiceCopy,
    Letter,
    Statement,
    TypesettingError,
    invoice_pdf,
    letter_png,
    letters_pdf,
    stamp_pdf,
)

MM = 72 / 25.4


def paragraph(text, **marks):
    return {"kind": "paragraph", "spans": [{"text": text} | marks]}


def invoices(count, cell="FA2609-{:04d}"):
    return {
        "kind": "table",
        "header": ("Facture", "Échéance", "Reste à payer"),
        "rows": tuple((cell.format(i), "30/09/2026", "54,00 €") for i in range(count)),
        "aligns": ("left", "left", "right"),
        "total": ("Total", "", f"{54 * count},00 €"),
    }


CLOSING = paragraph("Nous vous prions d’agréer nos salutations distinguées.")
LETTER = Letter(
    reference="R-00431",
    sender=("Ateliers Vauban", "12 rue Vauban, 69006 Lyon", "compta@vauban.example"),
    address=("ÉTS LEFÈVRE & FILS SAS", "4 QUAI DE LA FOSSE", "44000 NANTES"),
    sending_mode="LETTRE RECOMMANDÉE AVEC AVIS DE RÉCEPTION",
    place_and_date="Lyon, le 24 novembre 2026",
    subject="MISE EN DEMEURE – facture FA2609-0151",
    references=(("Vos réf.", "BC-2026-118"),),
    body=(paragraph("Madame, Monsieur,"), invoices(1), CLOSING),
    signatory=("Claire Vasseur", "Responsable comptable"),
    enclosures="P. J. : copie de la facture",
    footer="Ateliers Vauban SARL au capital de 20 000 €",
)
STATEMENT = Statement(
    title="Décompte des pénalités",
    intro="Arrêté au 24 novembre 2026.",
    header=("Du", "Au", "Jours", "Pénalités"),
    rows=(("01/10/2026", "24/11/2026", "55", "134,94 €"),),
    aligns=("left", "left", "right", "right"),
    total=("Total", "", "", "134,94 €"),
    notes=("Taux : 12,40 % l’an.",),
)


def set_letter(look=PLAIN, **changes):
    (made,) = letters_pdf([dataclasses.replace(LETTER, **changes)], look)
    assert isinstance(made, bytes), made
    return made


def texts(data):
    with pypdfium2.PdfDocument(data) as pdf:
        pages = [page.get_textpage().get_text_bounded() for page in pdf]
    return [re.sub(r"[\s\u200b\ufffe]+", " ", text) for text in pages]


def letters_of(page):
    """Yield each visible character with its box in millimetres from the top left."""
    height = page.get_height()
    text = page.get_textpage()
    for index in range(text.count_chars()):
        left, bottom, right, top = text.get_charbox(index)
        char = text.get_text_range(index, 1)
        if char.strip() and right > left:
            yield (
                char,
                left / MM,
                (height - top) / MM,
                right / MM,
                (height - bottom) / MM,
            )


def in_window(data):
    """Return what stands where the envelope's window may look, on the first page."""
    with pypdfium2.PdfDocument(data) as pdf:
        return "".join(
            char
            for char, left, top, right, bottom in letters_of(pdf[0])
            if right > 90 and bottom > 35 and top < 95
        )


def outside(data):
    """Return the characters that leave the printable part of any page."""
    with pypdfium2.PdfDocument(data) as pdf:
        return [
            (number, char, left, top)
            for number, page in enumerate(pdf)
            for char, left, top, right, bottom in letters_of(page)
            if left < 20 or right > 192 or top < 12 or bottom > 292
        ]


def is_pdf_a(data):
    with pikepdf.open(io.BytesIO(data)) as pdf:
        fonts = [
            font.DescendantFonts[0].FontDescriptor
            for page in pdf.pages
            for font in page.Resources.Font.values()
        ]
        with pdf.open_metadata() as xmp:
            level = xmp.get("pdfaid:part"), xmp.get("pdfaid:conformance")
        embedded = all(
            any(f"/FontFile{kind}" in font for kind in ("", "2", "3")) for font in fonts
        )
        return level == ("2", "B") and "/OutputIntents" in pdf.Root and embedded


def test_everything_given_is_on_the_page():
    (page,) = texts(set_letter())
    for words in (
        "Ateliers Vauban",
        "compta@vauban.example",
        "ÉTS LEFÈVRE & FILS SAS",
        "LETTRE RECOMMANDÉE AVEC AVIS DE RÉCEPTION",
        "Lyon, le 24 novembre 2026",
        "Objet MISE EN DEMEURE – facture FA2609-0151",
        "Vos réf. BC-2026-118",
        "FA2609-0000 30/09/2026 54,00 €",
        "Claire Vasseur Responsable comptable",
        "P. J. : copie de la facture",
        "Ateliers Vauban SARL au capital de 20 000 €",
        "R-00431 · 1 / 1",
    ):
        assert words in page


def test_a_letter_is_archived_as_pdf_a():
    assert is_pdf_a(set_letter())
    assert is_pdf_a(set_letter(statement=STATEMENT, body=(invoices(60), CLOSING)))


@pytest.mark.parametrize(
    "address",
    [
        ("MONSIEUR PAUL DURAND",),
        tuple(f"LIGNE {n}" for n in range(1, 8)),
        (
            "SOCIÉTÉ COOPÉRATIVE AGRICOLE DES PLAINES DE BEAUCE ET PERCHE",
            "28000 CHARTRES",
        ),
        ("N" * 2000, "4 QUAI DE LA FOSSE", "44000 NANTES"),
        ("Une raison sociale interminable " * 62, "44000 NANTES"),
    ],
)
def test_the_window_shows_the_address_and_nothing_else(address):
    data = set_letter(
        address=address, sender=("S" * 300, *["ligne de l’expéditeur"] * 9)
    )
    shown = in_window(data)
    expected = re.sub(r"\s", "", "".join(address))
    assert shown == expected or (shown.count("…") == 1 and len(shown) > 100)
    with pypdfium2.PdfDocument(data) as pdf:
        boxes = [
            box
            for _, *box in letters_of(pdf[0])
            if box[2] > 90 and box[3] > 35 and box[1] < 95
        ]
    assert min(box[0] for box in boxes) >= 105
    assert max(box[2] for box in boxes) <= 190.5
    assert min(box[1] for box in boxes) >= 50.5
    assert max(box[3] for box in boxes) <= 81.5


def test_the_address_is_centred_on_the_window():
    with pypdfium2.PdfDocument(set_letter()) as pdf:
        tops_and_bottoms = [
            (top, bottom)
            for _, left, top, right, bottom in letters_of(pdf[0])
            if right > 90 and bottom > 35 and top < 95
        ]
    middle = (
        min(t for t, _ in tops_and_bottoms) + max(b for _, b in tops_and_bottoms)
    ) / 2
    assert middle == pytest.approx(66, abs=1)


def test_the_address_moves_with_the_printer():
    def corner(data):
        with pypdfium2.PdfDocument(data) as pdf:
            inside = [b for _, *b in letters_of(pdf[0]) if b[0] > 95 and 45 < b[1] < 90]
        return min(b[0] for b in inside), min(b[1] for b in inside)

    left, top = corner(set_letter())
    moved = corner(set_letter(Look(offset_mm=(3, -2))))
    assert moved == pytest.approx((left + 3, top - 2), abs=0.1)


def test_a_long_table_repeats_its_header_and_cuts_no_row():
    pages = texts(set_letter(body=(paragraph("Bonjour,"), invoices(60), CLOSING)))
    assert len(pages) >= 2
    for page in pages[:2]:
        assert "Facture Échéance Reste à payer" in page
    rows = re.findall(r"FA2609-\d{4} 30/09/2026 54,00 €", " ".join(pages))
    assert len(rows) == 60
    assert "Total 3240,00 €" in " ".join(pages)


@pytest.mark.parametrize("count", range(14, 40, 1))
def test_the_signature_never_stands_alone(count):
    pages = texts(set_letter(body=(invoices(count), CLOSING)))
    signed = [page for page in pages if "Claire Vasseur" in page]
    assert len(signed) == 1
    assert "salutations distinguées" in signed[0]


def test_following_pages_say_whose_letter_it_is():
    pages = texts(set_letter(body=(invoices(60), CLOSING), statement=STATEMENT))
    for number, page in enumerate(pages[1:], start=2):
        assert page.strip().startswith("ÉTS LEFÈVRE & FILS SAS R-00431")
        assert f"R-00431 · {number} / {len(pages)}" in page
    assert "Décompte des pénalités Arrêté au 24 novembre 2026." in pages[-1]
    assert "Claire Vasseur" not in pages[-1]
    assert "Total 134,94 €" in pages[-1]


def test_letters_set_together_are_as_if_set_alone():
    letters = [
        dataclasses.replace(
            LETTER,
            reference=f"R-{number:05d}",
            statement=STATEMENT if number % 3 == 0 else None,
            body=(invoices(1 + number % 40), CLOSING),
        )
        for number in range(60)
    ]
    together = letters_pdf(letters)
    assert len(together) == 60
    for letter, made in zip(letters, together, strict=True):
        pages = texts(made)
        for number, page in enumerate(pages, start=1):
            assert f"{letter.reference} · {number} / {len(pages)}" in page
    (alone,) = letters_pdf(letters[9:10])
    assert texts(alone) == texts(together[9])


LONG = "Mot " * 500 + "m" * 2000


def test_long_values_stay_on_the_page():
    data = set_letter(
        sender=(LONG, LONG),
        address=(LONG, LONG),
        sending_mode=LONG,
        place_and_date=LONG[:300],
        subject=LONG,
        references=(("Vos réf.", LONG),),
        body=(
            paragraph(LONG),
            {"kind": "heading", "level": 1, "spans": [{"text": LONG}]},
            {"kind": "list", "ordered": True, "items": [[{"text": LONG}]]},
            {"kind": "box", "lines": (("IBAN", LONG), ("BIC", "AGRIFRPP839"))},
            invoices(3, cell=LONG + " {}"),
            {"kind": "table", "header": (), "rows": ((LONG, "1,00 €"),),
             "aligns": ("left", "right"), "total": ("Total", "1,00 €")},
            paragraph(LONG),
        ),
        signatory=(LONG, LONG),
        enclosures=LONG,
        footer=LONG,
        statement=dataclasses.replace(STATEMENT, rows=((LONG, LONG, LONG, LONG),)),
    )  # fmt: skip
    assert outside(data) == []
    assert is_pdf_a(data)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("株式会社山田製作所", "株式会社山田製作所"),
        ("한국전력공사", "한국전력공사"),
        ("Ελληνική Εταιρεία · ООО «Ромашка»", "Ελληνική Εταιρεία · ООО «Ромашка»"),
        ("Café 😀 SARL", "Café 😀 SARL"),
        ("Tab\tbell\x07nul\x00", "Tab bellnul"),
        ("Acme \u202egnitrats", "Acme gnitrats"),
        ("#strong[*gras*] $x$ \\ @ref <label>", "#strong[*gras*] $x$ \\ @ref <label>"),
        ("Privé \ue000 ici", "Privé \ufffd ici"),
        ("Demi \ud83d caractère", "Demi \ufffd caractère"),
        ("Égypte 𓀀", "Égypte \ufffd"),
        ("𝕏 Corp", "X Corp"),
    ],
)
def test_any_name_shows_and_stays_archivable(name, shown):
    data = set_letter(body=(paragraph(name), CLOSING), subject=name)
    assert shown in texts(data)[0]
    assert is_pdf_a(data)


@pytest.mark.parametrize("name", ["شركة النور", "בע״מ אור", "บริษัท", "हिन्दी", "ሰላም"])
def test_other_scripts_have_their_glyphs(name):
    data = set_letter(body=(paragraph(name), CLOSING))
    assert is_pdf_a(data)
    assert "\ufffd" not in texts(data)[0]


def test_one_impossible_letter_does_not_stop_the_others():
    guilty = dataclasses.replace(LETTER, body=({"kind": "paragraph"},))
    letters = [LETTER] * 7 + [guilty] + [LETTER] * 20
    made = letters_pdf(letters)
    assert [index for index, one in enumerate(made) if not isinstance(one, bytes)] == [
        7
    ]
    assert isinstance(made[7], TypesettingError)


def test_a_table_without_rows_is_no_obstacle():
    empty = {"kind": "table", "rows": (), "aligns": ("left", "right"), "total": ()}
    bare = [empty | {"header": ()}, empty | {"header": ("Facture", "Reste")}]
    assert "Facture Reste" in texts(set_letter(body=(*bare, CLOSING)))[0]
    assert set_letter(body=(), references=(), signatory=(), address=(), sender=())


def test_marks_and_links_are_drawn():
    plain = {"text": "ici ", "bold": True, "italic": True}
    link = {"text": "payer", "href": "https://pay.example/1"}
    data = set_letter(body=({"kind": "paragraph", "spans": [plain, link]}, CLOSING))
    with pikepdf.open(io.BytesIO(data)) as pdf:
        annotations = pdf.pages[0].Annots
        assert [str(one.A.URI) for one in annotations] == ["https://pay.example/1"]
        fonts = [str(font.BaseFont) for font in pdf.pages[0].Resources.Font.values()]
    assert any("Italic" in font or "It" in font for font in fonts)


def test_the_preview_is_a_picture_of_the_page():
    picture = letter_png(dataclasses.replace(LETTER, draft="Aperçu"), ppi=72)
    assert picture.startswith(b"\x89PNG")
    width, height = struct.unpack(">II", picture[16:24])
    assert (width, height) == pytest.approx((595, 842), abs=1)
    assert picture != letter_png(LETTER, ppi=72)


def test_an_invoice_copy_says_that_it_is_one():
    copy = InvoiceCopy(
        sender=("Ateliers Vauban", "69006 Lyon"),
        address=("LEFÈVRE SAS", "44000 NANTES"),
        title="Facture FA2609-0151",
        mark="Copie",
        facts=(("Échéance", "30 septembre 2026"),),
        header=("Désignation", "Montant HT"),
        rows=tuple((f"Chaise {number}", "75,00 €") for number in range(70)),
        aligns=("left", "right"),
        totals=(("Total HT", "5 250,00 €"), ("Total TTC", "6 300,00 €")),
        notes=("Escompte : néant.",),
        footer="Ateliers Vauban SARL",
    )
    data = invoice_pdf(copy)
    pages = texts(data)
    assert "COPIE" in pages[0]
    assert "Facture FA2609-0151" in pages[0]
    assert "Total TTC 6 300,00 €" in pages[-1]
    assert "Escompte : néant." in pages[-1]
    assert all(f"{n} / {len(pages)}" in page for n, page in enumerate(pages, start=1))
    assert sum(page.count("Chaise") for page in pages) == 70


def test_a_stamp_is_a_page_of_its_own_size():
    with pypdfium2.PdfDocument(stamp_pdf("Rappel", colour="#b3261e")) as pdf:
        width, height = pdf[0].get_size()
        assert pdf[0].get_textpage().get_text_bounded().strip() == "RAPPEL"
    assert 20 * MM < width < 60 * MM
    assert 8 * MM < height < 25 * MM
