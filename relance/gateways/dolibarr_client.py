"""The way to Dolibarr's REST API: one request, its answer checked before it is
trusted.

Every request carries the key as DOLAPIKEY: ``Authorization`` is refused before
version 22. Reads are tried again after a cut connection, a time-out or an error of
the server; a write never is: it may have been done.
"""

import ipaddress
import json
import re
import ssl
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Final, Self
from urllib.parse import urlsplit

import httpx2
import stamina

from relance.gateways.dolibarr_errors import DolibarrError, Kind, judge

type Params = Mapping[str, str | int]
type Row = dict[str, object]

SUFFIX: Final = "/api/index.php"
# Seconds. A large list takes a small server its time; a connection does not.
PATIENCE: Final = httpx2.Timeout(60.0, connect=10.0)
MOST_MEGABYTES: Final = 128
# A page of a list: 36 kB of the columns that are asked for take no longer than ten.
PAGE: Final = 500
_NUL = re.compile("\x00")


def address(text: str) -> str:
    """Return the address of an API from what somebody typed or copied.

    With or without ``/api/index.php``, a page of Dolibarr, a trailing slash.
    """
    typed = text.strip()
    if "://" not in typed and "." in typed.split("/")[0]:
        typed = f"https://{typed}"
    try:
        parts = urlsplit(typed)
        port = parts.port
    except ValueError as error:
        raise DolibarrError(Kind.BAD_ADDRESS, text) from error
    if parts.username or parts.password:
        raise DolibarrError(Kind.CREDENTIALS_IN_ADDRESS)
    host = (parts.hostname or "").lower()
    if parts.scheme not in ("http", "https") or not re.fullmatch(r"[\w.:-]+", host):
        raise DolibarrError(Kind.BAD_ADDRESS, text)
    folder = re.sub(r"/(?:api(?:/.*)?|[\w-]+\.php.*)$", "", parts.path.rstrip("/"))
    shown = f"[{host}]" if ":" in host else host
    place = f"{shown}:{port}" if port else shown
    return f"{parts.scheme}://{place}{folder.rstrip('/')}"


def is_near(base: str) -> bool:
    """Say whether an address is on this machine or on the office's own network."""
    host = urlsplit(base).hostname or ""
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return "." not in host or host.endswith((".local", ".lan", ".internal"))


