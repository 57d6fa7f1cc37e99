"""SMTP against a real server: after each message it is known what the server has."""

import pytest

from relance.gateways import mailer
from relance.gateways.mailer import (
    Accepted,
    Account,
    Connection,
    Envelope,
    MailerError,
    Refused,
    Security,
    Unknown,
)
from tests import smtp

MESSAGE = b"Subject: Rappel\r\n\r\nBonjour,\r\n.\r\n..deux\r\nfin\r\n"
ENVELOPE = Envelope(
    sender="compta@durand.example",
    recipient="client@martin.example",
    copies=("chef@martin.example",),
)


@pytest.fixture
def server():
    with smtp.running() as running:
        yield running


def account(server, **changes):
    values = {
        "host": "127.0.0.1",
        "port": server.port,
        "security": Security.NONE,
        "timeout": 5,
    }
    return Account(**values | changes)


def send(server, envelope=ENVELOPE, **changes):
    with Connection(account(server, **changes)) as connection:
        return connection.send(MESSAGE, envelope)


def test_what_is_accepted_arrived_byte_for_byte(server):
    assert send(server) == Accepted(answer="250 queued as 1")
    [received] = server.received
    assert received.data == MESSAGE
    assert received.sender == "compta@durand.example"
    assert received.recipients == ["client@martin.example", "chef@martin.example"]


def test_several_messages_share_one_connection(server):
    with Connection(account(server)) as connection:
        for _number in range(3):
            assert isinstance(connection.send(MESSAGE, ENVELOPE), Accepted)
    assert len(server.received) == 3
    assert server.connections == 1


def test_a_server_that_ends_the_conversation_between_two_is_called_again(server):
    server.behaviour.messages_per_connection = 2
    with Connection(account(server)) as connection:
        outcomes = [connection.send(MESSAGE, ENVELOPE) for _number in range(5)]
    assert all(isinstance(outcome, Accepted) for outcome in outcomes)
    assert len(server.received) == 5
    assert server.connections == 3


@pytest.mark.parametrize(
    ("answer", "permanent"),
    [("550 no such user", True), ("450 come back later", False)],
)
def test_a_refused_recipient(server, answer, permanent):
    server.behaviour.refuse = {"client@martin.example": answer}
    with Connection(account(server)) as connection:
        outcome = connection.send(MESSAGE, ENVELOPE)
        assert outcome == Refused(permanent=permanent, answer=answer)
        # The refused envelope does not stick to the next message.
        other = Envelope(sender="compta@durand.example", recipient="b@martin.example")
        assert isinstance(connection.send(MESSAGE, other), Accepted)
    [received] = server.received
    assert received.recipients == ["b@martin.example"]


def test_a_refused_copy_does_not_keep_the_message_back(server):
    server.behaviour.refuse = {"chef@martin.example": "550 no such user"}
    assert send(server) == Accepted(
        answer="250 queued as 1",
        refused_copies=("chef@martin.example: 550 no such user",),
    )
    assert server.received[0].recipients == ["client@martin.example"]


def test_a_refused_sender(server):
    server.behaviour.refuse_sender = "553 not your address"
    assert send(server) == Refused(permanent=True, answer="553 not your address")


@pytest.mark.parametrize(
    ("answer", "permanent"),
    [("554 looks like spam", True), ("451 try again", False)],
)
def test_a_refused_message(server, answer, permanent):
    server.behaviour.refuse_message = answer
    assert send(server) == Refused(permanent=permanent, answer=answer)


@pytest.mark.parametrize("phase", ["rcpt", "data"])
def test_cut_before_the_message_was_handed_over_nothing_left(server, phase):
    server.behaviour.cut_at = phase
    outcome = send(server)
    assert isinstance(outcome, Refused)
    assert not outcome.permanent
    assert server.received == []


@pytest.mark.parametrize("phase", ["rcpt", "data"])
def test_no_answer_before_the_message_was_handed_over_nothing_left(server, phase):
    server.behaviour.hang_at = phase
    outcome = send(server, timeout=0.3)
    assert isinstance(outcome, Refused)
    assert not outcome.permanent
    assert server.received == []


def test_cut_after_the_message_was_handed_over_nobody_knows(server):
    server.behaviour.cut_at = "content"
    assert isinstance(send(server), Unknown)
    # The server has it: saying "refused" would have sent it twice.
    assert len(server.received) == 1


def test_no_answer_after_the_message_was_handed_over_nobody_knows(server):
    server.behaviour.hang_at = "content"
    outcome = send(server, timeout=0.3)
    assert isinstance(outcome, Unknown)
    assert "temps" in outcome.why
    assert len(server.received) == 1


def test_a_server_that_cannot_be_reached_is_called_once():
    with smtp.running() as gone:
        port = gone.port
    unreachable = Account(
        host="127.0.0.1", port=port, security=Security.NONE, timeout=5
    )
    with Connection(unreachable) as connection:
        first = connection.send(MESSAGE, ENVELOPE)
        with smtp.running() as _other:
            second = connection.send(MESSAGE, ENVELOPE)
    assert first == second
    assert isinstance(first, Refused)
    assert not first.permanent
    assert str(port) in first.answer


