"""A second factor is set up, used, required and removed by those who may."""

from __future__ import annotations

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.urls import reverse
from django.utils import translation

from relance.models import HistoryEntry, User
from tests import make
from tests.authenticator import code
from tests.web._account_page import OLD, log_in, said

SECRET = "JBSWY3DPEHPK3PXP"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _language():
    # A request leaves its language to the thread, here to the next test.
    with translation.override("fr"):
        yield


# --- second factor ----------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_the_application_is_set_up_used_and_removed():
    bob = User.objects.create_user("bob@example.org", OLD, name="Bob Leroy")
    client = log_in(bob)
    page = client.get(reverse("mfa_activate_totp"))
    assert 'src="data:image/svg+xml;base64,' in said(page)
    secret = page.context["form"].secret
    wrong = client.post(reverse("mfa_activate_totp"), {"code": "000000"})
    assert "Code incorrect" in said(wrong)

    done = client.post(
        reverse("mfa_activate_totp"), {"code": code(secret)}, follow=True
    )

    assert "Codes de récupération" in said(done)
    spare = done.context["unused_codes"][0]
    again = log_in(bob)
    assert again.get("/account/").status_code == 302
    assert "Code incorrect" in said(
        again.post(reverse("mfa_authenticate"), {"code": "123"})
    )
    again.post(reverse("mfa_authenticate"), {"code": spare})
    assert "Il en reste 9" in said(again.get("/account/"))
    # A recovery code opens once.
    third = log_in(bob)
    third.post(reverse("mfa_authenticate"), {"code": spare})
    assert third.get("/account/").status_code == 302

    gone = client.post(reverse("mfa_deactivate_totp"), follow=True)
    assert "application est retirée" in said(gone)
    assert not Authenticator.objects.exists()
    assert [one.words for one in HistoryEntry.objects.order_by("pk")] == [
        "Bob Leroy a installé une application d’authentification.",
        "Bob Leroy a retiré l’application d’authentification.",
    ]


def test_guessing_codes_is_slowed_down(bob):
    TOTP.activate(bob, SECRET)
    client = log_in(bob)
    for _ in range(12):
        client.post(reverse("mfa_authenticate"), {"code": "000000"})
    client.post(reverse("mfa_authenticate"), {"code": code(SECRET)})

    assert client.get("/account/").status_code == 302


def test_setting_up_asks_who_one_is_when_the_login_is_old(client, bob):
    client.force_login(bob)
    asked = client.get(reverse("mfa_activate_totp"), follow=True)
    assert "Est-ce bien vous" in said(asked)

    wrong = client.post(reverse("account_reauthenticate"), {"password": "no"})
    assert "id_password" in said(wrong)
    assert wrong.context["form"].errors
    right = client.post(
        reverse("account_reauthenticate") + "?next=" + reverse("mfa_activate_totp"),
        {"password": OLD},
    )
    assert right["Location"] == reverse("mfa_activate_totp")


def test_recovery_codes_are_downloaded_and_made_anew(bob):
    client = log_in(bob)
    secret = client.get(reverse("mfa_activate_totp")).context["form"].secret
    client.post(reverse("mfa_activate_totp"), {"code": code(secret)})
    first = said(client.get(reverse("mfa_download_recovery_codes")))
    assert "bob@example.org" in first
    assert len(first.split("\n\n")[1].split()) == 10

    assert "n’ouvrent plus rien" in said(
        client.get(reverse("mfa_generate_recovery_codes"))
    )
    page = client.post(reverse("mfa_generate_recovery_codes"), follow=True)

    assert page.context["unused_codes"][0] not in first


@pytest.mark.parametrize("host", ["testserver", "127.0.0.1:8000", "[::1]:8000"])
def test_keys_are_not_offered_where_browsers_have_none(client, bob, settings, host):
    settings.ALLOWED_HOSTS = ["*"]
    client.force_login(bob)
    page = said(client.get("/account/", headers={"Host": host}))

    assert "http://localhost" in page
    assert reverse("mfa_add_webauthn") not in page


@pytest.mark.parametrize(
    ("host", "secure"), [("localhost:8000", False), ("relance.example", True)]
)
def test_keys_are_offered_where_browsers_have_them(client, bob, settings, host, secure):
    settings.ALLOWED_HOSTS = ["*"]
    client.force_login(bob)
    page = said(client.get("/account/", headers={"Host": host}, secure=secure))

    assert reverse("mfa_add_webauthn") in page


@pytest.mark.parametrize("credential", ["", "x", "{}", '{"id": 1}', "[]"])
def test_a_key_that_answers_nonsense_is_refused(client, bob, credential):
    client = log_in(bob)
    client.get(reverse("mfa_add_webauthn"))
    page = client.post(
        reverse("mfa_add_webauthn"), {"name": "clé", "credential": credential}
    )

    assert page.status_code == 200
    assert "n’a pas été enregistrée" in said(page)
    assert not Authenticator.objects.exists()


# --- required ---------------------------------------------------------------


def test_who_must_set_one_up_reaches_nothing_else_first(client, alice):
    make.company(second_factor="everybody")
    client = log_in(alice)
    for page in ("/tableau-de-bord/", "/factures/", "/clients/"):
        assert client.get(page)["Location"] == "/account/"
    fragment = client.get("/factures/", headers={"HX-Request": "true"})
    assert fragment["HX-Redirect"] == "/account/"
    assert "Encore une étape" in said(client.get("/account/"))

    secret = client.get(reverse("mfa_activate_totp")).context["form"].secret
    client.post(reverse("mfa_activate_totp"), {"code": code(secret)})

    assert client.get("/factures/").status_code == 200
    assert "Encore une étape" not in said(client.get("/account/"))


@pytest.fixture
def admin(client, dora):
    make.company()
    client.force_login(dora)
    return client


def test_the_administrator_requires_it(admin, dora):
    url = reverse("users-require-factor")
    assert admin.post(url, {"second_factor": "some"}).status_code == 422
    assert admin.post(url, {"second_factor": "administrators"}).status_code == 302

    assert admin.get("/utilisateurs/")["Location"] == "/account/"
    TOTP.activate(dora, SECRET)
    page = admin.get("/utilisateurs/")
    assert page.context["form"]["second_factor"].value() == "administrators"


def test_the_administrator_helps_who_lost_everything(admin, bob):
    TOTP.activate(bob, SECRET)
    url = reverse("user-remove-factor", args=[bob.pk])
    assert "Retirer le second facteur" in said(
        admin.get(reverse("user-edit", args=[bob.pk]))
    )

    for wrong in ("", "no"):
        page = admin.post(url, {"password": wrong})
        assert page.status_code == 422
        assert page.context["confirm"].errors.keys() == {"password"}
    assert Authenticator.objects.exists()

    done = admin.post(url, {"password": OLD}, follow=True)
    assert "se connecte maintenant avec le seul mot de passe" in said(done)
    assert not Authenticator.objects.exists()


@pytest.mark.parametrize("name", ["users-require-factor", "user-remove-factor"])
def test_only_administrators_touch_the_second_factor_of_others(
    client, alice, bob, charlie, name
):
    make.company()
    TOTP.activate(bob, SECRET)
    url = reverse(name, args=[bob.pk] if name.startswith("user-") else [])
    for person in (alice, bob, charlie):
        client.force_login(person)
        values = {"password": OLD, "second_factor": "everybody"}
        assert client.post(url, values).status_code == 403
    assert Authenticator.objects.exists()
