"""What was told of an e-invoice on its way: added, never changed."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from relance.models.invoices import Invoice
from relance.models.money import MoneyField


class LifecycleStatus(models.Model):
    """A life-cycle status of an invoice (message CDAR), as a file told it."""

    invoice = models.ForeignKey(
        Invoice, on_delete=models.CASCADE, related_name="lifecycle"
    )
    code = models.CharField(_("status"), max_length=3)
    at = models.DateTimeField(_("at"))
    # As the file writes it, whatever the zone.
    day = models.DateField(_("date"))
    reason_code = models.CharField(max_length=40, blank=True)
    reason = models.CharField(_("reason"), max_length=240, blank=True)
    # Paid, of 212; not approved, of 206.
    amount = MoneyField(_("amount"), null=True)  # type: ignore[misc]
    read_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    read_at = models.DateTimeField()

    class Meta:
        ordering = ("at", "code")
        verbose_name = _("e-invoice status")
        constraints = (
            models.UniqueConstraint(
                fields=("invoice", "code", "at"), name="lifecycle_status_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.code} {self.day}"
