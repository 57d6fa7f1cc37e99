"""Levels of reminder, and the procedures that say when each is due."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.utils.translation import gettext_lazy as _

from relance.models.money import MoneyField
from relance.models.stationery import Signatory
from relance.rules.regimes import Regime

if TYPE_CHECKING:
    from django_stubs_ext.db.models.manager import RelatedManager

    from relance.models.customers import Customer


class Level(models.Model):
    """A step of firmness: what it is called, and what is stamped on the invoice.

    Its texts belong to it, so that procedures which share a level share its texts.
    """

    class Kind(models.TextChoices):
        COURTESY = "courtesy", _("courtesy, before the due date")
        REMINDER = "reminder", _("reminder")
        FORMAL_NOTICE = "formal_notice", _("formal notice")

    rank = models.PositiveSmallIntegerField(_("rank"), unique=True)
    name = models.CharField(_("name"), max_length=60)
    kind = models.CharField(
        _("kind"), max_length=20, choices=Kind, default=Kind.REMINDER
    )
    stamp = models.CharField(_("stamp on the invoice"), max_length=30, blank=True)
    needs_approval = models.BooleanField(_("needs a second person"), default=False)
    active = models.BooleanField(_("active"), default=True)
    # Empty: the main signatory.
    signatory = models.ForeignKey(
        Signatory,
        on_delete=models.SET_NULL,
        related_name="levels",
        null=True,
        blank=True,
        verbose_name=_("signatory"),
    )
    # The default level that it was made from, wherever its rank moves: a new
    # version's texts find it by this.
    seed_rank = models.PositiveSmallIntegerField(null=True, blank=True, unique=True)

    class Meta:
        ordering = ("rank",)
        verbose_name = _("level")

    def __str__(self) -> str:
        return self.name

    @property
    def is_formal_notice(self) -> bool:
        return self.kind == self.Kind.FORMAL_NOTICE

    @property
    def is_courtesy(self) -> bool:
        return self.kind == self.Kind.COURTESY


class Procedure(models.Model):
    """Which levels, and how long after the due date each comes; for whom it is used
    is decided by ``rules.procedures``."""

    class AmountOf(models.TextChoices):
        BALANCE = "balance", _("balance")
        TOTAL = "total", _("total of the invoice")

    name = models.CharField(_("name"), max_length=80, unique=True)
    # The procedure of every customer of this type who has none of their own.
    regime = models.CharField(
        _("customer type"),
        max_length=10,
        choices=[(regime.value, regime.value) for regime in Regime],
        null=True,
        blank=True,
        unique=True,
    )
    # Of every invoice that comes to this amount, of one type of customer or of all.
    amount_from = MoneyField(  # type: ignore[misc]
        _("from this amount"), null=True, blank=True
    )
    amount_of = models.CharField(
        _("amount looked at"),
        max_length=10,
        choices=AmountOf,
        default=AmountOf.BALANCE,
    )
    amount_regime = models.CharField(
        _("for this customer type only"),
        max_length=10,
        choices=[(regime.value, regime.value) for regime in Regime],
        blank=True,
    )
    # Of every customer who bears this tag.
    tag = models.OneToOneField(
        "relance.Tag",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="procedure",
        verbose_name=_("tag"),
    )

    if TYPE_CHECKING:
        customers: RelatedManager[Customer]
        steps: RelatedManager[Step]

    class Meta:
        ordering = ("name",)
        verbose_name = _("procedure")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(amount_from__isnull=True)
                | models.Q(amount_from__gt=0),
                name="procedure_amount_positive",
            ),
        )

    def __str__(self) -> str:
        return self.name


class Step(models.Model):
    """A level inside a procedure."""

    procedure = models.ForeignKey(
        Procedure, on_delete=models.CASCADE, related_name="steps"
    )
    level = models.ForeignKey(Level, on_delete=models.PROTECT, related_name="steps")
    # Negative for a courtesy level.
    days_after_due = models.SmallIntegerField(_("days after the due date"))
    days_to_pay = models.PositiveSmallIntegerField(_("days given to pay"), default=8)
    # Empty: the general delay.
    next_delay = models.CharField(_("delay before the next"), max_length=40, blank=True)

    class Meta:
        ordering = ("level__rank",)
        constraints = (
            models.UniqueConstraint(
                fields=("procedure", "level"), name="step_once_per_procedure"
            ),
        )

    def __str__(self) -> str:
        return f"{self.procedure}: {self.level}"
