"""An e-mail as bytes: headers, text and HTML, attachments under their names."""

from __future__ import annotations

import email.policy
import email.utils
import re
from binascii import b2a_base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address, BaseHeader, HeaderRegistry
from email.message import EmailMessage
from functools import cache, lru_cache
from secrets import token_hex
from typing import Any

from django.utils.translation import gettext as _

# Local part and domain without anything that a header gives a meaning to: an
# address that names two mailboxes, or a line break, is refused.
_ADDRESS = re.compile(r"""[^\s<>,;:"()\[\]\\@]+@[^\s<>,;:"()\[\]\\@]+""")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u0085\u2028\u2029]")


class _Headers(HeaderRegistry):
    """Parses once the headers that all messages have in common, and makes the class
    of each once: half of the time of writing a message."""

    def __init__(self) -> None:
        super().__init__()
        self._class = cache(super().__getitem__)
        self._parsed = lru_cache(maxsize=200)(super().__call__)

    def __getitem__(self, name: str) -> type[BaseHeader]:
        return self._class(name.lower())

    def __call__(self, name: str, value: Any) -> BaseHeader:
        if isinstance(value, str):
            return self._parsed(name, value)
        return super().__call__(name, value)


# Text is encoded to 7 bits, so that no server needs to offer 8BITMIME, and folded
# far below the 998 octets that RFC 5321 and 5322 allow.
_POLICY = email.policy.SMTP.clone(
    cte_type="7bit", max_line_length=78, header_factory=_Headers()
)


class UnsendableMail(Exception):
    """This message cannot be written as an e-mail; the sentence says what is wrong."""


@dataclass(frozen=True, kw_only=True)
class File:
    """A file joined to a message; its bytes travel unchanged."""

    name: str
    media_type: str
    data: bytes


@dataclass(frozen=True, kw_only=True)
class Mail:
    """A message before it is written. ``message_id`` has its angle brackets."""

    message_id: str
    sender: str
    recipient: str
    subject: str
    text: str
    html: str
    sender_name: str = ""
    reply_to: str = ""
    copies: tuple[str, ...] = ()
    files: tuple[File, ...] = ()


def build(mail: Mail, *, date: datetime) -> bytes:
    """Return the message as it goes over the wire: CRLF ends, 7 bits, short lines.

    Addresses whose local part is not ASCII make an internationalised message
    (RFC 6532). Raises UnsendableMail for a line break in a header or an address
    that is not one.
    """
    addresses = [mail.sender, mail.recipient, *mail.copies]
    if mail.reply_to:
        addresses.append(mail.reply_to)
    international = any(needs_smtputf8(address) for address in addresses)
    message = EmailMessage(policy=_POLICY.clone(utf8=international))
    message["From"] = _mailbox(mail.sender, mail.sender_name)
    message["To"] = _mailbox(mail.recipient)
    if mail.copies:
        message["Cc"] = [_mailbox(copy) for copy in mail.copies]
    if mail.reply_to:
        message["Reply-To"] = _mailbox(mail.reply_to)
    message["Subject"] = _one_line(mail.subject)
    message["Date"] = email.utils.format_datetime(date)
    message["Message-ID"] = _one_line(mail.message_id)
    message.set_content(_sendable(mail.text))
    # Drawn here, a boundary need not be looked for in what it parts.
    message.make_alternative(boundary=token_hex(16))
    message.add_alternative(_sendable(mail.html), subtype="html")
    return _with_files(message, mail.files)


def _with_files(message: EmailMessage, files: Sequence[File]) -> bytes:
    """Write the message with a mark for each file, then each file in place of its
    mark: the library takes what it writes apart line by line, which for files takes
    half of the time of a mass sending."""
    mark = token_hex(16)
    if files:
        message.make_mixed(boundary=token_hex(16))
    for rank, file in enumerate(files):
        main, _slash, sub = file.media_type.partition("/")
        message.add_attachment(
            b"", maintype=main, subtype=sub, filename=_one_line(file.name)
        )
        *_others, part = message.iter_attachments()
        part.set_payload(f"{mark}-{rank:03d}\n")
    data = message.as_bytes()
    for rank, file in enumerate(files):
        data = data.replace(f"{mark}-{rank:03d}\r\n".encode(), _base64(file.data), 1)
    return data


def _base64(data: bytes) -> bytes:
    """Return lines of 76 characters (RFC 2045, 6.8), encoded at once."""
    encoded = b2a_base64(data, newline=False)
    lines = [encoded[at : at + 76] for at in range(0, len(encoded), 76)]
    return b"".join([line + b"\r\n" for line in lines])


def wire_address(address: str) -> str:
    """Return an address with its domain in ASCII, as servers take it (RFC 5890)."""
    if not _ADDRESS.fullmatch(address):
        raise UnsendableMail(_("“%(address)s” is not an e-mail address.") % _a(address))
    local, _at, domain = address.rpartition("@")
    try:
        return f"{local}@{domain.encode('idna').decode()}"
    except UnicodeError as error:
        raise UnsendableMail(
            _("“%(address)s” is not an e-mail address.") % _a(address)
        ) from error


def needs_smtputf8(address: str) -> bool:
    """Say whether the part before the @ has letters that plain SMTP cannot carry."""
    return not wire_address(address).isascii()


@dataclass(frozen=True, kw_only=True)
class ReadMail:
    """A kept message read back, to be shown."""

    headers: tuple[tuple[str, str], ...]
    text: str
    html: str


def read(data: bytes) -> ReadMail:
    """Read a message that ``build`` wrote."""
    message = email.message_from_bytes(data, policy=email.policy.default)
    text = message.get_body(("plain",))
    html = message.get_body(("html",))
    return ReadMail(
        headers=tuple(
            (name, str(value))
            for name, value in message.items()
            if name.lower() not in {"mime-version", "content-type"}
        ),
        text=text.get_content() if text else "",
        html=html.get_content() if html else "",
    )


def _mailbox(address: str, name: str = "") -> Address:
    local, _at, domain = wire_address(address).rpartition("@")
    return Address(display_name=_one_line(name), username=local, domain=domain)


def _one_line(value: str) -> str:
    """Refuse what would start another header."""
    if _CONTROL.search(value):
        raise UnsendableMail(
            _("A line break or a control character stands in “%(value)s”.")
            % {"value": _CONTROL.sub(" ", value)[:80]}
        )
    return value


def _sendable(text: str) -> str:
    """Give a body the line ends that the policy writes, and no lone surrogates."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return lines.encode("utf-8", "replace").decode()


def _a(address: str) -> dict[str, str]:
    return {"address": _CONTROL.sub(" ", address)[:80]}
