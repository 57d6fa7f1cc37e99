"""E-mails leave: claimed (committed), handed over, recorded (committed)."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import batched
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from relance.gateways import mail, mailer
from relance.gateways.storage import CorruptFile, MissingFile
from relance.models import Document, MailAccount, OutboxMessage
from relance.queries.company import mail_account
from relance.rules.escalation import Reason
from relance.services import live_balances, mail_batches, outbox
from relance.services.clock import Clock
from relance.services.mail_account import sender_of, smtp_account
from relance.services.mail_batches import Batch, lock_invoices
from relance.services.reasons import in_words

logger = logging.getLogger(__name__)

State = OutboxMessage.State

MAX_ATTEMPTS = 3
# Before the second attempt, and before the third.
DELAYS = (timedelta(minutes=5), timedelta(hours=1))


# While Dolibarr does not say what is left to pay.
DOLIBARR_AWAY = timedelta(minutes=5)

# How a message ends when the connection does.
_BROKEN_OFF = (State.QUEUED, State.UNCERTAIN)

# Messages over one connection before anything else has its turn.
SLICE = 50


def deliver_all(clock: Clock, *, at_most: int | None = None) -> Counter[State]:
    """Send every message whose moment has come, over one connection.

    Return how many ended in each state. Without a mail account nothing is touched.
    A message that cannot be handled does not keep the others from leaving. When the
    server cannot be used, or ends the conversation, the others keep their attempts
    for the next time; so do those that the account's rate does not allow now. The
    clock is read for each message: with a slow server the last leaves long after
    the first.
    """
    done: Counter[State] = Counter()
    account = mail_account()
    if account is None:
        return done
    now = clock()
    allowed = _allowed(account, now=now)
    if allowed is not None:
        at_most = allowed if at_most is None else min(at_most, allowed)
    waiting = outbox.messages_to_send(now, at_most=at_most)
    with mailer.Connection(smtp_account(account)) as connection:
        for ids in batched(waiting, mail_batches.SIZE):
            batch = _batch(ids, account, now=clock())
            for message in batch.messages:
                try:
                    state = _deliver(message, batch, account, connection, clock=clock)
                except Exception:
                    logger.exception("Message %s was not handled.", message.pk)
                    continue
                done[state] += 1
                if state in _BROKEN_OFF and not connection.is_open:
                    # The server is away, or broke off: the others wait.
                    return done
    return done


def deliver_some(clock: Clock) -> bool:
    """Send a slice of the messages whose moment has come; say whether to go on at
    once with the next."""
    return deliver_all(clock, at_most=SLICE).total() == SLICE


def _allowed(account: MailAccount, *, now: datetime) -> int | None:
    """Return how many messages the account's rate lets leave now; ``None``: all."""
    if not account.per_minute:
        return None
    minute = now - timedelta(minutes=1)
    tried = OutboxMessage.objects.filter(claimed_at__gt=minute).count()
    return max(0, account.per_minute - tried)


def deliver(message_id: int, *, now: datetime) -> State:
    """Send one message if its moment has come, and return its state then.

    Called twice, at the same time or after a crash, it sends once. What has come
    to stand against the reminder since it was made cancels it instead.
    """
    account = mail_account()
    if account is None:
        return _state(message_id)
    batch = _batch([message_id], account, now=now)
    with mailer.Connection(smtp_account(account)) as connection:
        for message in batch.messages:
            return _deliver(message, batch, account, connection, clock=lambda: now)
    return _state(message_id)


def _batch(ids: Sequence[int], account: MailAccount, *, now: datetime) -> Batch:
    """Read balances again where Dolibarr keeps them, then all that is to leave; what
    has to wait for Dolibarr is put off, whatever its attempts."""
    live = live_balances.of_messages(ids, now=now, today=timezone.localdate(now))
    if live.waits:
        put_off = outbox.put_off(
            ids, live.unread, live.wait_words, until=now + DOLIBARR_AWAY
        )
        ids = [pk for pk in ids if pk not in put_off]
    return Batch(ids, account, now=now, live=live)


