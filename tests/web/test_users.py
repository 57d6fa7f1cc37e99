"""The pages about people: invitations, roles, links, and who may see them."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from relance.models import AccessLink, HistoryEntry, User
from relance.rules.permissions import Action
from relance.web.permission_table import IN_WORDS, permission_table
from tests import make, smtp

PASSWORD = "cheval-agrafe-bleu"
EVE = {
    "name": "Ève Noël",
    "email": "eve@vauban.example",
    "role": "relance",
    "language": "fr",
}

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(client, dora):
    make.company()
    client.force_login(dora)
    return client


def link_on(response) -> str:
    return re.search(r'value="http://testserver(/acces/[^"]+)"', said(response))[1]


def said(response) -> str:
    return response.content.decode()


def choose(client, path, password=PASSWORD, again=PASSWORD):
    return client.post(path, {"password": password, "again": again})


def test_somebody_is_invited_and_chooses_a_password(admin, client):
    page = admin.post(reverse("user-new"), EVE)
    assert "affiché une seule fois" in said(page).replace("\xa0", " ")
    path = link_on(page)
    assert "no-store" in page["Cache-Control"]
    admin.logout()

    assert "eve@vauban.example" in said(client.get(path))
    done = choose(client, path)

    assert done["Location"] == reverse("account_login")
    entered = client.post(
        "/accounts/login/", {"login": "eve@vauban.example", "password": PASSWORD}
    )
    assert entered["Location"] == "/"
    used = client.get(path)
    assert used.status_code == 410
    assert "déjà servi" in said(used)


def test_the_invitation_leaves_by_the_mail_account(admin):
    with smtp.running() as server:
        make.mail_account(port=server.port)
        page = admin.post(reverse("user-new"), EVE, follow=True)

        assert len(server.received) == 1
    assert "est parti pour eve@vauban.example" in said(page)
    assert "/acces/" not in said(page)
    assert "invité" in said(page)


def test_a_server_that_refuses_is_quoted_and_the_link_shown(admin):
    with smtp.running() as server:
        server.behaviour.refuse["eve@vauban.example"] = "550 unknown here"
        make.mail_account(port=server.port)
        page = admin.post(reverse("user-new"), EVE)

    assert "unknown here" in said(page)
    assert link_on(page)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"email": "dora@example.org"}, "email"),
        ({"email": "eve"}, "email"),
        ({"email": ""}, "email"),
        ({"email": "eve@vauban.example\x00"}, "email"),
        ({"name": ""}, "name"),
        ({"name": "x" * 121}, "name"),
        ({"name": "Ève\nNoël"}, "name"),
        ({"role": "chef"}, "role"),
        ({"role": ""}, "role"),
        ({"language": "de"}, "language"),
    ],
)
def test_a_wrong_invitation_is_refused_with_nothing_lost(admin, change, field):
    page = admin.post(reverse("user-new"), EVE | change)

    assert page.status_code == 422
    assert page.context["form"].errors.keys() == {field}
    assert page.context["form"]["name"].value() == (EVE | change)["name"]
    assert User.objects.count() == 1


def test_the_form_says_what_each_role_may_do(admin):
    page = said(admin.get(reverse("user-new")))

    assert IN_WORDS.keys() == set(Action)
    assert "Inviter des personnes et choisir leur rôle" in page
    allowed = [line.allowed.count(True) for line in permission_table()]
    assert page.count("good-ink") == sum(allowed)
    assert {1, 2, 3} == set(allowed)


def test_a_person_is_changed(admin, bob):
    url = reverse("user-edit", args=[bob.pk])
    shown = admin.get(url).context["form"]
    assert shown["role"].value() == "lecture"
    values = EVE | {"email": bob.email, "is_active": "on"}

    assert admin.post(url, values)["Location"] == reverse("users")
    bob.refresh_from_db()
    assert (bob.name, bob.role, bob.is_active) == ("Ève Noël", "relance", True)


def test_the_last_administrator_is_told_under_the_field(admin, dora):
    url = reverse("user-edit", args=[dora.pk])
    values = EVE | {"email": dora.email, "is_active": "on"}
    page = admin.post(url, values)
    assert page.status_code == 422
    assert "dernier administrateur" in str(page.context["form"].errors["role"])

    page = admin.post(url, values | {"role": "administration", "is_active": ""})
    assert "dernier administrateur" in str(page.context["form"].errors["is_active"])


def test_an_invitation_is_sent_again_and_withdrawn(admin):
    path = link_on(admin.post(reverse("user-new"), EVE))
    eve = User.objects.get(email="eve@vauban.example")
    assert "Renvoyer l’invitation" in said(
        admin.get(reverse("user-edit", args=[eve.pk]))
    )

    again = link_on(admin.post(reverse("user-link", args=[eve.pk])))
    assert "retiré" in said(admin.get(path))
    done = admin.post(reverse("user-withdraw", args=[eve.pk]), follow=True)

    assert "invitation est retirée" in said(done)
    assert admin.get(again).status_code == 410
    assert not User.objects.filter(pk=eve.pk).exists()


def test_what_cannot_be_done_to_a_person_is_said(admin, bob):
    page = admin.post(reverse("user-withdraw", args=[bob.pk]), follow=True)
    assert "désactivez" in said(page)

    User.objects.filter(pk=bob.pk).update(is_active=False)
    page = admin.post(reverse("user-link", args=[bob.pk]), follow=True)
    assert "ne peut pas se connecter" in said(page)
    assert not AccessLink.objects.exists()


def test_the_list_says_how_each_access_stands(
    admin, bob, charlie, django_assert_max_num_queries
):
    admin.post(reverse("user-new"), EVE)
    admin.post(reverse("user-new"), EVE | {"name": "Jean", "email": "j@x.fr"})
    AccessLink.objects.filter(user__name="Jean").update(expires_at=timezone.now())
    User.objects.filter(pk=bob.pk).update(is_active=False)

    with django_assert_max_num_queries(12):
        page = said(admin.get(reverse("users")))

    for words in (
        "invité",
        "invitation périmée",
        "ne peut pas se connecter",
        "sans rôle",
    ):
        assert words in page, words


@pytest.mark.parametrize(
    ("name", "method"),
    [
        ("users", "get"),
        ("user-new", "get"),
        ("user-new", "post"),
        ("user-edit", "get"),
        ("user-edit", "post"),
        ("user-link", "post"),
        ("user-withdraw", "post"),
    ],
)
def test_only_administrators_see_people(client, alice, bob, charlie, name, method):
    url = reverse(
        name, args=[bob.pk] if name[5:] in {"edit", "link", "withdraw"} else []
    )
    assert getattr(client, method)(url).status_code == 302
    for person in (alice, bob, charlie):
        client.force_login(person)
        assert getattr(client, method)(url).status_code == 403
    assert User.objects.count() == 3
    assert not HistoryEntry.objects.exists()


# --- the link ---------------------------------------------------------------


@pytest.fixture
def path(admin):
    found = link_on(admin.post(reverse("user-new"), EVE))
    admin.logout()
    return found


def test_the_rules_of_passwords_are_said_before_typing(client, path):
    page = said(client.get(path))

    assert "au minimum 12 caractères" in page
    assert "Bienvenue, Ève Noël" in page


@pytest.mark.parametrize(
    ("password", "again", "field"),
    [
        ("", "", "password"),
        ("court", "court", "password"),
        ("123456789012", "123456789012", "password"),
        ("eve@vauban.example", "eve@vauban.example", "password"),
        (PASSWORD, "", "again"),
        (PASSWORD, PASSWORD + "x", "again"),
        (PASSWORD + "\x00", PASSWORD + "\x00", "password"),
        ("x" * 1001, "x" * 1001, "password"),
    ],
)
def test_a_wrong_password_is_refused_in_words(client, path, password, again, field):
    page = choose(client, path, password, again)

    assert page.status_code == 422
    assert field in page.context["form"].errors
    assert 'type="password" name="password" value' not in said(page)
    assert User.objects.get(email="eve@vauban.example").is_invited


@pytest.mark.parametrize("secret", ["x", "%C3%A9", "a" * 500])
def test_an_unknown_link_answers_in_words(client, secret):
    page = client.get(f"/acces/{secret}/")

    assert page.status_code == 410
    assert "n’ouvre rien" in said(page)


def test_a_link_too_old_answers_in_words(client, path):
    AccessLink.objects.update(expires_at=timezone.now() - timedelta(minutes=1))

    assert "trop ancien" in said(client.get(path))
    assert choose(client, path).status_code == 410


# --- forgotten --------------------------------------------------------------

FORGOTTEN = "/accounts/password/reset/"


def test_without_a_mail_account_somebody_can_help(client, bob):
    page = said(client.get(FORGOTTEN))
    assert "Un administrateur de Relance" in page

    assert "Un administrateur" in said(client.post(FORGOTTEN, {"email": bob.email}))
    assert not AccessLink.objects.exists()


def test_known_or_not_an_address_gets_the_same_answer(client, bob):
    make.mail_account()
    known = client.post(FORGOTTEN, {"email": "bob@example.org"})
    unknown = client.post(FORGOTTEN, {"email": "nob@example.org"})

    assert AccessLink.objects.get().user == bob
    assert known.status_code == unknown.status_code == 200
    assert said(known).replace("bob@", "nob@") == said(unknown)


@pytest.mark.parametrize(
    "address", ["", "bob", "bob@example.org, eve@x.fr", "a@b.fr\x00"]
)
def test_an_address_that_is_none_is_refused(client, address):
    make.mail_account()
    page = client.post(FORGOTTEN, {"email": address})

    assert page.status_code == 422
    assert page.context["form"].errors.keys() == {"email"}


def test_asking_again_and_again_is_stopped(client, bob):
    make.mail_account()
    answers = [client.post(FORGOTTEN, {"email": bob.email}) for _ in range(6)]

    assert answers[-1].status_code == 429
    assert "Trop de tentatives" in said(answers[-1])
    assert AccessLink.objects.count() == 3
