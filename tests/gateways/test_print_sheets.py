"""The cover and the window test, as they come out of the printer."""

import io
import re

import pypdfium2
import pytest
from PIL import ImageChops

from relance.gateways.print_sheets import Cover, WindowTest, cover_pdf, window_pdf
from tests.gateways.test_typesetter import letters_of, outside, texts

LONG = "Établissements Lefèvre, Fils & Compagnie du Grand Ouest réunis SARL"
HEADER = (
    "N°", "Feuille", "Relance", "Client", "Ville", "Factures", "Niveau", "Pages",
    "Montant",
)  # fmt: skip


def row(number, name="Client"):
    return (
        str(number), str(number), f"R-{number:05d}", name, "44000 Nantes", "FA-1",
        "Mise en demeure", "2", "1 234,56 €",
    )  # fmt: skip


def cover(rows, **changes):
    values = {
        "title": "Courriers à poster",
        "reference": "RM-0012",
        "company": "Ateliers Vauban",
        "facts": (("Date", "24 novembre 2026"),),
        "totals": (("Reste à payer", "2 469,12 €"),),
        "header": HEADER,
        "rows": tuple(rows),
        "aligns": ("right", "right", *["left"] * 5, "right", "right"),
        "main": 3,
        "marked": 6,
        "posted": ("Posté", "le", "par", "signature"),
        "footer": "Ateliers Vauban SARL",
    }
    return cover_pdf(Cover(**values | changes))


def window(**changes):
    values = {
        "title": "Essai de la fenêtre",
        "steps": ("Imprimez cette page.", "Pliez-la."),
        "window": "fenêtre d’une enveloppe DL",
        "always_seen": "toujours visible",
        "fold": "pli",
        "scale": "Cette règle doit mesurer 100 mm.",
        "shift": "Adresse décalée de 0 mm.",
        "address": ("CLIENT", "4 QUAI DE LA FOSSE", "44000 NANTES"),
        "footer": "Ateliers Vauban SARL",
    }
    return window_pdf(WindowTest(**values | changes))


def place_of(data, word):
    """Return where a word of the first page begins, in millimetres."""
    with pypdfium2.PdfDocument(data) as pdf:
        found = list(letters_of(pdf[0]))
    said = "".join(char for char, *_ in found)
    _, left, top, *_ = found[said.index(word)]
    return left, top


@pytest.mark.parametrize("count", [0, 1, 3, 120, 300, 301, 500])
def test_each_letter_is_listed_once_and_the_header_on_each_page(count):
    pages = texts(cover([row(number, LONG) for number in range(1, count + 1)]))
    found = [int(number) for number in re.findall(r"R-(\d{5})", " ".join(pages))]
    assert found == list(range(1, count + 1))
    for number, page in enumerate(pages, start=1):
        assert all(title in page for title in HEADER)
        assert f"RM-0012 · {number}" in page


def test_a_page_says_of_how_many_it_is():
    pages = texts(cover([row(number) for number in range(1, 121)]))
    assert [f"RM-0012 · {n} / {len(pages)}" in page for n, page in
            enumerate(pages, 1)] == [True] * len(pages)  # fmt: skip


def test_what_is_signed_is_on_the_first_page():
    first, *others = texts(cover([row(number) for number in range(1, 121)]))
    for words in ("Courriers à poster", "24 novembre 2026", "2 469,12 €", "signature"):
        assert words in first
    assert not any("signature" in page for page in others)


@pytest.mark.parametrize(
    "name",
    [LONG * 3, "X" * 200, "= #[*]_$\\ @", "株式会社", "\x00\u202e😀", "a\nb", ""],
    ids=["long", "one word", "markup", "Japanese", "controls", "two lines", "none"],
)
def test_any_name_stays_in_its_place(name):
    data = cover([row(1, name), row(2)], company=name, facts=(("Par", name),))
    assert "R-00002" in texts(data)[0]
    with pypdfium2.PdfDocument(data) as pdf:
        for page in pdf:
            for char, left, _top, right, bottom in letters_of(page):
                assert left > 16, char
                assert right < 196, char
                assert bottom < 292, char


def red_box(data):
    """Return the box of what is red on the first page, in pixels; None for nothing."""
    with pypdfium2.PdfDocument(data) as pdf:
        red, green, _blue = pdf[0].render(scale=1.5).to_pil().convert("RGB").split()
    more = ImageChops.subtract(red, green)
    return more.point(lambda value: 255 if value > 70 else 0).getbbox()


def test_formal_notices_are_red_where_they_are_and_only_there():
    rows = [row(1), row(2), row(3)]
    _, top, _, bottom = red_box(cover(rows, marked_rows=(1,)))
    _, later, _, _ = red_box(cover(rows, marked_rows=(2,)))
    assert red_box(cover(rows)) is None
    assert bottom - top < 15
    assert later > bottom


def picture(page):
    return bytes(page.render(scale=0.8).buffer)


def test_red_rows_stay_the_same_rows_in_a_long_list():
    """The slices of a long list count from the start of the list."""
    rows = [row(number) for number in range(1, 402)]
    plain, red = cover(rows), cover(rows, marked_rows=(250,))
    with pypdfium2.PdfDocument(plain) as a, pypdfium2.PdfDocument(red) as b:
        changed = [
            number
            for number, (one, two) in enumerate(zip(a, b, strict=True))
            if bytes(one.render(scale=0.8).buffer)
            != bytes(two.render(scale=0.8).buffer)
        ]
    [page] = changed
    assert "R-00251" in texts(red)[page]


def test_the_window_test_is_one_page_and_stays_on_the_paper():
    data = window()
    [page] = texts(data)
    for words in ("Essai de la fenêtre", "Imprimez", "100 mm", "44000 NANTES"):
        assert words in page
    assert not [found for found in outside(data) if found[2] < 4]


@pytest.mark.parametrize("offset", [(0, 0), (5, -3.5), (-12, 8)])
def test_the_address_stands_where_letters_have_it(offset):
    left, top = place_of(window(), "CLIENT")
    assert left == pytest.approx(105, abs=0.6)
    assert 51 < top < 81
    moved = place_of(window(offset_mm=offset), "CLIENT")
    assert moved == pytest.approx((left + offset[0], top + offset[1]), abs=0.1)


def test_the_control_ruler_is_as_long_as_it_says():
    with pypdfium2.PdfDocument(window()) as pdf:
        picture = pdf[0].render(scale=6, grayscale=True).to_pil()
    per_mm = 6 * 72 / 25.4
    line = round(232 * per_mm)
    dark = [
        x
        for x in range(picture.width)
        if min(picture.getpixel((x, y)) for y in range(line - 3, line + 4)) < 120
    ]
    assert (max(dark) - min(dark)) / per_mm == pytest.approx(100, abs=0.3)


def test_the_bytes_are_a_pdf():
    assert io.BytesIO(window()).read(5) == b"%PDF-"
