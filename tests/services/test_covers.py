"""The cover lists every letter of the file, with totals and notices in red."""

from __future__ import annotations

import io
import re
from decimal import Decimal

import pypdf
import pytest

from relance.models import User
from relance.queries.print_room import letters_of
from relance.services.covers import cover_sheet
from tests import make
from tests.gateways.test_print_sheets import red_box
from tests.services._printing import build, letter

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def ours() -> None:
    make.company()


def test_the_cover_lists_all_with_totals(dora: User) -> None:
    one = letter("Établissements Lefèvre", postcode="69006", level_kind="formal_notice")
    two = letter("Zoé", pages=3)
    bill = make.invoice(two.customer, total=Decimal("50.00"))
    two.lines.create(invoice=bill, balance=Decimal("50.00"))
    dollars = letter("Ville", currency="USD")
    run = make.run_of(one, two, dollars, approved_by=dora, print_order="pages")

    page = build(run)[0].replace("\xa0", " ").replace("\u202f", " ")

    assert run.reference in page
    assert "Ateliers Vauban" in page
    assert "24 novembre 2026" in page
    assert "Dora Blanc" in page
    for made in (one, two, dollars):
        assert made.reference in page
        assert made.customer.name in page
    assert "69006 Nantes" in page
    assert "2 factures" in page
    # By currency, never added up: 1 200 twice and 50; 1 200 dollars.
    assert "2 450,00 €" in page
    assert page.count("1 200,00 $US") + page.count("1 200,00 $") >= 2
    assert "1 250,00 €" in page


@pytest.mark.parametrize(("count", "least"), [(120, 3), (650, 13)])
def test_a_long_list_takes_several_pages_with_its_header(
    count: int, least: int
) -> None:
    one = letter("Client")
    run = make.run_of(one)
    [row] = letters_of(run)
    many = [
        row.__class__(**{name: getattr(row, name) for name in row.__slots__}
        | {"rank": n, "reference": f"R-{n:05d}"})
        for n in range(1, count + 1)
    ]  # fmt: skip

    pages = pypdf.PdfReader(io.BytesIO(cover_sheet(run, many))).pages
    said = [page.extract_text() for page in pages]

    assert len(said) >= least
    assert all("Client" in text and run.reference in text for text in said)
    found = re.findall(r"R-(\d{5})", " ".join(said))
    assert [int(number) for number in found] == list(range(1, count + 1))


def test_formal_notices_are_red_in_the_list() -> None:
    run = make.run_of(letter(level_kind="reminder"))
    assert red_box(cover_sheet(run, letters_of(run))) is None
    run = make.run_of(letter(level_kind="formal_notice"))
    assert red_box(cover_sheet(run, letters_of(run))) is not None
