"""``relance serve``: the pages and the background work in one command."""

from __future__ import annotations

import argparse
import errno
import ipaddress
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from typing import Any

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.utils import timezone
from django.utils.translation import gettext as _
from waitress.server import create_server

from relance.management.terminal import Exit, Stop, TerminalCommand
from relance.services.preparing import is_embedded, pending_migrations, prepare

WORKER = "from relance.cli import main; main(['worker', '--until-input-closes'])"


class Command(TerminalCommand):
    summary = "Open Relance on this machine: pages and background work"
    example = "relance serve --port 8080"

    def options(self, parser: argparse.ArgumentParser) -> None:
        option = parser.add_argument
        option("--host", default="127.0.0.1", help=_("address to listen on"))
        option("--port", default=8000, type=_port, help=_("port to listen on"))
        option(
            "--threads", default=8, type=int, help=_("pages served at the same time")
        )
        option(
            "--no-worker",
            action="store_true",
            help=_("serve pages only: “relance worker” runs elsewhere"),
        )
        option(
            "--migrate",
            action="store_true",
            help=_("bring a PostgreSQL database up to date first"),
        )

    def run(self, *, host: str, port: int, **options: Any) -> Exit:
        server = _listen(host, port, threads=options["threads"])
        self._prepare(migrate=options["migrate"])
        if not _is_loopback(host) and not settings.SESSION_COOKIE_SECURE:
            words = _(
                "Careful: passwords and invoices cross the network in clear. Put an "
                "HTTPS server in front, then set RELANCE_HTTPS=true and RELANCE_HOSTS."
            )
            self.console.print(words)
        worker = None if options["no_worker"] else Worker()
        # A stop asked by the system ends like Ctrl-C: requests under way finish.
        signal.signal(signal.SIGTERM, lambda *_signal: sys.exit(0))
        shown = f"[{host}]" if ":" in host else host
        words = _("Relance is open: %(address)s (Ctrl-C stops it)")
        self.console.print(words % {"address": f"http://{shown}:{port}"})
        sys.stdout.flush()
        try:
            server.run()
        finally:
            if worker:
                worker.stop()
        return Exit.DONE

    def _prepare(self, *, migrate: bool) -> None:
        if not is_embedded() and not migrate and pending_migrations():
            # Other machines may still be serving the version before.
            words = _(
                "The database must be brought up to date: “relance serve --migrate”."
            )
            raise Stop(words, code=Exit.NOT_SET_UP)
        copy = prepare(now=timezone.now())
        if copy:
            words = _("Database brought up to date; the one before is in %(file)s")
            self.console.print(words % {"file": copy})


class Worker:
    """The background work as a child, started again whenever it ends by itself."""

    def __init__(self) -> None:
        self._stopping = threading.Event()
        self._child = self._start()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    @staticmethod
    def _start() -> subprocess.Popen[bytes]:
        # A session of its own: Ctrl-C is for the parent, which stops it in order.
        return subprocess.Popen(  # noqa: S603
            [sys.executable, "-c", WORKER],
            stdin=subprocess.PIPE,
            start_new_session=True,
        )

    def _watch(self) -> None:
        while not self._stopping.is_set():
            self._child.wait()
            # One that cannot start must not be started a thousand times a second.
            if not self._stopping.wait(1):
                self._child = self._start()

    def stop(self) -> None:
        """Let the task under way end, at most 30 seconds."""
        self._stopping.set()
        if self._child.stdin:
            with suppress(BrokenPipeError):
                self._child.stdin.close()
        try:
            self._child.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self._child.kill()


def _listen(host: str, port: int, *, threads: int) -> Any:
    application = get_wsgi_application()
    try:
        return create_server(
            application,
            host=host,
            port=port,
            threads=threads,
            ident=None,
            **_believed(settings.PROXIES),
        )
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            words = _(
                "Port %(port)s is already in use, perhaps by Relance itself. "
                "Choose another one: relance serve --port %(other)s"
            )
            given: dict[str, object] = {"port": port, "other": port + 1}
        else:
            words = _("Cannot listen on %(host)s, port %(port)s: %(reason)s")
            given = {"host": host, "port": port, "reason": error.strerror}
        raise Stop(words % given) from error


def _believed(proxies: int) -> dict[str, Any]:
    """Return what waitress believes of the servers in front: who asks, and whether by
    HTTPS; with none, what a browser claims of it is dropped."""
    if not proxies:
        return {}
    return {
        "trusted_proxy": "*",
        "trusted_proxy_count": proxies,
        "trusted_proxy_headers": {"x-forwarded-for", "x-forwarded-proto"},
    }


def _port(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(_("a port is a number from 1 to 65535"))
    return int(text)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
