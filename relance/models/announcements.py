"""What every administrator must learn of."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Announcement(models.Model):
    """One thing told to one person: shown until they have read it, and e-mailed when
    there is a mail account.

    ``sending`` is committed before the server is spoken to: after a crash it stays
    so and nothing is sent twice; the page still shows it.
    """

    class Mail(models.TextChoices):
        WAITING = "waiting", _("about to leave")
        SENDING = "sending", _("leaving")
        SENT = "sent", _("sent")
        FAILED = "failed", _("failed")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="announcements"
    )
    at = models.DateTimeField()
    title = models.CharField(max_length=200)
    words = models.TextField()
    seen_at = models.DateTimeField(null=True)
    mail = models.CharField(max_length=10, choices=Mail, default=Mail.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    # What the server said, in its own words.
    answer = models.TextField(blank=True)

    class Meta:
        ordering = ("-at", "-pk")
        indexes = (
            models.Index(
                fields=("user",),
                name="announcement_unread",
                condition=models.Q(seen_at__isnull=True),
            ),
            models.Index(
                fields=("at",),
                name="announcement_to_send",
                condition=models.Q(mail="waiting"),
            ),
        )

    def __str__(self) -> str:
        return self.title
