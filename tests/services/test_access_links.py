"""Links to choose a password: sent or shown, good once, within their time."""

from __future__ import annotations

import email
import re
from datetime import timedelta
from email.policy import default

import pytest
from django.db import connection

from relance.models import AccessLink, HistoryEntry, User
from relance.services import access_links
from relance.services.access_links import LinkRefused, find_link, use_link
from relance.services.refusal import Refused
from relance.services.users import UserData
from tests import make, smtp
from tests.services.test_concurrency import at_once, refusals

NOW = make.NOW
SITE = "https://relance.example"
PASSWORD = "cheval-agrafe-bleu"
EVE = UserData(
    name="Ève Noël", email="Eve@Vauban.example", role="relance", language="fr"
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def server():
    with smtp.running() as running:
        make.mail_account(port=running.port)
        yield running


def invite(by, **options):
    return access_links.invite(EVE, site=SITE, by=by, now=NOW, **options)


def secret_in(text: str) -> str:
    return re.search(rf"{SITE}/acces/([\w-]+)/", text)[1]


def read(received) -> tuple[str, str]:
    message = email.message_from_bytes(received.data, policy=default)
    return message["Subject"], message.get_body(("plain",)).get_content()


def test_without_a_mail_account_the_link_is_handed_over(dora):
    handed = invite(dora)

    eve = User.objects.get(email="eve@vauban.example")
    assert (handed.user, handed.sent_to, handed.why) == (eve, "", "")
    assert handed.expires_at == NOW + timedelta(days=7)
    assert eve.is_invited
    assert (eve.role, eve.language) == ("relance", "fr")
    assert find_link(secret_in(handed.url), now=NOW).user == eve


def test_only_the_hash_of_the_secret_is_kept(dora):
    secret = secret_in(invite(dora).url)

    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM relance_accesslink")
        assert secret not in str(cursor.fetchall())
        cursor.execute("SELECT words FROM relance_historyentry")
        assert secret not in str(cursor.fetchall())


def test_the_invitation_arrives_by_e_mail(dora, server):
    make.company()
    handed = invite(dora)

    assert (handed.sent_to, handed.url) == ("eve@vauban.example", "")
    [received] = server.received
    assert received.recipients == ["eve@vauban.example"]
    subject, text = read(received)
    assert subject == "Dora Blanc vous invite dans Relance"
    assert "Ève Noël" in text
    assert "Ateliers Vauban" in text
    assert "01/12/2026 à 10:30" in text
    assert find_link(secret_in(text), now=NOW).user == handed.user


def test_the_invitation_speaks_the_language_of_its_reader(dora, server):
    data = UserData(name="Eve", email="eve@vauban.example", language="en")
    access_links.invite(data, site=SITE, by=dora, now=NOW)

    assert read(server.received[0])[0] == "Dora Blanc invites you to Relance"


def test_what_the_server_refuses_is_handed_over_with_its_words(dora, server):
    server.behaviour.refuse["eve@vauban.example"] = "550 no such person"
    handed = invite(dora)

    assert "no such person" in handed.why
    assert find_link(secret_in(handed.url), now=NOW).user == handed.user


def test_a_server_that_is_away_loses_nobody(dora):
    with smtp.running() as gone:
        make.mail_account(port=gone.port)
    handed = invite(dora)

    assert handed.why
    assert find_link(secret_in(handed.url), now=NOW)


def test_an_invitation_is_accepted_once(dora):
    secret = secret_in(invite(dora).url)

    eve = use_link(secret, PASSWORD, now=NOW)

    assert User.objects.get(pk=eve.pk).check_password(PASSWORD)
    assert HistoryEntry.objects.filter(user=eve).get().words == (
        "Ève Noël a accepté l’invitation."
    )
    with pytest.raises(LinkRefused, match="déjà"):
        use_link(secret, "autre-cheval-bleu", now=NOW)
    assert User.objects.get(pk=eve.pk).check_password(PASSWORD)


@pytest.mark.django_db(transaction=True)
def test_two_clicks_accept_once():
    dora = make.user(role="administration")
    secret = secret_in(invite(dora).url)

    given = at_once(*[lambda: use_link(secret, PASSWORD, now=NOW)] * 2)

    [refusal] = refusals(given)
    assert isinstance(refusal, LinkRefused)


def test_a_weak_password_leaves_the_link_good(dora):
    secret = secret_in(invite(dora).url)
    with pytest.raises(Refused) as refused:
        use_link(secret, "eve@vauban.example", now=NOW)
    assert refused.value.field == "password"

    assert use_link(secret, PASSWORD, now=NOW).email == "eve@vauban.example"


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda link: link.update(expires_at=NOW), "trop ancien"),
        (lambda link: link.update(withdrawn_at=NOW), "retiré"),
        (lambda link: link.update(used_at=NOW), "déjà"),
        (lambda link: link.delete(), "inconnu"),
        (
            lambda link: User.objects.filter(name="Ève Noël").update(is_active=False),
            "retiré",
        ),
    ],
)
def test_a_link_that_opens_nothing_says_why(dora, spoil, says):
    secret = secret_in(invite(dora).url)
    spoil(AccessLink.objects.all())

    with pytest.raises(LinkRefused, match=says):
        use_link(secret, PASSWORD, now=NOW)
    assert User.objects.get(name="Ève Noël").is_invited


