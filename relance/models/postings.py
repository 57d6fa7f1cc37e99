"""What happened to a letter after it was made: posted, returned…"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from relance.models.documents import Document
from relance.models.reminders import Reminder

if TYPE_CHECKING:
    from django_stubs_ext.db.models.manager import RelatedManager


class Posting(models.Model):
    """The journey of a letter, added beside it and filled in as news comes."""

    class Return(models.TextChoices):
        NOT_AT_ADDRESS = "npai", _("not at this address (NPAI)")
        UNCLAIMED = "unclaimed", _("unclaimed")
        REFUSED = "refused", _("refused")

    reminder = models.OneToOneField(
        Reminder, on_delete=models.PROTECT, related_name="posting"
    )
    posted_on = models.DateField(_("posted on"))
    registered_number = models.CharField(
        _("registered number"), max_length=30, blank=True
    )
    presented_on = models.DateField(_("first presented on"), null=True, blank=True)
    delivered_on = models.DateField(_("delivered on"), null=True, blank=True)
    returned_on = models.DateField(_("returned on"), null=True, blank=True)
    return_reason = models.CharField(
        _("reason of the return"), max_length=12, choices=Return, blank=True
    )
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    recorded_at = models.DateTimeField()

    if TYPE_CHECKING:
        proofs: RelatedManager[PostingProof]

    class Meta:
        verbose_name = _("posting")

    def __str__(self) -> str:
        return f"{self.reminder}, {self.posted_on}"


class PostingProof(models.Model):
    """A scan that proves a deposit, a delivery or a return."""

    posting = models.ForeignKey(
        Posting, on_delete=models.PROTECT, related_name="proofs"
    )
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="+")
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    added_at = models.DateTimeField()

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.posting}: {self.document}"
