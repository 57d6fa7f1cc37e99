"""The look of letters as it is now, for whoever sets pages."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from relance.gateways.look import Look, Picture
from relance.gateways.storage import CorruptFile, MissingFile
from relance.gateways.typesetter import Letter
from relance.models import Document, Stationery
from relance.queries.stationery import stationery
from relance.services import documents

_SUFFIXES = {"image/png": ".png", "image/jpeg": ".jpg", "image/svg+xml": ".svg"}


def current_look(letters: Iterable[Letter | None] = ()) -> Look:
    """Return the letter paper as saved, with the signatures that these letters name.

    A picture that cannot be read any more is left out: the letter says all the same.
    """
    return look_of(stationery(), letters)


def look_of(
    paper: Stationery, letters: Iterable[Letter | None] = (), *, own_layout: bool = True
) -> Look:
    """Return the look that this letter paper gives, saved or not."""
    named = {letter.signature for letter in letters if letter and letter.signature}
    template = _read(paper.template) if own_layout else None
    return Look(
        accent=paper.accent,
        font=paper.font,
        margins_mm=(paper.margin_left, paper.margin_right, paper.margin_bottom),
        logo=logo_of(paper),
        logo_says_name=paper.logo_says_name,
        footer_text=paper.footer_text,
        offset_mm=(float(paper.window_x), float(paper.window_y)),
        fold_marks=paper.fold_marks,
        signatures=tuple(_signatures(named)),
        template=template.decode() if template else "",
    )


def logo_of(paper: Stationery) -> Picture | None:
    data = _read(paper.logo)
    if data is None or paper.logo is None:
        return None
    return Picture(data=data, suffix=_SUFFIXES[paper.logo.media_type])


def note_fall_back(why: str, *, now: datetime) -> None:
    """Keep that the company's own letter.typ failed on a letter, for who mends it."""
    Stationery.objects.filter(template__isnull=False).update(
        template_trouble=why, template_failed_at=now
    )


def _read(document: Document | None) -> bytes | None:
    if document is None:
        return None
    try:
        return documents.read(document)
    except (MissingFile, CorruptFile):
        return None


def _signatures(named: Iterable[str]) -> Iterable[tuple[str, bytes]]:
    store = documents.storage()
    for content_hash in sorted(named):
        try:
            yield content_hash, store.read(content_hash)
        except (MissingFile, CorruptFile):
            continue
