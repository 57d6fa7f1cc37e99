"""Messages about to leave: read, looked at and written together."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Count, Prefetch, Q
from django.utils import timezone

from relance.gateways import mail
from relance.gateways.storage import CorruptFile, MissingFile
from relance.models import (
    Attachment,
    Document,
    HistoryEntry,
    Invoice,
    MailAccount,
    OutboxMessage,
    Reminder,
)
from relance.rules.escalation import Code, Reason
from relance.services import documents
from relance.services.documents import NewFile
from relance.services.live_balances import FRESH, Live
from relance.services.mail_account import sender_of
from relance.services.rechecking import changed_since, changes

logger = logging.getLogger(__name__)

# What is read and written at once; files beyond this weight are, one by one.
SIZE = 25
WEIGHT = 20 * 1024 * 1024


class Batch:
    """Some messages, with what stood against each a moment ago."""

    def __init__(
        self,
        message_ids: Sequence[int],
        account: MailAccount,
        *,
        now: datetime,
        live: Live = FRESH,
    ) -> None:
        self._account, self._now, self._live = account, now, live
        found = {message.pk: message for message in _read(message_ids)}
        self.messages = [found[pk] for pk in message_ids if pk in found]
        reminders = [message.reminder for message in self.messages]
        # Counted before looking: what happens from here on is noticed.
        self._happened = _happened({one.customer_id for one in reminders})
        self._changes = self._look(reminders)
        self._written = self._write()

    def _look(self, reminders: Sequence[Reminder]) -> dict[int, tuple[Reason, ...]]:
        try:
            return changes(reminders, today=timezone.localdate(self._now))
        except Exception:
            # One of them breaks: each is looked at when its turn comes.
            logger.exception("Messages could not be looked at together.")
            return {}

    def changed(self, message: OutboxMessage) -> list[Reason]:
        """Return what stands against a message at this instant.

        What was found for all holds as long as nothing happened to the customer:
        whatever changes something writes its history entry in the same
        transaction. The caller has locked the invoices.
        """
        reminder = message.reminder
        customer = reminder.customer_id
        same = _happened({customer})[customer] == self._happened[customer]
        if same and reminder.pk in self._changes:
            reasons = self._changes[reminder.pk]
        else:
            fresh = Reminder.objects.select_related("customer", "level")
            today = timezone.localdate(self._now)
            reasons = changed_since(fresh.get(pk=reminder.pk), today=today)
        # An address corrected by hand in the tray is the one that was meant.
        corrected = message.recipient != reminder.recipient.get("email")
        return [
            reason
            for reason in reasons
            if not (corrected and reason.code == Code.RECIPIENT_CHANGED)
        ]

    def remark(self, message: OutboxMessage) -> str:
        """Return what is to be said of its balances, if they are the last known."""
        lines = message.reminder.lines.all()
        return self._live.remark([line.invoice_id for line in lines])

    def ready(self, message: OutboxMessage) -> Document | None:
        """Return the message as it was written beforehand, if it was."""
        if message.pk in self._written:
            return self._written[message.pk][0]
        return message.document

    def written(self, message: OutboxMessage) -> tuple[Document, bytes]:
        """Return the message as it leaves, kept once, then read back.

        Raises UnsendableMail, MissingFile, CorruptFile, OSError.
        """
        if message.pk in self._written:
            return self._written[message.pk]
        sender = sender_of(self._account, message.reminder.made_by)
        same_sender = message.sender == sender.line
        if message.document is not None and same_sender:
            return message.document, documents.read(message.document)
        [pair] = self._keep([(message, self._built(message))])
        return pair

    def _write(self) -> dict[int, tuple[Document, bytes]]:
        """Write the messages that are new; one that cannot be is tried again, and
        its error told, when its turn comes."""
        built, weight = [], 0
        for message in self.messages:
            if message.document is not None:
                continue
            weight += sum(one.document.size for one in message.attachments.all())
            if weight > WEIGHT:
                break
            try:
                built.append((message, self._built(message)))
            except (mail.UnsendableMail, MissingFile, CorruptFile, OSError):
                continue
        try:
            kept = self._keep(built)
        except OSError:
            return {}
        pairs = zip(built, kept, strict=True)
        return {message.pk: pair for (message, _data), pair in pairs}

    def _built(self, message: OutboxMessage) -> bytes:
        moment = timezone.localtime(self._now)
        return mail.build(composed(message, self._account), date=moment)

    @transaction.atomic
    def _keep(
        self, built: Sequence[tuple[OutboxMessage, bytes]]
    ) -> list[tuple[Document, bytes]]:
        files = [
            NewFile(
                data=data,
                kind=Document.Kind.EMAIL,
                name=f"{message.reminder.reference}.eml",
                media_type="message/rfc822",
            )
            for message, data in built
        ]
        rows = Document.objects.bulk_create(documents.stored(files, now=self._now))
        return [(row, data) for row, (_message, data) in zip(rows, built, strict=True)]


def composed(message: OutboxMessage, account: MailAccount) -> mail.Mail:
    """Return the message as it leaves from this account, its files read."""
    sender = sender_of(account, message.reminder.made_by)
    return mail.Mail(
        message_id=message.message_id,
        sender=sender.address,
        sender_name=sender.name,
        reply_to=sender.reply_to,
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
            for attachment in message.attachments.all()
        ),
    )


def lock_invoices(message: OutboxMessage) -> None:
    """Wait for a payment that is being recorded at this instant; SQLite lets nobody
    else write since the claim began."""
    if not connection.features.has_select_for_update:
        return
    invoices = Invoice.objects.filter(reminder_lines__reminder=message.reminder_id)
    list(invoices.locked().values_list("pk"))


def _read(message_ids: Sequence[int]) -> list[OutboxMessage]:
    joined = Attachment.objects.select_related("document").order_by("position")
    return list(
        OutboxMessage.objects.filter(pk__in=message_ids)
        .select_related(
            "reminder__customer", "reminder__level", "reminder__made_by", "document"
        )
        .prefetch_related(Prefetch("attachments", joined), "reminder__lines__invoice")
    )


def _happened(customers: set[int]) -> Mapping[int, int]:
    """Return by customer how many things are in the history, those that concern
    everybody included."""
    counted: dict[int | None, int] = dict(
        HistoryEntry.objects.filter(
            Q(customer__in=customers) | Q(customer__isnull=True)
        )
        .order_by()
        .values_list("customer")
        .annotate(Count("pk"))
    )
    everybody = counted.get(None, 0)
    return {pk: counted.get(pk, 0) + everybody for pk in customers}
