"""Past reminders read from a table: invoice, day, level, channel, note, file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from relance.gateways import einvoice, scans, spreadsheet
from relance.gateways.einvoice import EInvoiceError
from relance.gateways.spreadsheet import Row, SpreadsheetError
from relance.gateways.spreadsheet_values import CellError, day
from relance.models import Channel, Document, Invoice, Level, User
from relance.models.search import plain
from relance.queries.takeover import levels as past_levels
from relance.services import documents, takeover
from relance.services.refusal import Refused
from relance.services.takeover import PastReminder, TakenOver, why_not

# How the columns may be called, without accents, spaces and marks.
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "number": (
        "facture", "numero", "numerofacture", "numerodefacture", "nfacture",
        "nofacture", "numfacture", "piece", "numeropiece", "reference", "ref",
        "invoice", "invoicenumber", "number",
    ),
    "day": (
        "date", "daterelance", "datederelance", "relancele", "envoyele", "dateenvoi",
        "datedenvoi", "sent", "senton", "day",
    ),
    "level": ("niveau", "niveaurelance", "niveauderelance", "relance", "level"),
    "channel": ("canal", "mode", "moyen", "envoi", "modedenvoi", "channel"),
    "note": ("note", "commentaire", "remarque", "observation", "comment"),
    "file": ("fichier", "document", "piecejointe", "nomdufichier", "file", "filename"),
}  # fmt: skip
_CHANNELS: Mapping[str, Channel] = {
    **dict.fromkeys(("", "courrier", "lettre", "letter", "papier"), Channel.LETTER),
    **dict.fromkeys(
        ("recommande", "lrar", "lettrerecommandee", "ar", "rar", "registered"),
        Channel.REGISTERED,
    ),
    **dict.fromkeys(("email", "mail", "courriel", "mel"), Channel.EMAIL),
    **dict.fromkeys(
        ("telephone", "tel", "appel", "phone", "call", "note", "visite"), Channel.NONE
    ),
}
_NUMBER = re.compile(r"\d+")
_NOTICE = frozenset({"miseendemeure", "med", "formalnotice"})
# A title or two may stand above the names of the columns.
_HEADER_WITHIN = 10


@dataclass(frozen=True, kw_only=True)
class Problem:
    """A line that cannot be taken over, and why."""

    line: int
    words: str


@dataclass(frozen=True, kw_only=True)
class Imported:
    """What became of a file. ``taken`` is ``None`` when nothing was written."""

    taken: TakenOver | None
    right: int
    problems: tuple[Problem, ...]


@dataclass(frozen=True, kw_only=True)
class _Line:
    row: PastReminder
    file: str


class _Wrong(Exception):
    """A line does not say what it should."""


def import_file(
    name: str,
    data: bytes,
    *,
    leave_wrong: bool = False,
    by: User | None,
    now: datetime,
    today: date,
) -> Imported:
    """Take over the past reminders that a table tells of, or a ZIP of a table and
    the files that it names.

    One line that is wrong keeps all from being written, unless ``leave_wrong`` leaves
    those out. The same file again adds nothing. Raises Refused when it is no table.
    """
    table, files = _opened(name, data)
    lines, problems = _read(table, files, today=today)
    if (problems and not leave_wrong) or not lines:
        return Imported(taken=None, right=len(lines), problems=tuple(problems))
    with transaction.atomic():
        rows = [_with_file(line, files, now=now) for line in lines]
        taken = takeover.take_over(rows, file_name=name, by=by, now=now, today=today)
    return Imported(taken=taken, right=len(lines), problems=tuple(problems))


def _opened(name: str, data: bytes) -> tuple[spreadsheet.Book, Mapping[str, bytes]]:
    """Return the table and the other files by name."""
    try:
        if not data.startswith(b"PK") or spreadsheet.is_workbook(data):
            return spreadsheet.opened(data), {}
        inside = dict(einvoice.unpack(name, data))
        tables = [
            one for one in inside if one.lower().endswith((".csv", ".xlsx", ".txt"))
        ]
        if len(tables) != 1:
            raise Refused(
                _(
                    "A ZIP holds one table (.csv or .xlsx) and the files it names; "
                    "this one holds %(count)s."
                )
                % {"count": len(tables)}
            )
        return spreadsheet.opened(inside.pop(tables[0])), inside
    except SpreadsheetError as error:
        words = _(spreadsheet.SENTENCES[error.reason]) % error.values
        raise Refused(words) from error
    except EInvoiceError as error:
        raise Refused(_(error.sentence) % error.values) from error


def _read(
    book: spreadsheet.Book, files: Mapping[str, bytes], *, today: date
) -> tuple[list[_Line], list[Problem]]:
    try:
        rows = list(book.rows())
    except SpreadsheetError as error:
        words = _(spreadsheet.SENTENCES[error.reason]) % error.values
        raise Refused(words) from error
    places, below = _columns(rows)
    found = _invoices(row[places["number"]] for row in below)
    levels = list(past_levels())
    lines, problems = [], []
    for row in below:
        cells = {name: row[place] for name, place in places.items()}
        try:
            lines.append(_line(cells, found, levels, files, today=today))
        except _Wrong as wrong:
            problems.append(Problem(line=row.number, words=str(wrong)))
    return lines, problems


def _columns(rows: Sequence[Row]) -> tuple[dict[str, int], Sequence[Row]]:
    """Return the place of each column, and the rows below their names."""
    for rank, row in enumerate(rows[:_HEADER_WITHIN]):
        said = [_squeezed(cell) for cell in row.cells]
        places: dict[str, int] = {}
        for place, word in enumerate(said):
            for name, known in COLUMNS.items():
                if word in known:
                    places.setdefault(name, place)
        if {"number", "day", "level"} <= places.keys():
            return places, rows[rank + 1 :]
    raise Refused(
        _(
            "The columns were not recognised: the first row names at least “Facture”, "
            "“Date” and “Niveau”, and if you have them “Canal”, “Note”, “Fichier”."
        )
    )


def _line(
    cells: Mapping[str, str],
    found: Mapping[str, Sequence[Invoice]],
    levels: Sequence[Level],
    files: Mapping[str, bytes],
    *,
    today: date,
) -> _Line:
    invoice = _invoice(cells["number"], found)
    try:
        made_on = day(cells["day"])
    except CellError as error:
        words = _("“%(value)s” is not a day. Example: 05/10/2026.")
        raise _Wrong(words % {"value": cells["day"]}) from error
    if why := why_not(invoice, made_on, today=today):
        raise _Wrong(why)
    channel = _CHANNELS.get(_squeezed(cells.get("channel", "")))
    if channel is None:
        words = _("“%(value)s” is no way to remind: letter, registered, e-mail, call.")
        raise _Wrong(words % {"value": cells["channel"]})
    level = None if channel == Channel.NONE else _level(cells["level"], levels)
    file = cells.get("file", "")
    if file:
        _check_file(file, files)
    row = PastReminder(
        invoice=invoice,
        made_on=made_on,
        level=level,
        channel=channel.value,
        note=cells.get("note", ""),
    )
    return _Line(row=row, file=file)


def _invoices(numbers: Iterable[str]) -> dict[str, list[Invoice]]:
    wanted = sorted({number.strip() for number in numbers if number.strip()})
    found: dict[str, list[Invoice]] = {}
    for start in range(0, len(wanted), 1000):
        rows = Invoice.objects.filter(number__in=wanted[start : start + 1000])
        for invoice in rows.select_related("customer"):
            found.setdefault(invoice.number, []).append(invoice)
    return found


def _invoice(said: str, found: Mapping[str, Sequence[Invoice]]) -> Invoice:
    number = said.strip()
    if not number:
        raise _Wrong(_("The invoice number is missing."))
    known = found.get(number, ())
    if not known:
        words = _("Invoice %(number)s is not here: import the invoices first.")
        raise _Wrong(words % {"number": number})
    if len(known) > 1:
        words = _("Number %(number)s is that of several invoices: enter it by hand.")
        raise _Wrong(words % {"number": number})
    if known[0].is_credit_note:
        raise _Wrong(_("%(number)s is a credit note.") % {"number": number})
    return known[0]


def _level(said: str, levels: Sequence[Level]) -> Level:
    word = _squeezed(said)
    for level in levels:
        if word == _squeezed(level.name):
            return level
        # "1", "Niveau 1", "1re relance".
        if _NUMBER.findall(word) == [str(level.rank)]:
            return level
        if word in _NOTICE and level.is_formal_notice:
            return level
    words = _("“%(value)s” is no level. Yours are: %(levels)s.")
    names = ", ".join(f"{level.rank} ({level.name})" for level in levels)
    raise _Wrong(words % {"value": said, "levels": names})


def _check_file(name: str, files: Mapping[str, bytes]) -> None:
    if name not in files:
        words = _("File %(name)s is not in the ZIP.")
        raise _Wrong(words % {"name": name})
    try:
        scans.inspect(files[name])
    except scans.UnusableScan as error:
        raise _Wrong(f"{name}: {error.reason}") from error


def _with_file(
    line: _Line, files: Mapping[str, bytes], *, now: datetime
) -> PastReminder:
    row = line.row
    if not line.file:
        return row
    scan = scans.inspect(files[line.file])
    document = documents.keep(
        documents.NewFile(
            data=files[line.file],
            kind=Document.Kind.TAKEN_OVER,
            name=line.file[:200],
            pages=scan.pages,
            media_type=scan.media_type,
        ),
        now=now,
    )
    return PastReminder(
        invoice=row.invoice,
        made_on=row.made_on,
        level=row.level,
        channel=row.channel,
        note=row.note,
        document=document,
    )


def _squeezed(text: str) -> str:
    return "".join(char for char in plain(text) if char.isalnum())
