"""*Banque* in a real browser: a statement dropped, what is sure recorded, one line
chosen by hand."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from relance.models import BankLine, User
from tests import bank_samples, make
from tests.browser.conftest import Screen, late_invoice

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

STRANGE = "<STMTTRN><DTPOSTED>20261004<TRNAMT>80,00<FITID>F9<NAME>VIR ZED\n</STMTTRN>\n"


def statement() -> bytes:
    """A sure receipt, and one of somebody whom nothing tells."""
    text = bank_samples.OFX.replace("<STMTTRN><TRNTYPE>DEBIT", f"{STRANGE}<STMTTRN>")
    return text.encode("cp1252")


def test_a_statement_from_the_file_to_the_settled_invoices(
    page: Page, screen: Screen, claire: User
) -> None:
    sure = late_invoice(make.customer(name="Dupont et Fils"), number="FA2609-001")
    other = late_invoice(make.customer(name="Holding"), number="H-100")

    page.goto("/imports/")
    tabs = page.get_by_role("navigation", name="Imports et banque")
    tabs.get_by_role("link", name="Banque", exact=True).click()
    page.get_by_label("Relevés").set_input_files(
        {"name": "releve.ofx", "mimeType": "text/plain", "buffer": statement()}
    )
    page.get_by_role("button", name="Lire ces relevés").click()
    expect(page.locator("#toasts")).to_contain_text("2 nouveaux encaissements")

    known = page.get_by_role("row").filter(has_text="DUPONT")
    expect(known).to_contain_text("numéro de facture")
    expect(known.get_by_role("checkbox")).to_be_checked()
    page.get_by_role("button", name="Enregistrer les règlements cochés").click()
    expect(page.locator("#toasts")).to_contain_text("1 règlement enregistré")
    sure.refresh_from_db()
    assert sure.balance == 0

    page.get_by_role("link", name="Choisir").click()
    page.get_by_role("searchbox").fill("holding")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Choisir Holding").click()
    page.get_by_label("H-100").fill("80,00")
    page.get_by_role("button", name="Enregistrer le règlement").click()
    expect(page.get_by_text("Tous les encaissements sont rapprochés")).to_be_visible()
    other.refresh_from_db()
    assert other.balance == 1120

    # Somebody in a hurry took the wrong one: it is taken back.
    page.get_by_role("link", name="Rapprochés").click()
    line = page.get_by_role("row").filter(has_text="Holding")
    line.get_by_role("button", name="Reprendre").click()
    expect(page.locator("#toasts")).to_contain_text("de nouveau à rapprocher")
    other.refresh_from_db()
    assert other.balance == 1200
    assert BankLine.objects.filter(state="open").count() == 1


@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_is_wider_than_the_screen(
    page: Page, screen: Screen, width: int
) -> None:
    late_invoice(make.customer(name="Dupont et Fils"), number="FA2609-001")
    page.set_viewport_size({"width": width, "height": 844})
    page.goto("/banque/")
    page.get_by_label("Relevés").set_input_files(
        {"name": "releve.ofx", "mimeType": "text/plain", "buffer": statement()}
    )
    page.get_by_role("button", name="Lire ces relevés").click()
    expect(page.get_by_role("checkbox").first).to_be_visible()
    for address in (page.url, f"{page.url}{BankLine.objects.first().pk}/"):  # type: ignore[union-attr]
        page.goto(address)
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width
