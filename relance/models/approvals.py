"""Agreements of a second person to a reminder: asked, given or refused, kept."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from relance.models.invoices import Invoice
from relance.models.levels import Level
from relance.models.money import MoneyField
from relance.models.reminders import Reminder


class ApprovalQuerySet(models.QuerySet["Approval"]):
    def waiting(self) -> Self:
        """Keep those that nobody has answered."""
        return self.filter(state=Approval.State.ASKED)

    def not_used(self, *, without: list[int] | None = None) -> Self:
        """Leave out those whose level was made since; ``without``: reminders that do
        not count, because they are being looked at again."""
        made = Reminder.objects.reaching().filter(
            lines__invoice=OuterRef("invoice"),
            level=OuterRef("level"),
            made_at__gte=OuterRef("asked_at"),
        )
        return self.exclude(Exists(made.leaving_out(without or [])))


class Approval(models.Model):
    """A level that somebody asks for on one invoice, and what a second person says.

    It holds for the balance shown to that person: a larger one needs another.
    """

    class State(models.TextChoices):
        ASKED = "asked", _("waiting for an answer")
        AGREED = "agreed", _("agreed")
        REFUSED = "refused", _("refused")
        WITHDRAWN = "withdrawn", _("withdrawn")

    invoice = models.ForeignKey(
        Invoice, on_delete=models.PROTECT, related_name="approvals"
    )
    level = models.ForeignKey(Level, on_delete=models.PROTECT, related_name="+")
    # The balance when it was asked.
    amount = MoneyField()
    state = models.CharField(max_length=10, choices=State, default=State.ASKED)
    note = models.CharField(max_length=240, blank=True)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    asked_at = models.DateTimeField()
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    answered_at = models.DateTimeField(null=True)
    answer_note = models.CharField(max_length=240, blank=True)

    objects = ApprovalQuerySet.as_manager()

    class Meta:
        ordering = ("-asked_at", "-pk")
        verbose_name = _("agreement")
        constraints = (
            models.UniqueConstraint(
                fields=("invoice", "level"),
                condition=models.Q(state="asked"),
                name="approval_asked_once",
            ),
            # Two people: the one who asks never agrees.
            models.CheckConstraint(
                condition=models.Q(answered_by__isnull=True)
                | models.Q(state="withdrawn")
                | ~models.Q(answered_by=models.F("asked_by")),
                name="approval_by_another",
            ),
        )
        indexes = (
            models.Index(
                fields=("invoice",),
                name="approval_waiting",
                condition=models.Q(state="asked"),
            ),
        )

    def __str__(self) -> str:
        return f"{self.invoice}, {self.level}: {self.get_state_display()}"
