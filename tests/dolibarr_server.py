"""A Dolibarr on this machine: its REST API as versions 20, 22 and 24 were seen to
answer, with what each does differently, and with its bad days.

``DolibarrServer`` listens on a port of its own inside a ``with`` block. Its content is
changed by the methods of ``dolibarr_books.Books``, as people do there; a test spoils
the next answers with ``spoil``.
"""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import Enum, auto
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.dolibarr_books import Books, Row
from tests.dolibarr_filters import chosen

KEY = "a-key-of-32-characters-0123456789"
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


@dataclass
class _Spoilt:
    path: str
    fault: Fault
    times: int
    after: int


class _Answer(Exception):
    """What is answered instead of a result."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(status, message)
        self.status, self.message = status, message


@dataclass
class DolibarrServer(Books):
    """Books with an API before them."""

    version: str = "22.0.4"
    key: str = KEY
    folder: str = ""
    # Of the key's user; taking one away is what an administrator forgets.
    rights: set[str] = field(
        default_factory=lambda: {
            "invoices",
            "thirdparties",
            "all customers",
            "contacts",
            "users info",
            "builddoc",
            "write payments",
            "events",
        }
    )
    requests: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    _spoilt: list[_Spoilt] = field(default_factory=list)

    def __enter__(self) -> DolibarrServer:
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._http = _Server(("127.0.0.1", 0), _Handler)
        self._http.dolibarr = self
        threading.Thread(target=self._http.serve_forever, args=(0.02,)).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._http.shutdown()
        self._http.server_close()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._http.server_port}{self.folder}"

    @property
    def major(self) -> int:
        return int(self.version.split(".")[0])

    def spoil(
        self, fault: Fault, *, path: str = "", times: int = 1, after: int = 0
    ) -> None:
        """Spoil the next answers under a path, after letting some through."""
        self._spoilt.append(_Spoilt(path, fault, times, after))

    def asked(self, path: str) -> list[dict[str, str]]:
        """Return the parameters of each request to a path."""
        return [params for _method, found, params in self.requests if found == path]

    def fault_for(self, path: str) -> Fault | None:
        with self._lock:
            for spoilt in self._spoilt:
                if spoilt.times and path.startswith(spoilt.path):
                    if spoilt.after:
                        spoilt.after -= 1
                        continue
                    spoilt.times -= 1
                    return spoilt.fault
        return None

    def answer(
        self, method: str, path: str, params: dict[str, str], body: Row
    ) -> tuple[int, Any]:
        """Do what is asked; return the status and what its JSON says."""
        try:
            with self._lock:
                self.requests.append((method, path, params))
                return 200, self._route(method, path.split("/"), params, body)
        except _Answer as said:
            return said.status, {
                "error": {"code": said.status, "message": said.message}
            }

    # --- routes -----------------------------------------------------------------

    def _route(
        self, method: str, parts: list[str], params: dict[str, str], body: Row
    ) -> Any:
        match [method, *parts]:
            case ["GET", "status"]:
                return {
                    "success": {
                        "code": 200,
                        "dolibarr_version": self.version,
                        "access_locked": "0",
                        "timestamp_php_tz": "Europe/Paris",
                    }
                }
            case ["GET", "users", "info"]:
                self._need("users info")
                return {"id": "1", "login": "relance", "lastname": "Relance"}
            case ["GET", "invoices", *rest]:
                self._need("invoices")
                return self._invoices(rest, params)
            case ["GET", "thirdparties", *rest]:
                self._need("thirdparties")
                return self._customers(rest, params)
            case ["GET", "contacts", *rest]:
                self._need("contacts")
                return self._contacts(rest, params)
            case ["GET", "documents", *rest]:
                self._need("invoices")
                return self._documents(rest, params)
            case ["PUT", "documents", "builddoc"]:
                self._need("builddoc")
                return self._built(str(body.get("original_file", "")))
        return self._written(method, parts, params, body)

    def _written(
        self, method: str, parts: list[str], params: dict[str, str], body: Row
    ) -> Any:
        """What is written, and read back, besides the books themselves."""
        match [method, *parts]:
            case ["GET", "agendaevents"]:
                self._need("events")
                found = chosen(self.events.values(), params)
                if not found:
                    raise _Answer(404, "Not Found: No events found")
                return found
            case ["POST", "agendaevents"]:
                self._need("events")
                if "fk_element" in body and self.major >= 24:
                    raise _Answer(
                        400, "Bad Request: Parameter fk_element is not allowed"
                    )
                if body.get("type_code") not in ("AC_OTH", "AC_EMAIL", "AC_OTH_AUTO"):
                    raise _Answer(500, "Internal Server Error: Error creating event")
                return self.add_event(body)
            case ["POST", "documents", "upload"]:
                ref, name = str(body["ref"]), str(body["filename"])
                if not any(row["ref"] == ref for row in self.invoices.values()):
                    raise _Answer(404, "Not Found: Object not found")
                if name in self.files.get(ref, {}) and not body.get(
                    "overwriteifexists"
                ):
                    message = f"File with name '{name}' already exists."
                    raise _Answer(400, f"Bad Request: {message}")
                data = base64.b64decode(str(body["filecontent"]))
                self.files.setdefault(ref, {})[name] = data
                self.uploaded.add((ref, name))
                return name
            case ["POST", "invoices", "paymentsdistributed"]:
                self._need("write payments")
                return self.distribute(body)
        raise _Answer(404, "Not Found")

    def _invoices(self, rest: list[str], params: dict[str, str]) -> Any:
        if not rest:
            rows = list(self.invoices.values()) if self._sees_all else []
            wanted = {"draft": "0", "unpaid": "1", "paid": "2", "cancelled": "3"}
            if params.get("status"):
                status = wanted[params["status"]]
                rows = [row for row in rows if row["status"] == status]
            return self._listed(
                [self._shown(row, in_list=True) for row in rows], params
            )
        if rest[0] == "ref":
            found = [r for r in self.invoices.values() if r["ref"] == rest[1]]
        else:
            found = [self.invoices.get(int(rest[0]))]
        if not found or found[0] is None:
            raise _Answer(404, "Not Found: Invoice not found")
        row = found[0]
        if not self._sees_all:
            raise _Answer(403, "Forbidden")
        match rest[1:]:
            case ["payments"]:
                return self.payments_of(int(row["id"]))
            case ["discount"]:
                return self._discount(int(row["id"]))
            case ["contacts"]:
                if self.major < 24:
                    raise _Answer(404, "Not Found")
                return self.contacts_of(int(row["id"]))
        shown = self._shown(row, in_list=False)
        if self.major < 22 and params.get("contact_list") == "0":
            shown["contacts_ids"] = self.contacts_of(int(row["id"]))
        return shown

    def _shown(self, row: Row, *, in_list: bool) -> Row:
        shown = self.invoice_row(int(row["id"]))
        if self.major < 22:
            shown.pop("totalpaid", None)
        attached = self.attached.get(int(row["id"]), [])
        shown["contacts_ids"] = [str(id) for id in attached] if in_list else []
        return shown

    def _discount(self, credit: int) -> Row:
        if credit not in self.converted:
            raise _Answer(404, "Not Found: Discount not found")
        used = next(
            (
                str(invoice)
                for invoice, uses in self.credits.items()
                for one in uses
                if one[0] == credit
            ),
            None,
        )
        return {"id": "1", "fk_facture_source": str(credit), "fk_facture": used}

    def _customers(self, rest: list[str], params: dict[str, str]) -> Any:
        if rest:
            found = self.customers.get(int(rest[0]))
            if found is None:
                raise _Answer(404, "Not Found: Thirdparty not found")
            return found
        rows = list(self.customers.values()) if self._sees_all else []
        if params.get("mode") == "1":
            rows = [row for row in rows if row["client"] in ("1", "3")]
        listed = self._listed(rows, params)
        if not listed:
            raise _Answer(404, "Not Found: No third parties found")
        return listed

    def _contacts(self, rest: list[str], params: dict[str, str]) -> Any:
        if rest:
            found = self.contacts.get(int(rest[0]))
            if found is None:
                raise _Answer(404, "Not Found: Contact not found")
            return found
        rows = list(self.contacts.values()) if self._sees_all else []
        listed = self._listed(rows, params)
        if not listed and self.major < 22:
            raise _Answer(404, "Not Found: No contacts found")
        return listed

    def _listed(self, rows: list[Row], params: dict[str, str]) -> Any:
        found = chosen(rows, params)
        if params.get("pagination_data") == "true" and self.major >= 22:
            limit = int(params.get("limit", 100))
            matching = chosen(rows, {k: v for k, v in params.items() if k != "limit"})
            return {
                "data": found,
                "pagination": {
                    "total": len(matching),
                    "page": int(params.get("page", 0)),
                    "page_count": -(-len(matching) // limit),
                    "limit": limit,
                },
            }
        return found

    def _documents(self, rest: list[str], params: dict[str, str]) -> Any:
        if rest == ["download"]:
            ref, _, name = params["original_file"].partition("/")
            data = self.files.get(ref, {}).get(name)
            if data is None:
                raise _Answer(404, "Not Found: File not found")
            return _file(name, data)
        invoice = self.invoices.get(int(params["id"]))
        ref = invoice["ref"] if invoice else ""
        found = [
            {
                "level1name": ref,
                "relativename": name,
                "date": 1795514521 + place,
                "size": len(data),
                "\x00CommonObject\x00validateFieldsErrors": [],
                "gen_or_uploaded": "uploaded"
                if (ref, name) in self.uploaded
                else "generated",
            }
            for place, (name, data) in enumerate(self.files.get(ref, {}).items())
        ]
        if not found:
            raise _Answer(404, "Not Found: does not return any document.")
        return found

    def _built(self, path: str) -> Row:
        ref, _, name = path.partition("/")
        if not any(row["ref"] == ref for row in self.invoices.values()):
            raise _Answer(404, "Not Found: Invoice not found")
        self.files.setdefault(ref, {})[name] = self.blank_pdf
        return _file(name, self.blank_pdf)

    @property
    def _sees_all(self) -> bool:
        return "all customers" in self.rights

    def _need(self, right: str) -> None:
        if right not in self.rights:
            raise _Answer(403, "Forbidden")


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


def _file(name: str, data: bytes) -> Row:
    return {
        "filename": name,
        "content-type": "application/pdf",
        "filesize": len(data),
        "content": base64.b64encode(data).decode(),
        "encoding": "base64",
    }


@contextmanager
def dolibarr(version: str = "22.0.4", **values: Any) -> Iterator[DolibarrServer]:
    """A server of this version, listening."""
    with DolibarrServer(version=version, **values) as server:
        yield server
