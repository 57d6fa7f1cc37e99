"""Lines of registered numbers as people paste, type or scan them: a letter each."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum

from relance.rules.journeys import ReturnReason
from relance.rules.registered_numbers import Fault as NumberFault
from relance.rules.registered_numbers import InvalidNumber, read_number

# The days of a letter in the order in which they come, as a line without titles
# gives them.
DAYS = ("posted_on", "presented_on", "delivered_on")
COLUMNS = ("reference", "number", *DAYS, "returned_on", "reason")


class Fault(StrEnum):
    """Why a line cannot be used, when it is not for its number."""

    NOT_A_DAY = "not_a_day"
    NOT_A_REASON = "not_a_reason"
    NOT_A_REFERENCE = "not_a_reference"
    TOO_MUCH = "too_much"
    NOTHING = "nothing"
    SAME_NUMBER = "same_number"
    SAME_REFERENCE = "same_reference"


@dataclass(frozen=True, kw_only=True)
class ParsedLine:
    """What a line says of one letter; ``reference`` is 431 for ``R-00431``."""

    line: int
    text: str
    reference: int | None = None
    number: str = ""
    days: dict[str, date] = field(default_factory=dict)
    reason: str = ""
    fault: Fault | NumberFault | None = None


def paste_numbers(text: str) -> list[ParsedLine]:
    """Read what was pasted, typed or scanned, one letter a line; empty lines are left.

    A line is a number alone, or a number and a reference (``R-00431``) in any order,
    with days (deposit, first presentation, delivery) and a reason of return, whose
    day then comes last. Under a line of column titles (a spreadsheet), each cell is
    what its title says. A line that cannot be used carries its fault.
    """
    rows = [
        (place, cleaned)
        for place, raw in enumerate(re.split(r"\r\n|\r|\n", text), start=1)
        if (cleaned := _cleaned(raw))
    ]
    columns = _columns(rows[0][1]) if rows else None
    if columns is not None:
        mark, names = columns
        read = [_by_column(place, row, mark, names) for place, row in rows[1:]]
    else:
        read = [_by_content(place, row) for place, row in rows]
    return list(_once(read))


def write_numbers(lines: Iterable[ParsedLine]) -> str:
    """Return lines, each with its reference, so that ``paste_numbers`` reads the
    same again."""
    rows = ["\t".join(COLUMNS)]
    for line in lines:
        days = [
            line.days[name].isoformat() if name in line.days else ""
            for name in (*DAYS, "returned_on")
        ]
        cells = [f"R-{line.reference:05d}", line.number, *days, line.reason]
        rows.append("\t".join(cells))
    return "\n".join(rows)


_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ufeff]")
# A scanner set for an American keyboard, plugged into a French computer: what it
# "types" for 1 to 9, 0 and for the letters that have other places.
_MISTYPED = "&é\"'(-è_çà"
_RETYPED = str.maketrans(_MISTYPED + "QAWZqawz", "1234567890" + "AQZWaqzw")


def _cleaned(raw: str) -> str:
    row = _CONTROLS.sub("", raw).strip(" \u00a0\u202f")
    mistyped = sum(character in _MISTYPED for character in row)
    if mistyped >= 8 and 2 * mistyped > len(row) and not re.search(r"[0-9]", row):
        row = row.translate(_RETYPED)
    return row if row.strip() else ""


_REFERENCE = re.compile(
    r"(?<![A-Za-z0-9])R\s?[-–]?\s?([0-9]{1,9})(?![A-Za-z0-9])", re.I
)
_DAY = re.compile(
    r"(?<![\w/.-])(?:([0-9]{1,2})([/.-])([0-9]{1,2})\2([0-9]{4}|[0-9]{2})"
    r"|([0-9]{4})-([0-9]{2})-([0-9]{2}))(?![\w/-])"
)
_REASONS = {
    "npai": ReturnReason.NOT_AT_ADDRESS,
    "destinataire inconnu": ReturnReason.NOT_AT_ADDRESS,
    "inconnu": ReturnReason.NOT_AT_ADDRESS,
    "n'habite pas": ReturnReason.NOT_AT_ADDRESS,
    "non reclame": ReturnReason.UNCLAIMED,
    "unclaimed": ReturnReason.UNCLAIMED,
    "refuse": ReturnReason.REFUSED,
    "refused": ReturnReason.REFUSED,
}
_REASON = re.compile(
    r"n\.?p\.?a\.?i\b\.?|destinataire inconnu(?: a l'adresse)?"
    r"|inconnu(?: a l'adresse)?"
    r"|n'habite pas(?: a l'adresse(?: indiquee)?)?|non[ -]reclamee?|unclaimed"
    r"|refused|refusee?",
)


def _by_content(place: int, row: str) -> ParsedLine:
    """Read a line whose parts are told apart by what they look like."""
    rest = re.sub(r"[\t;,\"|]", " ", row)
    references = [int(found[1]) for found in _REFERENCE.finditer(rest)]
    rest = _REFERENCE.sub(" ", rest)
    line = ParsedLine(line=place, text=row)
    if references:
        line = replace(line, reference=references[0])
    try:
        days = [_day(found) for found in _DAY.finditer(rest)]
    except ValueError:
        return replace(line, fault=Fault.NOT_A_DAY)
    rest, reason = _without_reason(_DAY.sub(" ", rest))
    named = _named_days(days, returned=bool(reason))
    if len(references) > 1 or named is None:
        return replace(line, fault=Fault.TOO_MUCH)
    return _with_number(replace(line, days=named, reason=reason), rest)


def _named_days(days: Sequence[date], *, returned: bool) -> dict[str, date] | None:
    """Name the days of a line in their order; ``None`` for too many."""
    named: dict[str, date] = {}
    if returned and days:
        named["returned_on"], days = days[-1], days[:-1]
    if len(days) > len(DAYS):
        return None
    return dict(zip(DAYS, days, strict=False)) | named


def _without_reason(text: str) -> tuple[str, str]:
    folded = _folded(text)
    found = _REASON.search(folded)
    if found is None or len(folded) != len(text):
        return text, ""
    rest = f"{text[: found.start()]} {text[found.end() :]}"
    return rest, _reason(found[0])


def _reason(text: str) -> str:
    words = _folded(text).replace(".", "").replace("-", " ").strip()
    for start, reason in _REASONS.items():
        if words.startswith(start):
            return reason.value
    raise ValueError(text)


def _with_number(line: ParsedLine, text: str) -> ParsedLine:
    if not text.strip():
        said = line.days or line.reason
        if line.reference is not None and said:
            return line
        return replace(line, fault=Fault.NOTHING)
    try:
        return replace(line, number=read_number(text))
    except InvalidNumber as error:
        return replace(line, fault=error.fault)


# First words of the titles that spreadsheets give their columns.
_TITLES = {
    "reference": ("ref", "relance", "id", "reminder", "courrier", "letter"),
    "number": ("num", "n°", "no ", "recommande", "suivi", "registered", "tracking"),
    "posted_on": ("post", "depo", "envo", "expedi", "sent", "deposit"),
    "presented_on": ("present", "premiere presentation", "first presented"),
    "delivered_on": ("distribu", "remis", "livr", "deliver"),
    "returned_on": ("retour", "return"),
    "reason": ("motif", "raison", "reason"),
}


def _columns(row: str) -> tuple[str, list[str]] | None:
    """Return the separator and the names of the columns when this line is titles."""
    if re.search(r"[0-9]", row):
        return None
    mark = max("\t;,|", key=row.count)
    names = [_column(title) for title in _cells(row, mark)]
    known = [name for name in names if name]
    return (mark, names) if len(known) >= 2 and len(set(known)) == len(known) else None


def _column(title: str) -> str:
    words = _folded(title).replace("_", " ").strip()
    for name, starts in _TITLES.items():
        if words == name or words.startswith(starts):
            return name
    return ""


def _cells(row: str, mark: str) -> list[str]:
    return [cell.strip() for cell in next(csv.reader([row], delimiter=mark), [])]


def _by_column(place: int, row: str, mark: str, names: Sequence[str]) -> ParsedLine:
    line = ParsedLine(line=place, text=row)
    cells = {
        name: cell
        for name, cell in zip(names, _cells(row, mark), strict=False)
        if name and cell
    }
    if "reference" in cells:
        found = re.fullmatch(r"(?:R\s?[-–]?\s?)?([0-9]{1,9})", cells["reference"], re.I)
        if found is None:
            return replace(line, fault=Fault.NOT_A_REFERENCE)
        line = replace(line, reference=int(found[1]))
    try:
        days = {
            name: _read_day(cells[name])
            for name in (*DAYS, "returned_on")
            if name in cells
        }
    except ValueError:
        return replace(line, fault=Fault.NOT_A_DAY)
    try:
        reason = _reason(cells["reason"]) if "reason" in cells else ""
    except ValueError:
        return replace(line, fault=Fault.NOT_A_REASON)
    line = replace(line, days=days, reason=reason)
    return _with_number(line, cells.get("number", ""))


def _read_day(text: str) -> date:
    # A spreadsheet may add midnight to its days.
    found = _DAY.match(text)
    if found is None or not re.fullmatch(r"(?:[ T][0:]+)?", text[found.end() :]):
        raise ValueError(text)
    return _day(found)


def _day(found: re.Match[str]) -> date:
    if found[5]:
        return date(int(found[5]), int(found[6]), int(found[7]))
    year = int(found[4])
    return date(year if year > 99 else 2000 + year, int(found[3]), int(found[1]))


def _folded(text: str) -> str:
    parts = unicodedata.normalize("NFD", text.lower().replace("’", "'"))
    return "".join(char for char in parts if not unicodedata.combining(char))


def _once(lines: Iterable[ParsedLine]) -> Iterator[ParsedLine]:
    """Mark what comes twice: the first counts."""
    numbers: set[str] = set()
    references: set[int] = set()
    for line in lines:
        if line.fault is not None:
            yield line
            continue
        if line.number and line.number in numbers:
            yield replace(line, fault=Fault.SAME_NUMBER)
            continue
        if line.reference is not None and line.reference in references:
            yield replace(line, fault=Fault.SAME_REFERENCE)
            continue
        numbers.add(line.number)
        if line.reference is not None:
            references.add(line.reference)
        yield line
