"""What may change a proposal marks it stale, in its own transaction."""

from __future__ import annotations

from collections.abc import Iterable

from relance.models import Proposal


def touch(customer_ids: Iterable[int]) -> None:
    """Mark the proposals of customers stale, inside the caller's transaction."""
    Proposal.objects.filter(customer__in=set(customer_ids), stale=False).update(
        stale=True
    )


def touch_all() -> None:
    """Mark every proposal stale: something that concerns all has changed."""
    Proposal.objects.filter(stale=False).update(stale=True)
