"""Read a ledger of accounts: the FEC of art. A47 A-1 LPF, and what programs make of it.

Tab, ``|`` or ``;``; UTF-8, Windows-1252, ISO 8859-15 or UTF-16; debit and credit, or
an amount and its direction; dates AAAAMMJJ or as people write them.
"""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from io import BytesIO, TextIOWrapper
from pathlib import PurePosixPath
from typing import Final

from relance.gateways.decoding import decoded, encoding_of
from relance.gateways.einvoice_archive import is_archive, unpack
from relance.gateways.einvoice_content import EInvoiceError
from relance.gateways.fec_columns import Columns, columns, looks_like
from relance.gateways.fec_content import (
    MAX_FILE,
    MAX_LINE,
    MAX_LINES,
    FecError,
    Reason,
    Warn,
)
from relance.gateways.fec_values import Values
from relance.rules.entries import EntryLine

__all__ = ["Fec", "FecError", "Reason", "Warn", "is_fec", "opened"]

_NAME: Final = re.compile(r"(\d{9})FEC(\d{4})(\d\d)(\d\d)", re.IGNORECASE | re.ASCII)
_HEAD: Final = 8_192
# "JournalCode" in EBCDIC: the letters are the same in all its French variants.
_EBCDIC: Final = "JournalCode".encode("cp500")
ZERO: Final = Decimal(0)


@dataclass(frozen=True, kw_only=True)
class Fec:
    """A file whose first line was understood. ``siren`` and ``closed_on`` are what
    its name says, where it is named as the law wants."""

    name: str
    data: bytes
    encoding: str
    columns: Columns
    siren: str = ""
    closed_on: date | None = None

    def warnings(self) -> tuple[Warn, ...]:
        return self.columns.warnings()

    def lines(self) -> Iterator[EntryLine]:
        """Yield the lines; raise FecError at the first that cannot be read, or at the
        end when debits and credits are not equal."""
        values, balance = Values(self.columns), _Balance()
        rows = _rows(self.data, self.encoding)
        next(rows)
        found = most = 0
        for place, row in rows:
            fields = _fields(row, self.columns, place, most)
            # Some programs end every line with a separator: the first one says so.
            most = most or len(fields)
            line = values.line(fields, place)
            balance.add(line)
            found += 1
            if found > MAX_LINES:
                raise FecError(Reason.TOO_MANY_LINES, limit=str(MAX_LINES))
            yield line
        if not found:
            raise FecError(Reason.NO_LINES)
        balance.check()


def is_fec(data: bytes) -> bool:
    """Say whether a file is a FEC, or a ZIP that holds one, by its content."""
    try:
        opened(data)
    except FecError as error:
        return error.reason not in (
            Reason.EMPTY,
            Reason.TOO_LARGE,
            Reason.NOT_A_FEC,
            Reason.ARCHIVE,
            Reason.ARCHIVE_WITHOUT,
        )
    return True


def opened(data: bytes, name: str = "") -> Fec:
    """Return a file ready to be read, taken out of its ZIP; raise FecError.

    No network, no disk, no clock; whatever the bytes are, nothing else is raised.
    """
    if is_archive(data):
        name, data = _from_archive(name, data)
    if len(data) > MAX_FILE:
        raise FecError(Reason.TOO_LARGE, limit=str(MAX_FILE // 1024 // 1024))
    if not data.strip():
        raise FecError(Reason.EMPTY)
    if data.startswith(_EBCDIC):
        raise FecError(Reason.EBCDIC)
    if not looks_like(_first_line(data)):
        raise FecError(Reason.NOT_A_FEC)
    siren, closed_on = _named(name)
    return Fec(
        name=name,
        data=data,
        encoding=encoding_of(data),
        columns=columns(_first_line(data)),
        siren=siren,
        closed_on=closed_on,
    )


def _first_line(data: bytes) -> str:
    """Return the first line that says something, from the head of the file only."""
    head = data[:_HEAD]
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = head.decode("utf-16", "replace")
    else:
        line = next((one for one in head.splitlines() if one.strip()), b"")
        text = decoded(line)
    return next((line for line in text.splitlines() if line.strip()), "")


def _from_archive(name: str, data: bytes) -> tuple[str, bytes]:
    try:
        found = [
            (inside, content)
            for inside, content in unpack(name, data)
            if not is_archive(content) and looks_like(_first_line(content))
        ]
    except EInvoiceError as error:
        raise FecError(Reason.ARCHIVE) from error
    if not found:
        raise FecError(Reason.ARCHIVE_WITHOUT)
    if len(found) > 1:
        raise FecError(Reason.ARCHIVE_WITH_SEVERAL)
    return found[0]


def _named(name: str) -> tuple[str, date | None]:
    """Return what ``SIRENFECAAAAMMJJ.txt`` says."""
    found = _NAME.match(PurePosixPath(name.replace("\\", "/")).name)
    if found is None:
        return "", None
    siren, *day = found.groups()
    try:
        return siren, date(*map(int, day))
    except ValueError:
        return siren, None


def _rows(data: bytes, encoding: str) -> Iterator[tuple[int, str]]:
    """Yield the lines that say something, with their place in the file from one."""
    # newline=None: CR, LF or both, as the law allows.
    with TextIOWrapper(BytesIO(data), encoding, "replace", newline=None) as text:
        place = 0
        while row := text.readline(MAX_LINE + 1):
            place += 1
            if len(row) > MAX_LINE:
                raise FecError(
                    Reason.LINE_TOO_LONG, line=str(place), limit=str(MAX_LINE)
                )
            row = row.rstrip("\n")
            if row and not row.isspace() and row.strip("\x1a\0"):
                yield place, row


def _fields(row: str, named: Columns, place: int, most: int) -> list[str]:
    fields = row.split(named.separator)
    if '"' in row and (len(fields) != named.count or named.separator == ";"):
        # A label between quotes may hold the separator; never more than its line.
        fields = next(csv.reader([row], delimiter=named.separator))
    count = len(fields)
    surplus = count > named.count and (
        any(map(str.strip, fields[named.count :])) or count != (most or count)
    )
    # Programs leave out the empty columns at the end.
    if surplus or count <= named.last:
        raise FecError(
            Reason.WRONG_COLUMNS,
            line=str(place),
            value=str(count),
            limit=str(named.count),
        )
    if count < named.count:
        fields += [""] * (named.count - count)
    return fields


class _Balance:
    """Debits less credits, by journal and by entry, with the first line of each."""

    def __init__(self) -> None:
        self._journals: dict[str, Decimal] = {}
        self._entries: dict[tuple[str, str, date], list[Decimal | int]] = {}

    def add(self, line: EntryLine) -> None:
        known = self._journals.get(line.journal, ZERO)
        self._journals[line.journal] = known + line.amount
        key = (line.journal, line.entry, line.booked_on)
        entry = self._entries.setdefault(key, [ZERO, line.place])
        entry[0] += line.amount

    def check(self) -> None:
        """Raise FecError unless all debits equal all credits. A journal alone need
        not: some programs split an entry between two."""
        total = sum(self._journals.values(), ZERO)
        if not total:
            return
        wrong = [name for name, left in self._journals.items() if left]
        first = min(
            (int(place), journal)
            for (journal, _number, _day), (left, place) in self._entries.items()
            if left
        )
        raise FecError(
            Reason.UNBALANCED,
            value=f"{total:.2f}".replace(".", ","),
            journal=first[1] if first[1] in wrong else wrong[0],
            line=str(first[0]),
        )
