"""Proofs of posting: scans kept for ever beside the letter."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import PurePath

from django.utils.translation import gettext as _

from relance.gateways import scans
from relance.models import Document, Posting, PostingProof, User
from relance.services import documents
from relance.services.documents import NewFile
from relance.services.refusal import Refused

# Of one upload; more go in several times.
MOST = 10


def checked(data: bytes, name: str) -> NewFile:
    """Return a scan that may be kept; raise Refused, on *proofs*, with the reason."""
    try:
        scan = scans.inspect(data)
    except scans.UnusableScan as error:
        raise Refused(
            _("%(name)s cannot be kept: %(why)s")
            % {"name": _base(name), "why": error.reason},
            field="proofs",
        ) from error
    # The name says what the file is, whatever it was called.
    stem = PurePath(_base(name)).stem or _("proof")
    return NewFile(
        data=data,
        kind=Document.Kind.PROOF,
        name=f"{stem[:150]}{scan.suffix}",
        media_type=scan.media_type,
        pages=scan.pages,
    )


def keep(
    posting: Posting, files: Sequence[NewFile], *, by: User | None, now: datetime
) -> list[PostingProof]:
    """Keep proofs beside a posting, inside the caller's transaction; a file that is
    already there is not added again."""
    known = set(posting.proofs.values_list("document__sha256", flat=True))
    new: list[Document] = []
    for document in documents.stored(files, now=now):
        if document.sha256 not in known:
            known.add(document.sha256)
            new.append(document)
    Document.objects.bulk_create(new)
    return PostingProof.objects.bulk_create(
        PostingProof(posting=posting, document=document, added_by=by, added_at=now)
        for document in new
    )


def _base(name: str) -> str:
    return name.replace("\\", "/").rsplit("/", 1)[-1][:200]
