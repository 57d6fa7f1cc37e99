"""The account numbers that stand in the text of a PDF."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pypdfium2
from stdnum import iban as iban_number
from stdnum.exceptions import ValidationError

from relance.gateways.pictures import drawing

# Where an account number would be on an invoice, and as far as one looks.
MOST_PAGES = 20
MOST_TEXT = 200_000
SHORTEST, LONGEST = 15, 34

# Where a line may break, and nothing is drawn.
_UNSEEN = re.compile("[\u200b\u200c\u200d\u2060\ufeff\u00ad]")
_BEGINNING = re.compile(r"(?<![A-Z0-9])[A-Z]{2}[\s.\-]?\d(?:[\s.\-]?\d)")


def ibans_in(data: bytes) -> tuple[str, ...]:
    """Return the valid IBANs in the text of a PDF, each once, in their order; none
    for a scan without text, or a file that cannot be read."""
    found = dict.fromkeys(iban for text in _texts(data) for iban in ibans_of_text(text))
    return tuple(found)


def ibans_of_text(text: str) -> Iterator[str]:
    """Yield the valid IBANs of a text, written with spaces or without."""
    shown = _UNSEEN.sub("", text).upper()
    for match in _BEGINNING.finditer(shown):
        written = re.sub(r"[\s.\-]", "", shown[match.start() : match.start() + 80])
        candidate = re.match(r"[A-Z0-9]*", written)
        longest = candidate[0][:LONGEST] if candidate else ""
        # What follows may stand close to it: the longest that is one counts.
        for length in range(len(longest), SHORTEST - 1, -1):
            try:
                yield str(iban_number.validate(longest[:length], check_country=False))
            except ValidationError:
                continue
            break


def _texts(data: bytes) -> Iterator[str]:
    with drawing:
        try:
            document = pypdfium2.PdfDocument(data)
        except pypdfium2.PdfiumError:
            return
        try:
            for number in range(min(len(document), MOST_PAGES)):
                text = document[number].get_textpage().get_text_range()
                yield text[:MOST_TEXT]
        except pypdfium2.PdfiumError:
            return
        finally:
            document.close()
