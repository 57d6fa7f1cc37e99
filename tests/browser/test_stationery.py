"""The letter paper in a browser: the sample follows, nothing is saved before."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from relance.models import Stationery
from tests.paper import SVG

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PAGE = "/configuration/papier-a-lettres/"


def test_the_sample_follows_what_is_chosen(boss, open_screen) -> None:
    page, troubles = open_screen(boss)
    page.goto(PAGE)
    sample = page.locator("#sample img")
    before = sample.get_attribute("src")
    page.locator("#id_accent").fill("#ffff00")
    expect(page.locator("#sample .notice.bad")).to_contain_text("ne se lit presque pas")
    page.locator("#id_accent").fill("#8a2b2b")
    expect(page.locator("#sample .notice.bad")).to_have_count(0)
    page.locator("#id_logo").set_input_files(
        {"name": "logo.svg", "mimeType": "image/svg+xml", "buffer": SVG}
    )
    page.locator("#id_font").select_option("Lora")
    expect(page.locator("#sample img")).not_to_have_attribute("src", before or "")
    assert not Stationery.objects.exists()

    page.locator("button.main[type=submit]").click()
    expect(page.locator("main")).to_contain_text("Le papier à lettres est enregistré")
    saved = Stationery.objects.get()
    assert (saved.accent, saved.font) == ("#8a2b2b", "Lora")
    assert saved.logo is not None
    expect(page.locator(".on-paper img")).to_be_visible()
    assert troubles == []
