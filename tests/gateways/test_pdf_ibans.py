"""The account numbers that stand in the text of a PDF."""

from __future__ import annotations

import io

import pikepdf
import pytest

from relance.gateways.pdf_ibans import ibans_in, ibans_of_text
from relance.gateways.typesetter import Letter, letters_pdf

OURS, OTHER = "FR7630006000011234567890189", "FR1420041010050500013M02606"
GERMAN, BELGIAN = "DE89370400440532013000", "BE68539007547034"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", []),
        (OURS, [OURS]),
        ("IBAN : FR76 3000 6000 0112 3456 7890 189 BIC AGRIFRPP839", [OURS]),
        ("fr76 3000 6000 0112 3456 7890 189", [OURS]),
        ("FR76\u00a03000\u202f6000 0112-3456.7890 189", [OURS]),
        ("FR76 3000 6000 0112\n3456 7890 189", [OURS]),
        # A digit that is wrong, cut short, or a number that only looks like one.
        ("FR76 3000 6000 0112 3456 7890 188", []),
        ("FR76 3000 6000 0112", []),
        ("TVA FR19812345676", []),
        ("REF76300060000112345678901890000", []),
        (f"{GERMAN} ou {BELGIAN}", [GERMAN, BELGIAN]),
        # Two columns, one after the other.
        (f"IBAN {OTHER} {GERMAN}", [OTHER, GERMAN]),
    ],
)
def test_a_text(text, found):
    assert list(ibans_of_text(text)) == found


def pdf_of(*lines: str) -> bytes:
    letter = Letter(
        reference="RL-0",
        sender=("Relance",),
        address=("Client", *lines),
        place_and_date="Paris",
        subject="Facture",
        body=(),
    )
    made = letters_pdf([letter])[0]
    assert isinstance(made, bytes)
    return made


def test_a_pdf():
    made = pdf_of("FR14 2004 1010 0505 0001 3M02 606", f"et {OURS}")
    assert ibans_in(made) == (OTHER, OURS)
    assert ibans_in(pdf_of("Sans compte")) == ()


def test_a_page_without_text_and_a_file_that_is_none():
    out, file = io.BytesIO(), pikepdf.new()
    file.add_blank_page()
    file.save(out)
    assert ibans_in(out.getvalue()) == ()
    assert ibans_in(b"%PDF-1.7 broken") == ()
    assert ibans_in(b"") == ()
