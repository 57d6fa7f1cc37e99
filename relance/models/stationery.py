"""The company's writing paper, and who signs on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.utils.translation import gettext_lazy as _

from relance.models.documents import Document

if TYPE_CHECKING:
    from django_stubs_ext.db.models.manager import RelatedManager

    from relance.models.levels import Level

ACCENT = "#0f5c6e"


class Stationery(models.Model):
    """How letters look: one for each installation, with our defaults until saved."""

    class Font(models.TextChoices):
        SOURCE_SANS = "Source Sans 3", "Source Sans"
        LORA = "Lora", "Lora"
        INTER = "Inter", "Inter"

    logo = models.ForeignKey(
        Document,
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        verbose_name=_("logo"),
    )
    # The name is not written again under a logo that says it.
    logo_says_name = models.BooleanField(_("logo with the name"), default=False)
    accent = models.CharField(_("colour"), max_length=7, default=ACCENT)
    font = models.CharField(
        _("font"), max_length=40, choices=Font, default=Font.SOURCE_SANS
    )
    # Millimetres of the sheet.
    margin_left = models.PositiveSmallIntegerField(_("left margin"), default=22)
    margin_right = models.PositiveSmallIntegerField(_("right margin"), default=20)
    margin_bottom = models.PositiveSmallIntegerField(_("bottom margin"), default=24)
    window_x = models.DecimalField(
        _("address shifted to the right (mm)"),
        max_digits=4,
        decimal_places=1,
        default=0,
    )
    window_y = models.DecimalField(
        _("address shifted down (mm)"), max_digits=4, decimal_places=1, default=0
    )
    fold_marks = models.BooleanField(_("folding marks"), default=True)
    footer_text = models.CharField(
        _("text at the foot of the page"), max_length=300, blank=True
    )
    # An own letter.typ in the place of ours; the last failure of it, in words.
    template = models.ForeignKey(
        Document,
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        verbose_name=_("own page layout"),
    )
    template_trouble = models.TextField(blank=True)
    template_failed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("letter paper")
        constraints = (
            models.CheckConstraint(condition=models.Q(pk=1), name="stationery_is_one"),
        )

    def __str__(self) -> str:
        return str(self._meta.verbose_name)


class Signatory(models.Model):
    """Somebody who signs letters; the main one signs what no other was chosen for."""

    name = models.CharField(_("signatory"), max_length=120)
    position = models.CharField(_("signatory's position"), max_length=120, blank=True)
    position_in_english = models.CharField(
        _("signatory's position in English"), max_length=120, blank=True
    )
    # A picture of the signature.
    signature = models.ForeignKey(
        Document,
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        verbose_name=_("signature"),
    )
    is_main = models.BooleanField(_("main signatory"), default=False)
    active = models.BooleanField(_("active"), default=True)

    if TYPE_CHECKING:
        levels: RelatedManager[Level]

    class Meta:
        ordering = ("-active", "-is_main", "name")
        verbose_name = _("signatory")
        constraints = (
            models.UniqueConstraint(
                fields=("is_main",),
                condition=models.Q(is_main=True),
                name="one_main_signatory",
            ),
        )

    def __str__(self) -> str:
        return self.name

    def position_in(self, language: str) -> str:
        """Return the position as letters of a language say it."""
        in_english = self.position_in_english if language == "en" else ""
        return in_english or self.position
