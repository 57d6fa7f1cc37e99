"""The floor of a run of letters: the same pages, with nothing but the libraries.

Typst sets twenty-five letters at a time as PDF/A-2b, pikepdf cuts them apart, draws
a frame on each invoice, writes one file a letter, made lasting, and joins them all.
"""

from __future__ import annotations

import io
import json
import os
import sys
import time
from importlib.resources import files
from itertools import batched, pairwise
from pathlib import Path

import pikepdf
import typst

TEMPLATES = Path(__file__).resolve().parents[2] / "relance" / "typst"
STAMP = b"q 0.6 0.4 0.04 RG 2 w 420 780 140 34 re S Q"
CHUNK = 25
JOINED_AT_ONCE = 200


def main(folder: Path) -> None:
    fonts = typst.Fonts(
        include_system_fonts=False,
        include_embedded_fonts=False,
        font_paths=[
            str(files("fontpkg_source_sans_3") / "files"),
            str(files("manimgx_fonts")),
            str(files("manimgx_fonts_cjk")),
        ],
    )
    compiler = typst.Compiler(
        TEMPLATES / "letter.typ", root=TEMPLATES, font_paths=fonts
    )
    start = time.perf_counter()
    made: list[Path] = []
    for chunk in batched(sorted(folder.glob("*.json")), CHUNK):
        made += letters(compiler, chunk)
    join(made, folder / "print.pdf")
    print(round(time.perf_counter() - start, 3))


def letters(compiler: typst.Compiler, chunk: tuple[Path, ...]) -> list[Path]:
    data = json.dumps({"letters": [json.loads(path.read_text()) for path in chunk]})
    pages = compiler.compile(
        format="pdf",
        sys_inputs={"data": data},
        pdf_standards=["a-2b"],
        pdf_tags=False,
    )
    first = json.loads(compiler.query("<first-page>", "value"))
    made = []
    with pikepdf.open(io.BytesIO(pages)) as source:
        bounds = pairwise([*first, len(source.pages) + 1])
        for path, (begin, end) in zip(chunk, bounds, strict=True):
            target = path.with_suffix(".out")
            with (
                pikepdf.new() as letter,
                pikepdf.open(path.with_suffix(".pdf")) as invoice,
            ):
                invoice.pages[0].contents_add(invoice.make_stream(STAMP))
                letter.pages.extend(source.pages[begin - 1 : end - 1])
                letter.pages.extend(invoice.pages)
                with target.open("wb") as file:
                    letter.save(file)
                    file.flush()
                    os.fsync(file.fileno())
            made.append(target)
    return made


def join(paths: list[Path], target: Path) -> None:
    parts = []
    for rank, some in enumerate(batched(paths, JOINED_AT_ONCE)):
        part = target.with_suffix(f".{rank}")
        with pikepdf.new() as joined:
            sources = [pikepdf.open(path) for path in some]
            for source in sources:
                joined.pages.extend(source.pages)
            joined.save(part)
        parts.append(part)
    with pikepdf.new() as joined:
        sources = [pikepdf.open(part) for part in parts]
        for source in sources:
            joined.pages.extend(source.pages)
        joined.save(target)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
