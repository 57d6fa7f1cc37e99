"""Read the life-cycle statuses of e-invoices: CDAR messages, and tables of them."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Final

from lxml import etree

from relance.gateways import safe_xml, spreadsheet, spreadsheet_values
from relance.gateways.fec_columns import plain
from relance.gateways.lifecycle_content import LifecycleError, Reason
from relance.gateways.safe_xml import Trouble, XmlError
from relance.gateways.spreadsheet_content import Row, SpreadsheetError, tidy
from relance.gateways.spreadsheet_values import CellError

__all__ = ["LifecycleError", "Reason", "StatusMessage", "is_lifecycle", "read"]

MAX_FILE: Final = 20 * 1024 * 1024
MAX_ROWS: Final = 20_000
_ROOT: Final = "CrossDomainAcknowledgementAndResponse"
_CODE: Final = re.compile(r"\d{3}", re.ASCII)
_KNOWN: Final = re.compile(r"[25]\d\d\b", re.ASCII)
_ISO: Final = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)"
    r"(?:[T ](\d\d):(\d\d)(?::(\d\d))?(?:\.\d+)?)?\s*(Z|[+-]\d\d:?\d\d)?",
    re.ASCII,
)
_COMPACT: Final = re.compile(r"(\d{4})(\d\d)(\d\d)(?:(\d\d)(\d\d)(\d\d)?)?", re.ASCII)
_XML_AMOUNT: Final = re.compile(r"[+-]?\d{1,12}(\.\d{1,2}0*)?", re.ASCII)
# Amounts by type: paid; not approved, with or without VAT.
_PAID: Final = ("MEN", "MPA")
_NOT_APPROVED: Final = ("MNATTC", "MNA")
_COLUMNS: Final = {
    "number": ("nfacture", "numerofacture", "numero", "facture", "invoice", "number"),
    "code": ("code", "codestatut", "statut", "status", "processconditioncode"),
    "at": ("date", "datestatut", "horodatage", "at", "statusdate"),
    "reason_code": ("codemotif", "reasoncode"),
    "reason": ("motif", "commentaire", "reason"),
    "amount": ("montant", "montantencaisse", "amount"),
    "seller": ("siren", "sirenvendeur", "seller"),
}


@dataclass(frozen=True, kw_only=True)
class StatusMessage:
    """A status of one invoice. ``at`` knows its zone, ``day`` is the day as written;
    ``issued_on`` is the invoice's, ``seller`` a SIREN, both empty where not said."""

    number: str
    code: str
    at: datetime
    day: date
    issued_on: date | None = None
    reason_code: str = ""
    reason: str = ""
    paid: Decimal | None = None
    not_approved: Decimal | None = None
    seller: str = ""


def is_lifecycle(data: bytes) -> bool:
    """Say whether a file tells statuses, by its content."""
    head = data[:4_000].replace(b"\0", b"")
    if head.lstrip(b"\xef\xbb\xbf\xff\xfe \r\n\t").startswith(b"<"):
        return _ROOT.encode() in head
    try:
        rows = spreadsheet.opened(data).rows()
        places = _table_columns(next(rows, None))
        first = next(rows, None)
    except SpreadsheetError:
        return False
    # A list of invoices has a number, a status and a date too.
    return (
        places is not None
        and first is not None
        and _KNOWN.match(tidy(first[places["code"]])) is not None
    )


