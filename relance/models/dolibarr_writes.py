"""What is to be written in Dolibarr: a row each, so that it is written once."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from relance.models.invoices import Invoice
from relance.models.pending import PendingPayment
from relance.models.reminders import Reminder


class DolibarrWrite(models.Model):
    """A thing to write on an invoice there, and what became of it.

    Committed as *doing* before Dolibarr is spoken to; whatever is found in doubt is
    looked for there before it is written again.
    """

    class Kind(models.TextChoices):
        EVENT = "event", _("event of the agenda")
        LETTER = "letter", _("letter among the documents")
        PAYMENT = "payment", _("payment")

    class State(models.TextChoices):
        WAITING = "waiting", _("to be written")
        DOING = "doing", _("being written")
        DONE = "done", pgettext_lazy("in Dolibarr", "written")
        FAILED = "failed", pgettext_lazy("in Dolibarr", "not written")
        NEEDLESS = "needless", _("no longer needed")

    kind = models.CharField(max_length=10, choices=Kind)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="+")
    reminder = models.ForeignKey(
        Reminder, on_delete=models.PROTECT, null=True, related_name="dolibarr_writes"
    )
    pending = models.ForeignKey(
        PendingPayment, on_delete=models.PROTECT, null=True, related_name="+"
    )
    # How Dolibarr names what was written.
    external_id = models.CharField(max_length=100, blank=True)
    # Why it was not written, in words.
    error = models.TextField(blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    not_before = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True)
    made_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("pk",)
        verbose_name = _("thing to write in Dolibarr")
        constraints = (
            models.UniqueConstraint(
                fields=("kind", "reminder", "invoice"),
                name="dolibarr_write_once_per_reminder",
            ),
            models.UniqueConstraint(
                fields=("pending",), name="dolibarr_write_once_per_pending"
            ),
            models.CheckConstraint(
                condition=models.Q(kind="payment", pending__isnull=False)
                | (~models.Q(kind="payment") & models.Q(reminder__isnull=False)),
                name="dolibarr_write_of_something",
            ),
        )
        indexes = (
            models.Index(
                fields=("not_before",),
                name="dolibarr_to_write",
                condition=models.Q(state__in=("waiting", "doing")),
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.invoice}"
