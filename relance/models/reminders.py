"""Reminders as they were made: never edited, never deleted."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from relance.models.customers import LANGUAGES, Customer
from relance.models.documents import Document
from relance.models.imports import batch_link
from relance.models.invoices import Invoice
from relance.models.levels import Level
from relance.models.money import ZERO, MoneyField
from relance.models.runs import Run, RunLine
from relance.models.texts import Channel, Text

if TYPE_CHECKING:
    from django_stubs_ext.db.models.manager import RelatedManager

    from relance.models.outbox import OutboxMessage
    from relance.models.postings import Posting


class ReminderQuerySet(models.QuerySet["Reminder"]):
    def reaching(self) -> Self:
        """Keep those that count as a level reached: made letters, accepted
        e-mails, what was sent before Relance."""
        return self.filter(
            state__in=(
                Reminder.State.MADE,
                Reminder.State.POSTED,
                Reminder.State.SENT,
                Reminder.State.TAKEN_OVER,
            )
        ).exclude(channel=Channel.NONE)

    def noting_a_day(self) -> Self:
        """Keep the notes, calls among them, with a day to wait for."""
        return self.filter(channel=Channel.NONE, next_on__isnull=False).exclude(
            state=Reminder.State.CANCELLED
        )

    def leaving_out(self, pks: Collection[int]) -> Self:
        return self.exclude(pk__in=pks) if pks else self

    def under_way(self) -> Self:
        """Keep those that may still reach the customer."""
        return self.filter(
            state__in=(
                Reminder.State.BEING_MADE,
                Reminder.State.QUEUED,
                Reminder.State.UNCERTAIN,
            )
        )

    def on_unpaid(self) -> Self:
        """Keep the general follow-up: an invoice of theirs is still unpaid."""
        # The unpaid invoices are few beside all the reminders ever made.
        lines = ReminderLine.objects.filter(
            invoice__state=Invoice.State.OPEN, invoice__balance__gt=ZERO
        )
        return self.filter(pk__in=lines.order_by().values("reminder"))


class Reminder(models.Model):
    """One letter, e-mail or note, with a copy of all that it said."""

    class State(models.TextChoices):
        BEING_MADE = "being_made", _("being made")
        MADE = "made", _("made")
        POSTED = "posted", _("posted")
        QUEUED = "queued", _("about to leave")
        SENT = "sent", pgettext_lazy("reminder", "sent")
        FAILED = "failed", _("failed")
        UNCERTAIN = "uncertain", pgettext_lazy("reminder", "perhaps sent")
        CANCELLED = "cancelled", _("cancelled")
        # Sent before Relance was used, and written down here.
        TAKEN_OVER = "taken_over", _("taken over")

    number = models.PositiveIntegerField(unique=True)
    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="reminders"
    )
    # The level as it was: later changes of the level rewrite nothing here.
    level = models.ForeignKey(
        Level, on_delete=models.PROTECT, null=True, related_name="+"
    )
    level_rank = models.PositiveSmallIntegerField(null=True)
    level_name = models.CharField(max_length=60, blank=True)
    level_kind = models.CharField(max_length=20, blank=True)
    stamp = models.CharField(max_length=30, blank=True)
    channel = models.CharField(max_length=12, choices=Channel)
    language = models.CharField(max_length=2, choices=LANGUAGES)
    currency = models.CharField(max_length=3, default="EUR")
    # {"name", "why", "email", "copies", "address": [...]} as decided that day.
    recipient = models.JSONField(default=dict)
    note = models.TextField(blank=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    made_on = models.DateField()
    made_at = models.DateTimeField()
    next_on = models.DateField(null=True)
    pay_by = models.DateField(null=True)
    state = models.CharField(max_length=12, choices=State, default=State.BEING_MADE)
    # Why the last attempt to make it did not succeed, in words.
    trouble = models.TextField(blank=True)
    text = models.ForeignKey(
        Text, on_delete=models.PROTECT, null=True, related_name="+"
    )
    subject = models.CharField(max_length=300, blank=True)
    body = models.TextField(blank=True)
    # The page or message as data: what its document is made from, and made again
    # from after a crash.
    content = models.JSONField(default=dict)
    # Balance, penalties with their segments and rates, indemnity, total: as sent.
    amounts = models.JSONField(default=dict)
    # Reasons against that were overridden: [{"code", "why"}].
    overrides = models.JSONField(default=list)
    document = models.ForeignKey(
        Document, on_delete=models.PROTECT, null=True, related_name="+"
    )
    batch = batch_link()
    request_key = models.UUIDField(unique=True)
    # The mass run that made it; none for one made by itself.
    run = models.ForeignKey(
        Run, on_delete=models.PROTECT, null=True, related_name="reminders"
    )
    cancelled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    cancelled_at = models.DateTimeField(null=True)
    cancel_reason = models.CharField(max_length=240, blank=True)

    objects = ReminderQuerySet.as_manager()

    if TYPE_CHECKING:
        lines: RelatedManager[ReminderLine]
        message: OutboxMessage
        posting: Posting

    class Meta:
        ordering = ("-made_on", "-number")
        verbose_name = _("reminder")
        indexes = (
            models.Index(fields=("customer", "-made_on"), name="reminder_by_customer"),
            models.Index(
                fields=("state",),
                name="reminder_unfinished",
                condition=models.Q(state__in=("being_made", "queued", "uncertain")),
            ),
            models.Index(
                fields=("channel", "level_kind"),
                name="reminder_not_posted",
                condition=models.Q(state="made"),
            ),
            models.Index(
                fields=("state",),
                name="reminder_registered",
                condition=models.Q(channel="registered"),
            ),
        )

    def __str__(self) -> str:
        return self.reference

    def get_absolute_url(self) -> str:
        return reverse("reminder", args=[self.pk])

    @property
    def reference(self) -> str:
        return reminder_reference(self.number)

    @property
    def rank_now(self) -> int | None:
        """Where its level stands today: ranks move when a level is added before."""
        return self.level.rank if self.level is not None else self.level_rank

    @property
    def is_formal_notice(self) -> bool:
        return self.level_kind == Level.Kind.FORMAL_NOTICE


def reminder_reference(number: int) -> str:
    """Return the reference printed on the letter: ``R-00431``."""
    return f"R-{number:05d}"


class ReminderLineQuerySet(models.QuerySet["ReminderLine"]):
    def telling(self) -> Self:
        """Keep those that told the customer an amount, or still may: what they said
        must stay true. A note tells nothing, nor does what was cancelled."""
        return self.exclude(reminder__channel=Channel.NONE).exclude(
            reminder__state=Reminder.State.CANCELLED
        )


class ReminderLine(models.Model):
    """An invoice that a reminder covers, with the amounts that it stated."""

    reminder = models.ForeignKey(
        Reminder, on_delete=models.PROTECT, related_name="lines"
    )
    invoice = models.ForeignKey(
        Invoice, on_delete=models.PROTECT, related_name="reminder_lines"
    )
    # The line of the run that asked for it: it can ask once.
    run_line = models.OneToOneField(
        RunLine, on_delete=models.PROTECT, null=True, related_name="reminder_line"
    )
    balance = MoneyField()
    penalties = MoneyField(default=ZERO)
    indemnity = MoneyField(default=ZERO)

    objects = ReminderLineQuerySet.as_manager()

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(
                fields=("reminder", "invoice"), name="reminder_line_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.reminder}: {self.invoice}"
