"""The texts of letters and e-mails, each version kept."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from relance.models.customers import LANGUAGES
from relance.models.levels import Level


class Channel(models.TextChoices):
    """How a reminder travels; *none* is a call or a note that raises no level."""

    LETTER = "letter", _("letter")
    REGISTERED = "registered", _("registered letter")
    EMAIL = "email", _("e-mail")
    NONE = "none", _("note only")


class Text(models.Model):
    """One version of the text of a level, channel, language and grouping.

    An empty regime serves every type of customer that has no text of its own.
    Versions are added, never edited: a sent reminder names the one it used.
    """

    level = models.ForeignKey(Level, on_delete=models.PROTECT, related_name="texts")
    channel = models.CharField(
        _("channel"),
        max_length=12,
        choices=[
            (Channel.LETTER.value, Channel.LETTER.label),
            (Channel.EMAIL.value, Channel.EMAIL.label),
        ],
    )
    language = models.CharField(_("language"), max_length=2, choices=LANGUAGES)
    grouped = models.BooleanField(_("several invoices"), default=False)
    regime = models.CharField(_("customer type"), max_length=10, blank=True)
    version = models.PositiveIntegerField(default=1)
    current = models.BooleanField(default=True)
    subject = models.CharField(_("subject"), max_length=250)
    body = models.TextField(_("body"))
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    written_at = models.DateTimeField()

    class Meta:
        ordering = ("level", "channel", "language", "grouped", "regime", "-version")
        verbose_name = _("text")
        constraints = (
            models.UniqueConstraint(
                fields=("level", "channel", "language", "grouped", "regime", "version"),
                name="text_version_once",
            ),
            models.UniqueConstraint(
                fields=("level", "channel", "language", "grouped", "regime"),
                condition=models.Q(current=True),
                name="text_one_current",
            ),
        )

    def __str__(self) -> str:
        return self.subject


class TextDraft(models.Model):
    """What somebody typed in the editor of a text and has not put in use."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+"
    )
    level = models.ForeignKey(Level, on_delete=models.CASCADE, related_name="+")
    channel = models.CharField(max_length=12)
    language = models.CharField(max_length=2)
    grouped = models.BooleanField(default=False)
    regime = models.CharField(max_length=10, blank=True)
    subject = models.TextField(blank=True)
    body = models.TextField(blank=True)
    saved_at = models.DateTimeField()

    class Meta:
        verbose_name = _("draft of a text")
        constraints = (
            models.UniqueConstraint(
                fields=("user", "level", "channel", "language", "grouped", "regime"),
                name="text_draft_once",
            ),
        )

    def __str__(self) -> str:
        return self.subject
