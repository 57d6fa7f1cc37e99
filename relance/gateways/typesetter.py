"""Letters, invoice copies and stamps as PDF pages, set by Typst."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


class TypesettingError(Exception):
    """These data could not be set as a page."""


@dataclass(frozen=True, kw_only=True)
class Statement:
    """How an amount was computed (décompte), an annex page of the letter."""

    title: str
    intro: str = ""
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    aligns: tuple[str, ...]  # "left" or "right", one a column
    total: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Letter:
    """Everything the page shows, already worded."""

    reference: str
    sender: tuple[str, ...]  # the name first
    address: tuple[str, ...]  # 1 to 7 lines in the window
    sending_mode: str = ""
    place_and_date: str
    subject: str
    references: tuple[tuple[str, str], ...] = ()
    body: tuple[dict[str, Any], ...]  # markup.to_json: greeting to closing formula
    signatory: tuple[str, ...] = ()
    enclosures: str = ""
    footer: str = ""
    language: str = "fr"
    labels: Mapping[str, str] = field(default_factory=dict)
    statement: Statement | None = None
    offset_mm: tuple[float, float] = (0, 0)  # of the address: right, down
    fold_marks: bool = True
    draft: str = ""


@dataclass(frozen=True, kw_only=True)
class InvoiceCopy:
    """An invoice set again from its data, for one that came without its PDF."""

    sender: tuple[str, ...]
    address: tuple[str, ...]
    title: str
    mark: str = ""  # "Copie"
    facts: tuple[tuple[str, str], ...] = ()
    header: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    aligns: tuple[str, ...] = ()
    totals: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()
    footer: str = ""
    language: str = "fr"


def letters_pdf(letters: Sequence[Letter]) -> list[bytes | TypesettingError]:
    """Return one PDF/A-2b a letter, in order, or the reason it could not be set."""
    raise NotImplementedError


def letter_png(letter: Letter, *, page: int = 1, ppi: int = 90) -> bytes:
    """Return a picture of one page of the letter, to show before it is made."""
    raise NotImplementedError


def invoice_pdf(copy: InvoiceCopy) -> bytes:
    """Return the invoice copy as a PDF/A-2b."""
    raise NotImplementedError
