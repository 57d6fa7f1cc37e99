"""The way in to a Dolibarr on this machine: HTTP, its key checked, answers spoilt."""

from __future__ import annotations

import json
from contextlib import suppress
from enum import Enum, auto
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from tests.dolibarr_books import Row

if TYPE_CHECKING:
    from tests.dolibarr_server import DolibarrServer

LOGIN_PAGE = "<!doctype html>\n<html lang='fr'><head><title>Identifiant</title></head>"
API_OFF = (
    "Le module <b>Api</b> doit &ecirc;tre activ&eacute; pour utiliser cette "
    "fonction..<br><br>Pour activer des modules, aller dans l'espace Configuration."
)
NO_ROUTE = "API not found (failed to include API file)"
WRONG_IP = "APIs are not allowed from the IP 127.0.0.1"
BAD_KEY = (
    "Unauthorized: Error user not valid (not found with api key or bad status or bad "
    "validity dates) (conf->entity=1)"
)


class Fault(Enum):
    """How an answer is spoilt."""

    HTML = auto()
    API_OFF = auto()
    NO_ROUTE = auto()
    WRONG_IP = auto()
    FORBIDDEN_ENDPOINT = auto()
    SLOW = auto()
    CUT = auto()
    # The work is done, then the connection is cut: the client cannot know.
    DONE_THEN_CUT = auto()
    ERROR_500 = auto()
    EMPTY_500 = auto()
    UNAUTHORIZED = auto()
    FORBIDDEN = auto()
    HALF_JSON = auto()
    MOVED = auto()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    dolibarr: DolibarrServer

    def handle_error(self, *_: object) -> None:
        """A client that went away is what tests are about."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # An answer in one piece: else it waits for the client's word on its head.
    wbufsize = -1
    disable_nagle_algorithm = True
    server: _Server

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        self._handle()

    do_POST = do_PUT = do_DELETE = do_GET  # noqa: N815

    def _handle(self) -> None:
        ours, parts = self.server.dolibarr, urlsplit(self.path)
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length)) if length else {}
        start = f"{ours.folder}/api/index.php/"
        if not parts.path.startswith(start):
            self._text(200, LOGIN_PAGE, "text/html; charset=UTF-8")
            return
        path = parts.path.removeprefix(start)
        fault = ours.fault_for(path)
        if fault is not None and self._spoil(fault, path, body):
            return
        if self.headers.get("DOLAPIKEY") != ours.key:
            status, said = 401, {"error": {"code": 401, "message": BAD_KEY}}
        else:
            params = dict(parse_qsl(parts.query, keep_blank_values=True))
            status, said = ours.answer(self.command, path, params, body)
        self._json(status, json.dumps(said).encode())

    def _spoil(self, fault: Fault, path: str, body: Row) -> bool:
        """Answer badly; say whether that was all of the answer."""
        texts = {
            Fault.HTML: (200, LOGIN_PAGE),
            Fault.API_OFF: (200, API_OFF),
            Fault.NO_ROUTE: (501, NO_ROUTE),
            Fault.WRONG_IP: (503, WRONG_IP),
            Fault.FORBIDDEN_ENDPOINT: (
                501,
                f"The API with endpoint /{path} is forbidden by config "
                "API_ENDPOINT_RULES",
            ),
            Fault.EMPTY_500: (500, ""),
        }
        errors = {
            Fault.ERROR_500: (500, "Internal Server Error: Error"),
            Fault.UNAUTHORIZED: (401, BAD_KEY),
            Fault.FORBIDDEN: (403, "Forbidden"),
        }
        if fault in texts:
            self._text(*texts[fault], "text/html; charset=UTF-8")
        elif fault in errors:
            status, message = errors[fault]
            said = {"error": {"code": status, "message": message}}
            self._json(status, json.dumps(said).encode())
        elif fault == Fault.HALF_JSON:
            self._json(200, b'[{"id": "1", "ref": "FA26')
        elif fault == Fault.MOVED:
            self.send_response(301)
            self.send_header("Location", "https://ailleurs.example/")
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif fault == Fault.SLOW:
            # Until the client has had enough, or the test is over.
            self.server.dolibarr._stopping.wait(5)
            self.close_connection = True
        else:
            if fault == Fault.DONE_THEN_CUT:
                self.server.dolibarr.answer(self.command, path, {}, body)
            self._cut()
        return True

    def _cut(self) -> None:
        """Promise more than is sent, then hang up."""
        self.send_response(200)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", "1000")
        self.end_headers()
        self.wfile.write(b'[{"id":')
        self.close_connection = True

    def _json(self, status: int, body: bytes) -> None:
        self._send(status, body, "application/json; charset=utf-8")

    def _text(self, status: int, text: str, media_type: str) -> None:
        self._send(status, text.encode(), media_type)

    def _send(self, status: int, body: bytes, media_type: str) -> None:
        with suppress(OSError):
            self.send_response(status)
            self.send_header("Content-Type", media_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
