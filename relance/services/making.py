"""From a reminder written down to its file: typeset, stamp, join, keep."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from relance.gateways import pdf, typesetter
from relance.models import Channel, Company, Document, Invoice, Level, Reminder
from relance.models.reminders import ReminderLine
from relance.queries.company import company
from relance.services import documents, history, outbox
from relance.services.copies import (
    InvoiceFile,
    copy_name,
    invoice_file,
    invoice_pdf,
)
from relance.services.drafts import Draft
from relance.services.history import About
from relance.services.reasons import in_words
from relance.services.rechecking import changed_since
from relance.services.refusal import Refused

# The colours of the levels on the screen (relance.css), printed.
NOTICE_RED = "#a5342a"
REMINDER_AMBER = "#99640a"


class NotMade(Refused):
    """The reminder could not be made; it is cancelled and nothing leaves."""


@dataclass(frozen=True, kw_only=True)
class _Made:
    """The files of a reminder, before it is recorded as made."""

    letter: Document | None
    attachments: tuple[outbox.NamedDocument, ...] = ()
    remarks: tuple[str, ...] = ()


def finish(reminder_id: int, *, now: datetime, today: date) -> Reminder:
    """Make the file of a reminder that is *being made* and record it.

    Safe to call again after a crash, from any process: nothing has left yet, and
    of two that finish at once one records. What changed since it was written down
    (paid, held, another recipient) cancels it instead. Raises NotMade in words.
    """
    reminder = _read(reminder_id)
    if reminder.state != Reminder.State.BEING_MADE:
        return reminder
    changed = changed_since(reminder, today=today)
    if changed:
        words = " ".join(in_words(r, currency=reminder.currency) for r in changed)
        _give_up(reminder, words, now=now)
        raise NotMade(words)
    try:
        made = _make(reminder, now=now)
    except (typesetter.TypesettingError, pdf.UnreadablePdf) as error:
        words = _("The page could not be composed: %(why)s") % {"why": error}
        _give_up(reminder, words, now=now)
        raise NotMade(words) from error
    return _record(reminder, made, now=now)


def _read(reminder_id: int) -> Reminder:
    return (
        Reminder.objects.select_related("customer", "made_by", "level")
        .prefetch_related("lines__invoice__customer", "lines__invoice__document")
        .get(pk=reminder_id)
    )


def _make(reminder: Reminder, *, now: datetime) -> _Made:
    """Typeset and join; no transaction is open meanwhile."""
    ours = company()
    files = [invoice_file(line.invoice, now=now) for line in reminder.lines.all()]
    remarks = tuple(file.remark for file in files if file.remark)
    by_email = reminder.channel == Channel.EMAIL
    letter = _letter(reminder, files, now=now, with_invoices=not by_email)
    if not by_email:
        return _Made(letter=letter, remarks=remarks)
    lines = list(reminder.lines.all())
    joined = _joined(reminder, lines, files, ours, now=now)
    if letter is not None:
        named = outbox.NamedDocument(document=letter, filename=letter.name)
        joined = (named, *joined)
    return _Made(letter=letter, attachments=joined, remarks=remarks)


def _letter(
    reminder: Reminder,
    files: Sequence[InvoiceFile],
    *,
    now: datetime,
    with_invoices: bool,
) -> Document | None:
    """Keep the letter, its stamped invoices behind it when it is to be printed."""
    content = reminder.content.get("letter")
    if content is None:
        return None
    [page] = typesetter.letters_pdf([letter_from_data(content)])
    if isinstance(page, typesetter.TypesettingError):
        raise page
    if with_invoices:
        page = pdf.merge([page, *(_stamped(reminder, file) for file in files)])
    return documents.keep(
        page,
        kind=Document.Kind.LETTER,
        name=f"{reminder.reference}_{_file_word(reminder)}.pdf",
        pages=pdf.page_count(page),
        now=now,
    )


def _joined(
    reminder: Reminder,
    lines: Sequence[ReminderLine],
    files: Sequence[InvoiceFile],
    ours: Company,
    *,
    now: datetime,
) -> tuple[outbox.NamedDocument, ...]:
    """Return what an e-mail carries: the invoices untouched, or stamped if chosen."""
    joined = []
    for line, file in zip(lines, files, strict=True):
        document = file.document
        if ours.attach_stamped_copy and reminder.stamp:
            data = _stamped(reminder, file)
            document = documents.keep(
                data,
                kind=Document.Kind.STAMPED_COPY,
                name=copy_name(line.invoice),
                pages=pdf.page_count(data),
                now=now,
            )
        name = copy_name(line.invoice)
        joined.append(outbox.NamedDocument(document=document, filename=name))
    return tuple(joined)


def _stamped(reminder: Reminder, file: InvoiceFile) -> bytes:
    if not reminder.stamp:
        return file.data
    return pdf.stamp(file.data, reminder.stamp, colour=_colour(reminder.level_kind))


def _colour(kind: str) -> str:
    return NOTICE_RED if kind == Level.Kind.FORMAL_NOTICE else REMINDER_AMBER


def _file_word(reminder: Reminder) -> str:
    return "Mise-en-demeure" if reminder.is_formal_notice else "Relance"


@transaction.atomic
def _record(reminder: Reminder, made: _Made, *, now: datetime) -> Reminder:
    """Write down what was made, once; the one that comes second changes nothing."""
    by_email = reminder.channel == Channel.EMAIL
    state = Reminder.State.QUEUED if by_email else Reminder.State.MADE
    content = reminder.content | {"remarks": list(made.remarks)}
    won = Reminder.objects.filter(
        pk=reminder.pk, state=Reminder.State.BEING_MADE
    ).update(state=state, document=made.letter, content=content)
    if won:
        if by_email:
            outbox.queue_message(
                reminder, _message(reminder, made.attachments), now=now
            )
        words = _words(reminder, made.remarks)
        about = About(reminder=reminder, invoice=_only_invoice(reminder))
        history.record("reminder.made", words, about=about, by=reminder.made_by, at=now)
    return _read(reminder.pk)


def _message(
    reminder: Reminder, attachments: tuple[outbox.NamedDocument, ...]
) -> outbox.MessageData:
    return outbox.MessageData(
        recipient=reminder.recipient["email"],
        copies=tuple(reminder.recipient["copies"]),
        subject=reminder.subject,
        text=reminder.content["text"],
        html=reminder.content["html"],
        attachments=attachments,
    )


def _words(reminder: Reminder, remarks: Sequence[str]) -> str:
    numbers = ", ".join(line.invoice.number for line in reminder.lines.all())
    said = {"level": reminder.level_name, "numbers": numbers}
    if reminder.channel == Channel.EMAIL:
        said["email"] = reminder.recipient["email"]
        words = _("%(level)s by e-mail for %(numbers)s, about to leave to %(email)s.")
    elif reminder.channel == Channel.REGISTERED:
        words = _("%(level)s by registered letter for %(numbers)s, to be posted.")
    else:
        words = _("%(level)s by letter for %(numbers)s, to be printed.")
    return " ".join([words % said, *remarks])


def _only_invoice(reminder: Reminder) -> Invoice | None:
    lines = list(reminder.lines.all())
    return lines[0].invoice if len(lines) == 1 else None


@transaction.atomic
def _give_up(reminder: Reminder, words: str, *, now: datetime) -> None:
    """Cancel what cannot be made: nothing has left, the reason is kept."""
    won = Reminder.objects.filter(
        pk=reminder.pk, state=Reminder.State.BEING_MADE
    ).update(
        state=Reminder.State.CANCELLED,
        trouble=words,
        cancelled_at=now,
        cancel_reason=words[:240],
    )
    if won:
        about = About(reminder=reminder, invoice=_only_invoice(reminder))
        history.record("reminder.not_made", words, about=about, by=None, at=now)


def invoice_preview(draft: Draft) -> bytes:
    """Return the invoice as it would follow the letter, or go with the e-mail."""
    data, level = invoice_pdf(draft.wish.invoice).data, draft.step.level
    if not level.stamp or (draft.by_email and not draft.company.attach_stamped_copy):
        return data
    return pdf.stamp(data, level.stamp, colour=_colour(level.kind))


def letter_from_data(content: dict[str, Any]) -> typesetter.Letter:
    """Return the letter that a reminder keeps as data."""
    statement = content.get("statement")
    return typesetter.Letter(
        **content
        | {
            "sender": tuple(content["sender"]),
            "address": tuple(content["address"]),
            "references": tuple(
                (label, value) for label, value in content["references"]
            ),
            "body": tuple(content["body"]),
            "signatory": tuple(content["signatory"]),
            "offset_mm": tuple(content["offset_mm"]),
            "statement": typesetter.Statement(**statement) if statement else None,
        }
    )
