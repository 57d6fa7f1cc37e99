"""Typst at work: fonts and templates are read once, data go in as JSON."""

import re
import threading
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Literal

import typst

from relance.gateways.printable import learn_undrawn

PDF_A = "a-2b"

_TEMPLATES = Path(__file__).parents[1] / "typst"
_UNDRAWN = re.compile(r'the text `"(.+?)"` could not be displayed', re.DOTALL)
_RUST_ESCAPE = re.compile(r"\\u\{([0-9a-f]+)\}")
_MOST_UNDRAWN = 50
_thread = threading.local()


@cache
def _fonts() -> typst.Fonts:
    folders = (
        files("fontpkg_source_sans_3") / "files",
        files("manimgx_fonts"),
        files("manimgx_fonts_cjk"),
    )
    return typst.Fonts(
        include_system_fonts=False,
        include_embedded_fonts=False,
        font_paths=[str(folder) for folder in folders],
    )


def compiler(template: str) -> typst.Compiler:
    """Return this thread's compiler of a template: one remembers its last data."""
    known: dict[str, typst.Compiler] = _thread.__dict__.setdefault("compilers", {})
    if template not in known:
        known[template] = typst.Compiler(
            _TEMPLATES / template, root=_TEMPLATES, font_paths=_fonts()
        )
    return known[template]


def compile_pdf(
    template: str, data: Callable[[], str], *, strict: bool = True
) -> bytes:
    """Return the PDF of a template filled with data, as PDF/A-2b when strict.

    PDF/A refuses a character that no font draws: it is remembered, and data is
    called again to say the same without it. Raises typst.TypstError.
    """
    standards: list[Literal["a-2b"]] = ["a-2b"] if strict else []
    for attempt in range(_MOST_UNDRAWN):
        try:
            made = compiler(template).compile(
                format="pdf",
                sys_inputs={"data": data()},
                pdf_standards=list(standards),
                pdf_tags=False,
            )
        except typst.TypstError as error:
            if attempt == _MOST_UNDRAWN - 1 or not _learn(error):
                raise
        else:
            return _one(made)
    raise AssertionError("unreachable")


def compile_png(template: str, data: str, *, ppi: int) -> list[bytes]:
    """Return one picture a page. Raises typst.TypstError."""
    made = compiler(template).compile(format="png", sys_inputs={"data": data}, ppi=ppi)
    return made if isinstance(made, list) else [_one(made)]


def _one(made: bytes | list[bytes] | None) -> bytes:
    if not isinstance(made, bytes):
        raise TypeError("Typst gave no single file.")
    return made


def _learn(error: typst.TypstError) -> bool:
    found = _UNDRAWN.search(str(error))
    if found is None:
        return False
    return learn_undrawn(_RUST_ESCAPE.sub(lambda code: chr(int(code[1], 16)), found[1]))
