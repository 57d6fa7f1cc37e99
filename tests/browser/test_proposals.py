"""*Relance massive* in a real browser: filter, tick all, edit, leave, come back."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect
from pypdf import PdfReader

from relance.models import (
    Channel,
    Customer,
    Hold,
    Invoice,
    Proposal,
    Reminder,
    Run,
    User,
)
from relance.services import printing, proposals, run_work, runs
from relance.services.proposals import Choice
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


def row(page: Page, invoice: Invoice) -> Locator:
    return page.locator("tbody[id^=row-]").filter(
        has=page.get_by_role("link", name=invoice.number, exact=True)
    )


def kept_on_the_server(line: Locator, value: str) -> None:
    """Wait until the line came back with this value."""
    shown = line.locator("[name^=shown-]")
    expect(shown).to_have_value(re.compile(re.escape(value)))


def saved(invoice: Invoice) -> Proposal:
    return Proposal.objects.get(invoice=invoice)


def test_every_line_of_the_filter_then_one_by_email(
    page: Page, screen: Screen, invoices: list[Invoice]
) -> None:
    page.goto(URL)
    expect(page.locator("tbody[id^=row-]")).to_have_count(50)

    # Every line of the filter, not only the page's.
    page.get_by_role("button", name="Tous courriers").click()
    expect(page.locator("#toasts")).to_contain_text("59 lignes cochées")
    letters = Proposal.objects.filter(channel=Channel.LETTER)
    assert letters.count() == 59

    # One line by e-mail: its other box is unticked, the bar follows.
    chosen = row(page, invoices[3])
    chosen.get_by_label("par e-mail").check()
    expect(chosen.get_by_label("par courrier")).not_to_be_checked()
    expect(page.locator("#bar .button.main")).to_contain_text("1 e-mail")
    assert saved(invoices[3]).channel == Channel.EMAIL


def test_the_whole_morning(page: Page, screen: Screen) -> None:
    """Two hundred rows: chosen, left, found again, launched, printed."""
    owners = [make.customer(name=f"Client {index:03d}") for index in range(150)]
    made = [
        late_invoice(owners[index % 150], number=f"FA-{index:03d}")
        for index in range(200)
    ]
    page.goto("/relances/")
    page.get_by_role("navigation").get_by_role("link", name="Relance massive").click()
    page.get_by_role("button", name="Tous courriers").click()
    expect(page.locator("#toasts")).to_contain_text("200 lignes cochées")

    # A level further up takes a reason of one's own.
    line = row(page, made[7])
    line.get_by_label("Niveau").select_option("Rappel")
    expect(line.locator("tr[data-held]")).to_have_count(1)
    line.get_by_title("Plus").click()
    why = line.get_by_label("Pourquoi relancer quand même")
    why.fill("Relancée par téléphone en octobre")
    why.blur()
    line.get_by_label("par courrier").check()
    kept_on_the_server(line, '"letter"')

    # Leave, come back: nothing is lost.
    page.goto("/factures/")
    page.goto(f"{URL}?which=late&q={made[7].number}")
    expect(row(page, made[7]).get_by_label("par courrier")).to_be_checked()
    expect(row(page, made[7]).get_by_label("Niveau")).to_contain_text("Rappel")

    # The button says what it will do; it does it.
    button = page.locator("#bar .button.main")
    expect(button).to_contain_text("Lancer 150 relances (150 courriers)")
    button.click()
    late = page.get_by_label("derniers règlements")
    if late.count():
        late.check()
    page.get_by_role("button", name="Lancer 150 relances").click()
    expect(page.get_by_role("progressbar")).to_be_visible()
    run = Run.objects.get()
    assert page.url.endswith(run.get_absolute_url())

    make_all(run)
    expect(page.get_by_text("200 sur 200 factures")).to_be_visible()
    page.reload()
    link = page.get_by_role("link", name="Ouvrir le fichier d’impression")
    answer = page.request.get(str(link.get_attribute("href")))
    reader = PdfReader(io.BytesIO(answer.body()))
    sheets = [sheet.extract_text() for sheet in reader.pages]
    copies = [text for text in sheets if "Date de la facture" in text]
    for invoice in made:
        assert sum(f"Facture {invoice.number}" in text for text in copies) == 1
    assert len(copies) == 200
    assert len(set(Reminder.objects.values_list("number", flat=True))) == 150


def make_all(run: Run) -> None:
    """What the workers do."""
    now, today = timezone.now(), timezone.localdate()
    while run_work.work(run.pk, now=now, today=today):
        pass
    runs.finish_if_done(run.pk, now)
    printing.build_print_file(run.pk, now=now)


def test_a_colleague_s_tick_appears_on_the_page_left_open(
    page: Page, screen: Screen, invoices: list[Invoice]
) -> None:
    page.goto(URL)
    line = row(page, invoices[5])
    now, today = timezone.now(), timezone.localdate()
    marc = make.user(name="Marc Petit")
    choice = Choice(channel=Channel.LETTER)
    pk = Proposal.objects.get(invoice=invoices[5]).pk
    proposals.choose(pk, choice, by=marc, now=now, today=today)

    # As when one comes back to the window.
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    expect(line.get_by_label("par courrier")).to_be_checked()
    expect(line).to_contain_text("M. Petit")
    # The line that came is as alive as the one before.
    line.get_by_label("par e-mail").check()
    expect(line.get_by_label("par courrier")).not_to_be_checked()


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
    kept_on_the_server(line, day.isoformat())
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
    # The keyboard goes on from the line, not from the top of the page.
    expect(line.get_by_title("Plus")).to_be_focused()


def test_what_is_wrong_in_a_small_form_has_the_keyboard(
    page: Page, invoices: list[Invoice]
) -> None:
    page.goto(URL)
    line = row(page, invoices[5])
    line.get_by_title("Plus").click()
    line.get_by_label("Jusqu’au").fill("2020-01-01")
    line.get_by_role("button", name="Suspendre les relances").click()
    expect(line.locator("[aria-invalid=true]").first).to_be_focused()


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
    page.get_by_text("Filtres", exact=True).click()
    page.get_by_label("Reste à payer de").fill("150,00")
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
    Customer.objects.filter(pk=invoices[0].customer_id).update(
        name="Établissements " * 8
    )
    page = open_screen(claire, viewport={"width": width, "height": 844}).page
    page.goto(f"{URL}?which=late&q={invoices[0].number}")
    row(page, invoices[0]).get_by_title("Plus").click()
    expect(page.locator(".opened")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