def read(data: bytes) -> list[StatusMessage]:
    """Return the statuses that a file tells, or raise LifecycleError."""
    if not data.strip():
        raise LifecycleError(Reason.EMPTY)
    if len(data) > MAX_FILE:
        raise LifecycleError(Reason.TOO_LARGE, limit=str(MAX_FILE // 1024 // 1024))
    if data.lstrip(b"\xef\xbb\xbf\xff\xfe\0 \r\n\t").startswith(b"<"):
        return _read_xml(data)
    return _read_table(data)


# CDAR


def _read_xml(data: bytes) -> list[StatusMessage]:
    try:
        root = safe_xml.parse(data, most=MAX_FILE)
    except XmlError as error:
        unsafe = error.trouble == Trouble.UNSAFE
        raise LifecycleError(Reason.UNSAFE if unsafe else Reason.DAMAGED) from error
    if etree.QName(root).localname != _ROOT:
        raise LifecycleError(Reason.NOT_STATUSES)
    found = [
        _message(reference, document, root)
        for document in _all(root, "AcknowledgementDocument")
        for reference in _all(document, "ReferenceReferencedDocument")
    ]
    if not found:
        raise LifecycleError(Reason.NO_STATUS)
    return found


def _message(
    node: etree._Element, document: etree._Element, root: etree._Element
) -> StatusMessage:
    """Return one status; its moment is the acknowledgement's, else the message's."""
    said = (
        _text(_one(document, "IssueDateTime/DateTimeString"))
        or _text(_one(document, "IssueDateTime"))
        or _text(_one(root, "ExchangedDocument/IssueDateTime/DateTimeString"))
    )
    at, day = _moment(said)
    issued = _text(_one(node, "FormattedIssueDateTime/DateTimeString"))
    statuses = _all(node, "SpecifiedDocumentStatus")
    reasons = [_text(_one(status, "Reason")) for status in statuses]
    codes = [_text(_one(status, "ReasonCode")) for status in statuses]
    number = _text(_one(node, "IssuerAssignedID"))
    code = _text(_one(node, "ProcessConditionCode"))
    if not number or not _CODE.fullmatch(code):
        raise LifecycleError(Reason.NO_NUMBER if not number else Reason.NO_CODE)
    return StatusMessage(
        number=number[:60],
        code=code,
        at=at,
        day=day,
        issued_on=_moment(issued)[1] if issued else None,
        reason_code=next(filter(None, codes), "")[:40],
        reason=" ".join(filter(None, reasons))[:240],
        paid=_amount(statuses, _PAID),
        not_approved=_amount(statuses, _NOT_APPROVED),
        seller=_seller(node),
    )


def _seller(node: etree._Element) -> str:
    """Return the SIREN of who issued the invoice (scheme 0002), empty if not said."""
    parties = _all(node, "IssuerTradeParty")
    return next(
        (
            _text(one)[:9]
            for party in parties
            for one in _all(party, "GlobalID")
            if one.get("schemeID") == "0002"
        ),
        "",
    )


def _amount(statuses: list[etree._Element], wanted: tuple[str, ...]) -> Decimal | None:
    """Return the sum of the amounts of the first of these types that is said."""
    for kind in wanted:
        said = [
            _text(_one(one, "ValueAmount"))
            for status in statuses
            for one in _all(status, "SpecifiedDocumentCharacteristic")
            if _text(_one(one, "TypeCode")) == kind
        ]
        if any(not _XML_AMOUNT.fullmatch(text) for text in said):
            raise LifecycleError(Reason.BAD_AMOUNT, value=said[0][:40])
        if said:
            return sum(map(Decimal, said), Decimal(0)).quantize(Decimal("0.01"))
    return None


def _all(node: etree._Element, name: str) -> list[etree._Element]:
    return [
        child
        for child in node
        if isinstance(child.tag, str) and etree.QName(child).localname == name
    ]


def _one(node: etree._Element, path: str) -> etree._Element | None:
    found: etree._Element | None = node
    for name in path.split("/"):
        found = next(iter(_all(found, name)), None) if found is not None else None
    return found


def _text(node: etree._Element | None) -> str:
    return "" if node is None else tidy(node.text or "")


def _moment(said: str) -> tuple[datetime, date]:
    """Return a moment and its day as written; without a zone, it is universal."""
    found = _ISO.fullmatch(said)
    parts = found.groups() if found else None
    if parts is None and (compact := _COMPACT.fullmatch(said)):
        parts = (*compact.groups(), None)
    if parts is None:
        raise LifecycleError(Reason.BAD_DATE, value=said[:40])
    *numbers, zone = parts
    try:
        year, month, number, hour, minute, second = (int(one or 0) for one in numbers)
        day = date(year, month, number)
        at = datetime.combine(day, time(hour, minute, second), tzinfo=_zone(zone))
        return at.astimezone(UTC), day
    except (ValueError, OverflowError) as error:
        raise LifecycleError(Reason.BAD_DATE, value=said[:40]) from error


def _zone(said: str | None) -> timezone:
    if not said or said == "Z":
        return UTC
    hours, minutes = int(said[1:3]), int(said[-2:])
    delta = timedelta(hours=hours, minutes=minutes)
    return timezone(-delta if said[0] == "-" else delta)


# Tables


def _rows(data: bytes) -> list[Row]:
    try:
        rows = []
        for row in spreadsheet.opened(data).rows():
            rows.append(row)
            if len(rows) > MAX_ROWS:
                raise LifecycleError(Reason.TOO_MANY, limit=str(MAX_ROWS))
    except SpreadsheetError as error:
        raise LifecycleError(Reason.NOT_STATUSES) from error
    return rows


def _table_columns(header: Row | None) -> dict[str, int] | None:
    if header is None:
        return None
    names = [plain(cell) for cell in header.cells]
    places = {
        field: names.index(found)
        for field, said in _COLUMNS.items()
        if (found := next((one for one in said if one in names), None)) is not None
    }
    # A date and a number are in every table; a status of three digits is not.
    return places if {"number", "code", "at"} <= places.keys() else None


def _read_table(data: bytes) -> list[StatusMessage]:
    rows = _rows(data)
    places = _table_columns(rows[0] if rows else None)
    if places is None:
        raise LifecycleError(Reason.NOT_STATUSES)
    found = [_table_message(row, places) for row in rows[1:]]
    if not found:
        raise LifecycleError(Reason.NO_STATUS)
    return found


def _table_message(row: Row, places: dict[str, int]) -> StatusMessage:
    def said(field: str) -> str:
        return tidy(row[places[field]]) if field in places else ""

    number, code = said("number"), said("code")[:3]
    if not number or not _CODE.fullmatch(code):
        reason = Reason.NO_NUMBER if not number else Reason.NO_CODE
        raise LifecycleError(reason, line=str(row.number))
    at, day = _table_moment(said("at"))
    amount = _table_amount(said("amount"))
    return StatusMessage(
        number=number[:60],
        code=code,
        at=at,
        day=day,
        reason_code=said("reason_code")[:40],
        reason=said("reason")[:240],
        paid=amount if code == "212" else None,
        not_approved=amount if code == "206" else None,
        seller=said("seller").replace(" ", "")[:9],
    )


def _table_moment(said: str) -> tuple[datetime, date]:
    try:
        return _moment(said)
    except LifecycleError:
        day_said, _space, hour = said.partition(" ")
        try:
            day = spreadsheet_values.day(day_said)
        except CellError as error:
            raise LifecycleError(Reason.BAD_DATE, value=said[:40]) from error
        return _moment(f"{day.isoformat()} {hour}".strip())


def _table_amount(said: str) -> Decimal | None:
    if not said:
        return None
    try:
        return spreadsheet_values.amount(said)
    except CellError as error:
        raise LifecycleError(Reason.BAD_AMOUNT, value=said[:40]) from error
