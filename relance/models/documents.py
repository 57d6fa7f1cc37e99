"""Files kept for ever: what was received, and what was sent."""

from __future__ import annotations

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _


class Document(models.Model):
    """An immutable file of the store, named by the SHA-256 of its content.

    Two rows may name the same content: the invoice of two reminders is stored
    once.
    """

    class Kind(models.TextChoices):
        INVOICE = "invoice", _("invoice")
        INVOICE_COPY = "invoice_copy", _("copy of the invoice")
        LETTER = "letter", _("letter with its invoice")
        STAMPED_COPY = "stamped_copy", _("stamped invoice")
        EMAIL = "email", _("e-mail as sent")
        EINVOICE = "einvoice", _("e-invoice")
        PROOF = "proof", _("proof of posting")
        TAKEN_OVER = "taken_over", _("past reminder")
        STATEMENT = "statement", _("bank statement")
        ENTRIES = "entries", _("accounting entries (FEC)")
        SPREADSHEET = "spreadsheet", _("spreadsheet")
        LOGO = "logo", _("logo")
        SIGNATURE = "signature", _("signature")
        TEMPLATE = "template", _("page layout of letters")

    # Seen and used by those who configure, and by nobody else.
    GUARDED = (Kind.SIGNATURE, Kind.TEMPLATE)

    kind = models.CharField(max_length=20, choices=Kind)
    name = models.CharField(max_length=200)
    media_type = models.CharField(max_length=80, default="application/pdf")
    sha256 = models.CharField(max_length=64, db_index=True)
    size = models.PositiveBigIntegerField()
    pages = models.PositiveIntegerField(null=True)
    # Where each stamp finds room on the first page, looked for when an invoice
    # comes in: {"Rappel": [left, bottom, scale], "Mise en demeure": null}.
    stamp_places = models.JSONField(default=dict)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ("-pk",)

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("document", args=[self.pk])
