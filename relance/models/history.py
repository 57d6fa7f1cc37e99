"""Who did what, when, in words; rows are only ever added."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from relance.models.customers import Customer
from relance.models.invoices import Invoice
from relance.models.payments import Payment
from relance.models.reminders import Reminder
from relance.models.runs import Run


class HistoryEntry(models.Model):
    """One thing that happened, written in the same transaction as the thing."""

    at = models.DateTimeField(db_index=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    # A stable code ("payment.recorded"), for filters and exports.
    action = models.CharField(max_length=40)
    words = models.TextField()
    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, null=True, related_name="history"
    )
    invoice = models.ForeignKey(
        Invoice, on_delete=models.PROTECT, null=True, related_name="history"
    )
    reminder = models.ForeignKey(
        Reminder, on_delete=models.PROTECT, null=True, related_name="history"
    )
    payment = models.ForeignKey(
        Payment, on_delete=models.PROTECT, null=True, related_name="history"
    )
    run = models.ForeignKey(
        Run, on_delete=models.PROTECT, null=True, related_name="history"
    )

    class Meta:
        ordering = ("-at", "-pk")
        verbose_name_plural = "history entries"

    def __str__(self) -> str:
        return self.words
