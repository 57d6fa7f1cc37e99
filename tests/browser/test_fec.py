"""*FEC* in a real browser: a ledger dropped, checked, brought in, taken back."""

from __future__ import annotations

import pytest
from playwright.sync_api import FilePayload, Page, expect

from relance.models import Invoice, Payment, User
from tests import fec_samples, make
from tests.browser.conftest import Screen

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

FILE: FilePayload = {
    "name": fec_samples.NAME,
    "mimeType": "text/plain",
    "buffer": fec_samples.fec().encode("cp1252"),
}


def test_a_ledger_from_the_file_to_the_invoices_and_back(
    page: Page, screen: Screen, claire: User
) -> None:
    known = make.customer(name="Groupe Martin", code="GM")
    page.goto("/imports/")
    tabs = page.get_by_role("navigation", name="Imports et banque")
    tabs.get_by_role("link", name="FEC", exact=True).click()
    page.get_by_label("Fichier FEC").set_input_files(FILE)
    page.get_by_role("button", name="Lire ce fichier").click()
    expect(page.locator("#control")).to_contain_text("égal au solde")

    # Who Martin SAS is, a person says.
    page.get_by_role("link", name="Clients", exact=False).last.click()
    page.get_by_role("link", name="Changer Martin SAS").click()
    page.get_by_role("button", name="Choisir Groupe Martin").click()
    expect(page.get_by_role("row").filter(has_text="Martin SAS")).to_contain_text(
        "choisi à la main"
    )

    page.locator("a.chip", has_text="Règlements non lettrés").click()
    line = page.get_by_role("row").filter(has_text="VIR201026")
    expect(line).to_contain_text("numéro de facture")
    line.locator("[name=match]").uncheck()
    page.get_by_role("button", name="Importer 1 facture et 1 règlement").click()
    expect(page.get_by_text("Voir les factures")).to_be_visible()
    invoice = Invoice.objects.get()
    assert (invoice.customer, invoice.balance) == (known, 3600)

    page.get_by_role("link", name="Voir cet import").click()
    expect(page.get_by_role("heading", name=fec_samples.NAME)).to_be_visible()
    page.locator("summary", has_text="Annuler cet import").click()
    page.get_by_role("button", name="Annuler cet import").click()
    expect(page.locator("main")).to_contain_text("ce qu’il avait apporté est retiré")
    assert (Invoice.objects.count(), Payment.objects.count()) == (0, 0)


@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_is_wider_than_the_screen(
    page: Page, screen: Screen, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    page.goto("/imports/fec/")
    page.get_by_label("Fichier FEC").set_input_files(FILE)
    page.get_by_role("button", name="Lire ce fichier").click()
    expect(page.locator("#control")).to_be_visible()
    for part in ("customers", "invoices", "payments"):
        page.goto(f"{page.url.split('?')[0]}?part={part}")
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width
