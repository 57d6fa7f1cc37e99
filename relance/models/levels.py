"""Levels of reminder, and the procedures that say when each is due."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.utils.translation import gettext_lazy as _

from relance.models.stationery import Signatory
from relance.rules.regimes import Regime

if TYPE_CHECKING:
    from django_stubs_ext.db.models.manager import RelatedManager


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
    email_copy = models.BooleanField(_("copy by e-mail"), default=False)
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

    class Meta:
        ordering = ("rank",)
        verbose_name = _("level")

    def __str__(self) -> str:
        return self.name

    @property
    def is_formal_notice(self) -> bool:
        return self.kind == self.Kind.FORMAL_NOTICE


class Procedure(models.Model):
    """Which levels, and how long after the due date each comes."""

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

    if TYPE_CHECKING:
        steps: RelatedManager[Step]

    class Meta:
        ordering = ("name",)
        verbose_name = _("procedure")

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
