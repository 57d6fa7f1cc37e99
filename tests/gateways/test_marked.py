"""Pages that are only looked at are crossed, whatever their size or turn."""

from __future__ import annotations

import io

import pikepdf
import pytest

from relance.gateways.marked import MarkedFile
from relance.gateways.pdf import Part, UnreadablePdf


def a_pdf(*, pages: int = 1, rotate: int = 0, width: float = 595) -> bytes:
    out = io.BytesIO()
    with pikepdf.new() as pdf:
        for _index in range(pages):
            page = pdf.add_blank_page(page_size=(width, 842))
            page.rotate(rotate, relative=False)
        pdf.save(out)
    return out.getvalue()


def ink(data: bytes) -> list[int]:
    """How many objects each page draws."""
    with pikepdf.open(io.BytesIO(data)) as pdf:
        return [page.obj.Contents.read_bytes().count(b" Do") for page in pdf.pages]


def test_every_page_of_every_file_is_crossed() -> None:
    out = io.BytesIO()
    file = MarkedFile(out, mark="Aperçu")
    file.add([Part(data=a_pdf(pages=2)), Part(data=a_pdf(width=300))])
    file.add([Part(data=a_pdf(rotate=90))])
    assert file.finish() == 4
    assert ink(out.getvalue()) == [1, 1, 1, 1]


def test_a_broken_file_is_left_out_whole_and_the_others_stay() -> None:
    out = io.BytesIO()
    good, bad = Part(data=a_pdf()), Part(data=b"%PDF-1.7 broken")
    file = MarkedFile(out, mark="Aperçu")
    file.add([good])
    with pytest.raises(UnreadablePdf):
        file.add([good, bad])
    file.add([good])
    assert file.finish() == 2
    assert ink(out.getvalue()) == [1, 1]


def test_without_any_page_nothing_is_written_but_that_there_is_none() -> None:
    assert MarkedFile(io.BytesIO(), mark="Aperçu").finish() == 0
