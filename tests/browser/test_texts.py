"""A text is changed beside its page, and the next letter says it."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from relance.models import Level, Reminder, Text, User
from relance.queries.texts import TextKey
from relance.web.text_keys import text_url
from tests import make
from tests.browser.conftest import Screen, late_invoice, pdf_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def page(boss: User, open_screen: Callable[..., Screen]):
    """The administrator's browser; nothing may have gone wrong in it."""
    shown = open_screen(boss)
    yield shown.page
    assert shown.troubles == []


def open_editor(page: Page, *, channel: str = "letter") -> Text:
    level = Level.objects.get(rank=1)
    key = TextKey(level=level, channel=channel, language="fr", grouped=False, regime="")
    page.goto(text_url("text-edit", key))
    return Text.objects.get(current=True, **key.lookup)


def test_a_text_is_changed_and_the_next_letter_says_it(page: Page) -> None:
    invoice = late_invoice(make.customer(name="Boulangerie Œuvrard"))
    page.goto("/tableau-de-bord/")
    page.get_by_role("navigation").get_by_role("link", name="Configuration").click()
    page.locator(".tabs").get_by_role("link", name="Textes").click()
    page.get_by_role(
        "link", name="courrier, une facture, Français, tous les clients"
    ).nth(1).click()

    before = page.locator(".preview img").get_attribute("src")
    body = page.get_by_label("Texte", exact=True)
    body.fill("Madame, Monsieur,\n\nVoici un rappel amical.")
    # The page follows what is typed, without being asked.
    expect(page.locator(".preview img")).not_to_have_attribute("src", str(before))

    body.press("End")
    page.get_by_text("Champs automatiques").click()
    page.get_by_placeholder("Chercher un champ").fill("echeance")
    page.get_by_role("button", name="{facture.echeance}").click()
    expect(body).to_have_value(
        "Madame, Monsieur,\n\nVoici un rappel amical.{facture.echeance}"
    )
    page.get_by_role("button", name="Tableau des factures").click()
    expect(body).to_have_value(
        "Madame, Monsieur,\n\nVoici un rappel amical.{facture.echeance}"
        "\n\n{tableau.factures}"
    )
    page.get_by_role("button", name="Enregistrer et utiliser ce texte").click()
    expect(page.get_by_text("la prochaine relance l’utilisera")).to_be_visible()

    page.goto(f"/relances/nouvelle/?invoice={invoice.pk}")
    page.get_by_role("button", name="Créer le courrier").click()
    expect(page.get_by_text("prêt à imprimer")).to_be_visible()
    reminder = Reminder.objects.get()
    letter = PdfReader(io.BytesIO(pdf_of(page, reminder))).pages[0].extract_text()
    assert "Voici un rappel amical." in letter
    assert invoice.number in letter
    # The reminder keeps the version that it used, and leads to it.
    page.get_by_role("link", name="version 2 du").click()
    expect(page.get_by_role("heading", name="Versions", level=1)).to_be_visible()


def test_a_text_of_dolibarr_is_pasted_and_taken_over(page: Page) -> None:
    invoice = late_invoice()
    open_editor(page, channel="email")
    body = page.get_by_label("Texte", exact=True)
    body.fill(
        "<p>__(Hello)__</p><p>La facture <strong>__REF__</strong> attend "
        "__AMOUNT_REMAIN_FORMATED__, soit __TOTAL_HT__ hors taxes.</p>"
    )
    expect(page.get_by_text("Ce texte vient de Dolibarr")).to_be_visible()
    page.get_by_role("button", name="Reprendre ce texte").click()
    expect(body).to_have_value(
        "Bonjour,\n\nLa facture **{facture.numero}** attend "
        "{facture.reste_a_payer}, soit __TOTAL_HT__ hors taxes."
    )
    # What has no equal here stays to be seen, and keeps the text from being used.
    page.get_by_role("button", name="Enregistrer et utiliser ce texte").click()
    expect(page.locator(".findings .error")).to_contain_text("__TOTAL_HT__")
    assert not Text.objects.filter(version=2).exists()

    body.fill(body.input_value().replace(", soit __TOTAL_HT__ hors taxes", ""))
    expect(page.get_by_text("Rien à corriger")).to_be_visible()
    expect(page.locator(".mail strong")).to_have_text(invoice.number)
    page.get_by_role("button", name="Enregistrer et utiliser ce texte").click()
    expect(page.get_by_text("la prochaine relance l’utilisera")).to_be_visible()
    assert "{facture.numero}" in Text.objects.get(version=2).body


