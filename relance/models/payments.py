"""The ledger: money received and what it settles; rows are only ever added."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from relance.models.customers import Customer, Source
from relance.models.imports import batch_link
from relance.models.invoices import Invoice
from relance.models.money import MoneyField

if TYPE_CHECKING:
    from django_stubs_ext.db.models.manager import RelatedManager


class Payment(models.Model):
    """Money received from a customer. A correction is a new, negative row."""

    class Method(models.TextChoices):
        TRANSFER = "transfer", _("transfer")
        CHEQUE = "cheque", _("cheque")
        CARD = "card", _("card")
        DIRECT_DEBIT = "direct_debit", _("direct debit")
        CASH = "cash", _("cash")
        ON_INVOICE = "on_invoice", _("already paid, says the invoice")
        OTHER = "other", _("other")

    class Return(models.TextChoices):
        """Why the bank took the money back."""

        REJECTED_DEBIT = "rejected_debit", _("rejected direct debit")
        UNPAID_CHEQUE = "unpaid_cheque", _("cheque without funds")
        RECALLED = "recalled", _("transfer recalled")
        UNPAID = "unpaid", _("unpaid, other")

    customer = models.ForeignKey(
        Customer,
        on_delete=models.PROTECT,
        related_name="payments",
        verbose_name=_("customer"),
    )
    received_on = models.DateField(_("received on"))
    amount = MoneyField(_("amount"))
    currency = models.CharField(_("currency"), max_length=3, default="EUR")
    method = models.CharField(
        _("method"), max_length=20, choices=Method, default=Method.TRANSFER
    )
    reference = models.CharField(_("reference"), max_length=120, blank=True)
    # The invoice that it names, whether or not it is here yet.
    invoice_number = models.CharField(
        _("invoice paid"), max_length=60, blank=True, db_index=True
    )
    note = models.CharField(_("note"), max_length=240, blank=True)
    corrects = models.OneToOneField(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="correction",
    )
    batch = batch_link()
    source = models.CharField(max_length=20, choices=Source, default=Source.HAND)
    # How its source names it: the same payment told again adds nothing.
    external_id = models.CharField(max_length=100, null=True, blank=True)
    # On a correction: the bank took the money back; empty, the entry was mistaken.
    return_reason = models.CharField(
        _("why it was returned"), max_length=20, choices=Return, blank=True
    )
    # The form's key: a second click records nothing.
    request_key = models.UUIDField(unique=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    recorded_at = models.DateTimeField()

    if TYPE_CHECKING:
        allocations: RelatedManager[Allocation]

    class Meta:
        ordering = ("-received_on", "-pk")
        verbose_name = _("payment")
        constraints = (
            models.CheckConstraint(
                condition=~models.Q(amount=0), name="payment_not_zero"
            ),
            models.CheckConstraint(
                condition=models.Q(amount__gt=0) | models.Q(corrects__isnull=False),
                name="payment_negative_corrects",
            ),
            models.UniqueConstraint(
                fields=("source", "external_id"), name="payment_once_per_source"
            ),
        )

    def __str__(self) -> str:
        return f"{self.received_on} {self.amount} {self.currency}"


class Allocation(models.Model):
    """How much of a payment or credit note settles an invoice, and from when.

    Undone by a negative row that names it, once.
    """

    payment = models.ForeignKey(
        Payment,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="allocations",
    )
    # A credit note, or the invoice of a deposit that was paid.
    credit = models.ForeignKey(
        Invoice,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="given_allocations",
    )
    invoice = models.ForeignKey(
        Invoice, on_delete=models.PROTECT, related_name="allocations"
    )
    amount = MoneyField(_("amount"))
    # Penalties stop on this part after this day; a retroactive credit note
    # takes the invoice's own issue date.
    effective_on = models.DateField(_("effective on"))
    undoes = models.OneToOneField(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="undone_by",
    )
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    made_at = models.DateTimeField()

    class Meta:
        ordering = ("effective_on", "pk")
        verbose_name = _("allocation")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(payment__isnull=False, credit__isnull=True)
                | models.Q(payment__isnull=True, credit__isnull=False),
                name="allocation_has_one_source",
            ),
            models.CheckConstraint(
                condition=models.Q(amount__gt=0, undoes__isnull=True)
                | models.Q(amount__lt=0, undoes__isnull=False),
                name="allocation_negative_undoes",
            ),
        )

    def __str__(self) -> str:
        return f"{self.amount} → {self.invoice}"
