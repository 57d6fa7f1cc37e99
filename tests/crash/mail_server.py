"""A mail server in a process of its own: it outlives what is killed, and counts.

It prints its port, then writes a line for each thing that happens to a message:
``read`` (all of it was received, nothing answered yet), ``answered``. A line on its
input, ``PID EVENT``, has it kill that process at the next such event; ``mail`` is
the moment before any of the message was sent.
"""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
import threading
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

ID = re.compile(rb"^Message-ID:\s*(<[^>]+>)", re.MULTILINE | re.IGNORECASE)


class Server:
    """The handler of aiosmtpd."""

    def __init__(self, log: Path) -> None:
        self._log = log.open("a", buffering=1)
        self._aim: tuple[int, str] | None = None
        self.last = ""

    def obey(self) -> None:
        for line in sys.stdin:
            pid, event = line.split()
            self._aim = (int(pid), event)
        os._exit(0)

    def happened(self, event: str) -> bool:
        """Write it down; say whether it was the end of who is spoken to."""
        if event != "mail":
            self._log.write(f"{event} {self.last}\n")
        if self._aim is not None and self._aim[1] == event:
            pid, self._aim = self._aim[0], None
            os.kill(pid, signal.SIGKILL)
            return True
        return False

    async def handle_MAIL(
        self,
        server: SMTP,
        session: Session,
        envelope: Envelope,
        address: str,
        options: list[str],
    ) -> str:
        self.happened("mail")
        envelope.mail_from = address
        return "250 OK"

    async def handle_DATA(
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        found = ID.search(bytes(envelope.content or b""))
        self.last = found.group(1).decode() if found else "?"
        if self.happened("read"):
            # Until the connection is lost: nothing was answered.
            await asyncio.Event().wait()
        return "250 OK"


class _Protocol(SMTP):
    async def smtp_DATA(self, arg: str) -> None:
        await super().smtp_DATA(arg)
        self.event_handler.happened("answered")


async def main(log: Path) -> None:
    handler = Server(log)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: _Protocol(handler, hostname="test", loop=loop), "127.0.0.1", 0
    )
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    threading.Thread(target=handler.obey, daemon=True).start()
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