class Client:
    """A connection to one Dolibarr; to be used in a ``with`` block."""

    def __init__(
        self,
        base: str,
        key: str,
        *,
        timeout: httpx2.Timeout | float = PATIENCE,
        attempts: int = 3,
        pause: float = 0.5,
    ) -> None:
        self.base = address(base)
        self._attempts, self._pause = attempts, pause
        self._http = httpx2.Client(
            base_url=f"{self.base}{SUFFIX}/",
            headers={"DOLAPIKEY": key, "Accept": "application/json"},
            timeout=timeout,
            verify=_trust(),
            # Where it leads is for the user to see, and the key goes nowhere else.
            follow_redirects=False,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def close(self) -> None:
        self._http.close()

    def get(self, path: str, params: Params | None = None) -> object:
        """Return what a path answers, tried again while that may help."""
        context = stamina.retry_context(
            on=_may_pass,
            attempts=self._attempts,
            timeout=None,
            wait_initial=self._pause,
            wait_max=self._pause * 8,
            wait_jitter=self._pause / 2,
        )
        for attempt in context:
            with attempt:
                return self._once("GET", path, params=params)
        raise AssertionError("the last attempt returns or raises")

    def send(self, method: str, path: str, body: Mapping[str, object]) -> object:
        """Write, once: whoever doubts that it was done looks before writing again."""
        return self._once(method, path, body=body)

    def row(self, path: str, params: Params | None = None) -> Row:
        """Return one record."""
        found = self.get(path, params)
        if not isinstance(found, dict):
            raise DolibarrError(Kind.UNREADABLE, path)
        return found

    def rows(self, path: str, params: Params | None = None) -> list[Row]:
        """Return a list; several versions answer 404 to one that is empty."""
        try:
            found = self.get(path, params)
        except DolibarrError as error:
            if error.kind == Kind.NOT_FOUND:
                return []
            raise
        # ``pagination_data`` wraps the list; past the last page it leaves it out.
        if isinstance(found, dict) and "pagination" in found:
            found = found.get("data", [])
        if not isinstance(found, list):
            raise DolibarrError(Kind.UNREADABLE, path)
        return [row for row in found if isinstance(row, dict)]

    def pages(
        self, path: str, params: Params, *, after: int = 0, size: int = PAGE
    ) -> Iterator[list[Row]]:
        """Read a list page by page, in the order of the ids, from after one of them.

        Each page begins after the last id of the one before: a record that leaves
        the list meanwhile shifts nothing, so that none is skipped or read twice.
        """
        wanted = str(params.get("sqlfilters", ""))
        while True:
            beyond = f"(t.rowid:>:{after})"
            page = self.rows(
                path,
                {
                    **params,
                    "sqlfilters": f"{beyond} and {wanted}" if wanted else beyond,
                    "sortfield": "t.rowid",
                    "sortorder": "ASC",
                    "limit": size,
                    "page": 0,
                },
            )
            found = [row for row in page if identity(row) > after]
            if found:
                yield found
                after = identity(found[-1])
            if len(page) < size or not found:
                return

    def _once(
        self,
        method: str,
        path: str,
        *,
        params: Params | None = None,
        body: Mapping[str, object] | None = None,
    ) -> object:
        try:
            with self._http.stream(
                method, path.lstrip("/"), params=params, json=body
            ) as answer:
                return _read(answer, _content(answer), path)
        except httpx2.TimeoutException as error:
            raise DolibarrError(Kind.SLOW, _seconds(self._http.timeout)) from error
        except httpx2.TransportError as error:
            kind = Kind.UNREACHABLE
            if "CERTIFICATE_VERIFY_FAILED" in str(error):
                kind = Kind.CERTIFICATE
            raise DolibarrError(kind, str(error)) from error
        except httpx2.DecodingError as error:
            raise DolibarrError(Kind.UNREADABLE, path) from error
        except (httpx2.InvalidURL, UnicodeError) as error:
            raise DolibarrError(Kind.BAD_ADDRESS, self.base) from error


@cache
def _trust() -> ssl.SSLContext:
    """Read the authorities of certificates once: that takes longer than a request."""
    return httpx2.create_ssl_context()


def identity(row: Row) -> int:
    """Return the id of a record; every record has one."""
    try:
        return int(str(row.get("id")))
    except ValueError as error:
        raise DolibarrError(Kind.UNREADABLE, "id") from error


def _may_pass(error: Exception) -> bool:
    return isinstance(error, DolibarrError) and error.passes


def _seconds(timeout: httpx2.Timeout) -> str:
    return f"{timeout.read or 0:g}"


def _content(answer: httpx2.Response) -> bytes:
    """Read the body, never more than may be asked for."""
    read = bytearray()
    for piece in answer.iter_bytes():
        read += piece
        if len(read) > MOST_MEGABYTES * 1024 * 1024:
            raise DolibarrError(Kind.TOO_LARGE, str(MOST_MEGABYTES))
    return bytes(read)


def _read(answer: httpx2.Response, body: bytes, path: str) -> object:
    if 300 <= answer.status_code < 400:
        raise DolibarrError(Kind.MOVED, answer.headers.get("location", ""))
    content_type = answer.headers.get("content-type", "")
    text = body[:2000].decode("utf-8", "replace")
    said = ""
    if answer.status_code >= 400 and "json" in content_type:
        said = _said(body)
    wrong = judge(
        answer.status_code, content_type=content_type, text=text, said=said, path=path
    )
    if wrong is not None:
        raise wrong
    try:
        return without_nul(json.loads(body))
    except ValueError as error:
        raise DolibarrError(Kind.UNREADABLE, path) from error


def _said(body: bytes) -> str:
    """Return the message of an error; some detail stands under a number."""
    try:
        told = json.loads(body)
        error = told["error"]
        detail = [str(error[key]) for key in error if str(key).isdigit()]
        return " ".join([str(error.get("message", "")), *detail]).strip()
    except (ValueError, KeyError, TypeError, AttributeError):
        return ""


def without_nul(found: object) -> object:
    """Take the NUL characters out: no database keeps them."""
    clean: Callable[[str], str] = lambda text: _NUL.sub("", text)  # noqa: E731
    if isinstance(found, str):
        return clean(found) if "\x00" in found else found
    if isinstance(found, list):
        return [without_nul(one) for one in found]
    if isinstance(found, dict):
        return {clean(key): without_nul(value) for key, value in found.items()}
    return found
