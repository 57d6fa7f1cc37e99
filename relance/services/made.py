"""What was made of reminders, written down: once, with its history."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from relance.models import Channel, Document, Reminder, RunLine
from relance.rules.escalation import Reason
from relance.services import history, outbox
from relance.services.history import About
from relance.services.reasons import in_words


@dataclass(frozen=True, kw_only=True)
class Made:
    """The files of a reminder, none of its rows saved yet."""

    reminder: Reminder
    letter: Document | None = None
    # Documents to join; those that are new are saved with the reminder.
    attachments: tuple[outbox.NamedDocument, ...] = ()
    remarks: tuple[str, ...] = ()

    @property
    def new_documents(self) -> Iterator[Document]:
        if self.letter is not None:
            yield self.letter
        for joined in self.attachments:
            if joined.document._state.adding and joined.document is not self.letter:
                yield joined.document


@transaction.atomic
def record(made: Sequence[Made], *, now: datetime) -> None:
    """Write down what was made, once; the one that comes second changes nothing."""
    still = set(
        Reminder.objects.select_for_update()
        .filter(
            pk__in=[one.reminder.pk for one in made], state=Reminder.State.BEING_MADE
        )
        .values_list("pk", flat=True)
    )
    won = [one for one in made if one.reminder.pk in still]
    Document.objects.bulk_create(
        document for one in won for document in one.new_documents
    )
    _record_rows(won)
    emails = [one for one in won if one.reminder.channel == Channel.EMAIL]
    outbox.queue_messages([(one.reminder, _message(one)) for one in emails], now=now)
    history.record_many(
        [
            history.Entry(
                action="reminder.made",
                words=_words(one.reminder, one.remarks),
                about=About.of(one.reminder),
                by=one.reminder.made_by,
            )
            for one in won
        ],
        at=now,
    )
    RunLine.objects.filter(reminder_line__reminder__in=still).update(
        state=RunLine.State.MADE
    )


def _record_rows(made: Sequence[Made]) -> None:
    """Write the reminders by one statement; what each says only where it changed."""
    for one in made:
        reminder, by_email = one.reminder, one.reminder.channel == Channel.EMAIL
        reminder.state = Reminder.State.QUEUED if by_email else Reminder.State.MADE
        reminder.document = one.letter
        if one.remarks:
            reminder.content = reminder.content | {"remarks": list(one.remarks)}
    Reminder.objects.bulk_update([one.reminder for one in made], ["state", "document"])
    Reminder.objects.bulk_update(
        [one.reminder for one in made if one.remarks], ["content"]
    )


def _message(made: Made) -> outbox.MessageData:
    reminder = made.reminder
    return outbox.MessageData(
        recipient=reminder.recipient["email"],
        copies=tuple(reminder.recipient["copies"]),
        subject=reminder.subject,
        text=reminder.content["text"],
        html=reminder.content["html"],
        attachments=made.attachments,
    )


def _words(reminder: Reminder, remarks: Sequence[str]) -> str:
    numbers = ", ".join(line.invoice.number for line in reminder.lines.all())
    said = {"level": reminder.level_name, "numbers": numbers}
    if reminder.channel == Channel.EMAIL:
        said["email"] = reminder.recipient["email"]
        words = _("%(level)s by e-mail for %(numbers)s, ready to leave to %(email)s.")
    elif reminder.channel == Channel.REGISTERED:
        words = _("%(level)s by registered letter for %(numbers)s, to be posted.")
    else:
        words = _("%(level)s by letter for %(numbers)s, to be printed.")
    return " ".join([words % said, *remarks])


def leave_out(reminder: Reminder, reasons: Sequence[Reason], *, now: datetime) -> str:
    """Cancel what came to have something against it, and return the words."""
    words = " ".join(in_words(one, currency=reminder.currency) for one in reasons)
    give_up(reminder, words, cause=reasons[0].code.value, apart=False, now=now)
    return words


@transaction.atomic
def give_up(
    reminder: Reminder, words: str, *, cause: str, apart: bool, now: datetime
) -> None:
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
        history.record(
            "reminder.not_made", words, about=About.of(reminder), by=None, at=now
        )
        RunLine.objects.filter(reminder_line__reminder=reminder).update(
            state=RunLine.State.SET_APART if apart else RunLine.State.LEFT_OUT,
            cause=cause,
            why=words,
        )
