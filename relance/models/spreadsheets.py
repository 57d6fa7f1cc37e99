"""A spreadsheet dropped on the page: what was chosen about it, how far it is."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from relance.models.documents import Document
from relance.models.imports import ImportBatch
from relance.rules.spreadsheet_targets import Kind

KINDS = [
    (Kind.INVOICES.value, _("invoices")),
    (Kind.PAYMENTS.value, _("payments")),
    (Kind.CUSTOMERS.value, _("customers")),
    (Kind.AGED_BALANCE.value, _("aged balance")),
    (Kind.STATEMENT.value, _("bank statement")),
]


class Spreadsheet(models.Model):
    """A file kept with its choices: nothing is written before *Import*.

    Checked, then imported, chunk by chunk: ``rows_done`` says where a worker goes
    on, after a crash too.
    """

    class State(models.TextChoices):
        CHOOSING = "choosing", _("columns to be chosen")
        CHECKING = "checking", _("being checked")
        CHECKED = "checked", _("ready to be imported")
        IMPORTING = "importing", _("being imported")
        DONE = "done", _("imported")

    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=State, default=State.CHOOSING)
    kind = models.CharField(_("kind"), max_length=20, choices=KINDS, blank=True)
    # As ``services.spreadsheet_layout.Layout`` writes itself.
    layout = models.JSONField(default=dict)
    # What the check found, or what the import did: see ``spreadsheet_reports``.
    report = models.JSONField(default=dict)
    # The number of the last row that is done; how many there are.
    rows_done = models.PositiveIntegerField(default=0)
    rows_total = models.PositiveIntegerField(default=0)
    # What keeps it from going on, in words.
    trouble = models.TextField(blank=True)
    batch = models.OneToOneField(
        ImportBatch,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="spreadsheet",
    )
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    made_at = models.DateTimeField()
    # The last time that somebody chose, or a worker went on.
    touched_at = models.DateTimeField()

    class Meta:
        ordering = ("-made_at", "-pk")
        verbose_name = _("spreadsheet")
        indexes = (
            models.Index(
                fields=("touched_at",),
                name="spreadsheet_at_work",
                condition=models.Q(state__in=("checking", "importing")),
            ),
        )

    def __str__(self) -> str:
        return self.document.name

    def get_absolute_url(self) -> str:
        return reverse("spreadsheet", args=[self.pk])

    @property
    def at_work(self) -> bool:
        return self.state in (self.State.CHECKING, self.State.IMPORTING)


class SpreadsheetProfile(models.Model):
    """Choices kept by name, offered when the same columns come again."""

    name = models.CharField(_("name"), max_length=80, unique=True)
    kind = models.CharField(_("kind"), max_length=20, choices=KINDS)
    # SHA-256 of the names of the columns.
    signature = models.CharField(max_length=64, db_index=True)
    layout = models.JSONField(default=dict)
    saved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    saved_at = models.DateTimeField()

    class Meta:
        ordering = ("name",)
        verbose_name = _("column profile")

    def __str__(self) -> str:
        return self.name


class ImportChange(models.Model):
    """What a row said before an import changed it: undone with the import."""

    batch = models.ForeignKey(
        ImportBatch, on_delete=models.PROTECT, related_name="changes"
    )
    # ``customer`` or ``invoice``, and its number.
    table = models.CharField(max_length=20)
    row = models.PositiveBigIntegerField()
    before = models.JSONField()
    after = models.JSONField()

    class Meta:
        verbose_name = _("change made by an import")

    def __str__(self) -> str:
        return f"{self.table} {self.row}"
