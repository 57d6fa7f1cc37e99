"""The mail account's page: saved, tried with the server's own words, sealed."""

from __future__ import annotations

import html

import pytest
from django.urls import reverse

from relance.models import HistoryEntry, MailAccount
from tests import letterbox, make, smtp
from tests.web.posted import posted_from

pytestmark = pytest.mark.django_db

PAGE, SENDERS = "configuration-mail", "configuration-senders"
MAIL = {
    "host": "smtp.durand.example",
    "port": "587",
    "security": "starttls",
    "username": "compta",
    "password": "très secret",
    "sender_email": "compta@durand.example",
}


@pytest.fixture(autouse=True)
def _logged_in(client, dora) -> None:
    make.company()
    client.force_login(dora)


def text(response) -> str:
    return html.unescape(response.content.decode()).replace("\xa0", " ")


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"port": "0"}, "port"),
        ({"port": "65536"}, "port"),
        ({"port": "smtp"}, "port"),
        ({"security": "ssl"}, "security"),
        ({"security": "none"}, "security"),
        ({"sender_email": ""}, "sender_email"),
        ({"sender_email": "compta"}, "sender_email"),
        ({"reply_to": "a@b, c@d"}, "reply_to"),
        ({"copy_to": "nobody"}, "copy_to"),
        ({"sender_name": "x" * 121}, "sender_name"),
        ({"per_minute": "-1"}, "per_minute"),
    ],
)
def test_bad_input_is_refused_and_nothing_is_lost(client, values, field) -> None:
    answer = client.post(reverse(PAGE), MAIL | values)

    assert answer.status_code == 422
    form = answer.context["form"]
    assert form.errors.keys() == {field}
    assert form["host"].value() == MAIL["host"]
    assert not MailAccount.objects.exists()


def test_the_secret_is_never_shown_again(client) -> None:
    answer = client.post(reverse(PAGE), MAIL, follow=True)
    refused = client.post(reverse(PAGE), MAIL | {"port": "0"})

    assert MailAccount.objects.get().password == "très secret"
    pages = [
        answer,
        refused,
        client.get(reverse(PAGE)),
        client.get("/tableau-de-bord/"),
    ]
    assert not [page for page in pages if "secret" in text(page)]
    assert not [one for one in HistoryEntry.objects.all() if "secret" in one.words]
    # Saved again untouched, it is kept.
    client.post(reverse(PAGE), posted_from(client, PAGE))
    assert MailAccount.objects.get().password == "très secret"


@pytest.mark.parametrize(
    ("refusal", "says"),
    [
        ("", "250 queued as 1"),
        ("550 5.1.1 inconnu", "n’accepte pas l’adresse"),
        ("550 5.1.1 inconnu", "550 5.1.1 inconnu"),
    ],
)
def test_a_test_says_what_the_server_said(client, dora, refusal, says) -> None:
    with smtp.running() as server:
        letterbox.account(server)
        server.behaviour.refuse = {dora.email: refusal} if refusal else {}
        answer = client.post(reverse("configuration-mail-test"), follow=True)

    assert says in text(answer)


def test_without_an_account_there_is_nothing_to_try(client) -> None:
    answer = client.post(reverse("configuration-mail-test"), follow=True)
    assert "Enregistrez d’abord" in text(answer)


def test_each_person_s_address_is_asked_once_they_are_the_senders(
    client, alice, bob
) -> None:
    client.post(reverse(PAGE), MAIL)
    assert SENDERS_PATH not in text(client.get(reverse(PAGE)))

    client.post(reverse(PAGE), MAIL | {"sender_per_user": "on"})

    assert MailAccount.objects.get().sender_per_user
    senders = client.get(reverse(PAGE)).context["senders"]
    # Bob reads: he reminds nobody.
    assert str(alice.pk) in senders.fields
    assert str(bob.pk) not in senders.fields
    client.post(reverse(SENDERS), {str(alice.pk): "alice@durand.example"})
    alice.refresh_from_db()
    assert alice.sender_email == "alice@durand.example"
    refused = client.post(reverse(SENDERS), {str(alice.pk): "alice@"})
    assert refused.status_code == 422
    assert "alice@" in text(refused)


SENDERS_PATH = "/configuration/messagerie/expediteurs/"


def test_the_others_change_nothing(client, alice, bob) -> None:
    for person in (alice, bob):
        client.force_login(person)
        for page in (PAGE, SENDERS, "configuration-mail-test"):
            assert client.post(reverse(page), MAIL).status_code == 403
    assert not MailAccount.objects.exists()
