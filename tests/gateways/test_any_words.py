"""Whatever people are called, their letter is set, and stays where it belongs.

Real compilations, read back with another library.
"""

from __future__ import annotations

import dataclasses
import io
import re
import string

import pikepdf
import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relance.gateways import blocks, markup, pdf
from relance.gateways.look import Look
from relance.gateways.typesetter import InvoiceCopy, invoice_pdf, letters_pdf
from tests.gateways.test_typesetter import (
    CLOSING,
    LETTER,
    STATEMENT,
    is_pdf_a,
    letters_of,
    outside,
    paragraph,
    texts,
)

AWKWARD = (
    "شركة النور للتجارة",
    "בע״מ אור",
    "\u202egnitrats\u202c",
    "👩‍👩‍👧‍👦 & fils 🇫🇷",
    "Zoë\u0301\u0302\u0303\u0304 Ð",
    "株式会社山田製作所",
    "한국전력공사",
    "tab\tnul\x00bell\x07esc\x1b[31m",
    "fin de ligne\r\nsuite\u2028autre\u2029fin",
    '#read("/etc/passwd") #strong[gras] *gras* _penché_ $x^2$',
    "`code` ```raw``` <label> @ref \\ // fin /* fin",
    "{facture.numero} {client.nom} [[si x]] [[fin]] {tableau.factures}",
    "= Titre\n- liste\n+ numéro\n/ terme: mot",
    "<script>alert(1)</script> &amp; <b>gras</b>",
    "https://exemple.fr/a?b=c#d [lien](https://exemple.fr)",
    "\ue000\ufffe\ufdd0 privé \U000f0000",
    "W" * 300,
    "Une raison sociale interminable " * 62,
    "",
)
LONGEST = 2_000
words = st.one_of(
    st.text(st.characters(exclude_categories=()), max_size=10),
    st.text(string.printable, max_size=120),
    st.sampled_from(AWKWARD),
    st.builds("{} {}".format, st.sampled_from(AWKWARD), st.sampled_from(AWKWARD)),
    st.text(st.characters(), min_size=1, max_size=4).map(
        lambda few: (few * LONGEST)[:LONGEST]
    ),
)
quick = settings(max_examples=25, deadline=None, derandomize=True)


@quick
@given(name=words, street=words, subject=words, said=words, signs=words)
def test_a_letter_is_set_and_stays_on_its_sheet(name, street, subject, said, signs):
    letter = dataclasses.replace(
        LETTER,
        sender=(signs, street),
        address=(name, *street.split("\n")[:5], "44000 NANTES"),
        subject=subject,
        references=(("Vos réf.", name), ("Nos réf.", said)),
        body=(paragraph(said), paragraph(name, bold=True), CLOSING),
        signatory=(signs, said),
        enclosures=street,
        footer=name[:300],
        statement=dataclasses.replace(STATEMENT, intro=name),
    )
    [made] = letters_pdf([letter])
    assert isinstance(made, bytes), made
    assert off_the_sheet(made) == []
    assert is_pdf_a(made)
    with pypdfium2.PdfDocument(made) as pages:
        for char, left, top, right, bottom in letters_of(pages[0]):
            if right > 90 and bottom > 35 and top < 95:
                # In the window: the block of the address, and nothing else.
                assert left >= 104.5, char
                assert right <= 190.5, char
                assert top >= 50, char
                assert bottom <= 82, char


@quick
@given(said=st.text(string.printable, min_size=1, max_size=80))
def test_what_looks_like_markup_is_printed_as_it_is(said):
    """As a customer's name reaches a page: a value put into a text."""
    body = markup.fill("Bonjour\n\n{client.nom}\n\nfin", {"client.nom": said}, {})
    [made] = letters_pdf(
        [dataclasses.replace(LETTER, body=tuple(blocks.to_json(body)), subject=said)]
    )
    page = _bare(" ".join(texts(made)))
    assert page.count(_bare(said)) >= 2
    with pikepdf.open(io.BytesIO(made)) as opened:
        assert "/Annots" not in opened.pages[0]


def _bare(text: str) -> str:
    """Return the visible characters alone; a hyphen may be one at the end of a line."""
    return re.sub(r"[\s\u200b\ufffe\x00-\x1f-]+", "", text)


def off_the_sheet(data: bytes) -> list[object]:
    """Return the characters that a printer would not reach, 5 mm from the edges."""
    with pypdfium2.PdfDocument(data) as pages:
        return [
            (number, char, left, top)
            for number, page in enumerate(pages)
            for char, left, top, right, bottom in letters_of(page)
            if left < 5 or right > 205 or top < 5 or bottom > 292
        ]


@settings(max_examples=25, deadline=None, derandomize=True)
@given(name=words, title=words, stamp=st.text(st.characters(), max_size=30) | words)
def test_a_stamped_copy_is_made_whatever_stands_on_it(name, title, stamp):
    copy = InvoiceCopy(
        sender=(name, title),
        address=(name, title),
        title=title,
        mark="Copie",
        facts=(("Client", name), ("Objet", title)),
        header=("Désignation", "Montant"),
        rows=((name, "75,00 €"),),
        aligns=("left", "right"),
        totals=(("Total", "75,00 €"),),
        footer=name[:300],
    )
    data = invoice_pdf(copy)
    assert off_the_sheet(data) == []
    if not stamp.strip():
        return
    stamped = pdf.stamp(data, stamp[:30], colour="#a5342a")
    with pypdfium2.PdfDocument(data) as bare, pypdfium2.PdfDocument(stamped) as marked:
        assert len(bare) == len(marked)
        width, height = marked[0].get_size()
        assert (width, height) == bare[0].get_size()
        for one in marked[0].get_objects():
            left, bottom, right, top = one.get_bounds()
            assert left >= -1
            assert bottom >= -1
            assert right <= width + 1
            assert top <= height + 1


@pytest.mark.parametrize("font", ["Source Sans 3", "Lora", "Inter"])
def test_awkward_names_in_each_font(font):
    letters = [
        dataclasses.replace(LETTER, address=(name or " ",), subject=name)
        for name in AWKWARD
    ]
    for made in letters_pdf(letters, Look(font=font)):
        assert isinstance(made, bytes), made
        assert outside(made) == []
        assert is_pdf_a(made)


@pytest.mark.parametrize(
    "bad", [" \u1abf\U000e01ef", "a\u1de7\u1abe", "\U0001f9ff\u0335"]
)
def test_what_no_font_draws_spoils_nothing_else(bad):
    """A mark that no font puts on a space must not take the spaces of others."""
    for _twice in range(2):
        letters_pdf([dataclasses.replace(LETTER, subject=f"x{bad}y")])
        [page] = letters_pdf(
            [dataclasses.replace(LETTER, subject="a b é à 1 234,56 €")]
        )
        assert "a b é à 1 234,56 €" in texts(page)[0]
        assert "\ufffd" not in texts(page)[0]
