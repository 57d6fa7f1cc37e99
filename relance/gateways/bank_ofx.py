"""OFX: SGML (1.x) and XML (2.x), as French banks write them.

SGML leaves out the closing tags of values, so that no XML parser reads it: the tags
are read one by one, which is all that a statement needs. Entities are never expanded.
"""

import html
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from relance.gateways.bank_content import (
    MAX_LINES,
    BankError,
    Line,
    Reason,
    Statement,
    tidy,
)
from relance.gateways.bank_values import amount, day

_TAG: Final = re.compile(r"<(/?)([A-Za-z0-9_.]{1,32})>([^<]*)")
_STATEMENTS: Final = ("STMTRS", "CCSTMTRS")


def is_ofx(text: str) -> bool:
    """Say whether a text begins as such a file does."""
    start = text[:2000].upper()
    return "OFXHEADER" in start or "<OFX>" in start


def read(text: str) -> list[Statement]:
    """Return the statements of a file."""
    if "<!ENTITY" in text.upper() or "<!DOCTYPE" in text.upper():
        raise BankError(Reason.UNSAFE_XML)
    if "</OFX>" not in text.upper():
        raise BankError(Reason.DAMAGED, value="</OFX>")
    return list(_statements(text))


def _statements(text: str) -> Iterator[Statement]:
    account: dict[str, str] = {}
    lines: list[dict[str, str]] = []
    inside: list[str] = []
    current: dict[str, str] = account
    for closing, name, value in _TAG.findall(text):
        tag = name.upper()
        if closing:
            if tag in inside:
                del inside[inside.index(tag) :]
            if tag == "STMTTRN":
                current = account
            if tag in _STATEMENTS:
                yield _statement(account, lines)
                account, lines = {}, []
                current = account
        elif value.strip():
            # The parts of a line and of the account have names of their own, but for
            # the balances, of which only the ledger's is one of the statement.
            if "AVAILBAL" not in inside:
                current.setdefault(tag, html.unescape(value.strip()))
        else:
            inside.append(tag)
            if tag == "STMTTRN":
                if len(lines) >= MAX_LINES:
                    raise BankError(Reason.TOO_MANY_LINES, limit=str(MAX_LINES))
                current = {}
                lines.append(current)


def _statement(account: dict[str, str], lines: list[dict[str, str]]) -> Statement:
    number = account.get("ACCTID", "")
    if not number:
        raise BankError(Reason.NO_ACCOUNT)
    currency = tidy(account.get("CURDEF"), longest=3).upper() or "EUR"
    bank = [account.get("BANKID", ""), account.get("BRANCHID", ""), number]
    return Statement(
        account=tidy(" ".join(part for part in bank if part)),
        currency=currency,
        lines=tuple(_line(values, currency) for values in lines),
        closing=_balance(account),
        closed_on=None,
    )


def _balance(account: dict[str, str]) -> Decimal | None:
    written = account.get("BALAMT")
    return amount(written) if written else None


def _line(values: dict[str, str], currency: str) -> Line:
    posted = values.get("DTPOSTED", "")
    name, memo = tidy(values.get("NAME")), tidy(values.get("MEMO"))
    return Line(
        booked_on=day(posted[:4], posted[4:6], posted[6:8], said=posted),
        amount=amount(values.get("TRNAMT", "")),
        currency=tidy(values.get("CURSYM"), longest=3).upper() or currency,
        label=tidy(f"{name} {memo}" if memo not in name else name),
        reference=tidy(values.get("CHECKNUM") or values.get("REFNUM")),
        bank_id=tidy(values.get("FITID"), longest=100),
    )
