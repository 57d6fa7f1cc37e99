"""People and their access, from the invitation to the second factor."""

from __future__ import annotations

import email
import re
from collections.abc import Callable
from email.policy import default

import pytest
from playwright.sync_api import Page, expect

from relance.models import User
from tests import make, smtp
from tests.authenticator import code
from tests.browser.conftest import Screen

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PASSWORD = "cheval-agrafe-bleu"


def log_in(page: Page, address: str, password: str = PASSWORD) -> None:
    page.goto("/accounts/login/")
    page.get_by_label("E-mail").fill(address)
    page.get_by_label("Mot de passe").fill(password)
    page.get_by_role("button", name="Se connecter").click()


def log_out(page: Page) -> None:
    page.get_by_role("button", name="Déconnexion").click()
    expect(page).to_have_url(re.compile("/accounts/login/"))


def set_up_application(page: Page) -> str:
    """Set the telephone's application up, and return its secret."""
    page.get_by_role("link", name="Mettre en place l’application").click()
    expect(page.get_by_alt_text("Carré à photographier")).to_be_visible()
    page.get_by_text("Pas d’appareil photo").click()
    secret = page.locator(".secret").inner_text()
    page.get_by_label("Code").fill(code(secret))
    page.get_by_role("button", name="Vérifier le code").click()
    expect(page.get_by_role("heading", name="Codes de récupération")).to_be_visible()
    assert page.locator(".codes li").count() == 10
    page.get_by_role("link", name="Je les ai gardés").click()
    return secret


def test_somebody_is_invited_and_logs_in_with_a_second_factor(
    boss: User, open_screen: Callable[..., Screen]
) -> None:
    administrator = open_screen(boss)
    page = administrator.page
    with smtp.running() as server:
        make.mail_account(port=server.port)
        page.goto("/utilisateurs/")
        page.get_by_role("link", name="Inviter quelqu’un").click()
        page.get_by_label("Nom").fill("Ève Noël")
        page.get_by_label("Adresse e-mail").fill("eve@vauban.example")
        page.get_by_label("Relances").check()
        page.get_by_role("button", name="Envoyer l’invitation").click()
        expect(page.get_by_text("est parti pour eve@vauban.example")).to_be_visible()
        [received] = server.received
    message = email.message_from_bytes(received.data, policy=default)
    text = message.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    link = re.search(r"http\S+/acces/\S+", text)
    assert link

    eve = open_screen()
    page = eve.page
    page.goto(link[0])
    page.get_by_label("Nouveau mot de passe").fill(PASSWORD)
    page.get_by_label("Le même encore une fois").fill(PASSWORD)
    page.get_by_role("button", name="Enregistrer mon mot de passe").click()
    expect(page.get_by_text("Votre mot de passe est enregistré")).to_be_visible()
    log_in(page, "eve@vauban.example")
    page.goto("/account/")
    secret = set_up_application(page)
    log_out(page)

    log_in(page, "eve@vauban.example")
    expect(page.get_by_role("heading", name="Second facteur")).to_be_visible()
    page.get_by_label("Code de votre application").fill(code(secret))
    page.get_by_role("button", name="Se connecter").click()
    expect(page.get_by_role("link", name="Ève Noël")).to_be_visible()
    assert administrator.troubles == eve.troubles == []


def test_a_security_key_is_added_and_opens_the_door(
    claire: User, boss: User, open_screen: Callable[..., Screen]
) -> None:
    screen = open_screen()
    page = screen.page
    cdp = page.context.new_cdp_session(page)
    cdp.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "usb",
        "hasUserVerification": True,
        "isUserVerified": True,
    }
    added = cdp.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    log_in(page, claire.email, "correct horse")
    page.goto("/account/")
    page.get_by_role("link", name="Ajouter une clé").click()
    page.get_by_label("Un nom").fill("Clé bleue")
    page.get_by_role("button", name="Ajouter cette clé").click()
    expect(page.get_by_role("heading", name="Codes de récupération")).to_be_visible()
    page.get_by_role("link", name="Je les ai gardés").click()
    expect(page.get_by_text("Clé bleue").first).to_be_visible()

    page.get_by_role("link", name="Renommer Clé bleue").click()
    page.get_by_label("Un nom").fill("Clé rouge")
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_text("Clé rouge").first).to_be_visible()
    log_out(page)

    log_in(page, claire.email, "correct horse")
    page.get_by_role("button", name="Utiliser ma clé de sécurité").click()
    expect(page.get_by_role("link", name="Claire Vasseur")).to_be_visible()
    assert screen.troubles == []

    # Another key in its place: said in words, and the code stays possible.
    log_out(page)
    authenticator = {"authenticatorId": added["authenticatorId"]}
    cdp.send("WebAuthn.clearCredentials", authenticator)
    log_in(page, claire.email, "correct horse")
    page.get_by_role("button", name="Utiliser ma clé de sécurité").click()
    expect(page.get_by_text("Rien n’a été lu")).to_be_visible(timeout=60_000)
    expect(page.get_by_label("Code de votre application")).to_be_visible()
    assert screen.troubles == []


def test_who_must_have_a_second_factor_is_led_to_it(
    boss: User, open_screen: Callable[..., Screen]
) -> None:
    screen = open_screen(boss)
    page = screen.page
    page.goto("/utilisateurs/")
    page.get_by_label("Tout le monde").check()
    page.locator("#second-factor").get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_text("Encore une étape avant de continuer")).to_be_visible()
    page.goto("/factures/")
    expect(page).to_have_url(re.compile("/account/"))
    page.get_by_role("link", name="Mettre en place l’application").click()
    # The login of this session is not known to be recent.
    page.get_by_label("Votre mot de passe").fill("correct horse")
    page.get_by_role("button", name="Continuer").click()
    page.get_by_text("Pas d’appareil photo").click()
    page.get_by_label("Code").fill(code(page.locator(".secret").inner_text()))
    page.get_by_role("button", name="Vérifier le code").click()
    expect(page.get_by_role("heading", name="Codes de récupération")).to_be_visible()
    page.goto("/factures/")
    expect(page.get_by_role("heading", name="Factures")).to_be_visible()
    assert screen.troubles == []
