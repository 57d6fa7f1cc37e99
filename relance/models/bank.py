"""Changes of the account that customers pay to."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from relance.models.company import Company


class BankChange(models.Model):
    """Another account, from a day on: asked for by one administrator, agreed to by
    another where there are two; never deleted."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waits for a second administrator")
        AGREED = "agreed", _("agreed, starts on its day")
        APPLIED = "applied", _("in use")
        REFUSED = "refused", pgettext_lazy("change of account", "refused")
        CANCELLED = "cancelled", pgettext_lazy("change of account", "given up")

    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+")
    iban = models.CharField(_("IBAN"), max_length=34)
    bic = models.CharField(_("BIC"), max_length=11, blank=True)
    former_iban = models.CharField(max_length=34, blank=True)
    former_bic = models.CharField(max_length=11, blank=True)
    starts_on = models.DateField(_("from"))
    # A sentence on the letters of that time, until a day.
    note = models.CharField(_("explanation"), max_length=300, blank=True)
    note_until = models.DateField(_("until"), null=True, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    asked_at = models.DateTimeField()
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)
    why = models.CharField(_("reason"), max_length=240, blank=True)
    applied_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-asked_at", "-pk")
        verbose_name = _("change of account")
        constraints = (
            models.UniqueConstraint(
                fields=("company",),
                condition=models.Q(state__in=("waiting", "agreed")),
                name="bank_change_one_open",
            ),
            # Nobody agrees to what they asked for; they may give it up.
            models.CheckConstraint(
                condition=models.Q(state="cancelled")
                | models.Q(decided_by__isnull=True)
                | ~models.Q(decided_by=models.F("asked_by")),
                name="bank_change_two_people",
            ),
        )

    def __str__(self) -> str:
        return f"{self.former_iban or '–'} → {self.iban}, {self.starts_on}"
