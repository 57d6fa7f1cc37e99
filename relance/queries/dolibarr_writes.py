"""What is to be written in Dolibarr, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Q

from relance.models import DolibarrWrite

SHOWN = 20
State = DolibarrWrite.State


@dataclass(frozen=True, kw_only=True)
class Written:
    """How many things, by what became of them; the latest that failed, and why
    those that wait do."""

    waiting: int
    done: int
    failed: int
    failures: tuple[DolibarrWrite, ...]
    why_waiting: str


def written() -> Written:
    """Return how far the writing is, in three queries at most."""
    waits = Q(state__in=(State.WAITING, State.DOING))
    counts = DolibarrWrite.objects.aggregate(
        waiting=Count("pk", filter=waits),
        done=Count("pk", filter=Q(state=State.DONE)),
        failed=Count("pk", filter=Q(state=State.FAILED)),
    )
    failures: tuple[DolibarrWrite, ...] = ()
    if counts["failed"]:
        rows = DolibarrWrite.objects.filter(state=State.FAILED)
        rows = rows.select_related("invoice__customer", "reminder", "pending")
        failures = tuple(rows.order_by("-pk")[:SHOWN])
    why = ""
    if counts["waiting"]:
        told = DolibarrWrite.objects.filter(state=State.WAITING).exclude(error="")
        why = told.order_by("-pk").values_list("error", flat=True).first() or ""
    return Written(failures=failures, why_waiting=why, **counts)
