"""One's own account: name, language, password, devices, second factor."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from relance.models import HistoryEntry, User
from tests import make
from tests.authenticator import code

OLD, NEW = "correct horse battery", "cheval-agrafe-bleu"
SECRET = "JBSWY3DPEHPK3PXP"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _language():
    # A request leaves its language to the thread, here to the next test.
    with translation.override("fr"):
        yield


def log_in(user, *, password=OLD, agent=FIREFOX) -> Client:
    client = Client(headers={"User-Agent": agent})
    client.post("/accounts/login/", {"login": user.email, "password": password})
    return client


def said(response) -> str:
    return response.content.decode()


# --- name and language ------------------------------------------------------


def test_the_name_and_the_language_are_ones_own(bob):
    client = log_in(bob)
    page = client.post(
        "/account/", {"name": "Robert Leroy", "language": "en"}, follow=True
    )

    bob.refresh_from_db()
    assert (bob.name, bob.language, bob.role) == ("Robert Leroy", "en", "lecture")
    assert "Your account is changed." in said(page)
    # Another device speaks it from the login on.
    assert 'lang="en"' in said(log_in(bob).get("/account/"))


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 121}, "name"),
        ({"name": "Bob\x00"}, "name"),
        ({"language": "de"}, "language"),
        ({"language": ""}, "language"),
    ],
)
def test_a_wrong_name_or_language_is_refused(client, bob, change, field):
    client.force_login(bob)
    page = client.post("/account/", {"name": "Bob", "language": "fr"} | change)

    assert page.status_code == 422
    assert page.context["form"].errors.keys() == {field}
    assert User.objects.get().name == "Bob Leroy"


def test_the_switch_of_the_menu_is_remembered(client, bob):
    client.force_login(bob)
    client.post("/language/", {"language": "en", "next": "/account/"})
    assert User.objects.get().language == "en"

    client.post("/language/", {"language": "de", "next": "/account/"})
    assert User.objects.get().language == "en"
    assert not HistoryEntry.objects.exists()


# --- password ---------------------------------------------------------------


def change(client, old=OLD, new=NEW, again=None):
    fields = {"old": old, "password": new, "again": new if again is None else again}
    return client.post(reverse("account-password"), fields)


def test_a_new_password_logs_the_other_devices_out(bob):
    here, elsewhere = log_in(bob), log_in(bob)
    assert change(here)["Location"] == "/account/"

    page = said(here.get("/account/"))
    assert "vos autres appareils déconnectés" in page
    assert page.count("cet appareil") == 1
    assert elsewhere.get("/account/").status_code == 302
    assert UserSession.objects.count() == Session.objects.count() == 1
    assert log_in(bob, password=NEW).get("/account/").status_code == 200


@pytest.mark.parametrize(
    ("old", "new", "again", "field"),
    [
        ("wrong", NEW, NEW, "old"),
        ("", NEW, NEW, "old"),
        (OLD, OLD, OLD, "password"),
        (OLD, "court", "court", "password"),
        (OLD, "bob@example.org", "bob@example.org", "password"),
        (OLD, NEW, NEW + " ", "again"),
    ],
)
def test_a_wrong_change_of_password_is_refused(client, bob, old, new, again, field):
    client.force_login(bob)
    page = change(client, old, new, again)

    assert page.status_code == 422
    assert page.context["password_form"].errors.keys() == {field}
    assert User.objects.get().check_password(OLD)


def test_guessing_the_present_password_is_slowed_down(client, bob):
    client.force_login(bob)
    answers = [change(client, old="wrong") for _ in range(6)]

    assert answers[-1].status_code == 429
    assert change(client).status_code == 429


# --- devices ----------------------------------------------------------------


def test_devices_are_listed_and_logged_out_one_by_one(bob):
    here = log_in(bob)
    elsewhere = log_in(
        bob, agent=FIREFOX.replace("X11; Linux x86_64", "Windows NT 10.0")
    )
    page = said(here.get("/account/"))
    assert "Firefox sur Linux" in page
    assert "Firefox sur Windows" in page
    other = UserSession.objects.get(user_agent__contains="Windows")

    here.post(reverse("account-device", args=[other.pk]))

    assert elsewhere.get("/account/").status_code == 302
    assert "Firefox sur Windows" not in said(here.get("/account/"))


def test_all_the_others_are_logged_out_at_once(bob):
    here, *others = (log_in(bob) for _ in range(3))
    here.post(reverse("account-devices"))

    assert here.get("/account/").status_code == 200
    assert [one.get("/account/").status_code for one in others] == [302, 302]


def test_nobody_ends_the_sessions_of_another(bob, alice):
    log_in(alice)
    theirs = UserSession.objects.get()
    answer = log_in(bob).post(reverse("account-device", args=[theirs.pk]))

    assert answer.status_code == 404
    assert UserSession.objects.filter(pk=theirs.pk).exists()


def test_what_is_over_is_not_listed(bob):
    here = log_in(bob)
    log_in(bob, agent="Chrome/142.0")
    UserSession.objects.filter(user_agent="Chrome/142.0").get()
    Session.objects.exclude(session_key=here.session.session_key).update(
        expire_date=timezone.now()
    )

    assert "Chrome" not in said(here.get("/account/"))


def set_back(client, **hours) -> None:
    session = client.session
    for name, ago in hours.items():
        session[name] = time.time() - ago * 3600
    session.save()


def test_a_session_ends_after_a_day_of_work(bob):
    client = log_in(bob)
    client.get("/account/")
    set_back(client, began=13.9)
    assert client.get("/account/").status_code == 200

    set_back(client, began=14.1)
    assert client.get("/account/").status_code == 302
    assert "journée entière" in said(client.get("/accounts/login/"))


def test_a_session_ends_after_four_hours_without_a_click(bob):
    client = log_in(bob)
    client.get("/account/")
    left = Session.objects.get().expire_date - timezone.now()

    assert timedelta(hours=3, minutes=59) < left <= timedelta(hours=4)


def test_use_is_noted_now_and_then_and_moves_the_end_away(bob):
    client = log_in(bob)
    client.get("/account/")
    long_ago = timezone.now() - timedelta(hours=3)
    UserSession.objects.update(last_seen_at=long_ago)
    Session.objects.update(expire_date=timezone.now() + timedelta(hours=1))
    client.get("/account/")
    assert UserSession.objects.get().last_seen_at == long_ago

    set_back(client, seen=1)
    Session.objects.update(expire_date=timezone.now() + timedelta(hours=1))
    client.get("/account/")

    assert timezone.now() - UserSession.objects.get().last_seen_at < timedelta(
        minutes=1
    )
    assert Session.objects.get().expire_date > timezone.now() + timedelta(hours=3)


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


@pytest.mark.parametrize(
    "path",
    [
        "/account/mot-de-passe/",
        "/account/appareils/",
        "/account/appareils/1/",
        "/accounts/2fa/totp/activate/",
        "/accounts/2fa/recovery-codes/",
        "/accounts/2fa/recovery-codes/generate/",
        "/accounts/2fa/recovery-codes/download/",
        "/accounts/2fa/webauthn/add/",
    ],
)
def test_an_account_is_its_owners(client, path):
    assert client.post(path).status_code == 302
    assert "/accounts/login/" in client.post(path)["Location"]
