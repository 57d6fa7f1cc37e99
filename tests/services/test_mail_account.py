"""The SMTP account: saved without leaking, tried with the server's own words."""

from dataclasses import replace

import pytest
from django.db import connection

from relance.models import HistoryEntry, MailAccount
from relance.services.mail_account import (
    AccountData,
    account_from,
    remove_account,
    save_account,
    save_senders,
    sender_of,
    smtp_account,
)
from relance.services.mail_account import test_account as try_account
from relance.services.refusal import Refused
from tests import letterbox, smtp
from tests.letterbox import NOW

pytestmark = pytest.mark.django_db

DATA = AccountData(
    host="smtp.durand.example",
    port=587,
    security="starttls",
    username="compta",
    password="très secret",
    sender_email="compta@durand.example",
    sender_name="Durand",
)


def test_the_password_is_kept_sealed_and_out_of_the_history(dora):
    save_account(DATA, by=dora, now=NOW)
    assert MailAccount.objects.get().password == "très secret"
    with connection.cursor() as cursor:
        cursor.execute("SELECT password FROM relance_mailaccount")
        assert "secret" not in cursor.fetchone()[0]
    entry = HistoryEntry.objects.get()
    assert "secret" not in entry.words
    assert entry.user == dora


def test_an_empty_password_keeps_the_saved_one(dora):
    save_account(DATA, by=dora, now=NOW)
    save_account(replace(DATA, password="", port=2525), by=dora, now=NOW)
    saved = MailAccount.objects.get()
    assert (saved.password, saved.port) == ("très secret", 2525)


@pytest.mark.parametrize("change", [{"host": "evil.example"}, {"username": "other"}])
def test_the_saved_password_is_not_given_to_another_server_or_user(dora, change):
    save_account(DATA, by=dora, now=NOW)
    assert account_from(replace(DATA, password="", **change)).password == ""


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"host": " "}, "host"),
        ({"port": 0}, "port"),
        ({"port": 70000}, "port"),
        ({"security": "ssl"}, "security"),
        ({"security": "none"}, "security"),
        ({"security": "none", "host": "192.0.2.1.example"}, "security"),
        ({"security": "none", "host": "8.8.8.8"}, "security"),
        ({"sender_email": ""}, "sender_email"),
        ({"sender_email": "a@b, c@d"}, "sender_email"),
        ({"reply_to": "nobody"}, "reply_to"),
        ({"copy_to": "a@b\nc"}, "copy_to"),
        ({"per_minute": -1}, "per_minute"),
        ({"per_minute": 10_001}, "per_minute"),
        ({"sender_name": "a\nBcc: b"}, "sender_name"),
    ],
)
def test_what_cannot_be_an_account_is_refused_on_its_field(dora, change, field):
    with pytest.raises(Refused) as refused:
        save_account(replace(DATA, **change), by=dora, now=NOW)
    assert refused.value.field == field
    assert not MailAccount.objects.exists()


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "192.168.1.9", "nas.local"])
def test_a_server_of_the_office_may_do_without_encryption(dora, host):
    save_account(replace(DATA, host=host, security="none"), by=dora, now=NOW)
    assert MailAccount.objects.get().host == host


def test_removed_it_is_forgotten(dora):
    save_account(DATA, by=dora, now=NOW)
    remove_account(by=dora, now=NOW)
    assert not MailAccount.objects.exists()
    assert "supprimé" in HistoryEntry.objects.first().words
    remove_account(by=dora, now=NOW)
    assert HistoryEntry.objects.count() == 2


def test_the_sender_as_readers_see_it():
    plain = MailAccount(sender_email="a@b.fr")
    assert sender_of(plain, None).line == "a@b.fr"
    named = MailAccount(sender_email="a@b.fr", sender_name="Durand")
    assert sender_of(named, None).line == "Durand <a@b.fr>"


# Whether each person is the sender, their own address, what their customers see.
@pytest.mark.parametrize(
    ("per_user", "own", "line", "reply_to"),
    [
        (False, "alice@durand.example", "Durand <a@b.fr>", "r@b.fr"),
        (True, "", "Alice Martin <a@b.fr>", "r@b.fr"),
        (
            True,
            "alice@durand.example",
            "Alice Martin <alice@durand.example>",
            "alice@durand.example",
        ),
    ],
)
def test_who_made_the_reminder_may_be_its_sender(alice, per_user, own, line, reply_to):
    account = MailAccount(
        sender_email="a@b.fr",
        sender_name="Durand",
        reply_to="r@b.fr",
        sender_per_user=per_user,
    )
    alice.sender_email = own

    found = sender_of(account, alice)

    assert (found.line, found.reply_to) == (line, reply_to)
    # Made from a terminal, nobody in particular sends it.
    assert sender_of(account, None).line == "Durand <a@b.fr>"


def test_each_person_s_address_is_saved_and_told(alice, dora):
    addresses = {alice.pk: " alice@durand.example ", dora.pk: ""}
    for _time in range(2):
        save_senders(addresses, by=dora, now=NOW)

    alice.refresh_from_db()
    assert alice.sender_email == "alice@durand.example"
    entry = HistoryEntry.objects.get()
    assert "alice@durand.example" in entry.words

    with pytest.raises(Refused) as refused:
        save_senders({alice.pk: "alice"}, by=dora, now=NOW)
    assert refused.value.field == str(alice.pk)


def test_the_password_is_shown_nowhere(dora, caplog):
    data = replace(DATA, host="127.0.0.1", port=1, security="none")
    account = save_account(data, by=dora, now=NOW)
    with pytest.raises(Refused) as refused:
        try_account(account, to="moi@durand.example", now=NOW)

    said = [refused.value.message, caplog.text]
    said += [repr(one) for one in (data, account, smtp_account(account))]
    said += [str(one) for one in (data, account, smtp_account(account))]
    said += HistoryEntry.objects.values_list("words", flat=True)
    assert not [one for one in said if "secret" in one]


@pytest.mark.parametrize(
    ("answer", "meaning"),
    [
        ("550 5.1.1 no such user", "n’accepte pas l’adresse"),
        ("530 5.7.0 authentication required", "demande un identifiant"),
        ("451 4.3.0 later", "réessayez plus tard"),
        ("554 5.7.1 spam", "courrier indésirable"),
        ("599 what", "Le serveur a refusé le message"),
    ],
)
def test_a_refusal_is_explained_with_the_server_s_own_line(answer, meaning):
    with smtp.running() as server:
        account = letterbox.account(server)
        server.behaviour.refuse = {"moi@durand.example": answer}
        with pytest.raises(Refused) as refused:
            try_account(account, to="moi@durand.example", now=NOW)

    assert meaning in refused.value.message
    assert answer in refused.value.message


def test_a_trial_sends_a_message_and_tells_the_answer():
    with smtp.running() as server:
        account = letterbox.account(server)
        words = try_account(account, to="moi@durand.example", now=NOW)
    assert "250 queued as 1" in words
    assert server.received[0].recipients == ["moi@durand.example"]


def test_a_trial_that_fails_says_why():
    with smtp.running() as server:
        account = letterbox.account(server)
        server.behaviour.refuse_message = "554 no"
        with pytest.raises(Refused, match="554 no"):
            try_account(account, to="moi@durand.example", now=NOW)
        server.behaviour.refuse_message = ""
        server.behaviour.cut_at = "content"
        with pytest.raises(Refused, match="peut-être parti"):
            try_account(account, to="moi@durand.example", now=NOW)
        with pytest.raises(Refused) as refused:
            try_account(account, to="nobody", now=NOW)
    assert refused.value.field == "to"
