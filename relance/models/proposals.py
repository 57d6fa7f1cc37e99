"""What is proposed for each unpaid invoice, and what somebody chose about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from relance.models.customers import Customer
from relance.models.invoices import Invoice
from relance.models.levels import Level
from relance.models.reminders import Reminder
from relance.models.texts import Channel


class ProposalQuerySet(models.QuerySet["Proposal"]):
    def ticked(self) -> ProposalQuerySet:
        return self.exclude(channel="")


class Proposal(models.Model):
    """One row for each unpaid invoice: the answer of the rule, kept, and the choice
    of a person.

    Whatever may change the answer marks the row *stale* in its own transaction;
    ``services.proposals.refresh`` decides stale rows again before anybody looks.
    """

    class Standing(models.TextChoices):
        READY = "ready", _("to be reminded")
        EARLY = "early", _("not yet")
        HELD = "held", _("held")
        STOPPED = "stopped", _("not possible")

    invoice = models.OneToOneField(
        Invoice, on_delete=models.CASCADE, related_name="proposal"
    )
    # The invoice's own: stale rows are found by it without a join.
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+")
    stale = models.BooleanField(default=True)
    decided_on = models.DateField(null=True)
    standing = models.CharField(max_length=8, choices=Standing, default=Standing.EARLY)
    # The lowest level above the last one reached; none past the last.
    level = models.ForeignKey(
        Level, on_delete=models.PROTECT, null=True, related_name="+"
    )
    # The first day of that level.
    possible_from = models.DateField(null=True)
    # Reasons against, for the level that counts (chosen, else proposed), as
    # ``rules.reason_data.reason_as_data`` writes them.
    reasons = models.JSONField(default=list)
    # Code of what keeps a letter, or an e-mail, from being written; empty: nothing.
    letter_trouble = models.CharField(max_length=30, blank=True)
    email_trouble = models.CharField(max_length=30, blank=True)
    # The last reminder that reached a level.
    last = models.ForeignKey(
        Reminder, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    # Pages of a letter with its invoice, as far as one knows before it is made.
    pages = models.PositiveSmallIntegerField(default=2)

    # The tick: empty when it is not to be reminded.
    channel = models.CharField(
        max_length=12,
        blank=True,
        choices=[
            (choice.value, choice.label)
            for choice in (Channel.LETTER, Channel.REGISTERED, Channel.EMAIL)
        ],
    )
    # What somebody chose instead of what is proposed.
    chosen_level = models.ForeignKey(
        Level, on_delete=models.PROTECT, null=True, related_name="+"
    )
    note = models.TextField(blank=True)
    next_on = models.DateField(null=True)
    # Soft reasons overridden: {"dispute": "why", …}.
    overrides = models.JSONField(default=dict)
    # Nobody yet: the tick is only what the rules prefill.
    chosen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
    )
    chosen_at = models.DateTimeField(null=True)

    objects = ProposalQuerySet.as_manager()

    if TYPE_CHECKING:
        invoice_id: int
        customer_id: int

    class Meta:
        verbose_name = _("proposal")
        indexes = (
            models.Index(fields=("standing",), name="proposal_by_standing"),
            models.Index(
                # All of a ticked row that the sums under the list read.
                fields=(
                    "customer",
                    "channel",
                    "invoice",
                    "chosen_level",
                    "level",
                    "pages",
                ),
                name="proposal_ticked",
                condition=~models.Q(channel=""),
            ),
            models.Index(
                fields=("stale",),
                name="proposal_stale",
                condition=models.Q(stale=True),
            ),
        )

    def __str__(self) -> str:
        return f"{self.invoice}: {self.get_standing_display()}"

    @property
    def level_that_counts(self) -> Level | None:
        """The level chosen, else the one proposed."""
        return self.chosen_level or self.level
