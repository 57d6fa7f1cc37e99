"""Kept files: written once into the store, read back only unchanged."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import PurePath

from django.conf import settings

from relance.gateways.storage import Storage
from relance.models import Document

_SUFFIX = re.compile(r"\.[a-z0-9]{1,8}")


def keep(
    data: bytes,
    *,
    kind: Document.Kind,
    name: str,
    now: datetime,
    pages: int | None = None,
    media_type: str = "application/pdf",
) -> Document:
    """Keep these bytes for ever and return their row.

    The file is on the disk before the row exists: a row never names what is not
    there. The same content is stored once, whatever the rows.
    """
    suffix = PurePath(name).suffix.lower()
    stored = storage().put(data, suffix if _SUFFIX.fullmatch(suffix) else "")
    return Document.objects.create(
        kind=kind,
        name=name,
        media_type=media_type,
        sha256=stored.sha256,
        size=stored.size,
        pages=pages,
        created_at=now,
    )


def read(document: Document) -> bytes:
    """Return a kept file after checking its hash.

    Raises storage.MissingFile or storage.CorruptFile.
    """
    return storage().read(document.sha256)


def storage() -> Storage:
    """Return the installation's store."""
    return Storage(settings.DATA / "documents")
