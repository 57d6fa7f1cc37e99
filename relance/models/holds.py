"""What suspends reminders: disputes, promises, insolvency… Never deleted."""

from __future__ import annotations

from datetime import date
from typing import Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from relance.models.customers import Customer, Source
from relance.models.invoices import Invoice
from relance.models.money import MoneyField


class HoldQuerySet(models.QuerySet["Hold"]):
    def running(self, *, on: date) -> Self:
        return self.filter(ended_at__isnull=True, starts_on__lte=on).filter(
            models.Q(until__isnull=True) | models.Q(until__gte=on)
        )


class Hold(models.Model):
    """A suspension of reminders on a customer or on one invoice."""

    class Reason(models.TextChoices):
        MANUAL = "manual", _("suspended by hand")
        DISPUTE = "dispute", _("dispute")
        PROMISE = "promise", _("payment promised")
        PLAN = "plan", _("payment plan")
        INSOLVENCY = "insolvency", _("insolvency proceedings")
        EINVOICE = "einvoice", _("e-invoice status")
        DIRECT_DEBIT = "direct_debit", _("direct debit")
        FACTORED = "factored", _("factored")

    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, null=True, blank=True, related_name="holds"
    )
    invoice = models.ForeignKey(
        Invoice, on_delete=models.PROTECT, null=True, blank=True, related_name="holds"
    )
    reason = models.CharField(_("reason"), max_length=20, choices=Reason)
    note = models.CharField(_("note"), max_length=240, blank=True)
    # For insolvency: the day of the opening judgment (art. L622-17).
    starts_on = models.DateField(_("from"))
    until = models.DateField(_("until"), null=True, blank=True)
    # A dispute or promise may cover a part only.
    amount = MoneyField(  # type: ignore[misc]
        _("amount concerned"), null=True, blank=True
    )
    # Where it comes from: what Dolibarr says ends when Dolibarr says so.
    source = models.CharField(max_length=20, choices=Source, default=Source.HAND)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    made_at = models.DateTimeField()
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    ended_at = models.DateTimeField(null=True, blank=True)
    end_note = models.CharField(max_length=240, blank=True)

    objects = HoldQuerySet.as_manager()

    class Meta:
        ordering = ("-made_at",)
        verbose_name = _("hold")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(customer__isnull=False, invoice__isnull=True)
                | models.Q(customer__isnull=True, invoice__isnull=False),
                name="hold_on_customer_or_invoice",
            ),
            models.CheckConstraint(
                condition=models.Q(until__isnull=True)
                | models.Q(until__gte=models.F("starts_on")),
                name="hold_ends_after_start",
            ),
            models.CheckConstraint(
                condition=models.Q(amount__isnull=True) | models.Q(amount__gt=0),
                name="hold_amount_positive",
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_reason_display()} ({self.starts_on})"

    @property
    def held(self) -> Customer | Invoice:
        """What is held: an invoice, or all those of a customer."""
        return self.invoice or self.customer  # type: ignore[return-value]
