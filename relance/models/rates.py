"""Legal and ECB rates by half-year."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Rate(models.Model):
    """One published rate; an unverified one warns wherever it is used."""

    class Kind(models.TextChoices):
        LEGAL = "LEGAL", _("legal interest rate (all other cases)")
        ECB = "ECB", _("ECB main refinancing rate")

    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    half_year = models.CharField(_("half-year"), max_length=7)
    percent = models.DecimalField(_("rate (%)"), max_digits=5, decimal_places=2)
    verified = models.BooleanField(_("verified"), default=False)
    source = models.CharField(_("source"), max_length=200)

    class Meta:
        ordering = ("-half_year", "kind")
        verbose_name = _("rate")
        constraints = (
            models.UniqueConstraint(fields=("kind", "half_year"), name="rate_once"),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.half_year}: {self.percent} %"
