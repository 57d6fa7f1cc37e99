"""E-mails on their way out: the only door by which they leave."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from relance.models.documents import Document
from relance.models.reminders import Reminder

if TYPE_CHECKING:
    from django_stubs_ext.db.models.manager import RelatedManager


class OutboxMessage(models.Model):
    """An e-mail, whole, before anything leaves.

    ``sending`` is written and committed before the server is spoken to: found
    after a crash it becomes ``uncertain``, and only a human decides.
    """

    class State(models.TextChoices):
        QUEUED = "queued", _("about to leave")
        SENDING = "sending", _("leaving")
        SENT = "sent", _("sent")
        FAILED = "failed", _("failed")
        UNCERTAIN = "uncertain", _("perhaps sent")
        CANCELLED = "cancelled", pgettext_lazy("e-mail", "cancelled")

    reminder = models.OneToOneField(
        Reminder, on_delete=models.PROTECT, related_name="message"
    )
    state = models.CharField(max_length=12, choices=State, default=State.QUEUED)
    message_id = models.CharField(max_length=200, unique=True)
    sender = models.CharField(max_length=320, blank=True)
    reply_to = models.CharField(max_length=320, blank=True)
    recipient = models.CharField(max_length=320)
    copies = models.JSONField(default=list)
    subject = models.CharField(max_length=300)
    text = models.TextField()
    html = models.TextField()
    queued_at = models.DateTimeField()
    not_before = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)
    # What the server said, in its own words.
    answer = models.TextField(blank=True)
    # The message exactly as handed to the server.
    document = models.ForeignKey(
        Document, on_delete=models.PROTECT, null=True, related_name="+"
    )

    if TYPE_CHECKING:
        attachments: RelatedManager[Attachment]

    class Meta:
        ordering = ("-queued_at", "-pk")
        verbose_name = _("message")
        indexes = (
            models.Index(
                fields=("not_before",),
                name="outbox_to_send",
                condition=models.Q(state="queued"),
            ),
        )

    def __str__(self) -> str:
        return f"{self.subject} → {self.recipient}"


class Attachment(models.Model):
    """A kept document joined to a message, under the name its reader sees."""

    message = models.ForeignKey(
        OutboxMessage, on_delete=models.PROTECT, related_name="attachments"
    )
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="+")
    filename = models.CharField(max_length=200)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ("position", "pk")

    def __str__(self) -> str:
        return self.filename
