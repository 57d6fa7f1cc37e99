"""The second factor: required, removed with a password, kept sealed."""

from __future__ import annotations

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.db import connection
from django.test import Client

from relance.models import Company, HistoryEntry
from relance.queries.access import must_set_up_factor
from relance.services import second_factor
from relance.services.refusal import Refused
from tests import make
from tests.authenticator import code

NOW = make.NOW
SECRET = "JBSWY3DPEHPK3PXP"

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("required", "led"),
    [("", []), ("administrators", ["dora"]), ("everybody", ["bob", "dora"])],
)
def test_those_who_must_have_one_and_have_none_are_led_to_it(dora, bob, required, led):
    make.company()
    second_factor.require(required, by=dora, now=NOW)

    people = {"bob": bob, "dora": dora}
    assert [name for name, one in people.items() if must_set_up_factor(one)] == led
    assert HistoryEntry.objects.count() == (1 if required else 0)
    TOTP.activate(dora, SECRET)
    assert not must_set_up_factor(dora)


def test_recovery_codes_alone_are_no_factor(dora):
    make.company(second_factor="everybody")
    kind = Authenticator.Type.RECOVERY_CODES
    Authenticator.objects.create(user=dora, type=kind, data={})

    assert must_set_up_factor(dora)


def test_a_choice_that_is_none_is_refused(dora):
    make.company()
    with pytest.raises(Refused) as refused:
        second_factor.require("some", by=dora, now=NOW)

    assert refused.value.field == "second_factor"
    assert Company.objects.get().second_factor == ""


def test_who_lost_everything_is_helped(dora, bob):
    TOTP.activate(bob, SECRET)
    device = Client()
    device.force_login(bob)
    device.get("/account/")

    second_factor.remove(bob, password_given=True, by=dora, now=NOW)

    assert not Authenticator.objects.exists()
    assert device.get("/account/").status_code == 302
    entry = HistoryEntry.objects.get()
    assert (entry.user, entry.words) == (dora, "Second facteur de Bob Leroy retiré.")


def test_nothing_is_removed_without_the_password(dora, bob):
    TOTP.activate(bob, SECRET)
    with pytest.raises(Refused) as refused:
        second_factor.remove(bob, password_given=False, by=dora, now=NOW)

    assert refused.value.field == "password"
    assert Authenticator.objects.exists()


def test_there_may_be_nothing_to_remove(dora, bob):
    with pytest.raises(Refused, match="Bob Leroy"):
        second_factor.remove(bob, password_given=True, by=dora, now=NOW)
    assert not HistoryEntry.objects.exists()


def test_the_secret_is_sealed_in_the_database(bob):
    TOTP.activate(bob, SECRET)

    with connection.cursor() as cursor:
        cursor.execute("SELECT data FROM mfa_authenticator")
        assert SECRET not in str(cursor.fetchone())


def test_beside_another_key_no_code_opens(bob, settings):
    totp = TOTP.activate(bob, SECRET)
    assert totp.validate_code(code(SECRET))
    settings.SECRET_KEY = "another installation's key, of the same length at least"

    found = Authenticator.objects.get().wrap()
    for secret in (SECRET, ""):
        assert not found.validate_code(code(secret))


def test_other_notices_are_let_pass(bob):
    second_factor.happened("password_changed", bob, now=NOW)

    assert not HistoryEntry.objects.exists()
