"""Envois postaux: back from the post office with the slips, then with the returns."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from PIL import Image
from playwright.sync_api import Page, expect

from relance.models import Channel, Posting, PostingProof, Reminder, User
from tests import make
from tests.browser.conftest import Screen, late_invoice

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

A, B = "1A12345678901", "2C12345678902"


def letter(**values: object) -> Reminder:
    made_on = timezone.localdate() - timedelta(days=3)
    return make.reminder(late_invoice(), made_on=made_on, **values)


def notice() -> Reminder:
    return letter(
        channel=Channel.REGISTERED,
        level_kind="formal_notice",
        level_name="Mise en demeure",
        level_rank=3,
    )


def test_the_whole_page_is_ticked_and_marked(page: Page) -> None:
    for _number in range(3):
        letter()
    page.goto("/envois-postaux/")
    page.get_by_label("Cocher toute la page").check()
    expect(page.locator("input[name=letter]:checked")).to_have_count(3)
    page.locator("input[name=letter]").first.uncheck()
    # Enter in the day is the button beside it, not that of the numbers.
    page.get_by_label("Posté le").press("Enter")

    expect(page.get_by_text("2 courriers sont marqués comme postés")).to_be_visible()
    expect(page.locator("tbody tr")).to_have_count(1)
    assert Posting.objects.count() == 2


def test_numbers_are_scanned_for_the_ticked_letters(page: Page) -> None:
    first, second, third = notice(), notice(), notice()
    page.goto("/envois-postaux/")
    page.get_by_text("Saisir des numéros de recommandé").click()
    page.get_by_role("checkbox", name=first.reference).check()
    page.get_by_role("checkbox", name=third.reference).check()
    box = page.get_by_label("Numéros de recommandé, un par ligne")
    # A scanner types a number, then Enter.
    for number in (A, B):
        box.press_sequentially(number)
        box.press("Enter")
    page.get_by_role("button", name="Voir ce qui sera enregistré").click()

    expect(page.locator("tbody tr")).to_have_count(2)
    expect(page.locator("tbody tr").nth(1)).to_contain_text(third.reference)
    assert not Posting.objects.exists()
    page.get_by_role("button", name="Enregistrer 2 courriers").click()

    expect(page.get_by_text("2 courriers complétés")).to_be_visible()
    kept = {posting.reminder: posting for posting in Posting.objects.all()}
    assert {one: kept[one].registered_number for one in kept} == {first: A, third: B}
    second.refresh_from_db()
    assert second.state == "made"


def test_a_return_is_noted_from_its_line_with_its_scan(page: Page) -> None:
    made = notice()
    yesterday = timezone.localdate() - timedelta(days=1)
    scan = io.BytesIO()
    Image.new("RGB", (60, 40), "white").save(scan, "JPEG")
    page.goto("/envois-postaux/?which=all")
    page.get_by_role("link", name=f"Acheminement de {made.reference}").click()
    window = page.get_by_role("dialog")
    window.get_by_label("Posté le").fill(f"{made.made_on:%Y-%m-%d}")
    window.get_by_label("Numéro de recommandé").fill("1A 123 456 7890 1")
    window.get_by_label("Retourné le").fill(f"{yesterday:%Y-%m-%d}")
    window.get_by_label("Motif du retour").select_option("refused")
    window.get_by_label("Preuves").set_input_files(
        {"name": "pli.jpg", "mimeType": "image/jpeg", "buffer": scan.getvalue()}
    )
    window.get_by_role("button", name="Enregistrer").click()

    expect(page.get_by_text("reste valable malgré ce retour")).to_be_visible()
    assert page.url.endswith("/envois-postaux/?which=all")
    posting = Posting.objects.get()
    assert (posting.registered_number, posting.returned_on) == (A, yesterday)
    assert PostingProof.objects.get().document.name == "pli.jpg"
    expect(page.locator("tbody tr")).to_contain_text("refusé")


def test_without_scripts_a_letter_has_a_page_of_its_own(
    claire: User, open_screen: Callable[..., Screen]
) -> None:
    made = notice()
    page, troubles = open_screen(claire, java_script_enabled=False)
    page.goto("/envois-postaux/")
    page.get_by_role("link", name=f"Acheminement de {made.reference}").click()
    page.get_by_label("Posté le").fill(f"{made.made_on:%Y-%m-%d}")
    page.get_by_role("button", name="Enregistrer").click()

    expect(page.get_by_text("Le suivi du courrier est enregistré")).to_be_visible()
    assert Posting.objects.get().posted_on == made.made_on
    assert troubles == []
