"""The outgoing tray: e-mails queued, cancelled, tried again, decided by a human."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from relance.gateways import mail
from relance.models import (
    Attachment,
    Document,
    OutboxMessage,
    Reminder,
    Run,
    User,
)
from relance.queries.company import company, mail_account
from relance.services import history
from relance.services.history import About
from relance.services.refusal import Refused

State = OutboxMessage.State

# Nothing of these leaves. A condition of its own, not a join: PostgreSQL looks again
# at the message's own state when two claim it, never inside a subquery that chose it.
WAITING_RUNS = (Run.State.STOPPED, Run.State.CANCELLED)
RUN_WAITS = Exists(
    Run.objects.filter(state__in=WAITING_RUNS, reminders__message=OuterRef("pk"))
)

# An installation without any address of its own still needs unique Message-IDs;
# this domain can never exist (RFC 2606).
_NO_DOMAIN = "relance.invalid"


@dataclass(frozen=True, kw_only=True)
class NamedDocument:
    """A kept document to join, under the name that its reader sees."""

    document: Document
    filename: str


@dataclass(frozen=True, kw_only=True)
class MessageData:
    """What an e-mail says, to whom, and what it carries."""

    recipient: str
    subject: str
    text: str
    html: str
    copies: tuple[str, ...] = ()
    attachments: tuple[NamedDocument, ...] = ()


def queue_messages(
    messages: Sequence[tuple[Reminder, MessageData]], *, now: datetime
) -> None:
    """Write the e-mails of reminders down, inside the caller's transaction.

    One made by itself leaves once the company's pause is over, and may be cancelled
    until then; those of a run leave at once: the run itself can be stopped.
    """
    if not messages:
        return
    ours, domain = company(), _domain()
    made = OutboxMessage.objects.bulk_create(
        OutboxMessage(
            reminder=reminder,
            message_id=_message_id(reminder, domain),
            recipient=data.recipient,
            copies=list(data.copies),
            subject=data.subject,
            text=data.text,
            html=data.html,
            queued_at=now,
            not_before=now
            + timedelta(seconds=0 if reminder.run_id else ours.sending_pause),
        )
        for reminder, data in messages
    )
    Attachment.objects.bulk_create(
        Attachment(
            message=message,
            document=joined.document,
            filename=joined.filename,
            position=position,
        )
        for message, (_reminder, data) in zip(made, messages, strict=True)
        for position, joined in enumerate(data.attachments)
    )


def messages_to_send(now: datetime, *, at_most: int | None = None) -> list[int]:
    """Return the messages whose moment has come, the oldest first; those of a run
    that is stopped wait."""
    return list(
        OutboxMessage.objects.filter(state=State.QUEUED, not_before__lte=now)
        .exclude(RUN_WAITS)
        .order_by("not_before", "pk")
        .values_list("pk", flat=True)[:at_most]
    )


def put_off(
    message_ids: Sequence[int],
    invoice_ids: Collection[int],
    why: str,
    *,
    until: datetime,
) -> set[int]:
    """Let those of these messages that are about these invoices leave later; return
    their ids."""
    found = OutboxMessage.objects.filter(
        pk__in=message_ids,
        state=State.QUEUED,
        reminder__lines__invoice__in=invoice_ids,
    )
    ids = set(found.values_list("pk", flat=True))
    OutboxMessage.objects.filter(pk__in=ids, state=State.QUEUED).update(
        not_before=until, answer=why
    )
    return ids


@transaction.atomic
def cancel_message(
    message: OutboxMessage, *, by: User | None, now: datetime, reason: str = ""
) -> None:
    """Keep a message from leaving, and cancel its reminder.

    Refused as soon as the message is leaving: nothing is changed then.
    """
    why = reason.strip() or _("cancelled before it left")
    if not move(message, {State.QUEUED}, State.CANCELLED):
        raise Refused(
            _("This e-mail is already leaving: it can no longer be cancelled.")
        )
    cancel_reminder(message.reminder, why, by=by, now=now)
    words = _("E-mail to %(recipient)s cancelled: %(why)s.")
    note(message, "message.cancelled", words % _said(message, why=why), by=by, at=now)


@transaction.atomic
def retry_failed(
    message: OutboxMessage, *, by: User | None, now: datetime, recipient: str = ""
) -> None:
    """Queue a failed message again, to a corrected address when one is given.

    All that stands against a reminder is looked at again before it leaves. The
    message is written anew for another address; what was kept of the first stays.
    """
    address = recipient.strip() or message.recipient
    try:
        mail.wire_address(address)
    except mail.UnsendableMail as error:
        raise Refused(str(error), field="recipient") from error
    fields: dict[str, Any] = {"attempts": 0, "not_before": now, "answer": ""}
    if address != message.recipient:
        fields |= {"recipient": address, "document": None}
    if not move(message, {State.FAILED}, State.QUEUED, **fields):
        raise Refused(_("Only an e-mail that failed is tried again."))
    if address != message.recipient:
        words = _("E-mail to be tried again, to %(address)s and not %(recipient)s.")
    else:
        words = _("E-mail to %(recipient)s to be tried again.")
    said = _said(message, address=address)
    note(message, "message.retried", words % said, by=by, at=now)


@transaction.atomic
def decide_uncertain(
    message: OutboxMessage, *, sent: bool, by: User | None, now: datetime
) -> None:
    """Record what a human found out about a message that perhaps left.

    It left: sent, at the moment of the attempt. It did not: queued again.
    """
    if sent:
        won = move(
            message, {State.UNCERTAIN}, State.SENT, sent_at=message.claimed_at or now
        )
        words = _("E-mail to %(recipient)s: it had left, somebody checked.")
    else:
        won = move(message, {State.UNCERTAIN}, State.QUEUED, attempts=0, not_before=now)
        words = _(
            "E-mail to %(recipient)s: it had not left, somebody checked; it is sent "
            "again."
        )
    if not won:
        raise Refused(_("Somebody has already decided about this e-mail."))
    note(message, "message.decided", words % _said(message), by=by, at=now)


def settle_interrupted(*, now: datetime, older_than: datetime) -> int:
    """Show to a human what a crash left *leaving* since before ``older_than``.

    Nobody knows whether it left: it becomes *perhaps sent* and is never sent again
    by itself. Return how many. ``older_than`` must leave a slow server the time to
    answer: an hour is ample.
    """
    stuck = OutboxMessage.objects.filter(
        state=State.SENDING, claimed_at__lt=older_than
    ).select_related("reminder__customer")
    return sum(_settle(message, now=now) for message in stuck)


@transaction.atomic
def _settle(message: OutboxMessage, *, now: datetime) -> bool:
    answer = _("The program was interrupted while this e-mail was leaving.")
    won = move(message, {State.SENDING}, State.UNCERTAIN, answer=answer)
    if won:
        words = _("E-mail to %(recipient)s perhaps sent: %(why)s")
        said = _said(message, why=answer)
        note(message, "message.uncertain", words % said, by=None, at=now)
    return won


# What a reminder becomes when its message changes state; while the message leaves,
# the reminder stays "about to leave".
_REMINDER_STATES = {
    State.QUEUED: Reminder.State.QUEUED,
    State.SENT: Reminder.State.SENT,
    State.FAILED: Reminder.State.FAILED,
    State.UNCERTAIN: Reminder.State.UNCERTAIN,
    State.CANCELLED: Reminder.State.CANCELLED,
}


def move(
    message: OutboxMessage,
    before: set[State],
    after: State,
    *,
    unless: Exists | None = None,
    **fields: Any,
) -> bool:
    """Change a message's state if it is still one of ``before``, and its reminder's.

    Of two that try at once one gets True. The message given is as it was read:
    another attempt made since then also says False.
    """
    found = OutboxMessage.objects.filter(
        pk=message.pk, state__in=before, claimed_at=message.claimed_at
    )
    if unless is not None:
        found = found.exclude(unless)
    won = found.update(state=after, **fields)
    if won and after != State.SENDING:
        Reminder.objects.filter(pk=message.reminder_id).update(
            state=_REMINDER_STATES[after]
        )
    return bool(won)


def cancel_reminder(
    reminder: Reminder, why: str, *, by: User | None, now: datetime
) -> None:
    """Write on the reminder why its e-mail does not leave."""
    Reminder.objects.filter(pk=reminder.pk).update(
        cancelled_by=by, cancelled_at=now, cancel_reason=why[:240]
    )


def note(
    message: OutboxMessage, action: str, words: str, *, by: User | None, at: datetime
) -> None:
    """Add what happened to a message to the history of its reminder."""
    history.record(action, words, about=About.of(message.reminder), by=by, at=at)


def _said(message: OutboxMessage, **more: str) -> dict[str, str]:
    return {"recipient": message.recipient} | more


def _message_id(reminder: Reminder, domain: str) -> str:
    """Return an identifier that stays the same however often it is tried."""
    return f"<reminder-{reminder.number}.{reminder.request_key.hex}@{domain}>"


def _domain() -> str:
    """Return the domain of our addresses."""
    account = mail_account()
    addresses = (account.sender_email if account else "", company().email)
    for address in filter(None, addresses):
        return mail.wire_address(address).rpartition("@")[2]
    return _NO_DOMAIN
