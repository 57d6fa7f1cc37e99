"""The other side of ``sandbox``: compiles what it is told, line by line."""

from __future__ import annotations

import base64
import json
import sys
from pathlib import Path
from typing import Any

import typst

from relance.gateways.compiler import compile_once, compile_png, first_pages

try:
    import resource
except ImportError:  # Windows
    resource = None  # type: ignore[assignment]

# Of address space; a chunk of letters takes a fifth of it.
MEMORY = 3 * 1024**3


def main() -> None:
    _bound()
    for line in sys.stdin.buffer:
        try:
            answer = _answer(json.loads(line))
        except typst.TypstError as error:
            told = {"message": error.message, "diagnostic": error.diagnostic}
            answer = {"error": told}
        sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n")
        sys.stdout.buffer.flush()


def _answer(question: dict[str, Any]) -> dict[str, Any]:
    folder, data = Path(question["folder"]), question["data"]
    if question["do"] == "pictures":
        pages = compile_png("letter.typ", data, ppi=question["ppi"], folder=folder)
        return {"pages": [base64.b64encode(page).decode() for page in pages]}
    pdf = compile_once("letter.typ", data, folder=folder)
    return {
        "pdf": base64.b64encode(pdf).decode(),
        "first_pages": first_pages(folder),
    }


def _bound() -> None:
    """Bound the memory, where the system can."""
    if resource is not None:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    main()
