"""Read untrusted XML and take typed values out of it."""

import re
from calendar import monthrange
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Final

from lxml import etree

from relance.gateways import safe_xml
from relance.gateways.einvoice_content import EInvoiceError, Reason
from relance.gateways.safe_xml import Trouble, XmlError

MAX_XML: Final = 20 * 1024 * 1024

_AMOUNT = re.compile(r"[+-]?(\d{1,15}(\.\d{0,15})?|\.\d{1,15})", re.ASCII)
_ISO = re.compile(r"(\d{4})-(\d\d)-(\d\d)([T ][\d:.]*)?(Z|[+-]\d\d:?\d\d)?", re.ASCII)
_COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)?", re.ASCII)
# UNTDID 2379: the month alone, and a day with a time or a zone that we leave.
_MONTH: Final = "610"
_DAY_AND_TIME: Final = ("203", "204", "205", "208", "303", "304")
_YEARS: Final = range(1990, 2101)


_REASONS: Final = {
    Trouble.TOO_LARGE: Reason.TOO_LARGE,
    Trouble.UNSAFE: Reason.UNSAFE_XML,
    Trouble.UNKNOWN_ENCODING: Reason.UNKNOWN_ENCODING,
    Trouble.MALFORMED: Reason.MALFORMED_XML,
}


def parse(data: bytes) -> etree._Element:
    """Return the root of an e-invoice; raise EInvoiceError where it is not safe."""
    try:
        return safe_xml.parse(data, most=MAX_XML)
    except XmlError as error:
        limit = str(MAX_XML // 1024 // 1024)
        raise EInvoiceError(_REASONS[error.trouble], limit=limit) from error


class Node:
    """An element seen through the namespaces of one syntax; it may be absent.

    Names are local names; an element of another namespace is not seen, whatever its
    name. Alternatives are the names that versions of the syntax gave the same thing.
    """

    def __init__(
        self, element: etree._Element | None, *, families: tuple[str, ...]
    ) -> None:
        self._element = element
        self._families = families

    def all(self, *names: str) -> Iterator["Node"]:
        """Yield the children of one of these names, in order."""
        for child in self._element if self._element is not None else ():
            if not isinstance(child.tag, str):
                continue
            tag = etree.QName(child)
            if tag.localname in names and (tag.namespace or "").startswith(
                self._families
            ):
                yield Node(child, families=self._families)

    def first(self, *names: str) -> "Node":
        absent = Node(None, families=self._families)
        return next(self.all(*names), absent)

    def at(self, path: str) -> "Node":
        """Follow first children: ``at("Party/PostalAddress")``."""
        node = self
        for step in path.split("/"):
            node = node.first(step)
        return node

    def __bool__(self) -> bool:
        return self._element is not None

    @property
    def text(self) -> str:
        """The text on one line, without surplus space; empty when absent."""
        return " ".join(self.raw.split())

    @property
    def raw(self) -> str:
        if self._element is None:
            return ""
        return (self._element.text or "").strip()

    def attribute(self, name: str) -> str:
        if self._element is None:
            return ""
        return (self._element.get(name) or "").strip()


def number(node: Node) -> Decimal | None:
    """Return a decimal of any precision, or None when absent."""
    written = node.text
    if not written:
        return None
    if not _AMOUNT.fullmatch(written):
        raise EInvoiceError(Reason.BAD_AMOUNT, value=written[:40])
    return Decimal(written)


def amount(node: Node) -> Decimal | None:
    """Return a sum of money with two decimals; more that are not zeros are refused.

    Rounding would change what is owed (EN 16931 allows two decimals, BR-DEC-*).
    """
    value = number(node)
    if value is None:
        return None
    cents = value.quantize(Decimal("0.01"))
    if cents != value:
        raise EInvoiceError(Reason.TOO_MANY_DECIMALS, value=node.text[:40])
    return cents


def iso_day(node: Node) -> date | None:
    """Return an xs:date or the day of an xs:dateTime, as printed."""
    written = node.text
    if not written:
        return None
    found = _ISO.fullmatch(written)
    if not found:
        raise EInvoiceError(Reason.BAD_DATE, value=written[:40])
    return _day(written, *map(int, found.group(1, 2, 3)))


def coded_day(node: Node, *, month_allowed: bool = True) -> date | None:
    """Return the day of a CII date: a DateTimeString with its format, or a DateTime.

    A month alone (format 610) is its last day, where a month is allowed.
    """
    coded = node.first("DateTimeString", "DateString")
    if not coded:
        return iso_day(node.first("DateTime", "Date") or node)
    written = coded.text
    if not written:
        return None
    code = coded.attribute("format")
    if "-" in written:
        return iso_day(coded)
    digits = written[:8] if code in _DAY_AND_TIME else written
    found = _COMPACT.fullmatch(digits)
    if not found:
        raise EInvoiceError(Reason.BAD_DATE, value=written[:40])
    year, month, day = (int(part or 0) for part in found.groups())
    if found[3] is None:
        if code != _MONTH or not month_allowed or month not in range(1, 13):
            raise EInvoiceError(Reason.BAD_DATE, value=written[:40])
        day = monthrange(max(year, 1), month)[1]
    return _day(written, year, month, day)


def _day(written: str, year: int, month: int, day: int) -> date:
    try:
        found = date(year, month, day)
    except ValueError as error:
        raise EInvoiceError(Reason.BAD_DATE, value=written[:40]) from error
    if found.year not in _YEARS:
        raise EInvoiceError(Reason.BAD_DATE, value=written[:40])
    return found
