"""The few facts that every page shows around its content."""

from __future__ import annotations

from relance.models import Company, OutboxMessage


def company_name() -> str:
    """Return the company's name, empty before the set-up."""
    return Company.objects.values_list("name", flat=True).first() or ""


def needing_attention() -> dict[str, int]:
    """Return, by menu entry, how many things wait for a human to decide."""
    stuck = (OutboxMessage.State.FAILED, OutboxMessage.State.UNCERTAIN)
    return {"outbox": OutboxMessage.objects.filter(state__in=stuck).count()}
