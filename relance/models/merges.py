"""Customers found to be one, or said to be two; what a merge moved, to move it back."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from relance.models.customers import Customer


class DistinctCustomers(models.Model):
    """Two customers that look alike and are not one: somebody said so."""

    one = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    other = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    said_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    said_at = models.DateTimeField()

    class Meta:
        ordering = ("-said_at", "-pk")
        verbose_name = _("distinct customers")
        constraints = (
            models.UniqueConstraint(fields=("one", "other"), name="distinct_once"),
            # Always in the same order: a pair has one row.
            models.CheckConstraint(
                condition=models.Q(one__lt=models.F("other")), name="distinct_in_order"
            ),
        )

    def __str__(self) -> str:
        return f"{self.one} ≠ {self.other}"


class CustomerMerge(models.Model):
    """One customer merged into another. Kept when it is undone."""

    kept = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="merges")
    absorbed = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+")
    # Exactly what changed hands, by table: {"Invoice": [12, 15], "tags": [3], …}.
    moved = models.JSONField(default=dict)
    # What the merge wrote on the card that was kept: {"email": ["before", "after"]}.
    fields = models.JSONField(default=dict)
    merged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    merged_at = models.DateTimeField()
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    undone_at = models.DateTimeField(null=True)
    request_key = models.UUIDField(unique=True)

    class Meta:
        ordering = ("-merged_at", "-pk")
        verbose_name = _("merge of customers")
        constraints = (
            models.UniqueConstraint(
                fields=("absorbed",),
                condition=models.Q(undone_at__isnull=True),
                name="merge_once_at_a_time",
            ),
            models.CheckConstraint(
                condition=~models.Q(kept=models.F("absorbed")),
                name="merge_of_two_customers",
            ),
        )

    def __str__(self) -> str:
        return f"{self.absorbed} → {self.kept}"
