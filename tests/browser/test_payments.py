"""A payment is recorded: the split follows the amount, and nothing typed is lost."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, Route, expect

from tests import make
from tests.browser.conftest import late_invoice

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_what_is_typed_while_the_split_travels_stays(page: Page) -> None:
    invoice = late_invoice(make.customer(name="Boulangerie Œuvrard"))
    page.goto(f"/reglements/nouveau/?customer={invoice.customer_id}")
    on_the_way: list[Route] = []
    page.route(
        "**/reglements/nouveau/", lambda route: on_the_way.append(route), times=1
    )
    with page.expect_request("**/reglements/nouveau/"):
        page.get_by_label("Montant reçu").fill("1000,00")
        page.get_by_label("Montant reçu").press("Tab")
    page.get_by_label("Référence").fill("CHQ 123456")
    on_the_way[0].continue_()
    share = page.locator(f"[name=share_{invoice.pk}]")
    expect(share).to_have_value("1000,00")
    expect(page.get_by_label("Référence")).to_have_value("CHQ 123456")
