"""The outgoing tray on screen: by state, for each role, with and without htmx."""

import pytest
from django.urls import reverse

from relance.models import OutboxMessage
from relance.services import delivery
from tests import letterbox, smtp
from tests.letterbox import LATER

State = OutboxMessage.State

pytestmark = pytest.mark.django_db


def put(message, state, **fields):
    OutboxMessage.objects.filter(pk=message.pk).update(state=state, **fields)
    message.refresh_from_db()
    return message


def page(client, name, *args, **headers):
    return client.get(reverse(name, args=args), headers=headers)


def seen(client, name, *args, **headers):
    response = page(client, name, *args, **headers)
    assert response.status_code == 200
    return response.content.decode()


@pytest.fixture
def server():
    with smtp.running() as running:
        yield running


def test_without_an_account_they_wait_and_it_is_said(client, alice):
    client.force_login(alice)
    letterbox.message()
    shown = seen(client, "outbox")
    assert "Aucun compte e-mail" in shown
    assert "Facture FA-0001 à régler" in shown
    assert "dès qu’un compte e-mail sera configuré" in shown
    # Nothing moves: the page does not ask again and again.
    assert "every 3s" not in shown


def test_an_empty_tray_says_what_comes_here(client, alice):
    client.force_login(alice)
    assert "Aucun e-mail pour l’instant" in seen(client, "outbox")


def test_what_is_about_to_leave_shows_its_seconds_and_may_be_cancelled(
    client, alice, server
):
    client.force_login(alice)
    letterbox.account(server)
    message = letterbox.message()
    shown = seen(client, "outbox")
    assert "every 3s" in shown
    assert reverse("message-cancel", args=[message.pk]) in shown
    fragment = seen(client, "outbox", hx_request="true")
    assert "<html" not in fragment
    assert fragment.strip().startswith('<div class="stack" id="tray"')


def test_cancelling_from_the_tray(client, alice):
    client.force_login(alice)
    message = letterbox.message()
    response = client.post(reverse("message-cancel", args=[message.pk]), follow=True)
    assert "il ne part pas" in response.content.decode()
    message.refresh_from_db()
    assert message.state == State.CANCELLED
    again = client.post(reverse("message-cancel", args=[message.pk]), follow=True)
    assert "déjà en train de partir" in again.content.decode()


def test_a_failure_shows_the_server_s_words_and_is_tried_again(client, alice):
    client.force_login(alice)
    message = put(letterbox.message(), State.FAILED, answer="550 no such user")
    assert "550 no such user" in seen(client, "outbox")
    client.post(reverse("message-retry", args=[message.pk]))
    message.refresh_from_db()
    assert message.state == State.QUEUED


def test_the_address_of_a_failure_is_corrected(client, alice):
    client.force_login(alice)
    message = put(letterbox.message(), State.FAILED)
    url = reverse("message-retry", args=[message.pk])
    wrong = client.post(url, {"recipient": "a@b, c@d"})
    assert wrong.status_code == 422
    assert "n’est pas une adresse e-mail" in wrong.content.decode()
    assert client.post(url, {"recipient": "b@martin.example"}).status_code == 302
    message.refresh_from_db()
    assert (message.state, message.recipient) == (State.QUEUED, "b@martin.example")


@pytest.mark.parametrize(
    ("answer", "state"), [("yes", State.SENT), ("no", State.QUEUED)]
)
def test_a_doubt_is_explained_and_decided(client, alice, answer, state):
    client.force_login(alice)
    message = put(letterbox.message(), State.UNCERTAIN)
    assert "demandez au client" in seen(client, "outbox")
    url = reverse("message-decide", args=[message.pk])
    assert client.post(url, {"sent": "perhaps"}).status_code == 422
    assert client.post(url, {"sent": answer}).status_code == 302
    message.refresh_from_db()
    assert message.state == state


def test_the_message_as_sent(client, bob, server):
    client.force_login(bob)
    letterbox.account(server)
    message = letterbox.message()
    delivery.deliver(message.pk, now=LATER)
    shown = seen(client, "message", message.pk)
    assert "Durand, comptabilité" in shown
    assert "client1@martin.example" in shown
    assert "250 queued as 1" in shown
    assert "FA-0001.pdf" in shown
    assert "Il reste 1 234,56 € à régler." in shown
    eml = page(client, "message-eml", message.pk)
    assert eml.content == server.received[0].data
    assert eml["Content-Type"] == "message/rfc822"
    assert eml["Content-Disposition"] == 'attachment; filename="R-00001.eml"'


def test_the_html_is_shut_in_a_sandbox(client, bob):
    client.force_login(bob)
    hostile = "<p>Bonjour</p><script>alert(1)</script>"
    message = letterbox.message(html=hostile)
    response = page(client, "message-html", message.pk)
    policy = response["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "sandbox" in policy
    assert "script-src" not in policy
    shown = seen(client, "message", message.pk)
    assert "<script>alert" not in shown
    assert "sandbox" in shown


def test_what_has_not_left_has_no_file(client, bob):
    client.force_login(bob)
    message = letterbox.message()
    assert page(client, "message-eml", message.pk).status_code == 404
    assert page(client, "message", message.pk + 1).status_code == 404


def test_the_state_of_a_message_refreshes_alone(client, bob, server):
    client.force_login(bob)
    letterbox.account(server)
    message = letterbox.message()
    fragment = seen(client, "message", message.pk, hx_request="true")
    assert fragment.strip().startswith('<section class="card" id="state"')
    assert "every 3s" in fragment
    put(message, State.SENT)
    assert "every 3s" not in seen(client, "message", message.pk, hx_request="true")


def test_a_proof_that_was_touched_is_told(client, bob, server, settings, tmp_path):
    settings.DATA = tmp_path
    client.force_login(bob)
    letterbox.account(server)
    message = letterbox.message()
    delivery.deliver(message.pk, now=LATER)
    for path_ in (tmp_path / "documents").glob("*/*/*.eml"):
        path_.write_bytes(b"changed")
    assert "ne peut plus être lu" in seen(client, "message", message.pk)
    assert page(client, "message-eml", message.pk).status_code == 404
    assert page(client, "message-html", message.pk).status_code == 404


READ = ("message", "message-eml", "message-html")
WRITE = ("message-cancel", "message-retry", "message-decide")


@pytest.mark.parametrize("name", READ)
def test_a_stranger_and_nobody_see_nothing(client, charlie, name):
    message = letterbox.message()
    assert page(client, name, message.pk).status_code == 302
    client.force_login(charlie)
    assert page(client, name, message.pk).status_code == 403
    assert page(client, "outbox").status_code == 403


@pytest.mark.parametrize("name", WRITE)
def test_a_reader_changes_nothing(client, bob, name):
    message = letterbox.message()
    client.force_login(bob)
    assert client.post(reverse(name, args=[message.pk])).status_code == 403
    message.refresh_from_db()
    assert message.state == State.QUEUED
    shown = seen(client, "outbox")
    assert reverse("message-cancel", args=[message.pk]) not in shown
