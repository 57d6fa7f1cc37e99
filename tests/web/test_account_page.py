"""One's own name, language and password are changed by oneself alone."""

from __future__ import annotations

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.urls import reverse
from django.utils import translation

from relance.models import HistoryEntry, User
from tests.web._account_page import NEW, OLD, log_in, said

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _language():
    # A request leaves its language to the thread, here to the next test.
    with translation.override("fr"):
        yield


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


def change(client, old=OLD, new=NEW, again=None):
    fields = {"old": old, "password": new, "again": new if again is None else again}
    return client.post(reverse("account-password"), fields)


# --- password ---------------------------------------------------------------


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


# --- required ---------------------------------------------------------------


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
