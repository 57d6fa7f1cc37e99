"""CFONB120: the French banks' statement, lines of 120 characters.

Positions of the "relevé de compte sur support informatique" of the CFONB, 1-based
there, 0-based here.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import batched
from typing import Final

from relance.gateways.bank_content import (
    MAX_LINES,
    BankError,
    Line,
    Reason,
    Statement,
    checked,
    tidy,
)
from relance.gateways.bank_values import day

WIDTH: Final = 120
_KINDS: Final = ("01", "04", "05", "07")
# The last character of an amount carries its last digit and its sign.
_LAST: Final = {
    **{letter: (digit, 1) for digit, letter in enumerate("{ABCDEFGHI")},
    **{letter: (digit, -1) for digit, letter in enumerate("}JKLMNOPQR")},
}
# Qualifiers of detail records whose text names the payer, a reference, or more label.
_PAYER: Final = ("NPY",)
_REFERENCES: Final = ("REF", "RCN")
_WORDS: Final = ("LIB", "LCC", "LC2", "LCS")


def is_cfonb(text: str) -> bool:
    """Say whether a text begins as such a statement does."""
    start = text.lstrip("\r\n")
    return start[:2] == "01" and start[2:7].strip().isalnum() and len(start) >= WIDTH


def read(text: str) -> list[Statement]:
    """Return the statements of a file, each checked against its closing balance."""
    found: list[Statement] = []
    opened: tuple[str, str, Decimal] | None = None
    lines: list[Line] = []
    for record in _records(text):
        kind = record[:2]
        if kind == "01":
            if opened is not None:
                raise BankError(Reason.DAMAGED, value="07")
            opened, lines = (_account(record), record[16:19], _amount(record)), []
        elif opened is None:
            raise BankError(Reason.DAMAGED, value="01")
        elif kind == "04":
            lines.append(_line(record))
        elif kind == "05" and lines:
            lines[-1] = _with_detail(lines[-1], record)
        elif kind == "07":
            account, currency, opening = opened
            statement = Statement(
                account=account,
                currency=currency.strip() or "EUR",
                lines=tuple(lines),
                opening=opening,
                closing=_amount(record),
                closed_on=_day(record[34:40]),
            )
            found.append(checked(statement))
            opened = None
        if len(lines) > MAX_LINES:
            raise BankError(Reason.TOO_MANY_LINES, limit=str(MAX_LINES))
    if opened is not None:
        raise BankError(Reason.DAMAGED, value="07")
    return found


def _records(text: str) -> Iterator[str]:
    """Yield the records; some banks write no line break, some cut trailing spaces."""
    rows = text.splitlines()
    if len(rows) == 1 and len(text) > WIDTH:
        rows = ["".join(part) for part in batched(text, WIDTH)]
    for row in rows:
        if not row.strip():
            continue
        if row[:2] not in _KINDS:
            raise BankError(Reason.DAMAGED, value=row[:10].strip())
        yield row.ljust(WIDTH)


def _account(record: str) -> str:
    """Return bank, branch and account number, without the key that is not there."""
    return tidy(f"{record[2:7]} {record[11:16]} {record[21:32]}")


def _line(record: str) -> Line:
    return Line(
        booked_on=_day(record[34:40]),
        amount=_amount(record),
        currency=record[16:19].strip() or "EUR",
        label=tidy(record[48:79]),
        reference=tidy(record[104:120]),
    )


def _with_detail(line: Line, record: str) -> Line:
    qualifier, text = record[45:48], tidy(record[48:118])
    if qualifier in _PAYER and not line.payer:
        return replace(line, payer=text)
    if qualifier in _REFERENCES:
        return replace(line, reference=tidy(f"{line.reference} {text}"))
    if qualifier in _WORDS:
        return replace(line, label=tidy(f"{line.label} {text}"))
    return line


def _amount(record: str) -> Decimal:
    written, decimals = record[90:104], record[19:20].strip() or "2"
    digits, last = written[:-1].strip() or "0", _LAST.get(written[-1:])
    if last is None or not digits.isdecimal() or decimals not in "012":
        raise BankError(Reason.BAD_AMOUNT, value=written.strip())
    digit, sign = last
    return (
        Decimal(sign * int(f"{digits}{digit}"))
        .scaleb(-int(decimals))
        .quantize(Decimal("0.01"))
    )


def _day(text: str) -> date:
    return day(text[4:6], text[2:4], text[:2], said=text)
