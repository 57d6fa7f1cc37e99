"""Typst at work: fonts and templates are read once, data go in as JSON."""

import json
import re
import threading
from collections import OrderedDict
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

import typst

from relance.gateways.printable import learn_undrawn

PDF_A = "a-2b"

TEMPLATES = Path(__file__).parents[1] / "typst"
_UNDRAWN = re.compile(r'the text `"(.+?)"` could not be displayed', re.DOTALL)
_RUST_ESCAPE = re.compile(r"\\u\{([0-9a-f]+)\}")
_MOST_UNDRAWN = 50
# Compilers that a thread keeps: one for each template and look.
_MOST_COMPILERS = 8
_thread = threading.local()

# The fonts of letters, and the packages that bring them.
FONTS = {
    "Source Sans 3": "fontpkg_source_sans_3",
    "Lora": "fontpkg_lora",
    "Inter": "fontpkg_inter",
}


@cache
def _fonts() -> typst.Fonts:
    folders = [
        files(package) / "files" for package in FONTS.values() if find_spec(package)
    ]
    folders += [files("manimgx_fonts"), files("manimgx_fonts_cjk")]
    return typst.Fonts(
        include_system_fonts=False,
        include_embedded_fonts=False,
        font_paths=[str(folder) for folder in folders],
    )


def compiler(template: str, folder: Path = TEMPLATES) -> typst.Compiler:
    """Return this thread's compiler of a template: one remembers its last data.

    Nothing outside the folder can be read.
    """
    known: OrderedDict[Path, typst.Compiler]
    known = _thread.__dict__.setdefault("compilers", OrderedDict())
    path = folder / template
    if path not in known:
        known[path] = typst.Compiler(path, root=folder, font_paths=_fonts())
    known.move_to_end(path)
    while len(known) > _MOST_COMPILERS:
        known.popitem(last=False)
    return known[path]


def compile_pdf(
    template: str,
    data: Callable[[], str],
    *,
    strict: bool = True,
    folder: Path = TEMPLATES,
) -> bytes:
    """Return the PDF of a template filled with data, as PDF/A-2b when strict.

    Raises typst.TypstError.
    """
    return drawn(lambda: compile_once(template, data(), strict=strict, folder=folder))


def drawn[T](compiled: Callable[[], T]) -> T:
    """Call until every character can be drawn: PDF/A refuses one that no font draws,
    which is remembered, for the next call to say the same without it."""
    for attempt in range(_MOST_UNDRAWN):
        try:
            return compiled()
        except typst.TypstError as error:
            if attempt == _MOST_UNDRAWN - 1 or not _learn(error):
                raise
    raise AssertionError("unreachable")


def compile_once(
    template: str, data: str, *, strict: bool = True, folder: Path = TEMPLATES
) -> bytes:
    """As ``compile_pdf``, with the data as they are."""
    standards: list[Literal["a-2b"]] = ["a-2b"] if strict else []
    made = compiler(template, folder).compile(
        format="pdf",
        sys_inputs={"data": data},
        pdf_standards=list(standards),
        pdf_tags=False,
    )
    return _one(made)


def compile_png(
    template: str, data: str, *, ppi: int, folder: Path = TEMPLATES
) -> list[bytes]:
    """Return one picture a page. Raises typst.TypstError."""
    made = compiler(template, folder).compile(
        format="png", sys_inputs={"data": data}, ppi=ppi
    )
    return made if isinstance(made, list) else [_one(made)]


def first_pages(folder: Path = TEMPLATES) -> list[int]:
    """Return the page on which each letter of the last compilation begins."""
    found = compiler("letter.typ", folder).query("<first-page>", "value")
    return [int(page) for page in json.loads(found)]


def _one(made: bytes | list[bytes] | None) -> bytes:
    if not isinstance(made, bytes):
        raise TypeError("Typst gave no single file.")
    return made


def _learn(error: typst.TypstError) -> bool:
    found = _UNDRAWN.search(error.message)
    if found is None:
        return False
    cluster = _RUST_ESCAPE.sub(lambda code: chr(int(code[1], 16)), found[1])
    return learn_undrawn(cluster, draws=_draws)


@cache
def _draws(char: str) -> bool:
    """Say whether a font draws this character."""
    try:
        compile_once("drawn.typ", char)
    except typst.TypstError:
        return False
    return True
