"""By letter, from each of the three ways in."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from relance.models import Reminder, User
from tests import make
from tests.browser.conftest import Screen, late_invoice, pdf_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_one_logs_in_with_the_form(
    claire: User, open_screen: Callable[..., Screen]
) -> None:
    page, troubles = open_screen()
    page.goto("/relances/")
    page.get_by_label("E-mail").fill(claire.email)
    page.get_by_label("Mot de passe", exact=True).fill("not this one")
    page.get_by_role("button", name="Se connecter").click()
    expect(page.locator(".errorlist, .notice.bad").first).to_be_visible()
    page.get_by_label("Mot de passe", exact=True).fill("correct horse")
    page.get_by_role("button", name="Se connecter").click()

    expect(page.get_by_role("heading", name="Relances", level=1)).to_be_visible()
    assert page.url.endswith("/relances/")
    assert troubles == []


def test_from_the_menu_to_the_stamped_letter(page: Page) -> None:
    invoice = late_invoice(make.customer(name="Boulangerie Œuvrard"))
    late_invoice(make.customer(name="Garage du Pont"))
    page.goto("/relances/")
    page.get_by_role("navigation").get_by_role("link", name="Nouvelle relance").click()
    expect(page.locator("tbody tr")).to_have_count(2)
    page.get_by_role("searchbox").fill("oeuvrard")
    page.get_by_role("searchbox").press("Enter")
    expect(page.locator("tbody tr")).to_have_count(1)
    page.get_by_role("link", name=f"Relancer {invoice.number}").click()
    expect(page.get_by_label("Niveau")).to_contain_text("Relance simple")
    page.get_by_role("textbox", name="Note").fill("Première relance de l’automne.")
    page.get_by_role("button", name="Créer le courrier").click()

    expect(page.get_by_text("prêt à imprimer")).to_be_visible()
    reminder = Reminder.objects.get()
    assert page.url.endswith(f"/relances/{reminder.pk}/")
    reader = PdfReader(io.BytesIO(pdf_of(page, reminder)))
    letter, copy = (sheet.extract_text() for sheet in reader.pages)
    assert "BOULANGERIE ŒUVRARD" in letter.upper()
    assert invoice.number in letter
    assert "RAPPEL" in copy.upper()
    assert "RAPPEL" not in letter.upper().split("OBJET")[0]

    page.goto("/relances/")
    row = page.locator("tbody tr")
    expect(row).to_contain_text("Première relance de l’automne.")
    with page.expect_popup() as opened:
        row.get_by_role("link", name="Le courrier et sa facture tamponnée").click()
    assert opened.value.url.endswith(f"/documents/{reminder.document_id}/")


def test_from_the_invoice_a_formal_notice_seen_before_it_is_made(page: Page) -> None:
    invoice = late_invoice()
    page.goto(f"/factures/{invoice.pk}/")
    page.locator(".tabs").get_by_role("link", name="Relance", exact=True).click()
    page.get_by_role("link", name="Ajouter", exact=True).click()
    pictures = page.locator(".preview img")
    before = pictures.first.get_attribute("src")
    page.evaluate("window.sameDocument = true")
    page.get_by_label("Niveau").select_option(label="Mise en demeure")

    button = page.get_by_role("button", name="Créer la lettre recommandée")
    expect(button).to_be_visible()
    assert page.evaluate("window.sameDocument")  # the page was not loaded again
    after = pictures.first.get_attribute("src")
    assert after != before
    assert "level=" in str(after)
    for number in range(pictures.count()):
        pictures.nth(number).scroll_into_view_if_needed()
        page.wait_for_function(
            "n => document.querySelectorAll('.preview img')[n].naturalWidth > 500",
            arg=number,
        )
    # Two levels are skipped: that takes a reason, which is kept.
    page.get_by_label("Relancer quand même", exact=True).check()
    page.get_by_label("Pourquoi relancer quand même").fill("Dernier délai.")
    button.click()

    expect(page.get_by_text("prêt à imprimer")).to_be_visible()
    reminder = Reminder.objects.get()
    assert (reminder.channel, reminder.level_rank) == ("registered", 3)
    reader = PdfReader(io.BytesIO(pdf_of(page, reminder)))
    assert "MISE EN DEMEURE" in reader.pages[-1].extract_text().upper()


def test_from_the_customer_only_their_invoices(page: Page) -> None:
    customer = make.customer()
    mine = [late_invoice(customer) for _number in range(2)]
    other = late_invoice()
    page.goto(f"/clients/{customer.pk}/")
    page.locator(".tabs").get_by_role("link", name="Relance facture").click()
    page.get_by_role("link", name="Ajouter", exact=True).click()

    rows = page.locator("tbody tr")
    expect(rows).to_have_count(2)
    for invoice in mine:
        expect(rows.filter(has_text=invoice.number)).to_have_count(1)
    expect(rows.filter(has_text=other.number)).to_have_count(0)
    page.get_by_role("link", name=f"Relancer {mine[0].number}").click()
    page.get_by_role("button", name="Créer le courrier").click()
    expect(page.get_by_text("prêt à imprimer")).to_be_visible()
    assert Reminder.objects.get().lines.get().invoice == mine[0]


def test_a_double_click_makes_one_letter(page: Page) -> None:
    invoice = late_invoice()
    page.goto(f"/relances/nouvelle/?invoice={invoice.pk}")
    page.get_by_role("button", name="Créer le courrier").dblclick()
    expect(page.get_by_text("prêt à imprimer")).to_be_visible()
    assert Reminder.objects.count() == 1


def test_only_a_note(page: Page) -> None:
    invoice = late_invoice()
    page.goto(f"/relances/nouvelle/?invoice={invoice.pk}")
    page.get_by_label("Noter seulement").check()
    expect(page.get_by_text("La note reste ici")).to_be_visible()
    page.get_by_role("textbox", name="Note").fill("Appelé : elle paie vendredi.")
    page.get_by_role("button", name="Enregistrer la note").click()

    expect(page.get_by_role("main")).to_contain_text("Appelé : elle paie vendredi.")
    note = Reminder.objects.get()
    assert (note.channel, note.level, note.document) == ("none", None, None)


def test_the_letter_is_made_without_javascript(
    claire: User, open_screen: Callable[..., Screen]
) -> None:
    page, troubles = open_screen(claire, java_script_enabled=False)
    invoice = late_invoice()
    page.goto("/relances/")
    page.get_by_role("main").get_by_role("link", name="Nouvelle relance").first.click()
    page.get_by_role("link", name=f"Relancer {invoice.number}").click()
    page.get_by_label("Niveau").select_option(label="Rappel")
    page.get_by_role("button", name="Actualiser l’aperçu").click()
    expect(page.get_by_label("Niveau").locator("option:checked")).to_have_text("Rappel")
    page.get_by_label("Relancer quand même", exact=True).check()
    page.get_by_label("Pourquoi relancer quand même").fill("Déjà appelée.")
    page.get_by_role("button", name="Créer le courrier").click()

    expect(page.get_by_text("prêt à imprimer")).to_be_visible()
    reminder = Reminder.objects.get()
    assert reminder.level_rank == 2
    assert pdf_of(page, reminder).startswith(b"%PDF")
    assert troubles == []
