"""Bank statements: what came in, and which payment each line became."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from relance.models.customers import Customer
from relance.models.documents import Document
from relance.models.money import MoneyField
from relance.models.payments import Payment


class BankStatement(models.Model):
    """A statement as it was read from a file; the file is kept."""

    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="+")
    account = models.CharField(_("account"), max_length=60)
    # Its format: the same movement is named otherwise in another.
    form = models.CharField(max_length=10, blank=True)
    first_on = models.DateField(null=True)
    # Until when receipts are known: the last line, or the closing balance.
    last_on = models.DateField(null=True)
    imported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    imported_at = models.DateTimeField()

    class Meta:
        ordering = ("-pk",)
        verbose_name = _("bank statement")

    def __str__(self) -> str:
        return f"{self.account}, {self.last_on}"


class BankLine(models.Model):
    """Money that came in. Read once, whatever the files that tell of it."""

    class State(models.TextChoices):
        OPEN = "open", _("to match")
        MATCHED = "matched", _("matched")
        IGNORED = "ignored", _("set aside")

    statement = models.ForeignKey(
        BankStatement, on_delete=models.PROTECT, related_name="lines"
    )
    account = models.CharField(_("account"), max_length=60)
    # What makes a line itself: the bank's own number, else all that it says and its
    # place among those of its day that say the same.
    key = models.CharField(max_length=64)
    booked_on = models.DateField(_("booked on"))
    amount = MoneyField(_("amount"))
    currency = models.CharField(_("currency"), max_length=3)
    label = models.CharField(_("label"), max_length=500, blank=True)
    payer = models.CharField(_("payer"), max_length=200, blank=True)
    payer_iban = models.CharField(_("payer's IBAN"), max_length=34, blank=True)
    reference = models.CharField(_("reference"), max_length=500, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    payment = models.OneToOneField(
        Payment, on_delete=models.PROTECT, null=True, related_name="bank_line"
    )
    # How often it was matched: the key of the next payment is another one.
    matched_times = models.PositiveSmallIntegerField(default=0)
    why_ignored = models.CharField(_("why"), max_length=240, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-booked_on", "-pk")
        verbose_name = _("bank line")
        constraints = (
            models.UniqueConstraint(
                fields=("account", "key"), name="bank_line_once_per_account"
            ),
            models.CheckConstraint(
                # Matched without one: all of it waits to be recorded elsewhere.
                condition=models.Q(state="matched") | models.Q(payment__isnull=True),
                name="bank_line_payment_only_when_matched",
            ),
        )
        indexes = (
            models.Index(
                fields=("booked_on",),
                name="bank_line_open",
                condition=models.Q(state="open"),
            ),
        )

    def __str__(self) -> str:
        return f"{self.booked_on} {self.amount} {self.currency} {self.label}"


class PayerAccount(models.Model):
    """An account that paid for a customer before: learnt from accepted matches."""

    iban = models.CharField(_("IBAN"), max_length=34, unique=True)
    customer = models.ForeignKey(
        Customer, on_delete=models.CASCADE, related_name="payer_accounts"
    )
    learnt_at = models.DateTimeField()

    class Meta:
        verbose_name = _("payer's account")

    def __str__(self) -> str:
        return self.iban
