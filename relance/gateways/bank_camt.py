"""CAMT.053 and CAMT.052 (ISO 20022), every version: names are read, not namespaces.

Of a batch, each payment is a line where the bank says their amounts in the currency
of the account and these add up; else the batch is one line, and nothing is guessed.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from lxml import etree

from relance.gateways import safe_xml
from relance.gateways.bank_content import (
    MAX_LINES,
    BankError,
    Line,
    Reason,
    Statement,
    checked,
    tidy,
)
from relance.gateways.bank_values import amount, day
from relance.gateways.safe_xml import Trouble, XmlError

_STATEMENTS: Final = ("Stmt", "Rpt")
# What banks write where there is no reference.
_NO_REFERENCE: Final = ("NOTPROVIDED", "NOT PROVIDED", "NONREF")


@dataclass(frozen=True)
class _Node:
    element: etree._Element | None

    def all(self, path: str) -> list["_Node"]:
        """Return the elements under this one, by local names: ``Acct/Id/IBAN``."""
        found = [] if self.element is None else [self.element]
        for name in path.split("/"):
            found = [
                child
                for parent in found
                for child in parent
                if isinstance(child.tag, str) and etree.QName(child).localname == name
            ]
        return [_Node(element) for element in found]

    def one(self, *paths: str) -> "_Node":
        """Return the first element of the first path that has one, else nothing."""
        return next((node for path in paths for node in self.all(path)), _Node(None))

    @property
    def text(self) -> str:
        return "" if self.element is None else (self.element.text or "").strip()

    def attribute(self, name: str) -> str:
        return "" if self.element is None else self.element.get(name, "").strip()


def read(data: bytes) -> list[Statement]:
    """Return the statements of a file; what is not booked yet is left out."""
    root = _parse(data)
    container = next((child for child in root if isinstance(child.tag, str)), None)
    found = [node for name in _STATEMENTS for node in _Node(container).all(name)]
    if not found:
        raise BankError(Reason.NOT_A_STATEMENT)
    return [_statement(node) for node in found]


def _parse(data: bytes) -> etree._Element:
    try:
        return safe_xml.parse(data, most=len(data))
    except XmlError as error:
        if error.trouble == Trouble.UNSAFE:
            raise BankError(Reason.UNSAFE_XML) from error
        raise BankError(Reason.DAMAGED, value="XML") from error


def _statement(node: _Node) -> Statement:
    account = node.one("Acct/Id/IBAN", "Acct/Id/Othr/Id").text
    if not account:
        raise BankError(Reason.NO_ACCOUNT)
    lines: list[Line] = []
    for entry in node.all("Ntry"):
        lines += _lines(entry)
        if len(lines) > MAX_LINES:
            raise BankError(Reason.TOO_MANY_LINES, limit=str(MAX_LINES))
    balances = {
        balance.one("Tp/CdOrPrtry/Cd").text: balance for balance in node.all("Bal")
    }
    opening = balances.get("OPBD") or balances.get("PRCD")
    closing = balances.get("CLBD")
    currency = node.one("Acct/Ccy").text or (lines[0].currency if lines else "EUR")
    return checked(
        Statement(
            account=tidy(account.replace(" ", ""), longest=40),
            currency=currency[:3].upper(),
            lines=tuple(lines),
            opening=_signed(opening) if opening else None,
            closing=_signed(closing) if closing else None,
            closed_on=_day(closing.one("Dt/Dt", "Dt/DtTm")) if closing else None,
        )
    )


def _lines(entry: _Node) -> Iterator[Line]:
    if (entry.one("Sts/Cd", "Sts").text or "BOOK") != "BOOK":
        return
    details = entry.all("NtryDtls/TxDtls")
    currency = entry.one("Amt").attribute("Ccy")[:3].upper() or "EUR"
    total = _signed(entry)
    parts = [_part(detail, entry, currency) for detail in details]
    if len(parts) > 1 and None not in parts:
        amounts = [part for part in parts if part is not None]
        if sum(amounts) == total:
            for place, (detail, part) in enumerate(zip(details, amounts, strict=True)):
                yield _line(entry, [detail], part, currency, place=place)
            return
    yield _line(entry, details, total, currency, place=None)


def _part(detail: _Node, entry: _Node, currency: str) -> Decimal | None:
    """Return the amount of one payment of a batch, ``None`` when it is not said in
    the currency of the account. The amount *instructed* may be another."""
    said = detail.one("Amt", "AmtDtls/TxAmt/Amt")
    if not said.text or said.attribute("Ccy")[:3].upper() != currency:
        return None
    direction = detail.one("CdtDbtInd").text or entry.one("CdtDbtInd").text
    return _with_sign(amount(said.text), direction)


def _line(
    entry: _Node,
    details: Sequence[_Node],
    value: Decimal,
    currency: str,
    *,
    place: int | None,
) -> Line:
    words = [node.text for detail in details for node in detail.all("RmtInf/Ustrd")]
    words += [detail.one("AddtlTxInf").text for detail in details]
    if not any(words):
        words = [entry.one("AddtlNtryInf").text]
    bank_id = entry.one("AcctSvcrRef").text or entry.one("NtryRef").text
    if place is not None:
        own = details[0].one("Refs/AcctSvcrRef", "Refs/TxId").text
        bank_id = own or (f"{bank_id}/{place + 1}" if bank_id else "")
    alone = details[0] if len(details) == 1 else _Node(None)
    parties = alone.one("RltdPties")
    return Line(
        booked_on=_day(entry.one("BookgDt/Dt", "BookgDt/DtTm", "ValDt/Dt")),
        amount=value,
        currency=currency,
        label=tidy(" ".join(word for word in words if word)),
        payer=tidy(parties.one("Dbtr/Nm", "Dbtr/Pty/Nm").text) if value > 0 else "",
        payer_iban=tidy(parties.one("DbtrAcct/Id/IBAN").text.replace(" ", ""))
        if value > 0
        else "",
        reference=tidy(" ".join(_references(details))),
        bank_id=tidy(bank_id, longest=100),
        reversal=value < 0 and _is_reversal(entry, details),
    )


def _is_reversal(entry: _Node, details: Sequence[_Node]) -> bool:
    if entry.one("RvslInd").text.lower() in ("true", "1"):
        return True
    return any(detail.one("RtrInf").element is not None for detail in details)


def _references(details: Sequence[_Node]) -> Iterator[str]:
    for detail in details:
        for path in ("RmtInf/Strd/CdtrRefInf/Ref", "Refs/EndToEndId"):
            for node in detail.all(path):
                if node.text and node.text.upper() not in _NO_REFERENCE:
                    yield node.text


def _signed(node: _Node) -> Decimal:
    return _with_sign(amount(node.one("Amt").text), node.one("CdtDbtInd").text)


def _with_sign(value: Decimal, direction: str) -> Decimal:
    if direction not in ("CRDT", "DBIT"):
        raise BankError(Reason.DAMAGED, value="CdtDbtInd")
    return value if direction == "CRDT" else -value


def _day(node: _Node) -> date:
    said = node.text
    return day(said[:4], said[5:7], said[8:10], said=said)
