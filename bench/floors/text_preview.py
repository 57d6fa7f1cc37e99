"""The floor of ``text_preview``: Typst draws the same pages, nothing else.

Takes a folder of ``00000.json`` (a letter's data); prints the 95th percentile of the
seconds, the first letter left out. Imports nothing of ours: the template is read as a
file.
"""

from __future__ import annotations

import sys
import time
from importlib.resources import files
from pathlib import Path

import typst

TEMPLATES = Path(__file__).resolve().parents[2] / "relance" / "typst"


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
        compiler.compile(format="png", sys_inputs={"data": data.read_text()}, ppi=90)
        seconds.append(time.perf_counter() - start)
    seconds = sorted(seconds[1:])
    print(round(seconds[int(len(seconds) * 0.95)], 4))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
