"""Kept files: written once into the store, read back only unchanged."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import PurePath

from django.conf import settings

from relance.gateways.storage import Storage
from relance.models import Document

_SUFFIX = re.compile(r"\.[a-z0-9]{1,8}")


@dataclass(frozen=True, kw_only=True)
class NewFile:
    """A file to be kept, and what its row says of it."""

    data: bytes
    kind: Document.Kind
    name: str
    pages: int | None = None
    media_type: str = "application/pdf"
    stamp_places: dict[str, list[float] | None] = field(default_factory=dict)


def keep(file: NewFile, *, now: datetime) -> Document:
    """Keep a file for ever and return its row.

    The file is on the disk before the row exists: a row never names what is not
    there. The same content is stored once, whatever the rows.
    """
    [document] = stored([file], now=now)
    document.save()
    return document


def stored(files: Sequence[NewFile], *, now: datetime) -> list[Document]:
    """Put many files into the store together and return their rows, not saved:
    the caller saves those that it still needs, in its own transaction."""
    kept = storage().put_all([(file.data, _suffix(file.name)) for file in files])
    return [
        Document(
            kind=file.kind,
            name=file.name,
            media_type=file.media_type,
            sha256=place.sha256,
            size=place.size,
            pages=file.pages,
            stamp_places=file.stamp_places,
            created_at=now,
        )
        for file, place in zip(files, kept, strict=True)
    ]


def _suffix(name: str) -> str:
    suffix = PurePath(name).suffix.lower()
    return suffix if _SUFFIX.fullmatch(suffix) else ""


def read(document: Document) -> bytes:
    """Return a kept file after checking its hash.

    Raises storage.MissingFile or storage.CorruptFile.
    """
    return storage().read(document.sha256)


def storage() -> Storage:
    """Return the installation's store."""
    return Storage(settings.DATA / "documents")
