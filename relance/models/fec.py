"""A ledger of accounts (FEC) as it was read: its customers, what is open, what is
chosen; nothing of it is anywhere else before it is imported."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from relance.models.customers import Customer
from relance.models.documents import Document
from relance.models.imports import ImportBatch
from relance.models.invoices import Invoice
from relance.models.money import MoneyField
from relance.models.payments import Payment

if TYPE_CHECKING:
    from django_stubs_ext.db.models.manager import RelatedManager


class FecFile(models.Model):
    """A file, and how far it is."""

    class State(models.TextChoices):
        READING = "reading", _("being read")
        REFUSED = "refused", pgettext_lazy("file", "refused")
        READY = "ready", _("to check")
        WORKING = "working", _("being imported")
        DONE = "done", pgettext_lazy("file", "imported")
        DROPPED = "dropped", _("given up")

    # Somebody waits for it.
    AT_WORK = (State.READING, State.WORKING)

    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(_("file"), max_length=200)
    state = models.CharField(max_length=10, choices=State, default=State.READING)
    # Why it is refused.
    error = models.TextField(blank=True)
    warnings = models.JSONField(default=list)
    siren = models.CharField(_("SIREN"), max_length=9, blank=True)
    first_on = models.DateField(null=True)
    last_on = models.DateField(null=True)
    lines = models.PositiveIntegerField(default=0)
    entries = models.PositiveIntegerField(default=0)
    settled = models.PositiveIntegerField(default=0)
    # Of the customers' accounts, and the sum of what is open: they must be equal.
    balance = MoneyField(_("balance"), default=0)
    open_total = MoneyField(_("open items"), default=0)
    # How many by what became of them.
    counts = models.JSONField(default=dict)
    batch = models.ForeignKey(
        ImportBatch, on_delete=models.PROTECT, null=True, related_name="+"
    )
    received_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    received_at = models.DateTimeField()
    # Who works on it says so: a crash is seen by its silence.
    worked_at = models.DateTimeField(null=True)

    if TYPE_CHECKING:
        accounts: RelatedManager[FecAccount]
        items: RelatedManager[FecItem]

    class Meta:
        ordering = ("-pk",)
        verbose_name = _("accounting entries (FEC)")

    def __str__(self) -> str:
        return self.name

    @property
    def difference(self) -> object:
        """What the control total misses of the accounts' balance."""
        return self.balance - self.open_total

    @property
    def is_at_work(self) -> bool:
        return self.state in self.AT_WORK


class FecAccount(models.Model):
    """A customer of the ledger, and who it is here."""

    class How(models.TextChoices):
        CODE = "code", _("same code")
        BEFORE = "before", _("as last time")
        NAME = "name", _("same name")
        NEW = "new", _("new customer")
        CHOSEN = "chosen", _("chosen by hand")

    file = models.ForeignKey(FecFile, on_delete=models.CASCADE, related_name="accounts")
    key = models.CharField(max_length=240)
    name = models.CharField(_("name"), max_length=240)
    balance = MoneyField(_("balance"))
    # The account of all customers together: nobody in particular owes it.
    collective = models.BooleanField(default=False)
    left_out = models.BooleanField(default=False)
    how = models.CharField(max_length=10, choices=How, default=How.NEW)
    customer = models.ForeignKey(
        Customer, on_delete=models.SET_NULL, null=True, related_name="+"
    )

    class Meta:
        ordering = ("name", "pk")
        constraints = (
            models.UniqueConstraint(fields=("file", "key"), name="fec_account_once"),
        )

    def __str__(self) -> str:
        return self.name


class FecItem(models.Model):
    """Something open in the ledger, or settled there and open here."""

    class Kind(models.TextChoices):
        INVOICE = "invoice", _("invoice")
        CREDIT_NOTE = "credit_note", _("credit note")
        PAYMENT = "payment", _("payment")
        CARRIED_OVER = "carried_over", _("balance carried over")
        ADVANCE = "advance", _("advance received")
        DOUBTFUL = "doubtful", _("doubtful debt")
        OTHER = "other", _("other entry")
        # Open here, lettered or absent there.
        SETTLED = "settled", _("lettered since")
        VANISHED = "vanished", _("not in the file any more")

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        KNOWN = "known", _("already known")
        DONE = "done", _("imported")
        REFUSED = "refused", _("refused")
        LEFT_OUT = "left_out", _("left out")

    file = models.ForeignKey(FecFile, on_delete=models.CASCADE, related_name="items")
    account = models.ForeignKey(
        FecAccount, on_delete=models.CASCADE, null=True, related_name="items"
    )
    kind = models.CharField(max_length=20, choices=Kind)
    # SHA-256 of what tells it from all others, this month and next.
    mark = models.CharField(max_length=64)
    number = models.CharField(_("number"), max_length=60, blank=True)
    day = models.DateField(_("date"))
    due_date = models.DateField(null=True)
    label = models.CharField(max_length=240, blank=True)
    place = models.PositiveIntegerField(default=0)
    # Owed by the customer when positive, to them when negative.
    amount = MoneyField(_("amount"))
    left = MoneyField(_("left"))
    currency = models.CharField(max_length=3, default="EUR")
    letter = models.CharField(max_length=40, blank=True)
    # The day of the last line that settled it, whole or in part.
    settled_on = models.DateField(null=True)
    # The marks of what settled it, with day and amount.
    by = models.JSONField(default=list)
    # Of a payment, what it is proposed to settle: [[mark of the invoice, "12.00"]…].
    shares = models.JSONField(default=list)
    reasons = models.JSONField(default=list)
    wanted = models.BooleanField(default=True)
    matched = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    why = models.CharField(max_length=300, blank=True)
    invoice = models.ForeignKey(
        Invoice, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    payment = models.ForeignKey(
        Payment, on_delete=models.SET_NULL, null=True, related_name="+"
    )

    class Meta:
        ordering = ("day", "place", "pk")
        indexes = (
            models.Index(fields=("file", "kind", "state"), name="fec_item_by_kind"),
        )

    def __str__(self) -> str:
        return self.number or self.label
