"""Agreements asked for: those that wait, and who may answer them."""

from __future__ import annotations

from django.db.models import QuerySet

from relance.models import Approval, Invoice, User
from relance.rules.approval import may_agree
from relance.rules.permissions import Role

# Answers shown below those that wait.
ANSWERED = 50


def waiting() -> QuerySet[Approval]:
    """Return what nobody has answered about invoices still unpaid, oldest first."""
    return (
        Approval.objects.waiting()
        .filter(invoice__in=Invoice.objects.unpaid().values("pk"))
        .select_related("invoice__customer", "level", "asked_by")
        .order_by("asked_at", "pk")
    )


def answered() -> QuerySet[Approval]:
    """Return what was answered or withdrawn, the newest first."""
    return (
        Approval.objects.exclude(state=Approval.State.ASKED)
        .select_related("invoice__customer", "level", "asked_by", "answered_by")
        .order_by("-answered_at", "-pk")
    )


def last_asked(invoice: Invoice) -> list[Approval]:
    """Return what was asked about an invoice, the newest first."""
    return list(invoice.approvals.select_related("level", "asked_by", "answered_by"))


def may_answer(user: User, approval: Approval) -> bool:
    """Say whether this person may answer."""
    return user.is_active and may_agree(
        user.role,
        is_asker=user.pk == approval.asked_by_id,
        others_administer=others_administer(approval.asked_by_id),
    )


def others_administer(asker: int) -> bool:
    """Say whether an administrator other than the asker may log in."""
    administrators = User.objects.filter(role=Role.ADMIN.value, is_active=True)
    return administrators.exclude(pk=asker).exists()
