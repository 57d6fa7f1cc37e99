"""Other people's PDF files: looked at, stamped and joined, never changed in place."""

from collections.abc import Sequence
from dataclasses import dataclass


class UnreadablePdf(Exception):
    """The file cannot be opened and printed; the reason is for the reader."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, kw_only=True)
class PdfFacts:
    pages: int
    encrypted: bool


def inspect(data: bytes) -> PdfFacts:
    raise NotImplementedError


def stamp(data: bytes, text: str, *, colour: str = "#b3261e") -> bytes:
    raise NotImplementedError


def merge(parts: Sequence[bytes]) -> bytes:
    raise NotImplementedError


def page_count(data: bytes) -> int:
    raise NotImplementedError