def test_a_slip_is_mended_by_one_click_and_undone_by_the_keyboard(page: Page) -> None:
    late_invoice()
    open_editor(page)
    body = page.get_by_label("Texte", exact=True)
    body.fill("Bonjour,\n\nLa facture {facture.numro} attend.")
    slip = page.locator(".findings .error")
    expect(slip).to_contain_text("Ligne 3")
    expect(slip.locator("mark")).to_have_text("{facture.numro}")
    slip.get_by_role("button", name="Écrire {facture.numero}").click()
    expect(body).to_have_value("Bonjour,\n\nLa facture {facture.numero} attend.")
    expect(page.get_by_text("Rien à corriger")).to_be_visible()
    body.press("ControlOrMeta+z")
    expect(body).to_have_value("Bonjour,\n\nLa facture {facture.numro} attend.")


def test_words_are_made_bold_and_conditional(page: Page) -> None:
    late_invoice()
    open_editor(page)
    body = page.get_by_label("Texte", exact=True)
    body.fill("payez vite")
    body.evaluate("field => field.setSelectionRange(6, 10)")
    page.get_by_role("button", name="Gras").click()
    expect(body).to_have_value("payez **vite**")
    body.evaluate("field => field.setSelectionRange(0, 14)")
    page.get_by_text("Si…", exact=True).click()
    page.get_by_role("button", name="une partie est déjà réglée").click()
    expect(body).to_have_value("[[si facture.deja_regle]]payez **vite**[[fin]]")


def test_what_was_typed_last_is_what_is_shown(page: Page) -> None:
    invoice = late_invoice()
    open_editor(page, channel="email")
    body = page.get_by_label("Texte", exact=True)
    # The server is slow to answer the first words, and never does.
    page.route("**/apercu/**", lambda route: None, times=1)
    with page.expect_request("**/apercu/**"):
        body.fill("Facture {facture.numero}")
    body.fill("Facture {facture.numero}, payez vite")
    expect(page.locator(".mail .text")).to_have_text(
        f"Facture {invoice.number}, payez vite"
    )


def test_the_page_is_shown_on_another_invoice(page: Page) -> None:
    late_invoice(make.customer(name="Garage du Pont"))
    other = late_invoice(make.customer(name="Éts Lefèvre"))
    open_editor(page, channel="email")
    page.get_by_label("Texte", exact=True).fill("Facture {facture.numero} !")
    page.locator(".choose-invoice summary").click()
    page.get_by_placeholder("Client, numéro de facture…").fill("lefevre")
    page.locator("#choices").get_by_role("button", name="Éts Lefèvre").click()
    expect(page.locator(".mail .text")).to_have_text(f"Facture {other.number} !")
    # What was typed is still there.
    expect(page.get_by_label("Texte", exact=True)).to_have_value(
        "Facture {facture.numero} !"
    )


def test_it_all_works_without_script(
    boss: User, open_screen: Callable[..., Screen]
) -> None:
    invoice = late_invoice()
    page, _troubles = open_screen(boss, java_script_enabled=False)
    open_editor(page, channel="email")
    page.get_by_label("Texte", exact=True).fill("Facture {facture.numro} !")
    refresh = page.locator(".page-beside").get_by_role(
        "button", name="Actualiser l’aperçu"
    )
    refresh.click()
    page.get_by_role("button", name="Écrire {facture.numero}").click()
    expect(page.locator(".mail .text")).to_have_text(f"Facture {invoice.number} !")
    page.get_by_role("button", name="Enregistrer et utiliser ce texte").click()
    expect(page.get_by_text("la prochaine relance l’utilisera")).to_be_visible()


def test_leaving_with_unsaved_words_asks_first(page: Page) -> None:
    late_invoice()
    open_editor(page)
    page.get_by_label("Texte", exact=True).press_sequentially("x")
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.get_by_role("link", name="Textes", exact=True).first.click()
    expect(page.get_by_role("heading", name="Textes des courriers")).to_be_visible()
    assert asked == ["beforeunload"]
