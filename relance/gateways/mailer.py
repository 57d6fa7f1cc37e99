"""SMTP, phase by phase: after each message it is known what the server has."""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass
from enum import StrEnum
from types import TracebackType
from typing import Self

from django.utils.translation import gettext as _

from relance.gateways.mail import UnsendableMail, needs_smtputf8, wire_address

TIMEOUT_SECONDS = 30.0


class Security(StrEnum):
    """How the connection is protected; what is asked for is never given up."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


@dataclass(frozen=True, kw_only=True)
class Account:
    """Where e-mails are handed over. No user name: the server asks for none.

    ``trusted_certificates``: a file of authorities to trust instead of the
    machine's own; the server's certificate is always verified.
    """

    host: str
    port: int
    security: Security
    username: str = ""
    password: str = ""
    timeout: float = TIMEOUT_SECONDS
    trusted_certificates: str = ""

    def __repr__(self) -> str:
        # The password must not reach a log by way of a traceback.
        return f"Account({self.username!r} at {self.host}:{self.port})"


@dataclass(frozen=True, kw_only=True)
class Envelope:
    """Who receives a message. Without ``recipient`` nothing is sent; ``copies``
    may be refused one by one."""

    sender: str
    recipient: str
    copies: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Accepted:
    """The server has the message and answers for it."""

    answer: str
    refused_copies: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Refused:
    """The server does not have the message; if not ``permanent``, try later."""

    permanent: bool
    answer: str


@dataclass(frozen=True, kw_only=True)
class Unknown:
    """The server may have the message: the connection broke before its answer."""

    why: str


type Outcome = Accepted | Refused | Unknown


class MailerError(Exception):
    """The server cannot be used now; nothing was handed to it."""


class _Broken(Exception):
    """The connection ended before the message was handed over."""


class Connection:
    """One conversation with the server, for several messages.

    It opens at the first message. A server that ends it between two messages is
    called again once; one that could not be reached is not called again.
    """

    def __init__(self, account: Account) -> None:
        self._account = account
        self._server: smtplib.SMTP | None = None
        self._unreachable: MailerError | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Say goodbye; a server that no longer answers changes nothing."""
        server, self._server = self._server, None
        if server is not None:
            try:
                server.quit()
            except (smtplib.SMTPException, OSError):
                server.close()

    @property
    def is_open(self) -> bool:
        """Say whether the server still listens."""
        return self._server is not None

    def open(self) -> smtplib.SMTP:
        """Connect, protect the connection and log in, or raise MailerError."""
        if self._unreachable is not None:
            raise self._unreachable
        if self._server is None:
            try:
                self._server = _connected(self._account)
            except MailerError as error:
                self._unreachable = error
                raise
        return self._server

    def send(self, message: bytes, envelope: Envelope) -> Outcome:
        """Hand one message over and say what became of it; never raises for what
        a server or a network does."""
        reused = self._server is not None
        try:
            try:
                return self._send(message, envelope)
            except _Broken:
                # Servers end long conversations; before the message itself it is
                # safe to begin again.
                if not reused:
                    raise
                return self._send(message, envelope)
        except _Broken as broken:
            return Refused(permanent=False, answer=str(broken))
        except MailerError as error:
            return Refused(permanent=False, answer=str(error))
        except UnsendableMail as error:
            return Refused(permanent=True, answer=str(error))

    def _send(self, message: bytes, envelope: Envelope) -> Outcome:
        server = self.open()
        try:
            refused_copies = self._address(server, envelope)
            code, answer = self._command(server, "DATA")
            if code != 354:
                raise _NotTaken(code, answer)
        except _NotTaken as refused:
            self._start_anew(server)
            return Refused(permanent=refused.permanent, answer=refused.answer)
        return self._hand_over(server, message, refused_copies)

    def _address(self, server: smtplib.SMTP, envelope: Envelope) -> tuple[str, ...]:
        """Name sender and recipients; return the copies that the server refuses."""
        options = self._options(server, envelope)
        sender = wire_address(envelope.sender)
        self._expect_250(server, f"MAIL FROM:<{sender}>{options}")
        self._expect_250(server, f"RCPT TO:<{wire_address(envelope.recipient)}>")
        refused = []
        for copy in envelope.copies:
            try:
                self._expect_250(server, f"RCPT TO:<{wire_address(copy)}>")
            except _NotTaken as no:
                refused.append(f"{copy}: {no.answer}")
        return tuple(refused)

    def _options(self, server: smtplib.SMTP, envelope: Envelope) -> str:
        everybody = (envelope.sender, envelope.recipient, *envelope.copies)
        international = [one for one in everybody if needs_smtputf8(one)]
        if not international:
            return ""
        if not server.has_extn("smtputf8"):
            raise UnsendableMail(
                _("The server does not accept addresses with accents: %(addresses)s.")
                % {"addresses": ", ".join(international)}
            )
        server.command_encoding = "utf-8"
        return " SMTPUTF8 BODY=8BITMIME"

    def _expect_250(self, server: smtplib.SMTP, command: str) -> None:
        code, answer = self._command(server, command)
        if code not in (250, 251, 252):
            raise _NotTaken(code, answer)

    def _command(self, server: smtplib.SMTP, command: str) -> tuple[int, str]:
        try:
            code, answer = server.docmd(command)
        except (smtplib.SMTPException, OSError) as error:
            self._drop(server)
            raise _Broken(_cut(error)) from error
        if code == 421:
            self._drop(server)
            raise _Broken(_words(code, answer))
        return code, _words(code, answer)

    def _hand_over(
        self, server: smtplib.SMTP, message: bytes, refused_copies: tuple[str, ...]
    ) -> Outcome:
        """Send the bytes. From here on only the server's answer says what it has."""
        try:
            server.send(_on_the_wire(message))
            code, answer = server.getreply()
        except (smtplib.SMTPException, OSError) as error:
            self._drop(server)
            return Unknown(why=_cut(error))
        words = _words(code, answer)
        if code == 250:
            return Accepted(answer=words, refused_copies=refused_copies)
        if not 400 <= code <= 599:
            self._drop(server)
            return Unknown(why=words)
        if code == 421:
            self._drop(server)
        return Refused(permanent=code >= 500, answer=words)

    def _start_anew(self, server: smtplib.SMTP) -> None:
        """Make the server forget the refused envelope, for the next message."""
        try:
            code, _answer = server.docmd("RSET")
        except (smtplib.SMTPException, OSError):
            code = 0
        if code != 250:
            self._drop(server)

    def _drop(self, server: smtplib.SMTP) -> None:
        server.close()
        self._server = None


