"""Parse XML that anybody may have sent."""

import codecs
import re
from enum import StrEnum
from typing import Final

from lxml import etree

_ENCODING: Final = re.compile(rb"""<\?xml[^>]*encoding\s*=\s*["']([^"']*)""")


class Trouble(StrEnum):
    TOO_LARGE = "too_large"
    # A document type or entities: how XML attacks, and no format read here has them.
    UNSAFE = "unsafe"
    UNKNOWN_ENCODING = "unknown_encoding"
    MALFORMED = "malformed"


class XmlError(Exception):
    """The XML is not parsed, and why."""

    def __init__(self, trouble: Trouble) -> None:
        self.trouble = trouble
        super().__init__(trouble.value)


def parse(data: bytes, *, most: int) -> etree._Element:
    """Return the root; nothing outside the bytes is read and nothing is expanded.

    Raises XmlError for XML of more than ``most`` bytes, not well formed, or with any
    document type declaration.
    """
    if len(data) > most:
        raise XmlError(Trouble.TOO_LARGE)
    flat = data.replace(b"\0", b"")  # UTF-16 and UTF-32 too
    if b"<!DOCTYPE" in flat or b"<!ENTITY" in flat:
        raise XmlError(Trouble.UNSAFE)
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        remove_comments=True,
        remove_pis=True,
        huge_tree=False,
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError, LookupError) as error:
        unknown = _encoding_is_unknown(flat)
        trouble = Trouble.UNKNOWN_ENCODING if unknown else Trouble.MALFORMED
        raise XmlError(trouble) from error
    if root.getroottree().docinfo.doctype:  # in an encoding not seen through above
        raise XmlError(Trouble.UNSAFE)
    return root


def _encoding_is_unknown(data: bytes) -> bool:
    declared = _ENCODING.search(data[:200])
    if not declared:
        return False
    try:
        codecs.lookup(declared[1].decode("ascii", "replace"))
    except (LookupError, ValueError):
        return True
    return False
