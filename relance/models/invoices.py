"""Invoices, deposits and credit notes, with what is left to pay."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from relance.models.customers import Customer, Source
from relance.models.documents import Document
from relance.models.imports import batch_link
from relance.models.money import ZERO, MoneyField
from relance.models.search import amount_in, said_in, searched, words_of

if TYPE_CHECKING:
    from django_stubs_ext.db.models.manager import RelatedManager

    from relance.models.holds import Hold
    from relance.models.payments import Allocation
    from relance.models.reminders import ReminderLine


class InvoiceQuerySet(models.QuerySet["Invoice"]):
    def receivable(self) -> Self:
        """Leave credit notes out: they are owed *to* the customer."""
        return self.exclude(kind=Invoice.Kind.CREDIT_NOTE)

    def unpaid(self) -> Self:
        """Keep what may be reminded: open, with something left to pay."""
        return self.receivable().filter(state=Invoice.State.OPEN, balance__gt=ZERO)

    def overdue(self, *, on: date) -> Self:
        return self.unpaid().filter(due_date__lt=on)

    def locked(self) -> Self:
        """Lock the rows one after the other, always in the same order: of two who
        lock the same ones, the second waits for the first."""
        return self.select_for_update(of=("self",)).order_by("pk")

    def matching(self, words: str) -> Self:
        """Keep the invoices whose number, reference or customer has every word; one
        that is an amount may also be the balance or the total."""
        found = self
        for word in words_of(words):
            found = found.filter(
                said_in(word, "", "customer__") | amount_in(word, "balance", "total")
            )
        return found


class Invoice(models.Model):
    """An invoice issued elsewhere; here its payment is followed up.

    Totals are positive whatever the kind: the kind says the sign.
    """

    class Kind(models.TextChoices):
        INVOICE = "invoice", _("invoice")
        DEPOSIT = "deposit", _("deposit invoice")
        REPLACEMENT = "replacement", _("corrected invoice")
        CREDIT_NOTE = "credit_note", _("credit note")

    class State(models.TextChoices):
        OPEN = "open", _("unpaid")
        SETTLED = "settled", _("paid")
        ABANDONED = "abandoned", _("written off")
        CANCELLED = "cancelled", _("cancelled")

    class PaymentMode(models.TextChoices):
        TRANSFER = "transfer", _("transfer")
        DIRECT_DEBIT = "direct_debit", _("direct debit")
        CHEQUE = "cheque", _("cheque")
        CARD = "card", _("card")
        CASH = "cash", _("cash")
        FACTORED = "factored", _("factored")
        OTHER = "other", _("other")

    # The numbering that the number belongs to: our own, or a connection's.
    numbering = models.CharField(max_length=40, default="own")
    number = models.CharField(_("number"), max_length=60)
    kind = models.CharField(
        _("kind"), max_length=20, choices=Kind, default=Kind.INVOICE
    )
    customer = models.ForeignKey(
        Customer,
        on_delete=models.PROTECT,
        related_name="invoices",
        verbose_name=_("customer"),
    )
    # The invoice that this credit note or correction is about.
    corrects = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="corrections",
        verbose_name=_("invoice concerned"),
    )
    # Its number as printed, kept while that invoice is not here.
    corrects_number = models.CharField(max_length=60, blank=True)
    issued_on = models.DateField(_("issue date"))
    service_date = models.DateField(_("service date"), null=True, blank=True)
    due_date = models.DateField(_("due date"))
    due_date_computed = models.BooleanField(default=False)
    subject = models.CharField(_("subject"), max_length=200, blank=True)
    customer_reference = models.CharField(
        _("customer's reference"), max_length=100, blank=True
    )
    payment_mode = models.CharField(
        _("payment mode"),
        max_length=20,
        choices=PaymentMode,
        default=PaymentMode.TRANSFER,
    )
    currency = models.CharField(_("currency"), max_length=3, default="EUR")
    total = MoneyField(_("total incl. VAT"))
    # Kept by services.payments: total less allocations.
    balance = MoneyField(_("balance"))
    state = models.CharField(
        _("state"), max_length=20, choices=State, default=State.OPEN
    )
    # The day of the last payment, once nothing is left; none while something is,
    # and for an invoice that credit notes alone settled.
    paid_on = models.DateField(_("paid on"), null=True, blank=True)
    # Life-cycle status of the e-invoicing reform ("207"…), empty when unknown.
    einvoice_status = models.CharField(max_length=10, blank=True)
    iban = models.CharField(_("IBAN on the invoice"), max_length=34, blank=True)
    # In the text of its PDF: ours when it is there, else the first.
    pdf_iban = models.CharField(max_length=34, blank=True)
    # Lines and VAT as the invoice has them, for a copy when there is no PDF.
    content = models.JSONField(default=dict, blank=True)
    document = models.ForeignKey(
        Document, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    source = models.CharField(max_length=20, choices=Source, default=Source.HAND)
    # How its source names it.
    external_id = models.CharField(max_length=100, null=True, blank=True)
    # SHA-256 of what was imported: the same file again changes nothing.
    fingerprint = models.CharField(max_length=64, blank=True)
    batch = batch_link()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    created_at = models.DateTimeField()
    searched = searched("number", "customer_reference")

    objects = InvoiceQuerySet.as_manager()

    if TYPE_CHECKING:
        allocations: RelatedManager[Allocation]
        holds: RelatedManager[Hold]
        interruptions: RelatedManager[InterruptingEvent]
        reminder_lines: RelatedManager[ReminderLine]

    class Meta:
        ordering = ("due_date", "number")
        verbose_name = _("invoice")
        constraints = (
            models.UniqueConstraint(
                fields=("numbering", "number"), name="invoice_number_once"
            ),
            models.UniqueConstraint(
                fields=("source", "external_id"), name="invoice_once_per_source"
            ),
            models.CheckConstraint(
                condition=models.Q(due_date__gte=models.F("issued_on")),
                name="invoice_due_after_issue",
            ),
            models.CheckConstraint(
                condition=models.Q(balance__gte=0) & models.Q(total__gte=0),
                name="invoice_amounts_not_negative",
            ),
            models.CheckConstraint(
                condition=models.Q(balance__lte=models.F("total")),
                name="invoice_balance_at_most_total",
            ),
        )
        indexes = (
            models.Index(
                fields=("due_date", "number"),
                name="invoice_unpaid",
                condition=models.Q(state="open", balance__gt=0),
            ),
            models.Index(fields=("kind", "state"), name="invoice_by_kind"),
            models.Index(fields=("issued_on",), name="invoice_by_issue"),
            models.Index(
                fields=("paid_on", "issued_on", "due_date"),
                name="invoice_paid",
                condition=models.Q(paid_on__isnull=False),
            ),
            models.Index(fields=("customer", "due_date"), name="invoice_by_customer"),
        )

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        return reverse("invoice", args=[self.pk])

    @property
    def is_credit_note(self) -> bool:
        return self.kind == self.Kind.CREDIT_NOTE

    @property
    def signed_total(self) -> Decimal:
        """The total as the customer owes it: below zero for a credit note."""
        return -self.total if self.is_credit_note else self.total

    @property
    def signed_balance(self) -> Decimal:
        """What is left as the customer owes it: below zero for a credit note."""
        return -self.balance if self.is_credit_note else self.balance

    @property
    def is_kept_elsewhere(self) -> bool:
        """Whether Dolibarr, not we, says what is left to pay."""
        return self.source == Source.DOLIBARR

    @property
    def is_unpaid(self) -> bool:
        """Whether it may be reminded: the same answer as the ``unpaid`` query."""
        return (
            not self.is_credit_note
            and self.state == self.State.OPEN
            and self.balance > ZERO
        )

    @property
    def sum_settled(self) -> object:
        """What payments and credit notes have settled so far."""
        return self.total - self.balance

    def other_iban(self, *, ours: str) -> str:
        """Return the account on the invoice that is not ours; empty when there is
        none, or we have not said which is ours."""
        found = (one for one in (self.iban, self.pdf_iban) if one and one != ours)
        return next(found, "") if ours else ""

    def days_late(self, *, on: date) -> int:
        """Return the days since the due date; zero or less when not yet due."""
        return (on - self.due_date).days


class InterruptingEventQuerySet(models.QuerySet["InterruptingEvent"]):
    def counting(self) -> Self:
        """Leave out those that were recorded by mistake."""
        return self.filter(undone_at__isnull=True)


class InterruptingEvent(models.Model):
    """What made the limitation period start anew, with its proof
    (art. 2240 to 2244 of the Civil Code); recorded by mistake, it is undone, never
    deleted."""

    class Kind(models.TextChoices):
        ACKNOWLEDGEMENT = "acknowledgement", _("acknowledgement of the debt")
        PART_PAYMENT = "part_payment", _("unequivocal part payment")
        COURT_CLAIM = "court_claim", _("court claim")
        ENFORCEMENT = "enforcement", _("act of enforcement")
        INSOLVENCY_CLAIM = "insolvency_claim", _("claim filed in insolvency")
        PUBLIC_CLAIM = "public_claim", _("written claim to a public body")

    invoice = models.ForeignKey(
        Invoice, on_delete=models.PROTECT, related_name="interruptions"
    )
    kind = models.CharField(_("event"), max_length=20, choices=Kind)
    happened_on = models.DateField(_("date"))
    proof = models.CharField(_("proof"), max_length=240, blank=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    recorded_at = models.DateTimeField()
    document = models.ForeignKey(
        Document,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("proof"),
    )
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    undone_why = models.CharField(max_length=240, blank=True)

    objects = InterruptingEventQuerySet.as_manager()

    class Meta:
        ordering = ("happened_on", "pk")

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.happened_on}"