class _NotTaken(Exception):
    """The server answered a command with a refusal."""

    def __init__(self, code: int, answer: str) -> None:
        super().__init__(answer)
        self.answer = answer
        self.permanent = code >= 500


def _connected(account: Account) -> smtplib.SMTP:
    try:
        server = _reached(account)
    except ssl.SSLError as error:
        raise MailerError(_not_trusted(account, error)) from error
    # UnicodeError: a host name that cannot be one.
    except (smtplib.SMTPException, OSError, UnicodeError) as error:
        raise MailerError(
            _("The server %(host)s does not answer on port %(port)s (%(why)s).")
            % {"host": account.host, "port": account.port, "why": _cut(error)}
        ) from error
    try:
        _greet(server, account)
    except BaseException:
        server.close()
        raise
    return server


def _reached(account: Account) -> smtplib.SMTP:
    if account.security == Security.TLS:
        return smtplib.SMTP_SSL(
            account.host,
            account.port,
            timeout=account.timeout,
            context=_context(account),
        )
    return smtplib.SMTP(account.host, account.port, timeout=account.timeout)


def _greet(server: smtplib.SMTP, account: Account) -> None:
    try:
        server.ehlo_or_helo_if_needed()
        if account.security == Security.STARTTLS:
            server.starttls(context=_context(account))
            server.ehlo_or_helo_if_needed()
        if account.username:
            server.login(account.username, account.password)
    except smtplib.SMTPAuthenticationError as error:
        raise MailerError(
            _("The server refuses the user name or the password: %(answer)s")
            % {"answer": _words(error.smtp_code, error.smtp_error)}
        ) from error
    except smtplib.SMTPNotSupportedError as error:
        raise MailerError(_not_offered(error)) from error
    except ssl.SSLError as error:
        raise MailerError(_not_trusted(account, error)) from error
    except UnicodeError as error:
        raise MailerError(
            _("The user name or the password has characters that SMTP cannot carry.")
        ) from error
    except (smtplib.SMTPException, OSError) as error:
        raise MailerError(
            _("The server ended the conversation: %(why)s") % {"why": _cut(error)}
        ) from error


def _not_offered(error: smtplib.SMTPNotSupportedError) -> str:
    if "STARTTLS" in str(error):
        return _(
            "The server does not offer STARTTLS: nothing is sent without encryption."
        )
    return _("The server offers no login: check the port and the encryption.")


def _not_trusted(account: Account, error: ssl.SSLError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return _("The certificate of %(host)s cannot be trusted: %(why)s.") % {
            "host": account.host,
            "why": error.verify_message,
        }
    return _(
        "No encrypted connection with %(host)s: check the port and the encryption."
    ) % {"host": account.host}


def _context(account: Account) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=account.trusted_certificates or None)


def _on_the_wire(message: bytes) -> bytes:
    """Double the dots that begin a line, and end with the lone dot (RFC 5321)."""
    stuffed = (b"\n" + message).replace(b"\n.", b"\n..")[1:]
    return stuffed.removesuffix(b"\r\n") + b"\r\n.\r\n"


def _words(code: int, answer: bytes | str) -> str:
    said = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    return f"{code} {' '.join(said.split())}".strip()


def _cut(error: Exception) -> str:
    """Name how a connection ended, in words where we have some."""
    cause = error.__context__ if error.__context__ is not None else error
    if isinstance(error, TimeoutError) or isinstance(cause, TimeoutError):
        return _("no answer in time")
    if isinstance(error, smtplib.SMTPServerDisconnected):
        return _("the connection was cut")
    if isinstance(error, smtplib.SMTPResponseException):
        return _words(error.smtp_code, error.smtp_error)
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error)
