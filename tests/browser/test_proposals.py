"""*Relance massive* in a real browser: filter, tick all, edit, leave, come back."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from relance.models import Channel, Customer, Hold, Invoice, Level, Proposal, User
from tests import make
from tests.browser.conftest import Screen, late_invoice

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

URL = "/relances/massive/"


@pytest.fixture
def invoices(claire: User) -> list[Invoice]:
    """Sixty late invoices of twenty customers; one of them is disputed."""
    owners = [make.customer(name=f"Client {index:02d}") for index in range(20)]
    found = [
        late_invoice(
            owners[index % 20], number=f"FA-{index:03d}", total=Decimal(100 + index)
        )
        for index in range(60)
    ]
    make.hold(found[0], "dispute")
    return found


def row(page: Page, invoice: Invoice):  # type: ignore[no-untyped-def]
    return page.locator("tbody[id^=row-]").filter(
        has=page.get_by_role("link", name=invoice.number, exact=True)
    )


def saved(invoice: Invoice) -> Proposal:
    return Proposal.objects.get(invoice=invoice)


def test_the_whole_morning(page: Page, screen: Screen, invoices: list[Invoice]) -> None:
    page.goto(URL)
    expect(page.locator("tbody[id^=row-]")).to_have_count(50)

    # Every line of the filter, not only the page's.
    page.get_by_role("button", name="Tous courriers").click()
    expect(page.locator("#toasts")).to_contain_text("59")
    letters = Proposal.objects.filter(channel=Channel.LETTER)
    assert letters.count() == 59
    expect(page.locator("#bar")).to_contain_text("59 factures")

    # One line by e-mail: its other box is unticked, the bar follows.
    chosen = row(page, invoices[3])
    chosen.get_by_label("par e-mail").check()
    expect(chosen.get_by_label("par courrier")).not_to_be_checked()
    expect(page.locator("#bar .button.main")).to_contain_text("e-mail")
    assert saved(invoices[3]).channel == Channel.EMAIL

    # Leave, come back on another day's browser: nothing is lost.
    page.goto("/factures/")
    page.goto(f"{URL}?q={invoices[3].number}")
    expect(row(page, invoices[3]).get_by_label("par e-mail")).to_be_checked()
    expect(page.locator("tbody[id^=row-]")).to_have_count(1)


def test_a_note_and_a_date_are_kept_from_the_open_line(
    page: Page, screen: Screen, invoices: list[Invoice]
) -> None:
    page.goto(URL)
    line = row(page, invoices[5])
    line.get_by_title("Plus").click()
    line.get_by_label("Note").fill("Rappelée ce matin")
    day = timezone.localdate() + timedelta(days=30)
    line.get_by_label("Date prochaine relance").fill(day.isoformat())
    line.get_by_label("Date prochaine relance").blur()
    expect(line.locator("[id^=next_on-]")).to_have_value(day.isoformat())
    page.reload()
    found = saved(invoices[5])
    assert (found.note, found.next_on) == ("Rappelée ce matin", day)


def test_a_promise_takes_two_clicks_and_holds_the_line(
    page: Page, screen: Screen, invoices: list[Invoice]
) -> None:
    page.goto(URL)
    line = row(page, invoices[5])
    line.get_by_title("Plus").click()
    line.get_by_role("button", name="Noter la promesse").click()
    expect(line.locator("tr[data-held]")).to_have_count(1)
    expect(line.locator(".notice.good")).to_be_visible()
    assert Hold.objects.filter(invoice=invoices[5], reason="promise").exists()


def test_a_held_line_is_overridden_by_who_may(
    open_screen: Callable[..., Screen], boss: User, invoices: list[Invoice]
) -> None:
    page = open_screen(boss).page
    page.goto(f"{URL}?which=held")
    line = row(page, invoices[0])
    expect(line.get_by_label("par courrier")).to_be_disabled()
    line.get_by_title("Plus").click()
    why = line.get_by_label("Pourquoi relancer quand même")
    why.fill("Le litige porte sur une autre facture")
    why.blur()
    line.get_by_label("par courrier").check()
    expect(page.locator("#bar .button.main")).to_be_visible()
    assert saved(invoices[0]).overrides.keys() == {"dispute"}


def test_the_preview_opens_over_the_list_and_goes_on(
    page: Page, screen: Screen, invoices: list[Invoice]
) -> None:
    page.goto(URL)
    row(page, invoices[1]).get_by_title("Aperçu").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text(invoices[1].number)
    dialog.get_by_role("link", name="Ligne suivante").click()
    expect(dialog).not_to_contain_text(f"· {invoices[1].number}")
    dialog.get_by_role("link", name=re.compile("Fermer")).click()
    expect(dialog).not_to_be_visible()
    assert page.url.endswith(URL)


def test_filters_narrow_and_are_dropped(
    page: Page, screen: Screen, invoices: list[Invoice]
) -> None:
    page.goto(f"{URL}?which=late")
    page.get_by_text("Plus de filtres").click()
    page.get_by_label("Reste à payer à partir de").fill("150,00")
    page.get_by_role("button", name="Filtrer").click()
    expect(page.locator("tbody[id^=row-]")).to_have_count(10)


def test_without_javascript_choices_are_kept_by_a_button(
    open_screen: Callable[..., Screen], claire: User, invoices: list[Invoice]
) -> None:
    page = open_screen(claire, java_script_enabled=False).page
    page.goto(f"{URL}?q={invoices[7].number}")
    line = row(page, invoices[7])
    line.get_by_label("par courrier").check()
    page.get_by_role("button", name="Enregistrer mes choix").click()
    expect(line.get_by_label("par e-mail")).not_to_be_checked()
    assert saved(invoices[7]).channel == Channel.LETTER


@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_is_wider_than_the_screen(
    open_screen: Callable[..., Screen],
    claire: User,
    invoices: list[Invoice],
    width: int,
) -> None:
    long = Customer.objects.order_by("pk")[0]
    Customer.objects.filter(pk=long.pk).update(name="Établissements " * 8)
    assert Level.objects.exists()
    page = open_screen(claire, viewport={"width": width, "height": 844}).page
    page.goto(f"{URL}?which=late&open={Proposal.objects.count()}")
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= width