def test_addresses_with_accents_go_only_where_they_are_taken(server):
    envelope = Envelope(
        sender="compta@durand.example", recipient="jérôme@müller.example"
    )
    outcome = send(server, envelope)
    assert isinstance(outcome, Refused)
    assert outcome.permanent
    assert "jérôme@müller.example" in outcome.answer
    with smtp.running(enable_SMTPUTF8=True) as modern:
        assert isinstance(send(modern, envelope), Accepted)
        assert modern.received[0].recipients == ["jérôme@xn--mller-kva.example"]


def test_an_address_that_is_not_one_never_reaches_the_server(server):
    envelope = Envelope(sender="compta@durand.example", recipient="a@b>\r\nRCPT TO:<c")
    outcome = send(server, envelope)
    assert isinstance(outcome, Refused)
    assert outcome.permanent
    assert server.received == []


def test_starttls_protects_the_password(tmp_path):
    context, trusted = smtp.certificate(tmp_path)
    options = {
        "tls_context": context,
        "require_starttls": True,
        "auth_required": True,
        "authenticator": smtp.authenticate,
    }
    with smtp.running(**options) as server:
        right = {
            "security": Security.STARTTLS,
            "trusted_certificates": trusted,
            "username": smtp.USERNAME,
            "password": smtp.PASSWORD,
        }
        assert isinstance(send(server, **right), Accepted)
        wrong = send(server, **right | {"password": "faux"})
        assert isinstance(wrong, Refused)
        assert "mot de passe" in wrong.answer
        assert "535" in wrong.answer
    assert len(server.received) == 1


def test_starttls_is_never_given_up(server):
    with Connection(account(server, security=Security.STARTTLS)) as connection:
        with pytest.raises(MailerError, match="STARTTLS"):
            connection.open()
        assert isinstance(connection.send(MESSAGE, ENVELOPE), Refused)
    assert server.received == []


def test_a_server_without_login_is_named(server):
    outcome = send(server, username="compta", password="secret")
    assert isinstance(outcome, Refused)
    assert "s’identifier" in outcome.answer


@pytest.mark.parametrize("security", [Security.STARTTLS, Security.TLS])
def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path, security):
    context, _trusted = smtp.certificate(tmp_path)
    options = (
        {"ssl_context": context}
        if security == Security.TLS
        else {"tls_context": context}
    )
    with smtp.running(**options) as server:
        outcome = send(server, security=security)
    assert isinstance(outcome, Refused)
    assert "certificat" in outcome.answer
    assert server.received == []


def test_a_certificate_for_another_host_is_refused(tmp_path):
    context, trusted = smtp.certificate(tmp_path, host="autre.example")
    with smtp.running(ssl_context=context) as server:
        outcome = send(server, security=Security.TLS, trusted_certificates=trusted)
    assert isinstance(outcome, Refused)
    assert "certificat" in outcome.answer


def test_tls_from_the_first_byte(tmp_path):
    context, trusted = smtp.certificate(tmp_path)
    with smtp.running(ssl_context=context) as server:
        outcome = send(server, security=Security.TLS, trusted_certificates=trusted)
    assert isinstance(outcome, Accepted)


def test_the_password_is_not_shown():
    shown = repr(
        mailer.Account(
            host="h", port=25, security=Security.NONE, username="u", password="secret"
        )
    )
    assert "secret" not in shown


def test_a_server_that_leaves_while_refusing_is_called_again(server):
    server.behaviour.refuse_message = "421 closing"
    with Connection(account(server)) as connection:
        outcome = connection.send(MESSAGE, ENVELOPE)
        assert outcome == Refused(permanent=False, answer="421 closing")
        server.behaviour.refuse_message = ""
        assert isinstance(connection.send(MESSAGE, ENVELOPE), Accepted)
    assert server.connections == 2


def test_an_answer_that_means_nothing_leaves_a_doubt(server):
    # 354 again, after the message: neither yes nor no.
    server.behaviour.refuse_message = "354 go on"
    assert isinstance(send(server), Unknown)


def test_a_421_before_the_message_is_temporary(server):
    server.behaviour.refuse_sender = "421 busy"
    assert send(server) == Refused(permanent=False, answer="421 busy")
    assert server.received == []


def test_tls_on_a_port_that_speaks_plain_text(server):
    outcome = send(server, security=Security.TLS)
    assert isinstance(outcome, Refused)
    assert "vérifiez le port et le chiffrement" in outcome.answer


def test_a_host_name_that_cannot_be_one(server):
    outcome = send(server, host="a" * 70 + ".example")
    assert isinstance(outcome, Refused)
    assert not outcome.permanent


def test_a_password_that_smtp_cannot_carry(tmp_path):
    context, trusted = smtp.certificate(tmp_path)
    options = {"tls_context": context, "authenticator": smtp.authenticate}
    with smtp.running(**options) as server:
        outcome = send(
            server,
            security=Security.STARTTLS,
            trusted_certificates=trusted,
            username=smtp.USERNAME,
            password="été",
        )
    assert isinstance(outcome, Refused)
    assert "caractères" in outcome.answer
