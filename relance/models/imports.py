"""What was brought in together from a file, and may be undone together."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class ImportBatch(models.Model):
    """One import: what it was made from, by whom, and what came of it.

    The rows that it created name it; undone, they are gone and the batch remains.
    """

    class Kind(models.TextChoices):
        CUSTOMERS = "customers", _("customers")
        INVOICES = "invoices", _("invoices")
        PAYMENTS = "payments", _("payments")
        AGED_BALANCE = "aged_balance", _("aged balance")
        ENTRIES = "entries", _("accounting entries (FEC)")
        REMINDERS = "reminders", _("past reminders")
        STATUSES = "statuses", _("e-invoice statuses")

    class State(models.TextChoices):
        WORKING = "working", _("in progress")
        DONE = "done", _("brought in")
        UNDONE = "undone", _("undone")

    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    state = models.CharField(
        _("state"), max_length=10, choices=State, default=State.DONE
    )
    file_name = models.CharField(_("file"), max_length=200)
    # SHA-256 of the file: the same again is recognised.
    fingerprint = models.CharField(max_length=64, db_index=True)
    # How many by what became of them: {"created": 12, "unchanged": 3, …}.
    counts = models.JSONField(default=dict)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    made_at = models.DateTimeField()
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-made_at", "-pk")
        verbose_name = _("import")

    def __str__(self) -> str:
        return self.file_name


def batch_link() -> models.ForeignKey[ImportBatch | None, ImportBatch | None]:
    """Return the field by which a row names the import that created it, if one did."""
    return models.ForeignKey(
        ImportBatch,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="%(class)ss",
    )
