"""By e-mail: seen before, sent through the tray to a real server, and its absence."""

from __future__ import annotations

import email
from datetime import timedelta
from email.message import EmailMessage
from email.policy import default

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from relance.models import OutboxMessage, Reminder
from relance.services.delivery import deliver_all
from tests import make, smtp
from tests.browser.conftest import late_invoice

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def tick_by_email(page: Page) -> None:
    page.get_by_label("Envoyer la relance par e-mail").check()


def test_the_email_is_seen_sent_and_received(page: Page) -> None:
    invoice = late_invoice(make.customer(email="compta@oeuvrard.example"))
    page.goto(f"/relances/nouvelle/?invoice={invoice.pk}")
    expect(page.locator(".preview img").first).to_be_visible()
    tick_by_email(page)
    seen = page.locator("article.mail")
    expect(seen).to_contain_text("compta@oeuvrard.example")
    expect(seen).to_contain_text(invoice.number)
    expect(page.locator(".preview img")).to_have_count(0)
    with smtp.running() as server:
        make.mail_account(port=server.port)
        page.get_by_role("button", name="Envoyer l’e-mail").click()
        expect(page.get_by_text("va partir par e-mail")).to_be_visible()
        page.get_by_role("link", name="Ouvrir l’e-mail").click()
        state = page.locator("#state .badge")
        expect(state).to_have_text("sur le départ")
        expect(page.get_by_role("button", name="Annuler l’envoi")).to_be_visible()

        # The short pause is over: the worker's minute comes round.
        deliver_all(lambda: timezone.now() + timedelta(minutes=2))

        # The page asks for the state by itself.
        expect(state).to_have_text("envoyé")
        expect(page.get_by_role("button", name="Annuler l’envoi")).to_have_count(0)
        [received] = server.received
    assert received.recipients == ["compta@oeuvrard.example"]
    message = email.message_from_bytes(received.data, policy=default)
    assert isinstance(message, EmailMessage)
    assert invoice.number in message["Subject"]
    [joined] = message.iter_attachments()
    assert joined.get_content().startswith(b"%PDF")
    assert Reminder.objects.get().state == "sent"


def test_the_sending_is_cancelled_in_time(page: Page) -> None:
    make.mail_account()
    invoice = late_invoice()
    page.goto(f"/relances/nouvelle/?invoice={invoice.pk}")
    tick_by_email(page)
    page.get_by_role("button", name="Envoyer l’e-mail").click()
    page.get_by_role("link", name="Ouvrir l’e-mail").click()
    page.get_by_role("button", name="Annuler l’envoi").click()

    expect(page.get_by_text("L’e-mail est annulé : il ne part pas.")).to_be_visible()
    assert OutboxMessage.objects.get().state == "cancelled"
    page.goto(f"/factures/{invoice.pk}/relance/")
    expect(page.locator("tr[data-cancelled]")).to_have_count(1)


def test_a_missing_address_is_said_typed_and_kept(page: Page) -> None:
    invoice = late_invoice(make.customer(name="Garage du Pont", email=""))
    page.goto(f"/relances/nouvelle/?invoice={invoice.pk}")
    page.get_by_role("textbox", name="Note").fill("Ils préfèrent l’e-mail.")
    tick_by_email(page)
    said = page.locator(".notice.bad")
    expect(said).to_contain_text("Garage du Pont")
    expect(said).to_contain_text("il n’est pas possible de faire cette relance")
    expect(page.locator("button[value=make]")).to_be_disabled()
    page.get_by_label("Adresse e-mail").fill("atelier@garage.example")
    page.get_by_role("button", name="Enregistrer cette adresse et continuer").click()

    expect(page.get_by_text("L’adresse e-mail est enregistrée")).to_be_visible()
    invoice.customer.refresh_from_db()
    assert invoice.customer.email == "atelier@garage.example"
    assert not Reminder.objects.exists()
    expect(page.get_by_role("textbox", name="Note")).to_have_value(
        "Ils préfèrent l’e-mail."
    )
    page.get_by_role("button", name="Envoyer l’e-mail").click()
    expect(page.get_by_text("va partir par e-mail")).to_be_visible()
    assert OutboxMessage.objects.get().recipient == "atelier@garage.example"


def test_without_an_address_a_letter_instead(page: Page) -> None:
    invoice = late_invoice(make.customer(email=""))
    page.goto(f"/relances/nouvelle/?invoice={invoice.pk}")
    page.get_by_role("textbox", name="Note").fill("Pas d’e-mail.")
    tick_by_email(page)
    page.get_by_role("button", name="Faire plutôt un courrier").click()
    page.get_by_role("button", name="Créer le courrier").click()
    expect(page.get_by_text("prêt à imprimer")).to_be_visible()
    made = Reminder.objects.get()
    assert (made.channel, made.note) == ("letter", "Pas d’e-mail.")
