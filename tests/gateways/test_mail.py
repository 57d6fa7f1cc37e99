"""An e-mail as bytes: what leaves is what was meant, and nothing else."""

import email
import email.policy
import hashlib
from datetime import UTC, datetime

import pytest

from relance.gateways.mail import (
    File,
    Mail,
    UnsendableMail,
    build,
    read,
    wire_address,
)

DATE = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
PDF = b"%PDF-1.7\n" + bytes(range(256)) * 400 + b"\r\n.\r\nFrom here\n"


def mail(**changes):
    values = {
        "message_id": "<reminder-431.0123@durand.example>",
        "sender": "compta@durand.example",
        "sender_name": "Société Durand, « SARL »",
        "recipient": "client@martin.example",
        "subject": "Rappel – facture FA-2026-0042 impayée",
        "text": "Bonjour,\n\nIl reste 1 234,56 € à régler.\n",
        "html": "<p>Il reste <b>1 234,56 €</b> à régler.</p>",
    }
    return Mail(**values | changes)


def parsed(**changes):
    data = build(mail(**changes), date=DATE)
    return email.message_from_bytes(data, policy=email.policy.default)


def test_the_headers_say_who_writes_to_whom():
    message = parsed(
        copies=("chef@martin.example",), reply_to="relances@durand.example"
    )
    assert message["From"].addresses[0].display_name == "Société Durand, « SARL »"
    assert message["From"].addresses[0].addr_spec == "compta@durand.example"
    assert message["To"] == "client@martin.example"
    assert message["Cc"] == "chef@martin.example"
    assert message["Reply-To"] == "relances@durand.example"
    assert message["Subject"] == "Rappel – facture FA-2026-0042 impayée"
    assert message["Message-ID"] == "<reminder-431.0123@durand.example>"
    assert message["Date"].datetime == DATE
    unexpected = {name for name in message if name.startswith("X-")}
    assert unexpected == set()
    assert "Auto-Submitted" not in message


def test_text_and_html_say_the_same_thing_twice():
    found = read(build(mail(), date=DATE))
    assert "1 234,56 € à régler" in found.text
    assert "<b>1 234,56 €</b>" in found.html
    assert ("Subject", "Rappel – facture FA-2026-0042 impayée") in found.headers


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("Facture_FA-2026-0042.pdf", "application/pdf"),
        ("Réclamation n° 12 – été.pdf", "application/pdf"),
        ("é" * 190 + ".pdf", "application/pdf"),
        ("facture.xml", "text/xml"),
    ],
)
def test_a_joined_file_arrives_unchanged_under_its_name(name, media_type):
    file = File(name=name, media_type=media_type, data=PDF)
    [attachment] = parsed(files=(file,)).iter_attachments()
    assert attachment.get_filename() == name
    assert attachment.get_content_type() == media_type
    received = attachment.get_payload(decode=True)
    assert hashlib.sha256(received).digest() == hashlib.sha256(PDF).digest()


@pytest.mark.parametrize(
    "changes",
    [
        {"html": "<p>" + "x" * 5000 + "</p>"},
        {"text": "é" * 5000},
        {"subject": "x" * 300},
        {"subject": "é" * 300},
        {"sender_name": "É" * 120},
        {"recipient": "x" * 64 + "@" + "y" * 63 + ".example"},
        {"files": (File(name="n" * 200, media_type="application/pdf", data=PDF),)},
    ],
)
def test_no_line_is_longer_than_servers_take(changes):
    # RFC 5321, 4.5.3.1.6: 1,000 octets with the line end.
    data = build(mail(**changes), date=DATE)
    assert max(map(len, data.split(b"\r\n"))) <= 998
    assert data.count(b"\n") == data.count(b"\r\n") == data.count(b"\r")
    assert data.isascii()


@pytest.mark.parametrize(
    "changes",
    [
        {"subject": "Rappel\nBcc: autre@example.org"},
        {"subject": "Rappel\rBcc: autre@example.org"},
        {"subject": "Rappel\u2028Bcc: autre@example.org"},
        {"sender_name": "Durand\r\nBcc: autre@example.org"},
        {"message_id": "<a@b>\nBcc: autre@example.org"},
        {"recipient": "a@example.org\nBcc: autre@example.org"},
        {"recipient": "a@example.org, b@example.org"},
        {"recipient": "a@example.org> <b@example.org"},
        {"recipient": "nobody"},
        {"recipient": "a@..example"},
        {"copies": ("a@example.org\n",)},
        {"reply_to": "a@example.org\r\n"},
        {"files": (File(name="a\nb.pdf", media_type="application/pdf", data=b""),)},
    ],
)
def test_nothing_slips_into_the_headers(changes):
    with pytest.raises(UnsendableMail):
        build(mail(**changes), date=DATE)


def test_the_domain_is_written_in_ascii_and_the_local_part_needs_an_extension():
    assert wire_address("compta@müller.example") == "compta@xn--mller-kva.example"
    data = build(mail(recipient="jérôme@müller.example"), date=DATE)
    assert "To: jérôme@xn--mller-kva.example\r\n".encode() in data
