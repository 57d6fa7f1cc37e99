"""Levels and procedures in a real browser: a fourth level built, then proposed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from relance.models import Customer, Invoice, Level, Text, User
from tests import make
from tests.browser.conftest import Screen, late_invoice

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def invoice(claire: User) -> Invoice:
    """An invoice that was reminded twice, ten days ago for the last time."""
    made = late_invoice(make.customer(name="Grand Compte"), number="FA-100")
    on = timezone.localdate() - timedelta(days=10)
    for level in Level.objects.filter(rank__in=(1, 2)):
        make.reminder(
            made,
            level=level,
            level_rank=level.rank,
            level_name=level.name,
            made_on=on,
            next_on=on,
            state="posted",
        )
    return made


def test_a_procedure_of_four_levels_is_built_and_its_fourth_proposed(
    open_screen: Callable[..., Screen], boss: User, invoice: Invoice
) -> None:
    screen = open_screen(boss)
    page = screen.page
    page.goto("/configuration/")
    page.get_by_role("link", name="Niveaux et scénarios").click()

    # A level between the second and the formal notice, with texts to start from.
    page.get_by_role("link", name="Ajouter un niveau").click()
    page.get_by_label("Nom", exact=True).fill("Dernier rappel")
    page.get_by_label("Mention sur la facture").fill("Dernier rappel")
    page.get_by_label("Il vient après").select_option("Rappel")
    page.get_by_label("Partir des textes de").select_option("Rappel")
    page.get_by_role("button", name="Ajouter le niveau").click()
    added = Level.objects.get(name="Dernier rappel")
    assert Text.objects.filter(level=added, current=True).exists()

    # In the procedure of businesses: four levels now.
    named = page.get_by_text("Professionnels", exact=True)
    usual = page.get_by_role("main").get_by_role("listitem").filter(has=named)
    usual.get_by_role("link", name="Modifier").click()
    page.locator(f"input[name=on-{added.pk}]").check()
    page.locator(f"input[name=days_after_due-{added.pk}]").fill("22")
    page.locator(f"input[name=days_to_pay-{added.pk}]").fill("8")
    page.get_by_role("button", name="Enregistrer le scénario").click()
    expect(page.locator("main")).to_contain_text("J+22")

    # What was sent keeps its name; the third step is the new one.
    page.goto(f"/relances/massive/?which=late&customer={Customer.objects.get().pk}")
    line = page.locator("tbody[id^=row-]").filter(has_text="FA-100")
    expect(line).to_contain_text("Rappel")
    chosen = line.get_by_label("Niveau").locator("option:checked")
    expect(chosen).to_have_text("Dernier rappel")
    names = line.get_by_label("Niveau").locator("option").all_inner_texts()
    assert names == ["Dernier rappel", "Mise en demeure"]
    assert screen.troubles == []
