"""Payments that the bank told of and that the program which keeps the invoice has
yet to record: they hold reminders back, and touch no balance."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from relance.models.customers import Customer
from relance.models.invoices import Invoice
from relance.models.money import MoneyField
from relance.models.payments import Payment
from relance.models.receipts import BankLine


class PendingPaymentQuerySet(models.QuerySet["PendingPayment"]):
    def holding(self) -> Self:
        """Keep those that hold reminders back."""
        return self.filter(state__in=PendingPayment.HOLDING)

    def ended(self) -> Self:
        return self.exclude(state__in=PendingPayment.HOLDING)

    def standing(self) -> Self:
        """Leave out those that a person ended: the rest follows the ledger."""
        return self.exclude(state__in=PendingPayment.ENDED_BY_HAND)


class PendingPayment(models.Model):
    """A receipt, or a part of one, matched with an invoice of a connected program.

    Never deleted: its state says what became of it.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("not yet in Dolibarr")
        WRITTEN = "written", _("written in Dolibarr")
        ARRIVED = "arrived", _("recorded in Dolibarr")
        # Recorded otherwise than as the bank told: in two parts, with a discount…
        SETTLED = "settled", _("invoice settled in Dolibarr")
        GIVEN_UP = "given_up", _("no longer waited for")
        UNDONE = "undone", _("match taken back")

    HOLDING = (State.WAITING, State.WRITTEN)
    ENDED_BY_HAND = (State.GIVEN_UP, State.UNDONE)

    bank_line = models.ForeignKey(
        BankLine, on_delete=models.PROTECT, related_name="pending"
    )
    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="pending_payments"
    )
    # None: nobody said for which invoice.
    invoice = models.ForeignKey(
        Invoice, on_delete=models.PROTECT, null=True, related_name="pending_payments"
    )
    amount = MoneyField(_("amount"))
    currency = models.CharField(_("currency"), max_length=3)
    received_on = models.DateField(_("received on"))
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    # The payment that it has become here.
    arrived_as = models.ForeignKey(
        Payment, on_delete=models.PROTECT, null=True, related_name="pending"
    )
    # The name of the payment that was written there from here.
    written_as = models.CharField(max_length=100, blank=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    made_at = models.DateTimeField()
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    ended_at = models.DateTimeField(null=True)
    end_note = models.CharField(max_length=240, blank=True)

    objects = PendingPaymentQuerySet.as_manager()

    class Meta:
        ordering = ("received_on", "pk")
        verbose_name = _("pending payment")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(amount__gt=0), name="pending_amount_positive"
            ),
            models.CheckConstraint(
                condition=models.Q(state="arrived", arrived_as__isnull=False)
                | (~models.Q(state="arrived") & models.Q(arrived_as__isnull=True)),
                name="pending_arrived_as_a_payment",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    state__in=("waiting", "written"), ended_at__isnull=True
                )
                | (
                    ~models.Q(state__in=("waiting", "written"))
                    & models.Q(ended_at__isnull=False)
                ),
                name="pending_ended_when_not_holding",
            ),
            # One payment arriving for an invoice ends one of them.
            models.UniqueConstraint(
                fields=("arrived_as", "invoice"), name="pending_arrived_once"
            ),
        )
        indexes = (
            models.Index(
                fields=("customer",),
                name="pending_holding",
                condition=models.Q(state__in=("waiting", "written")),
            ),
        )

    def __str__(self) -> str:
        return f"{self.received_on} {self.amount} {self.currency}"

    @property
    def is_holding(self) -> bool:
        return self.state in self.HOLDING
