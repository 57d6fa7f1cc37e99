"""A ZIP of plain text files, written for people to open and read within bounds."""

from __future__ import annotations

import lzma
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import PurePosixPath
from typing import Final

# All the texts of ten levels make a tenth of this.
MAX_BYTES: Final = 1024 * 1024
MAX_FILES: Final = 500
MAX_FILE: Final = 100 * 1024
MAX_TOTAL: Final = 8 * 1024 * 1024

# A file written twice is the same byte for byte.
_MOMENT = (1980, 1, 1, 0, 0, 0)
_METHODS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_TROUBLE: Final = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    NotImplementedError,
    OSError,
    OverflowError,
    RuntimeError,
    ValueError,
)


class ArchiveError(Exception):
    """This is no ZIP of texts. ``reason``: ``too_large``, ``damaged``, ``locked``."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, kw_only=True)
class TextFile:
    """A file of the archive by its last folder and name; ``text`` is ``None`` when
    it is too long or no text."""

    name: str
    text: str | None


def write(files: Mapping[str, str]) -> bytes:
    """Return the archive of these files, by their names."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            member = zipfile.ZipInfo(name, date_time=_MOMENT)
            member.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(member, text.encode())
    return out.getvalue()


def read(data: bytes) -> list[TextFile]:
    """Return the files of an archive that anybody may send, folders left out.

    Raises ArchiveError for the whole of it: damaged, protected by a password, or
    larger than it may be, whatever it says of itself. Names are only ever shown.
    """
    if len(data) > MAX_BYTES:
        raise ArchiveError("too_large")
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            members = [one for one in archive.infolist() if _is_wanted(one)]
            _check(members)
            return [_file(archive, member) for member in members]
    except _TROUBLE as error:
        raise ArchiveError("damaged") from error


def _is_wanted(member: zipfile.ZipInfo) -> bool:
    """Leave folders out, and the files that macOS adds."""
    parts = _parts(member)
    hidden = any(part.startswith((".", "__MACOSX")) for part in parts)
    return not member.is_dir() and bool(parts) and not hidden


def _parts(member: zipfile.ZipInfo) -> tuple[str, ...]:
    path = PurePosixPath(member.filename.replace("\\", "/"))
    return tuple(part for part in path.parts if part != path.root)


def _check(members: list[zipfile.ZipInfo]) -> None:
    total = sum(member.file_size for member in members)
    if len(members) > MAX_FILES or total > MAX_TOTAL:
        raise ArchiveError("too_large")
    if any(member.flag_bits & 0x1 for member in members):
        raise ArchiveError("locked")
    if any(member.compress_type not in _METHODS for member in members):
        raise ArchiveError("damaged")


def _file(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> TextFile:
    name = "/".join(_parts(member)[-2:])
    shown = "".join(char for char in name if char.isprintable())[:120]
    if member.file_size > MAX_FILE:
        return TextFile(name=shown, text=None)
    with archive.open(member) as file:
        # What was declared may be a lie.
        content = file.read(MAX_FILE + 1)
    if len(content) > MAX_FILE:
        return TextFile(name=shown, text=None)
    return TextFile(name=shown, text=_decoded(content))


def _decoded(content: bytes) -> str | None:
    """Return the text, in UTF-8 or as older Windows programs write it."""
    if b"\x00" in content:
        return None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")
