"""An immutable store of files: what is kept is found again, unchanged."""

import hashlib
import os
import re
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_SHA256 = re.compile(r"[0-9a-f]{64}")
_SUFFIX = re.compile(r"(\.[a-z0-9]{1,8})?")


class MissingFile(Exception):
    """No file with this content is in the store."""


class CorruptFile(Exception):
    """The file on the disk is no longer the one that was kept."""


@dataclass(frozen=True, kw_only=True)
class StoredFile:
    """What to write down to find the file again and to prove it is the same."""

    sha256: str
    size: int


class Storage:
    """A folder of files named by the SHA-256 of their content."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, data: bytes, suffix: str = "") -> StoredFile:
        """Keep these bytes; when put returns they survive a power cut.

        The same content is kept once, under the suffix it first came with. A kept
        file is never written again; one found altered raises CorruptFile.
        """
        [stored] = self.put_all([(data, suffix)])
        return stored

    def put_all(self, files: Sequence[tuple[bytes, str]]) -> list[StoredFile]:
        """Keep many files, each with its suffix: as ``put``, made lasting together."""
        stored, folders = [], set()
        for data, suffix in files:
            if not _SUFFIX.fullmatch(suffix):
                raise ValueError(f"Not a file suffix: {suffix!r}")
            sha256 = hashlib.sha256(data).hexdigest()
            place = self._place(sha256)
            if _kept(place, sha256) is None:
                place.mkdir(parents=True, exist_ok=True)
                _write(data, place / f"{sha256}{suffix}")
                folders |= {place, place.parent, self._folder}
            else:
                self.read(sha256)
            stored.append(StoredFile(sha256=sha256, size=len(data)))
        for folder in folders:
            _make_lasting(folder)
        return stored

    def read(self, sha256: str) -> bytes:
        """Return the kept bytes, after checking that they still have this hash."""
        data = self.path(sha256).read_bytes()
        if hashlib.sha256(data).hexdigest() != sha256:
            raise CorruptFile(f"The file {sha256} was altered on the disk.")
        return data

    def path(self, sha256: str) -> Path:
        """Return where the file lies, to be read only; its content is not checked."""
        found = _kept(self._place(sha256), sha256)
        if found is None:
            raise MissingFile(f"The file {sha256} is not in the store.")
        return found

    def __contains__(self, sha256: str) -> bool:
        return _kept(self._place(sha256), sha256) is not None

    def _place(self, sha256: str) -> Path:
        if not _SHA256.fullmatch(sha256):
            raise ValueError(f"Not a SHA-256: {sha256!r}")
        return self._folder / sha256[:2] / sha256[2:4]


def _write(data: bytes, target: Path) -> None:
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=".incoming-")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _kept(place: Path, sha256: str) -> Path | None:
    try:
        names = os.listdir(place)
    except FileNotFoundError:
        return None
    return next((place / name for name in names if name.startswith(sha256)), None)


def _make_lasting(folder: Path) -> None:
    """Make the names in a folder survive a power cut too."""
    if os.name == "nt":  # Windows does not open folders; NTFS journals its names.
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
