"""A real SMTP server on the loopback, that can be told to misbehave."""

from __future__ import annotations

import asyncio
import datetime
import ipaddress
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

USERNAME, PASSWORD = "compta", "un mot de passe"


@dataclass
class Received:
    """A message as it arrived: the envelope, and every byte."""

    sender: str
    recipients: list[str]
    data: bytes


@dataclass
class Behaviour:
    """What the server does wrong; nothing, unless a test says so."""

    # Answers by address, by sender address, and to the message itself.
    refuse: dict[str, str] = field(default_factory=dict)
    refuse_sender: str = ""
    refuse_message: str = ""
    # Where the connection is cut or left hanging: "rcpt", "data" (the command),
    # "content" (the message was read, no answer is given).
    cut_at: str = ""
    hang_at: str = ""
    # How many messages a connection may carry before the server ends it.
    messages_per_connection: int = 0


class SmtpServer:
    """The handler of aiosmtpd: it keeps what it received."""

    def __init__(self) -> None:
        self.received: list[Received] = []
        self.behaviour = Behaviour()
        self.connections = 0
        self.port = 0
        # Called in the server's thread when a message has been read.
        self.on_message: Any = None

    async def handle_EHLO(
        self,
        server: SMTP,
        session: Session,
        envelope: Envelope,
        hostname: str,
        responses: list[str],
    ) -> list[str]:
        session.host_name = hostname
        if not hasattr(session, "messages"):
            self.connections += 1
            session.messages = 0
        return responses

    async def handle_MAIL(
        self,
        server: SMTP,
        session: Session,
        envelope: Envelope,
        address: str,
        options: list[str],
    ) -> str:
        limit = self.behaviour.messages_per_connection
        if limit and session.messages >= limit:
            server.transport.abort()
            return "421 too many messages"
        if self.behaviour.refuse_sender:
            return self.behaviour.refuse_sender
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(
        self,
        server: SMTP,
        session: Session,
        envelope: Envelope,
        address: str,
        options: list[str],
    ) -> str:
        await self._misbehave("rcpt", server)
        if address in self.behaviour.refuse:
            return self.behaviour.refuse[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        if self.behaviour.refuse_message:
            return self.behaviour.refuse_message
        session.messages += 1
        self.received.append(
            Received(
                sender=envelope.mail_from,
                recipients=list(envelope.rcpt_tos),
                data=envelope.original_content,
            )
        )
        if self.on_message is not None:
            await asyncio.to_thread(self.on_message)
        await self._misbehave("content", server)
        return f"250 queued as {len(self.received)}"

    async def _misbehave(self, phase: str, server: SMTP) -> None:
        if self.behaviour.cut_at == phase:
            server.transport.abort()
        if self.behaviour.hang_at == phase:
            # Until the client gives up: aiosmtpd cancels this with the connection.
            await asyncio.Event().wait()


class _Server(SMTP):
    async def smtp_DATA(self, arg: str) -> None:
        await self.event_handler._misbehave("data", self)
        await super().smtp_DATA(arg)


@contextmanager
def running(
    *, ssl_context: ssl.SSLContext | None = None, **options: Any
) -> Iterator[SmtpServer]:
    """Run a server on a free port, in a thread; options are aiosmtpd's."""
    handler = SmtpServer()
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    async def listen() -> asyncio.Server:
        return await loop.create_server(
            lambda: _Server(handler, hostname="test", loop=loop, **options),
            "127.0.0.1",
            0,
            ssl=ssl_context,
        )

    async def stop(server: asyncio.Server) -> None:
        server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    server = asyncio.run_coroutine_threadsafe(listen(), loop).result(10)
    handler.port = server.sockets[0].getsockname()[1]
    try:
        yield handler
    finally:
        asyncio.run_coroutine_threadsafe(stop(server), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


def authenticate(
    server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any
) -> AuthResult:
    """Let in the one user that these tests know."""
    right = (data.login, data.password) == (USERNAME.encode(), PASSWORD.encode())
    return AuthResult(success=right, handled=False)


def certificate(folder: Path, *, host: str = "127.0.0.1") -> tuple[ssl.SSLContext, str]:
    """Return a server's TLS context, and the file of the authority to trust."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "test")])
    start = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
    try:
        alternative: x509.GeneralName = x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        alternative = x509.DNSName(host)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(start)
        .not_valid_after(start + datetime.timedelta(days=36_500))
        .add_extension(x509.SubjectAlternativeName([alternative]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    public, private = folder / "cert.pem", folder / "key.pem"
    public.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(public, private)
    return context, str(public)