def _deliver(
    message: OutboxMessage,
    batch: Batch,
    account: MailAccount,
    connection: mailer.Connection,
    *,
    clock: Clock,
) -> State:
    if not _claim(message, batch, account, now=clock()):
        return _state(message.pk)
    outcome = _hand_over(message, batch, account, connection)
    now = clock()
    state = _record(message, outcome, now=now)
    if state == State.SENT and (said := batch.remark(message)):
        outbox.note(message, "message.last_known", said, by=None, at=now)
    return state


@transaction.atomic
def _claim(
    message: OutboxMessage, batch: Batch, account: MailAccount, *, now: datetime
) -> bool:
    """Write *leaving* before the server is spoken to; False when it is not to leave."""
    if message.state != State.QUEUED or message.not_before > now:
        return False
    attempts = message.attempts + 1
    won = outbox.move(
        message,
        {State.QUEUED},
        State.SENDING,
        unless=outbox.RUN_WAITS,
        claimed_at=now,
        attempts=attempts,
        **_sent_as(message, batch.ready(message), account),
    )
    if not won:
        return False
    message.state, message.claimed_at, message.attempts = State.SENDING, now, attempts
    lock_invoices(message)
    changed = batch.changed(message)
    if changed:
        _cancel(message, changed, now=now)
    return not changed


def _cancel(message: OutboxMessage, changed: list[Reason], *, now: datetime) -> None:
    currency = message.reminder.currency
    why = " ".join(in_words(reason, currency=currency) for reason in changed)
    before = message.document
    outbox.move(message, {State.SENDING}, State.CANCELLED, answer=why, document=before)
    outbox.cancel_reminder(message.reminder, why, by=None, now=now)
    words = _("E-mail to %(recipient)s not sent: %(why)s")
    _note(message, "message.cancelled", words, why=why, now=now)


def _hand_over(
    message: OutboxMessage,
    batch: Batch,
    account: MailAccount,
    connection: mailer.Connection,
) -> mailer.Outcome:
    """Keep the message as it will leave, then send it; no transaction is open."""
    try:
        document, data = batch.written(message)
    except mail.UnsendableMail as error:
        return mailer.Refused(permanent=True, answer=str(error))
    except (MissingFile, CorruptFile) as error:
        words = _("A file to join is no longer as it was kept: %(why)s")
        return mailer.Refused(permanent=True, answer=words % {"why": error})
    except OSError as error:
        words = _("The message could not be kept on the disk: %(why)s")
        why = error.strerror or str(error)
        return mailer.Refused(permanent=False, answer=words % {"why": why})
    if document != batch.ready(message):
        OutboxMessage.objects.filter(pk=message.pk).update(
            **_sent_as(message, document, account)
        )
    copies = [*message.copies, *filter(None, [account.copy_to])]
    envelope = mailer.Envelope(
        sender=account.sender_email,
        recipient=message.recipient,
        copies=tuple(dict.fromkeys(copies)),
    )
    return connection.send(data, envelope)


def _sent_as(
    message: OutboxMessage, document: Document | None, account: MailAccount
) -> dict[str, Any]:
    """What the row keeps of the message as it leaves; nothing before it is known."""
    if document is None:
        return {}
    sender = sender_of(account, message.reminder.made_by)
    return {
        "document": document,
        "sender": sender.line,
        "reply_to": sender.reply_to,
    }


@transaction.atomic
def _record(message: OutboxMessage, outcome: mailer.Outcome, *, now: datetime) -> State:
    """Write down what became of it, and return its state.

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
    if message.state == State.SENDING:
        # Somebody has decided meanwhile.
        return _state(message.pk)
    return State(message.state)


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


def _ended(message: OutboxMessage, after: State, **fields: Any) -> bool:
    won = outbox.move(message, {State.SENDING, State.UNCERTAIN}, after, **fields)
    if won:
        message.state = after
    return won


def _note(
    message: OutboxMessage, action: str, words: str, *, why: str, now: datetime
) -> None:
    said = {"recipient": message.recipient, "why": why}
    outbox.note(message, action, words % said, by=None, at=now)


def _state(message_id: int) -> State:
    return State(
        OutboxMessage.objects.values_list("state", flat=True).get(pk=message_id)
    )
