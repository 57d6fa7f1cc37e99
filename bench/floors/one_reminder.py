"""The floor of ``one_reminder``: Typst and pikepdf on the same data, nothing else.

Takes a folder of pairs, ``00000.json`` (a letter's data) and ``00000.pdf`` (its
invoice). Compiles the letter, draws a stamp over the invoice, joins both, writes the
file; prints the median seconds, the first pair left out. Imports nothing of ours:
the templates are read as files.
"""

from __future__ import annotations

import io
import statistics
import sys
import time
from importlib.resources import files
from pathlib import Path

import pikepdf
import typst

TEMPLATES = Path(__file__).resolve().parents[2] / "relance" / "typst"
STAMP = b"q 0.6 0.4 0.04 RG 2 w 420 780 140 34 re S Q"


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
    seconds = []
    for data in sorted(folder.glob("*.json")):
        start = time.perf_counter()
        letter = compiler.compile(
            format="pdf",
            sys_inputs={"data": data.read_text()},
            pdf_standards=["a-2b"],
            pdf_tags=False,
        )
        with (
            pikepdf.new() as made,
            pikepdf.open(io.BytesIO(letter)) as page,
            pikepdf.open(data.with_suffix(".pdf")) as invoice,
        ):
            invoice.pages[0].contents_add(invoice.make_stream(STAMP))
            made.pages.extend(page.pages)
            made.pages.extend(invoice.pages)
            made.save(folder / f"{data.stem}.out.pdf")
        seconds.append(time.perf_counter() - start)
    print(round(statistics.median(seconds[1:]), 4))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