@pytest.mark.parametrize("secret", ["", "x", "%00", "é" * 300])
def test_what_is_no_link_is_unknown(secret):
    with pytest.raises(LinkRefused, match="inconnu"):
        find_link(secret, now=NOW)


def test_a_new_link_replaces_the_one_before(dora):
    first = invite(dora)
    second = access_links.give_link(first.user, site=SITE, by=dora, now=NOW)

    with pytest.raises(LinkRefused, match="retiré"):
        find_link(secret_in(first.url), now=NOW)
    assert find_link(secret_in(second.url), now=NOW).purpose == "invitation"


def test_an_administrator_makes_a_link_for_a_forgotten_password(dora, bob):
    handed = access_links.give_link(bob, site=SITE, by=dora, now=NOW)

    assert handed.expires_at == NOW + timedelta(days=2)
    # Until it is used the present password stays good.
    assert User.objects.get(pk=bob.pk).check_password("correct horse battery")
    use_link(secret_in(handed.url), PASSWORD, now=NOW)
    assert User.objects.get(pk=bob.pk).check_password(PASSWORD)
    assert "nouveau mot de passe" in HistoryEntry.objects.get(user=bob).words


def test_no_link_for_who_may_not_log_in(dora, bob):
    User.objects.filter(pk=bob.pk).update(is_active=False)
    bob.refresh_from_db()

    with pytest.raises(Refused, match="Bob Leroy"):
        access_links.give_link(bob, site=SITE, by=dora, now=NOW)


def test_an_invitation_is_withdrawn_and_leaves_its_words(dora):
    handed = invite(dora)
    access_links.withdraw_invitation(handed.user, by=dora, now=NOW)

    assert not User.objects.filter(email="eve@vauban.example").exists()
    with pytest.raises(LinkRefused):
        find_link(secret_in(handed.url), now=NOW)
    assert "eve@vauban.example" in HistoryEntry.objects.first().words
    # The same address can be invited again.
    assert invite(dora).url


def test_who_has_come_in_is_not_withdrawn(dora, bob):
    with pytest.raises(Refused, match="désactivez"):
        access_links.withdraw_invitation(bob, by=dora, now=NOW)
    assert User.objects.filter(pk=bob.pk).exists()


# --- asked for at the door --------------------------------------------------


def ask(address: str) -> None:
    access_links.ask_link(address, site=SITE, now=NOW)


def test_a_forgotten_password_is_replaced_by_a_link(bob, server):
    ask(" BOB@example.org ")
    assert server.received == []
    assert access_links.write_asked(now=NOW) == 1

    subject, text = read(server.received[0])
    assert subject == "Relance\xa0: choisissez un nouveau mot de passe"
    assert use_link(secret_in(text), PASSWORD, now=NOW) == bob
    # Nothing is sent twice.
    assert access_links.write_asked(now=NOW) == 0


@pytest.mark.parametrize("address", ["nobody@example.org", "", "off@example.org"])
def test_an_address_that_may_not_log_in_gets_nothing(server, address):
    User.objects.create_user("off@example.org", PASSWORD, is_active=False)
    ask(address)

    assert access_links.write_asked(now=NOW) == 0
    assert not AccessLink.objects.exists()


def test_strangers_cannot_fill_a_mailbox(bob, server):
    for _ in range(10):
        ask("bob@example.org")

    assert access_links.write_asked(now=NOW) == 3


def test_asked_for_an_hour_ago_is_not_sent_any_more(bob, server):
    ask("bob@example.org")

    assert access_links.write_asked(now=NOW + timedelta(hours=1)) == 0
    assert AccessLink.objects.get().withdrawn_at
    assert server.received == []


def test_what_did_not_leave_is_in_the_history(bob, server):
    server.behaviour.refuse["bob@example.org"] = "550 full"
    ask("bob@example.org")

    assert access_links.write_asked(now=NOW) == 0
    assert "full" in HistoryEntry.objects.get().words
    assert AccessLink.objects.get().withdrawn_at == NOW


@pytest.mark.django_db(transaction=True)
def test_two_workers_send_one_link():
    make.user(email="bob@example.org")
    with smtp.running() as server:
        make.mail_account(port=server.port)
        ask("bob@example.org")
        at_once(*[lambda: access_links.write_asked(now=NOW)] * 2)

        assert len(server.received) == 1
