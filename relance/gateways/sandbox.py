"""A letter.typ that somebody uploaded, compiled in a process of its own.

It reads nothing but its folder, reaches no network, and has a bounded time and
memory: whatever it does, the page that asked gets an answer.
"""

from __future__ import annotations

import base64
import json
import os
import re
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import typst
from django.utils.translation import gettext as _

# A compilation of a chunk takes a tenth of a second; the first one reads the fonts.
SECONDS = 10.0
_PACKAGE = Path(__file__).parents[2]
# Nobody listens there: a package cannot be fetched from the network.
_NOWHERE = "http://127.0.0.1:9"


class LayoutError(typst.TypstError):
    """What Typst said in the other process."""

    def __init__(self, message: str, diagnostic: str = "") -> None:
        super().__init__(message, diagnostic)
        # Typst sets these on the errors that it raises itself.
        self.message, self.diagnostic = message, diagnostic

    def __str__(self) -> str:
        return self.message


class TooMuchError(LayoutError):
    """It took too long, or more memory than there is: it was stopped."""


class NoFirstPagesError(LayoutError):
    """It does not say on which page each letter begins."""


_LINE = re.compile(r"letter\.typ:(\d+):")
_lock = threading.Lock()
_process: subprocess.Popen[bytes] | None = None


def letters(folder: Path, data: str) -> tuple[bytes, list[int]]:
    """Return the PDF/A-2b of the folder's letter.typ filled with data, and the page
    on which each letter begins. Raises typst.TypstError."""
    answer = _ask({"do": "letters", "folder": str(folder), "data": data})
    pages = answer["first_pages"]
    expected = len(json.loads(data)["letters"])
    if len(pages) != expected or sorted(set(pages)) != pages or pages[:1] != [1]:
        raise NoFirstPagesError("no <first-page>")
    return base64.b64decode(answer["pdf"]), pages


def pictures(folder: Path, data: str, *, ppi: int) -> list[bytes]:
    """Return one picture a page. Raises typst.TypstError."""
    asked = {"do": "pictures", "folder": str(folder), "data": data, "ppi": ppi}
    return [base64.b64decode(page) for page in _ask(asked)["pages"]]


def in_words(error: typst.TypstError) -> str:
    """Return what went wrong: what Typst says is in English, with its line."""
    if isinstance(error, TooMuchError):
        return _("it takes too long, or too much memory.")
    if isinstance(error, NoFirstPagesError):
        return _(
            "it does not say on which page each letter begins (metadata labelled "
            "<first-page>)."
        )
    line = _LINE.search(error.diagnostic or "")
    if line is None:
        return error.message
    return _("line %(line)s: %(why)s") % {"line": line[1], "why": error.message}


def _ask(question: dict[str, Any]) -> dict[str, Any]:
    with _lock:
        process = _running()
        timer = threading.Timer(SECONDS, process.kill)
        timer.start()
        try:
            said = _talk(process, question)
        finally:
            timer.cancel()
        if not said:
            _stop()
            raise TooMuchError("too much time or memory")
    answer: dict[str, Any] = json.loads(said)
    if error := answer.get("error"):
        # Where the folder is concerns nobody.
        message = error["message"].replace(question["folder"], "")
        raise LayoutError(message, error["diagnostic"])
    return answer


def _talk(process: subprocess.Popen[bytes], question: dict[str, Any]) -> bytes:
    if process.stdin is None or process.stdout is None:
        raise AssertionError("the process has pipes")
    try:
        process.stdin.write(json.dumps(question).encode() + b"\n")
        process.stdin.flush()
    except OSError:
        return b""
    said = process.stdout.readline()
    return said if said.endswith(b"\n") else b""


def _running() -> subprocess.Popen[bytes]:
    global _process
    if _process is None or _process.poll() is not None:
        _process = subprocess.Popen(
            [sys.executable, "-m", "relance.gateways.sandbox_worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=_PACKAGE,
            env=_environment(),
        )
    return _process


def _stop() -> None:
    global _process
    if _process is not None:
        _process.kill()
        _process.wait()
        for pipe in (_process.stdin, _process.stdout):
            if pipe is not None:
                pipe.close()
        _process = None


def _environment() -> dict[str, str]:
    """Return what the process needs, without our secrets."""
    kept = {
        name: os.environ[name]
        for name in ("PATH", "SYSTEMROOT", "TEMP", "TMP", "TMPDIR")
        if name in os.environ
    }
    proxies = ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
    return kept | dict.fromkeys(proxies, _NOWHERE)
