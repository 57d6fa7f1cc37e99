"""The connection to Dolibarr, and how far its synchronisations are."""

from __future__ import annotations

import secrets

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from relance.models.secrets import SecretField

# The numbering of what comes from there: never mixed with our own.
DOLIBARR_NUMBERING = "dolibarr"


def new_secret() -> str:
    """Return a secret that an address may hold."""
    return secrets.token_urlsafe(24)


class DolibarrConnection(models.Model):
    """Where Dolibarr is, the key that opens it, and what is known of it."""

    class Pdfs(models.TextChoices):
        WHEN_NEEDED = "when_needed", _("when first needed")
        ALL = "all", _("all, at each synchronisation")

    class Unreachable(models.TextChoices):
        """What a run does while Dolibarr does not answer."""

        WAIT = "wait", _("wait until Dolibarr answers")
        GO_ON = "go_on", _("go on with the last known balance")

    class State(models.TextChoices):
        NEW = "new", _("not tried yet")
        WORKING = "working", _("works")
        FAILING = "failing", _("does not work")

    address = models.CharField(_("address of Dolibarr"), max_length=300)
    key = SecretField(_("API key"))
    # That of Dolibarr's server: its dates are midnights there.
    time_zone = models.CharField(
        _("time zone of Dolibarr"), max_length=64, default="Europe/Paris"
    )
    # What amounts are in where an invoice does not say.
    currency = models.CharField(_("currency of Dolibarr"), max_length=3, default="EUR")
    # 0: only when asked.
    every_hours = models.PositiveSmallIntegerField(
        _("synchronise every … hours (0: only when asked)"), default=4
    )
    pdfs = models.CharField(
        _("PDF of invoices"), max_length=20, choices=Pdfs, default=Pdfs.WHEN_NEEDED
    )
    build_pdfs = models.BooleanField(
        _("have Dolibarr make a PDF that is missing"), default=False
    )
    when_unreachable = models.CharField(
        _("when Dolibarr does not answer, a run should"),
        max_length=10,
        choices=Unreachable,
        default=Unreachable.WAIT,
    )
    write_events = models.BooleanField(
        _("note each reminder in Dolibarr's agenda"), default=False
    )
    write_letters = models.BooleanField(
        _("put each letter among the invoice's documents in Dolibarr"), default=False
    )
    write_payments = models.BooleanField(
        _("record payments matched here in Dolibarr"), default=False
    )
    # Dolibarr's id of the bank account that these payments go to.
    payments_account = models.PositiveIntegerField(
        _("number of the bank account in Dolibarr"), null=True, blank=True
    )
    # What was made before somebody asked for it is not written there.
    writes_since = models.DateTimeField(null=True)
    # The code of the extra field that stops reminders; empty: none.
    hold_field = models.CharField(
        _("extra field that stops reminders"), max_length=60, blank=True
    )
    webhook_secret = models.CharField(max_length=64, default=new_secret)
    state = models.CharField(max_length=10, choices=State, default=State.NEW)
    # In words, of the last attempt; empty when it went well.
    error = models.TextField(blank=True)
    checked_at = models.DateTimeField(null=True)
    version = models.CharField(max_length=40, blank=True)
    # Dolibarr's id of the key's user; nothing when it may not be read.
    user_id = models.PositiveIntegerField(null=True)
    # Unpaid invoices at the last look; nothing when the version does not count.
    unpaid_seen = models.PositiveIntegerField(null=True)
    last_full_at = models.DateTimeField(null=True)
    last_sync_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("connection to Dolibarr")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(pk=1), name="dolibarr_connection_is_one"
            ),
        )

    def __str__(self) -> str:
        return self.address

    @property
    def major(self) -> int:
        """The first number of the version; 0 while it is not known."""
        first = self.version.split(".")[0]
        return int(first) if first.isdigit() else 0

    def invoice_url(self, external_id: str) -> str:
        return f"{self.address}/compta/facture/card.php?facid={external_id}"

    def customer_url(self, external_id: str) -> str:
        return f"{self.address}/societe/card.php?socid={external_id}"


class DolibarrSync(models.Model):
    """A synchronisation: its stage and the last id read say where to go on."""

    class State(models.TextChoices):
        WORKING = "working", _("in progress")
        DONE = "done", _("done")
        FAILED = "failed", _("stopped by an error")

    class Stage(models.TextChoices):
        CUSTOMERS = "customers", _("customers")
        CONTACTS = "contacts", _("contacts")
        INVOICES = "invoices", _("unpaid invoices")
        GONE = "gone", _("invoices that are no longer unpaid")
        CREDITS = "credits", _("credit notes")
        PEOPLE = "people", _("billing contacts")
        PDFS = "pdfs", _("PDF of invoices")

    # Everything, or what changed since the last one.
    full = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=State, default=State.WORKING)
    stage = models.CharField(max_length=10, choices=Stage, default=Stage.CUSTOMERS)
    # The last of Dolibarr's ids, or of ours, that the stage has done with.
    cursor = models.PositiveBigIntegerField(default=0)
    # Of the stage; a total of nothing is not known.
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(null=True)
    # How many by what became of them: {"invoices_created": 12, …}.
    counts = models.JSONField(default=dict)
    # What the user should look at, in words; the first of them.
    warnings = models.JSONField(default=list)
    error = models.TextField(blank=True)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    started_at = models.DateTimeField()
    # A worker is on it; one that is silent for long was interrupted.
    touched_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-pk",)
        verbose_name = _("synchronisation with Dolibarr")
        constraints = (
            models.UniqueConstraint(
                fields=("state",),
                condition=models.Q(state="working"),
                name="dolibarr_sync_one_at_a_time",
            ),
        )

    def __str__(self) -> str:
        return f"{self.started_at:%Y-%m-%d %H:%M}"


class DolibarrHint(models.Model):
    """Something that Dolibarr says has changed: to be read again, never believed."""

    class Kind(models.TextChoices):
        INVOICE = "invoice", _("invoice")
        CUSTOMER = "customer", _("customer")
        CONTACT = "contact", _("contact")

    kind = models.CharField(max_length=10, choices=Kind)
    external_id = models.PositiveBigIntegerField()
    noted_at = models.DateTimeField()

    class Meta:
        ordering = ("pk",)
        verbose_name = _("news from Dolibarr")
        constraints = (
            models.UniqueConstraint(
                fields=("kind", "external_id"), name="dolibarr_hint_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.external_id}"
