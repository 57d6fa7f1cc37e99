"""People who log in: checked, changed, kept from locking everybody out."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from relance.models import HistoryEntry, User
from relance.services import users
from relance.services.access_links import give_link
from relance.services.refusal import Refused
from relance.services.users import UserData, add_user, edit_oneself, edit_user
from tests import make
from tests.services.test_concurrency import at_once, refusals

NOW = make.NOW
PASSWORD = "cheval-agrafe-bleu"
BOB = UserData(name="Bob Leroy", email="bob@example.org", role="lecture")

pytestmark = pytest.mark.django_db


def data_of(user: User, **change) -> UserData:
    values = {"name": user.name, "email": user.email, "role": user.role}
    return replace(UserData(**values), **change)


def test_people_are_created_and_changed(dora):
    bob = add_user(BOB, PASSWORD, by=dora, now=NOW)
    edit_user(bob, replace(BOB, role="relance", language="en"), by=dora, now=NOW)

    bob.refresh_from_db()
    assert (bob.role, bob.language) == ("relance", "en")
    assert bob.check_password(PASSWORD)
    changed, created = HistoryEntry.objects.filter(user=dora)
    assert created.words == "Utilisateur Bob Leroy créé."
    assert "rôle Relances" in changed.words


def test_saved_untouched_nothing_is_written_down(dora):
    bob = add_user(BOB, PASSWORD, by=dora, now=NOW)
    edit_user(bob, BOB, by=dora, now=NOW)

    assert HistoryEntry.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "password", "field"),
    [
        ({"email": "DORA@example.org"}, PASSWORD, "email"),
        ({"email": ""}, PASSWORD, "email"),
        ({"email": "bob"}, PASSWORD, "email"),
        ({"name": "  "}, PASSWORD, "name"),
        ({"name": "Bob\nBcc: x@y.fr"}, PASSWORD, "name"),
        ({"role": "chef"}, PASSWORD, "role"),
        ({"language": "de"}, PASSWORD, "language"),
        # Eleven characters; the address; the name; a common one; digits.
        ({}, "cheval-agra", "password"),
        ({}, "bob@example.org", "password"),
        ({}, "bobleroy-bobleroy"[:13], "password"),
        ({}, "passwordpassword"[:8] + "1234", "password"),
        ({}, "839201774655", "password"),
    ],
)
def test_a_wrong_person_is_refused(dora, change, password, field):
    with pytest.raises(Refused) as refused:
        add_user(replace(BOB, **change), password, by=dora, now=NOW)

    assert refused.value.field == field
    assert not User.objects.filter(email__contains="bob").exists()
    assert not HistoryEntry.objects.exists()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"email": "DORA@example.org"}, "email"),
        ({"email": "bob@"}, "email"),
        ({"name": ""}, "name"),
        ({"role": "chef"}, "role"),
    ],
)
def test_a_wrong_change_is_refused(dora, bob, change, field):
    with pytest.raises(Refused) as refused:
        edit_user(bob, data_of(bob, **change), by=dora, now=NOW)

    assert refused.value.field == field
    assert User.objects.get(pk=bob.pk).name == "Bob Leroy"


@pytest.mark.parametrize(
    ("change", "field"),
    [({"role": "relance"}, "role"), ({"is_active": False}, "is_active")],
)
def test_the_last_administrator_stays_one(dora, change, field):
    other = make.user(role="administration")
    edit_user(other, data_of(other, **change), by=dora, now=NOW)

    with pytest.raises(Refused, match="dernier administrateur") as refused:
        edit_user(dora, data_of(dora, **change), by=dora, now=NOW)
    assert refused.value.field == field
    dora.refresh_from_db()
    assert (dora.role, dora.is_active) == ("administration", True)


def test_somebody_only_invited_is_no_administrator_yet(dora):
    add_user(replace(BOB, role="administration"), None, by=dora, now=NOW)

    with pytest.raises(Refused, match="dernier administrateur"):
        edit_user(dora, data_of(dora, role="lecture"), by=dora, now=NOW)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("change", [{"role": "lecture"}, {"is_active": False}])
def test_two_administrators_do_not_demote_each_other(change):
    for _ in range(5):
        User.objects.all().delete()
        two = [make.user(role="administration") for _ in range(2)]

        given = at_once(
            *(
                lambda u=user: edit_user(u, data_of(u, **change), by=None, now=NOW)
                for user in two
            )
        )

        assert len(refusals(given)) == 1
        assert User.objects.filter(role="administration", is_active=True).count() == 1


def test_who_is_deactivated_is_out_at_once_and_stays_out(dora, bob):
    device = Client()
    device.login(username="bob@example.org", password="correct horse battery")
    device.get("/account/")
    edit_user(bob, data_of(bob, is_active=False), by=dora, now=NOW)

    assert device.get("/account/").status_code == 302
    assert not Session.objects.exists()
    # The old cookie opens nothing either when they are allowed in again.
    edit_user(bob, data_of(bob, is_active=True), by=dora, now=NOW)
    assert device.get("/account/").status_code == 302


@pytest.mark.parametrize("change", [{"is_active": False}, {"email": "rob@example.org"}])
def test_a_link_to_somebody_else_than_before_opens_nothing(dora, bob, change):
    give_link(bob, site="http://testserver", by=dora, now=NOW)
    edit_user(bob, data_of(bob, **change), by=dora, now=NOW)

    assert bob.access_links.get().withdrawn_at == NOW


def test_one_changes_ones_own_name_and_language_only(bob):
    stale = User.objects.get(pk=bob.pk)
    User.objects.update(role="relance")
    edit_oneself(stale, name="Robert Leroy", language="en", now=NOW)

    bob.refresh_from_db()
    assert (bob.name, bob.language, bob.role) == ("Robert Leroy", "en", "relance")
    assert HistoryEntry.objects.get().user == bob


def test_one_changes_ones_own_password(bob):
    users.change_password(bob, "correct horse battery", PASSWORD, keep="", now=NOW)

    assert User.objects.get(pk=bob.pk).check_password(PASSWORD)
    assert "Bob Leroy" in HistoryEntry.objects.get().words


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("wrong", PASSWORD, "old"),
        ("correct horse battery", "correct horse battery", "password"),
        ("correct horse battery", "court", "password"),
    ],
)
def test_a_wrong_change_of_password_is_refused(bob, old, new, field):
    with pytest.raises(Refused) as refused:
        users.change_password(bob, old, new, keep="", now=NOW)

    assert refused.value.field == field
    assert User.objects.get(pk=bob.pk).check_password("correct horse battery")
