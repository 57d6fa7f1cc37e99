"""Rows ticked and approved as a run, and its work."""

from __future__ import annotations

import uuid

from relance.models import Channel, Invoice, Level, Proposal, Run, User
from relance.services import proposals, run_work, runs
from tests.make import NOW, TODAY


def tick(
    *invoices: Invoice, channel: Channel = Channel.LETTER, rank: int | None = None
) -> None:
    """Tick these as somebody does on the screen."""
    proposals.refresh(today=TODAY)
    level = Level.objects.get(rank=rank) if rank is not None else None
    Proposal.objects.filter(invoice__in=invoices).update(
        channel=channel, chosen_level=level, stale=True, chosen_at=NOW
    )


def approve(
    by: User | None = None,
    *,
    key: uuid.UUID | None = None,
    grouped: bool = False,
    confirmed: bool = False,
    expected: int | None = None,
    shown: str = "",
) -> Run:
    return runs.approve(
        key=key or uuid.uuid4(),
        by=by,
        now=NOW,
        today=TODAY,
        grouped=grouped,
        confirmed=confirmed,
        expected=expected,
        shown=shown,
    )


def work(run: Run) -> None:
    while run_work.work(run.pk, now=NOW, today=TODAY):
        pass


def states(run: Run) -> list[str]:
    return list(run.lines.values_list("state", flat=True))
