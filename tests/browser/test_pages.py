"""Every page of the menu: nothing refused, nothing that slides sideways."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from relance.models import Invoice, ReminderLine, User
from tests import letterbox, make
from tests.browser.conftest import Screen, late_invoice
from tests.einvoices import Sample, cii, factur_x_pdf

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WIDE = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}
# How far the page can be pushed to the right.
SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
# How much of the widest table is out of sight.
CUT = """Math.max(0, ...[...document.querySelectorAll('.table-wrap')].map(
    (wrap) => wrap.scrollWidth - wrap.clientWidth))"""


@pytest.mark.parametrize(
    ("size", "scheme"), [(WIDE, "light"), (PHONE, "dark")], ids=["1280", "390"]
)
def test_no_page_of_the_menu_slides_or_is_refused_something(
    boss: User, open_screen: Callable[..., Screen], size: dict[str, int], scheme: str
) -> None:
    name = "Société coopérative des maraîchers de Saint-Rémy-en-Bouzemont 🥕"
    invoice = late_invoice(make.customer(name=name), number="FA-2026-000123456789")
    make.payment(invoice, "100.00", received_on=timezone.localdate())
    page, troubles = open_screen(boss, viewport=size, color_scheme=scheme)
    page.goto("/relances/")
    menu = page.locator(".menu a")
    urls = [str(link.get_attribute("href")) for link in menu.all()]
    assert len(urls) >= 8
    urls += [
        f"/relances/nouvelle/?invoice={invoice.pk}",
        invoice.get_absolute_url(),
        f"/factures/{invoice.pk}/relance/",
        f"/factures/{invoice.pk}/reglements/",
        f"/clients/{invoice.customer_id}/",
        f"/clients/{invoice.customer_id}/relances/",
        "/factures/nouvelle/",
        "/clients/nouveau/",
        "/reglements/nouveau/",
        "/utilisateurs/",
        "/account/",
    ]
    slides = {}
    for url in urls:
        page.goto(url)
        expect(page.locator("h1")).to_have_count(1)
        if (pushed := page.evaluate(SIDEWAYS)) > 0:
            slides[url] = pushed
    assert slides == {}
    assert troubles == []


@pytest.mark.parametrize("width", [1280, 1024])
def test_the_lists_are_whole_on_a_small_computer(
    boss: User, open_screen: Callable[..., Screen], width: int
) -> None:
    customer = make.customer(name="Association Cordes & Vents")
    invoices = [late_invoice(customer, number=f"FA2609-{n:04d}") for n in range(5)]
    grouped = make.reminder(invoices[0])
    for invoice in invoices[1:]:
        ReminderLine.objects.create(
            reminder=grouped, invoice=invoice, balance=invoice.balance
        )
    letterbox.message(
        recipient="comptabilite@associationcordes.example",
        subject="Rappel – facture FA2609-0186 à régler au plus tard le mercredi 9",
    )
    page, _troubles = open_screen(boss, viewport={"width": width, "height": 800})
    cut = {}
    for url in (
        "/relances/",
        "/relances/massive/?which=unpaid",
        "/envois/",
        "/envois-postaux/",
        "/factures/",
        "/clients/",
    ):
        page.goto(url)
        if (hidden := page.evaluate(CUT) or page.evaluate(SIDEWAYS)) > 0:
            cut[url] = hidden
    assert cut == {}


def test_a_dropped_einvoice_becomes_an_invoice(page: Page) -> None:
    page.goto("/imports/")
    pdf = {
        "name": "facture.pdf",
        "mimeType": "application/pdf",
        "buffer": factur_x_pdf(cii(Sample(), "en16931")),
    }
    text = {"name": "liste.txt", "mimeType": "text/plain", "buffer": b"Bonjour"}
    page.locator(".dropzone input[type=file]").set_input_files([pdf, text])
    expect(page.locator(".dropzone output")).to_have_text("facture.pdf, liste.txt")
    page.get_by_role("button", name="Importer ces fichiers").click()

    results = page.locator("#results")
    expect(results).to_contain_text("1 importée")
    expect(results).to_contain_text("1 refusée")
    expect(results).to_contain_text("liste.txt")
    invoice = Invoice.objects.get()
    results.get_by_role("link", name=invoice.number).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("FA-2026-0042")


def test_files_are_dropped_on_the_zone(page: Page) -> None:
    page.goto("/imports/")
    zone = page.locator(".dropzone")
    field = page.locator(".dropzone input[type=file]").bounding_box()
    around = zone.bounding_box()
    assert field is not None
    assert around is not None
    # The browser drops into the field under the pointer: it must be the whole zone.
    assert field["width"] == pytest.approx(around["width"], abs=6)
    assert field["height"] == pytest.approx(around["height"], abs=6)
    zone.dispatch_event("dragover")
    expect(zone).to_have_attribute("data-over", "")
    zone.dispatch_event("dragleave")
    expect(zone).not_to_have_attribute("data-over", "")
