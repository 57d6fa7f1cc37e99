"""From reminders written down to their files: typeset, stamp, join, keep."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from functools import partial
from typing import Any

from django.utils.translation import gettext as _

from relance.gateways import pdf, typesetter
from relance.gateways.storage import CorruptFile, MissingFile
from relance.models import (
    Channel,
    Company,
    Document,
    Level,
    Reminder,
    ReminderLine,
)
from relance.queries.company import company
from relance.services import documents, dolibarr_pdfs, live_balances, outbox
from relance.services.copies import InvoiceFile, copy_name, invoice_file
from relance.services.documents import NewFile
from relance.services.live_balances import Live
from relance.services.look import current_look, note_fall_back
from relance.services.made import Made, give_up, leave_out, record
from relance.services.rechecking import changes
from relance.services.refusal import Refused

# The colours of the levels on the screen (relance.css), printed.
NOTICE_RED = "#a5342a"
REMINDER_AMBER = "#99640a"

_LETTER_FIELDS = {column.name for column in fields(typesetter.Letter)}

# What is wrong with one reminder, and with no other.
_ITS_OWN_FAULT = (typesetter.PageError, MissingFile, CorruptFile)


class NotMade(Refused):
    """The reminder is not made and nothing leaves: it is cancelled, or waits for
    Dolibarr to say what is left to pay."""


def finish(
    reminder_id: int, *, live: Live | None = None, now: datetime, today: date
) -> Reminder:
    """Make the file of a reminder that is *being made* and record it.

    As ``finish_many``; what kept it from being made is raised as NotMade.
    """
    troubles = finish_many([reminder_id], live=live, now=now, today=today)
    if reminder_id in troubles:
        raise NotMade(troubles[reminder_id])
    return _read([reminder_id])[0]


def finish_many(
    reminder_ids: Sequence[int],
    *,
    live: Live | None = None,
    now: datetime,
    today: date,
) -> dict[int, str]:
    """Make the files of reminders that are *being made* and record them, together.

    Safe to call again after a crash, from any process: nothing has left yet, and
    of two that finish at once one records. What changed since they were written
    down (paid, held, another recipient) cancels a reminder instead; one that cannot
    be composed is set apart, and the others go on. Return by id, in words, why one
    was not made. ``live``: what came of reading their balances again in Dolibarr a
    moment ago; read now when nobody did. Raises OSError when nothing can be kept (a
    full disk): all of them then stay as they were, to be made later.
    """
    if live is None:
        live = live_balances.of_reminders(reminder_ids, now=now, today=today)
        if live.waits:
            return dict.fromkeys(reminder_ids, live.wait_words)
    waiting = [
        one for one in _read(reminder_ids) if one.state == Reminder.State.BEING_MADE
    ]
    changed = changes(waiting, today=today) if waiting else {}
    troubles: dict[int, str] = {}
    for reminder in waiting:
        if reasons := changed[reminder.pk]:
            troubles[reminder.pk] = leave_out(reminder, reasons, now=now)
    going_on = [one for one in waiting if one.pk not in troubles]
    made, faults = _make(going_on, live, now=now)
    for reminder in going_on:
        if reminder.pk in faults:
            words = _("The page could not be composed: %(why)s")
            words %= {"why": faults[reminder.pk]}
            troubles[reminder.pk] = words
            give_up(reminder, words, cause="page", apart=True, now=now)
    if made:
        record(made, now=now)
    return troubles


def _read(reminder_ids: Sequence[int]) -> list[Reminder]:
    return list(
        Reminder.objects.select_related("customer", "made_by", "level")
        .prefetch_related("lines__invoice__customer", "lines__invoice__document")
        .filter(pk__in=reminder_ids)
        .order_by("number")
    )


def _make(
    reminders: Sequence[Reminder], live: Live, *, now: datetime
) -> tuple[list[Made], dict[int, Exception]]:
    """Typeset all the letters at once, then join; no transaction is open meanwhile.

    Return what was made, and by id what is wrong with the others.
    """
    ours = company()
    faults: dict[int, Exception] = {}
    files: dict[int, list[InvoiceFile]] = {}
    dolibarr_pdfs.fetch_missing(
        [line.invoice for one in reminders for line in one.lines.all()], now=now
    )
    for reminder in reminders:
        try:
            lines = reminder.lines.all()
            files[reminder.pk] = [invoice_file(one.invoice, now=now) for one in lines]
        except _ITS_OWN_FAULT as error:
            faults[reminder.pk] = error
    letters = _letters([one for one in reminders if one.pk in files], files)
    plans: list[_Plan] = []
    for reminder in reminders:
        try:
            if reminder.pk in files:
                letter = letters.get(reminder.pk)
                plan = _plan(reminder, letter, files[reminder.pk], ours)
                plans.append(_with_remark(plan, live))
        except _ITS_OWN_FAULT as error:
            faults[reminder.pk] = error
    fallen = [page for page in letters.values() if isinstance(page, typesetter.Pages)]
    if why := next((page.fell_back for page in fallen if page.fell_back), ""):
        note_fall_back(why, now=now)
    return list(_kept(plans, now=now)), faults


def _letters(
    reminders: Sequence[Reminder], files: Mapping[int, Sequence[InvoiceFile]]
) -> dict[int, typesetter.Pages | typesetter.PageError]:
    """Set the letters; those to be printed have their stamped invoices behind."""
    with_letter = [one for one in reminders if one.content.get("letter")]
    letters = [letter_from_data(one.content["letter"]) for one in with_letter]
    pages = typesetter.set_letters(
        letters,
        [
            None
            if one.channel == Channel.EMAIL
            else partial(
                pdf.add_pages, parts=[_copy(one, file) for file in files[one.pk]]
            )
            for one in with_letter
        ],
        current_look(letters),
    )
    return {one.pk: page for one, page in zip(with_letter, pages, strict=True)}


@dataclass(frozen=True, kw_only=True)
class _Plan:
    """The files of a reminder, before they are kept."""

    reminder: Reminder
    letter: NewFile | None
    # A document that is there already, or the file of one to be kept.
    joined: tuple[tuple[str, Document | NewFile], ...]
    remarks: tuple[str, ...]


def _plan(
    reminder: Reminder,
    page: typesetter.Pages | typesetter.PageError | None,
    files: Sequence[InvoiceFile],
    ours: Company,
) -> _Plan:
    if isinstance(page, typesetter.PageError):
        raise page
    by_email, lines = reminder.channel == Channel.EMAIL, list(reminder.lines.all())
    return _Plan(
        reminder=reminder,
        letter=_letter_file(reminder, page),
        joined=tuple(_joined(reminder, lines, files, ours)) if by_email else (),
        remarks=(*(file.remark for file in files if file.remark), *_fell_back(page)),
    )


def _with_remark(plan: _Plan, live: Live) -> _Plan:
    said = live.remark([line.invoice_id for line in plan.reminder.lines.all()])
    return replace(plan, remarks=(*plan.remarks, said)) if said else plan


def _fell_back(page: typesetter.Pages | None) -> Iterator[str]:
    if page is not None and page.fell_back:
        yield _("Your own page layout failed; ours was used: %(why)s") % {
            "why": page.fell_back
        }


def _letter_file(reminder: Reminder, page: typesetter.Pages | None) -> NewFile | None:
    if page is None:
        return None
    word = "Mise-en-demeure" if reminder.is_formal_notice else "Relance"
    return NewFile(
        data=page.data,
        kind=Document.Kind.LETTER,
        name=f"{reminder.reference}_{word}.pdf",
        pages=page.count,
    )


def _joined(
    reminder: Reminder,
    lines: Sequence[ReminderLine],
    files: Sequence[InvoiceFile],
    ours: Company,
) -> Iterator[tuple[str, Document | NewFile]]:
    """Yield what an e-mail carries: the invoices untouched, or stamped if chosen."""
    for line, file in zip(lines, files, strict=True):
        name = copy_name(line.invoice)
        if not (ours.attach_stamped_copy and reminder.stamp):
            yield name, file.document
            continue
        data = pdf.stamp(
            file.data, reminder.stamp, colour=colour_of(reminder.level_kind)
        )
        yield (
            name,
            NewFile(
                data=data,
                kind=Document.Kind.STAMPED_COPY,
                name=name,
                pages=pdf.page_count(data),
            ),
        )


def _kept(plans: Sequence[_Plan], *, now: datetime) -> Iterator[Made]:
    """Put all the new files into the store at once."""
    new = [
        file
        for plan in plans
        for file in (plan.letter, *(found for _name, found in plan.joined))
        if isinstance(file, NewFile)
    ]
    rows = dict(zip(map(id, new), documents.stored(new, now=now), strict=True))
    for plan in plans:
        letter = rows[id(plan.letter)] if plan.letter is not None else None
        joined = [
            outbox.NamedDocument(
                document=rows[id(found)] if isinstance(found, NewFile) else found,
                filename=name,
            )
            for name, found in plan.joined
        ]
        if letter is not None and plan.reminder.channel == Channel.EMAIL:
            named = outbox.NamedDocument(document=letter, filename=letter.name)
            joined.insert(0, named)
        yield Made(
            reminder=plan.reminder,
            letter=letter,
            attachments=tuple(joined),
            remarks=plan.remarks,
        )


def _copy(reminder: Reminder, file: InvoiceFile) -> pdf.Part:
    return pdf.Part(
        data=file.data,
        stamp=reminder.stamp,
        colour=colour_of(reminder.level_kind),
        places=file.places,
    )


def colour_of(kind: str) -> str:
    return NOTICE_RED if kind == Level.Kind.FORMAL_NOTICE else REMINDER_AMBER


def letter_from_data(content: dict[str, Any]) -> typesetter.Letter:
    """Return the letter that a reminder keeps as data."""
    statement = content.get("statement")
    # Where the address stands belongs to the paper now.
    kept = {name: content[name] for name in content if name in _LETTER_FIELDS}
    return typesetter.Letter(
        **kept
        | {
            "sender": tuple(content["sender"]),
            "address": tuple(content["address"]),
            "references": tuple(
                (label, value) for label, value in content["references"]
            ),
            "body": tuple(content["body"]),
            "signatory": tuple(content["signatory"]),
            "statement": typesetter.Statement(**statement) if statement else None,
        }
    )
