"""How letters look: what a company chooses of them, as a folder that Typst reads."""

from __future__ import annotations

import json
import shutil
import tempfile
import threading
from collections import OrderedDict
from collections.abc import Collection
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from relance.gateways.compiler import TEMPLATES

LETTER = "letter.typ"
# What every letter.typ, ours or another, may import.
PARTS = ("elements.typ", "statement.typ")
_MOST_FOLDERS = 16


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A picture that a page may show, already looked at."""

    data: bytes
    suffix: str  # ".png", ".jpg" or ".svg"


@dataclass(frozen=True, kw_only=True)
class Look:
    """The letter paper. Without arguments: ours, as it is shipped."""

    accent: str = "#0f5c6e"
    font: str = "Source Sans 3"
    margins_mm: tuple[int, int, int] = (22, 20, 24)  # left, right, bottom
    logo: Picture | None = None
    # The name is not written again under a logo that says it.
    logo_says_name: bool = False
    footer_text: str = ""
    offset_mm: tuple[float, float] = (0, 0)  # of the address: right, down
    fold_marks: bool = True
    # PNG pictures of signatures by content hash: those that the letters name.
    signatures: tuple[tuple[str, bytes], ...] = ()
    # The text of an own letter.typ; empty: ours.
    template: str = ""

    def settings(self) -> str:
        """Return look.json, which elements.typ reads."""
        left, right, bottom = self.margins_mm
        return json.dumps(
            {
                "accent": self.accent,
                "font": self.font,
                "margins": {"left": left, "right": right, "bottom": bottom},
                "logo": f"/logo{self.logo.suffix}" if self.logo else "",
                "logo_says_name": self.logo_says_name and self.logo is not None,
            }
        )


PLAIN = Look()


def signature_path(content_hash: str, *, among: Collection[str]) -> str:
    """Return where a letter.typ finds the picture of a signature; empty without."""
    return f"/signature-{content_hash[:16]}.png" if content_hash in among else ""


_made: OrderedDict[str, tempfile.TemporaryDirectory[str]] = OrderedDict()
_lock = threading.Lock()


def folder_of(look: Look) -> Path:
    """Return the folder of a look: letter.typ, what it imports, and its pictures.

    It is made once for each look; of many, the least used go.
    """
    if not look.template and not look.signatures and look.settings() == _shipped():
        return TEMPLATES
    key = _fingerprint(look)
    with _lock:
        if key not in _made:
            _made[key] = tempfile.TemporaryDirectory(
                prefix="relance-look-", ignore_cleanup_errors=True
            )
            _fill(Path(_made[key].name), look)
        _made.move_to_end(key)
        while len(_made) > _MOST_FOLDERS:
            _made.popitem(last=False)[1].cleanup()
        return Path(_made[key].name)


def _shipped() -> str:
    return PLAIN.settings()


def _fingerprint(look: Look) -> str:
    found = sha256(look.settings().encode())
    found.update(look.logo.data if look.logo else b"")
    found.update(b"\0".join(name.encode() for name, _data in look.signatures))
    found.update(look.template.encode())
    return found.hexdigest()


def _fill(folder: Path, look: Look) -> None:
    for part in PARTS:
        shutil.copyfile(TEMPLATES / part, folder / part)
    if look.template:
        (folder / LETTER).write_text(look.template, encoding="utf-8")
    else:
        shutil.copyfile(TEMPLATES / LETTER, folder / LETTER)
    (folder / "look.json").write_text(look.settings(), encoding="utf-8")
    if look.logo is not None:
        (folder / f"logo{look.logo.suffix}").write_bytes(look.logo.data)
    for name, data in look.signatures:
        (folder / signature_path(name, among=[name])[1:]).write_bytes(data)
