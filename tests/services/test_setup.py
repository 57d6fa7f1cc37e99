"""The set-up and the people: once, all or nothing, an administrator always left."""

from dataclasses import replace
from decimal import Decimal

import pytest
from django.db import IntegrityError

from relance.models import Company, HistoryEntry, Level, MailAccount, Rate, User
from relance.services import setup as service
from relance.services.company import BankData, CompanyData
from relance.services.mail_account import AccountData
from relance.services.rates import RateData, add_rate, verify_rate
from relance.services.refusal import Refused
from relance.services.setup import SetupData, check_setup, set_up
from tests.make import NOW

pytestmark = pytest.mark.django_db

MAIL = AccountData(
    host="smtp.durand.example", port=587, security="starttls", sender_email="a@b.fr"
)
DATA = SetupData(
    company=CompanyData(name="Durand"),
    bank=BankData(iban=""),
    name="Dora Blanc",
    email="Dora@Example.org",
    password="correct horse battery",
    mail=MAIL,
)


def test_one_call_makes_all_that_is_needed():
    user = set_up(DATA, now=NOW)
    assert (user.email, user.role) == ("dora@example.org", "administration")
    assert user.check_password("correct horse battery")
    assert Company.objects.get().name == "Durand"
    assert MailAccount.objects.get().host == MAIL.host
    assert Level.objects.exists()
    assert Rate.objects.exists()


def test_a_second_one_is_refused():
    set_up(DATA, now=NOW)
    with pytest.raises(Refused, match="déjà"):
        set_up(replace(DATA, email="eve@example.org"), now=NOW)
    assert User.objects.count() == 1


def test_the_second_of_two_at_once_is_refused(monkeypatch):
    """It looked before the first one was done, and writes after."""
    set_up(DATA, now=NOW)
    monkeypatch.setattr(service, "is_set_up", lambda: False)
    with pytest.raises(Refused, match="déjà") as refused:
        set_up(replace(DATA, email="eve@example.org"), now=NOW)
    assert isinstance(refused.value.__cause__, IntegrityError)
    assert User.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"company": CompanyData(name="")}, "name"),
        ({"company": CompanyData(name="D", siren="1")}, "siren"),
        ({"bank": BankData(iban="FR00")}, "iban"),
        ({"name": " "}, "person_name"),
        ({"email": ""}, "person_email"),
        ({"email": "dora"}, "person_email"),
        ({"password": "12345678"}, "person_password"),
        ({"mail": replace(MAIL, host=" ")}, "host"),
    ],
)
def test_a_wrong_answer_saves_nothing(change, field):
    data = replace(DATA, **change)
    with pytest.raises(Refused) as refused:
        set_up(data, now=NOW)
    assert refused.value.field == field
    assert not User.objects.exists()
    assert not Company.objects.exists()
    assert not HistoryEntry.objects.exists()
    if field != "host":
        with pytest.raises(Refused):
            check_setup(data, only=field)
    check_setup(data, only="legal_form")


def test_a_rate_is_entered_once_and_verified(dora):
    data = RateData(
        kind="ECB", half_year="2027-S1", percent=Decimal("2.15"), source="ecb"
    )
    rate = Rate.objects.create(
        kind="ECB", half_year="2027-S1", percent=Decimal(9), source="?"
    )
    verify_rate(rate, by=dora, now=NOW)
    verify_rate(rate, by=dora, now=NOW)
    assert HistoryEntry.objects.count() == 1
    with pytest.raises(Refused, match="déjà"):
        add_rate(data, by=dora, now=NOW)
    Rate.objects.update(verified=False)
    add_rate(data, by=dora, now=NOW)
    saved = Rate.objects.get()
    assert (saved.percent, saved.verified) == (Decimal("2.15"), True)


def test_past_reminders_are_asked_for_unless_there_are_none() -> None:
    set_up(DATA, now=NOW)
    assert Company.objects.get().takeover_answered_at is None


def test_the_set_up_may_say_that_nothing_is_to_be_taken_over() -> None:
    set_up(replace(DATA, nothing_to_take_over=True), now=NOW)
    assert Company.objects.get().takeover_answered_at == NOW
