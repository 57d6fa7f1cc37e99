"""E-mails leave: claimed (committed), handed over, recorded (committed)."""

from __future__ import annotations

import logging
from collections import Counter
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from relance.gateways import mail, mailer
from relance.gateways.storage import CorruptFile, MissingFile
from relance.models import Document, Invoice, MailAccount, OutboxMessage
from relance.queries.company import mail_account
from relance.rules.escalation import Code, Reason
from relance.services import documents, outbox
from relance.services.mail_account import sender_line, smtp_account
from relance.services.reasons import in_words
from relance.services.rechecking import changed_since

logger = logging.getLogger(__name__)

State = OutboxMessage.State

MAX_ATTEMPTS = 3
# Before the second attempt, and before the third.
DELAYS = (timedelta(minutes=5), timedelta(hours=1))


def deliver_all(now: datetime) -> Counter[State]:
    """Send every message whose moment has come, over one connection.

    Return how many ended in each state. Without a mail account nothing is touched.
    A message that cannot be handled does not keep the others from leaving.
    """
    done: Counter[State] = Counter()
    account = mail_account()
    if account is None:
        return done
    with mailer.Connection(smtp_account(account)) as connection:
        for message_id in outbox.messages_to_send(now):
            try:
                done[_deliver(message_id, account, connection, now=now)] += 1
            except Exception:
                logger.exception("Message %s was not handled.", message_id)
    return done


def deliver(message_id: int, *, now: datetime) -> State:
    """Send one message if its moment has come, and return its state then.

    Called twice, at the same time or after a crash, it sends once. What has come
    to stand against the reminder since it was made cancels it instead.
    """
    account = mail_account()
    if account is None:
        return _state(message_id)
    with mailer.Connection(smtp_account(account)) as connection:
        return _deliver(message_id, account, connection, now=now)


def _deliver(
    message_id: int,
    account: MailAccount,
    connection: mailer.Connection,
    *,
    now: datetime,
) -> State:
    message = _claim(message_id, now=now)
    if message is not None:
        outcome = _hand_over(message, account, connection, now=now)
        _record(message, outcome, now=now)
    return _state(message_id)


@transaction.atomic
def _claim(message_id: int, *, now: datetime) -> OutboxMessage | None:
    """Write *leaving* before the server is spoken to; None when it is not to leave."""
    message = OutboxMessage.objects.select_related("reminder__customer").get(
        pk=message_id
    )
    if message.state != State.QUEUED or message.not_before > now:
        return None
    attempts = message.attempts + 1
    won = outbox.move(
        message, {State.QUEUED}, State.SENDING, claimed_at=now, attempts=attempts
    )
    if not won:
        return None
    # A payment being recorded at this instant is waited for.
    invoices = Invoice.objects.filter(reminder_lines__reminder=message.reminder)
    list(invoices.select_for_update(of=("self",)).order_by("pk").values_list("pk"))
    message.refresh_from_db(fields=["state", "claimed_at", "attempts"])
    changed = _changed(message, now=now)
    if changed:
        _cancel(message, changed, now=now)
        return None
    return message


def _changed(message: OutboxMessage, *, now: datetime) -> list[Reason]:
    reminder = message.reminder
    # An address corrected by hand in the tray is the one that was meant.
    corrected = message.recipient != reminder.recipient.get("email")
    return [
        reason
        for reason in changed_since(reminder, today=timezone.localdate(now))
        if not (corrected and reason.code == Code.RECIPIENT_CHANGED)
    ]


def _cancel(message: OutboxMessage, changed: list[Reason], *, now: datetime) -> None:
    currency = message.reminder.currency
    why = " ".join(in_words(reason, currency=currency) for reason in changed)
    outbox.move(message, {State.SENDING}, State.CANCELLED, answer=why)
    outbox.cancel_reminder(message.reminder, why, by=None, now=now)
    words = _("E-mail to %(recipient)s not sent: %(why)s")
    _note(message, "message.cancelled", words, why=why, now=now)


