"""*Tableur* in a real browser: a file dropped, a column put right, what is wrong
looked at, the rest imported, then the import undone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from relance.models import Customer, ImportBatch, Invoice, User
from tests.browser.conftest import Screen

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

FILE = """Échéancier clients;;;;;;
Numéro;Compte;Qui;Date facture;Échéance;Montant TTC;Reste à payer
F1;C1;Dupont SARL;05/09/2026;05/10/2026;1 240,00;1 000,00
F2;C1;Dupont SARL;31/09/2026;15/10/2026;300,00;300,00
F3;C2;Durand SAS;20/09/2026;;99,90;99,90
Total;;;;;1 639,90;1 399,90
"""


def test_a_file_from_the_drop_to_the_invoices_and_back(
    page: Page, screen: Screen, claire: User
) -> None:
    page.goto("/imports/")
    tabs = page.get_by_role("navigation", name="Imports et banque")
    tabs.get_by_role("link", name="Tableur (CSV, Excel)").click()
    page.get_by_label("Fichier").set_input_files(
        {
            "name": "factures.csv",
            "mimeType": "text/csv",
            "buffer": FILE.encode("cp1252"),
        }
    )
    page.get_by_role("button", name="Lire ce fichier").click()

    # The title above the names is passed over; the name is put right by hand.
    expect(page.get_by_label("Ligne des noms de colonnes")).to_have_value("2")
    expect(page.get_by_label("Compte")).to_have_value("code")
    page.get_by_label("Qui").select_option(label="Nom du client")
    page.get_by_role("button", name="Vérifier les lignes").click()

    expect(page.get_by_text("2 clients à créer en même temps.")).to_be_visible()
    page.get_by_role("link", name="Lignes à regarder").click()
    wrong = page.get_by_role("row").filter(has_text="F2")
    expect(wrong).to_contain_text("« 31/09/2026 » n’est pas une date.")
    assert not Invoice.objects.exists()

    page.get_by_role("button", name="Importer 2 factures").click()
    expect(page.get_by_role("heading", name="Factures créées")).to_be_visible()
    assert f"{Invoice.objects.get(number='F1').balance}" == "1000.00"
    assert ImportBatch.objects.get().made_by == claire

    page.get_by_text("Annuler cet import").first.click()
    page.get_by_role("button", name="Annuler cet import").click()
    expect(page.locator("#toasts")).to_contain_text("Import annulé")
    assert not Invoice.objects.exists()
    assert not Customer.objects.exists()
