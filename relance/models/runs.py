"""Runs (*relances massives*): many reminders approved together, made in chunks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from relance.models.customers import Customer
from relance.models.invoices import Invoice
from relance.models.levels import Level
from relance.models.texts import Channel

if TYPE_CHECKING:
    from django_stubs_ext.db.models.manager import RelatedManager

    from relance.models.history import HistoryEntry
    from relance.models.reminders import Reminder, ReminderLine


class Run(models.Model):
    """What somebody approved with one button; its lines say what is still to do."""

    class State(models.TextChoices):
        APPROVED = "approved", _("approved")
        WORKING = "working", _("at work")
        STOPPED = "stopped", _("stopped")
        DONE = "done", _("finished")
        CANCELLED = "cancelled", pgettext_lazy("run", "cancelled")

    class PrintOrder(models.TextChoices):
        CUSTOMER = "customer", _("by customer")
        POSTCODE = "postcode", _("by postcode")
        PAGES = "pages", _("by number of pages")

    number = models.PositiveIntegerField(unique=True)
    # The button's key: a second click finds the run that the first one made.
    request_key = models.UUIDField(unique=True)
    state = models.CharField(max_length=10, choices=State, default=State.APPROVED)
    # One letter for several invoices of a customer.
    grouped = models.BooleanField(_("grouped by customer"), default=False)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    approved_at = models.DateTimeField()
    # The day it was approved; letters bear the day on which they are made, a later one
    # where the run was stopped meanwhile.
    made_on = models.DateField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    stopped_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    stopped_at = models.DateTimeField(null=True)
    # What keeps it from going on for the moment, in words: a full disk.
    trouble = models.TextField(blank=True)

    # The print room: how the letters follow each other in the print file.
    print_order = models.CharField(
        _("order"), max_length=10, choices=PrintOrder, default=PrintOrder.CUSTOMER
    )
    print_duplex = models.BooleanField(_("printed on both sides"), default=False)
    print_cover = models.BooleanField(_("cover sheet"), default=True)
    # The print file in the store of derived files; empty: to be made (again).
    print_file = models.CharField(max_length=120, blank=True)
    print_pages = models.PositiveIntegerField(null=True)
    # Why the print file could not be made, in words.
    print_trouble = models.TextField(blank=True)

    if TYPE_CHECKING:
        history: RelatedManager[HistoryEntry]
        lines: RelatedManager[RunLine]
        reminders: RelatedManager[Reminder]

    class Meta:
        ordering = ("-number",)
        verbose_name = _("run")
        indexes = (
            models.Index(
                fields=("state",),
                name="run_unfinished",
                condition=models.Q(state__in=("approved", "working", "stopped")),
            ),
        )

    def __str__(self) -> str:
        return self.reference

    def get_absolute_url(self) -> str:
        return reverse("run", args=[self.pk])

    @property
    def reference(self) -> str:
        return f"RM-{self.number:04d}"


class RunLine(models.Model):
    """An invoice of a run: what was chosen for it, and what became of it."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        MADE = "made", _("made")
        LEFT_OUT = "left_out", _("left out")
        SET_APART = "set_apart", _("set apart")

    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="lines")
    position = models.PositiveIntegerField()
    # Lines with the same group number are one letter, or one e-mail.
    group = models.PositiveIntegerField()
    invoice = models.ForeignKey(
        Invoice, on_delete=models.PROTECT, related_name="run_lines"
    )
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+")
    level = models.ForeignKey(Level, on_delete=models.PROTECT, related_name="+")
    channel = models.CharField(max_length=12, choices=Channel)
    note = models.TextField(blank=True)
    next_on = models.DateField(null=True)
    overrides = models.JSONField(default=dict)
    # The reasons against that stood when it was approved.
    reasons = models.JSONField(default=list)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    # Why it was left out or set apart: a stable code, and the words.
    cause = models.CharField(max_length=30, blank=True)
    why = models.TextField(blank=True)

    if TYPE_CHECKING:
        reminder_line: ReminderLine
        invoice_id: int
        customer_id: int
        level_id: int

    class Meta:
        ordering = ("position",)
        constraints = (
            models.UniqueConstraint(
                fields=("run", "invoice"), name="run_line_once_per_invoice"
            ),
        )
        indexes = (
            models.Index(
                fields=("run", "group"),
                name="run_line_waiting",
                condition=models.Q(state="waiting"),
            ),
            models.Index(fields=("run", "state"), name="run_line_by_state"),
        )

    def __str__(self) -> str:
        return f"{self.run}: {self.invoice}"
