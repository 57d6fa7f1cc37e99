"""A Dolibarr on this machine: its REST API as versions 20, 22 and 24 were seen to
answer, with what each does differently, and with its bad days.

``DolibarrServer`` listens on a port of its own inside a ``with`` block. Its content is
changed by the methods of ``dolibarr_books.Books``, as people do there; a test spoils
the next answers with ``spoil``.
"""

from __future__ import annotations

import base64
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.dolibarr_books import Books, Row
from tests.dolibarr_filters import chosen
from tests.dolibarr_http import Fault, _Handler, _Server

KEY = "a-key-of-32-characters-0123456789"


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