def _hand_over(
    message: OutboxMessage,
    account: MailAccount,
    connection: mailer.Connection,
    *,
    now: datetime,
) -> mailer.Outcome:
    """Keep the message as it will leave, then send it; no transaction is open."""
    try:
        data = _written(message, account, now=now)
    except mail.UnsendableMail as error:
        return mailer.Refused(permanent=True, answer=str(error))
    except (MissingFile, CorruptFile) as error:
        words = _("A file to join is no longer as it was kept: %(why)s")
        return mailer.Refused(permanent=True, answer=words % {"why": error})
    except OSError as error:
        words = _("The message could not be kept on the disk: %(why)s")
        why = error.strerror or str(error)
        return mailer.Refused(permanent=False, answer=words % {"why": why})
    copies = [*message.copies, *filter(None, [account.copy_to])]
    envelope = mailer.Envelope(
        sender=account.sender_email,
        recipient=message.recipient,
        copies=tuple(dict.fromkeys(copies)),
    )
    return connection.send(data, envelope)


def _written(message: OutboxMessage, account: MailAccount, *, now: datetime) -> bytes:
    """Return the bytes of the message: written and kept once, then read back."""
    sender = sender_line(account)
    if message.document is not None and message.sender == sender:
        return documents.read(message.document)
    data = mail.build(composed(message, account), date=timezone.localtime(now))
    document = documents.keep(
        data,
        kind=Document.Kind.EMAIL,
        name=f"{message.reminder.reference}.eml",
        media_type="message/rfc822",
        now=now,
    )
    OutboxMessage.objects.filter(pk=message.pk).update(
        document=document, sender=sender, reply_to=account.reply_to
    )
    return data


def composed(message: OutboxMessage, account: MailAccount) -> mail.Mail:
    """Return the message as it leaves from this account, its files read."""
    joined = message.attachments.select_related("document")
    return mail.Mail(
        message_id=message.message_id,
        sender=account.sender_email,
        sender_name=account.sender_name,
        reply_to=account.reply_to,
        recipient=message.recipient,
        copies=tuple(message.copies),
        subject=message.subject,
        text=message.text,
        html=message.html,
        files=tuple(
            mail.File(
                name=attachment.filename,
                media_type=attachment.document.media_type,
                data=documents.read(attachment.document),
            )
            for attachment in joined
        ),
    )


@transaction.atomic
def _record(message: OutboxMessage, outcome: mailer.Outcome, *, now: datetime) -> None:
    """Write down what became of it.

    A human may have been shown it as *perhaps sent* meanwhile: the server's answer
    is worth more. What they already decided stays.
    """
    match outcome:
        case mailer.Accepted():
            _record_sent(message, outcome, now=now)
        case mailer.Refused(permanent=False) if message.attempts < MAX_ATTEMPTS:
            _record_postponed(message, outcome.answer, now=now)
        case mailer.Refused(answer=answer):
            words = _("E-mail to %(recipient)s failed: %(why)s")
            if _ended(message, State.FAILED, answer=answer):
                _note(message, "message.failed", words, why=answer, now=now)
        case mailer.Unknown(why=why):
            words = _("E-mail to %(recipient)s perhaps sent: %(why)s")
            if _ended(message, State.UNCERTAIN, answer=why):
                _note(message, "message.uncertain", words, why=why, now=now)


def _record_sent(
    message: OutboxMessage, outcome: mailer.Accepted, *, now: datetime
) -> None:
    answer = outcome.answer
    if outcome.refused_copies:
        refused = "; ".join(outcome.refused_copies)
        copies = _("Copies refused: %(refused)s") % {"refused": refused}
        answer = f"{answer}\n{copies}"
    if _ended(message, State.SENT, answer=answer, sent_at=now):
        words = _("E-mail sent to %(recipient)s. The server answered: %(why)s")
        _note(message, "message.sent", words, why=answer, now=now)


def _record_postponed(message: OutboxMessage, answer: str, *, now: datetime) -> None:
    later = now + DELAYS[message.attempts - 1]
    if _ended(message, State.QUEUED, answer=answer, not_before=later):
        words = _("E-mail to %(recipient)s not sent yet, to be tried again: %(why)s")
        _note(message, "message.postponed", words, why=answer, now=now)


def _ended(message: OutboxMessage, after: State, **fields: object) -> bool:
    return outbox.move(message, {State.SENDING, State.UNCERTAIN}, after, **fields)


def _note(
    message: OutboxMessage, action: str, words: str, *, why: str, now: datetime
) -> None:
    said = {"recipient": message.recipient, "why": why}
    outbox.note(message, action, words % said, by=None, at=now)


def _state(message_id: int) -> State:
    return State(
        OutboxMessage.objects.values_list("state", flat=True).get(pk=message_id)
    )
