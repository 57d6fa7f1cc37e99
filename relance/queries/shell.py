"""The few facts that every page shows around its content."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.db.models import Subquery

from relance.models import Company, OutboxMessage, Run
from relance.queries.counting import count_of

_UNFINISHED = (Run.State.APPROVED, Run.State.WORKING, Run.State.STOPPED)


@dataclass(frozen=True, kw_only=True)
class Around:
    """The company's name, and how many things wait for a human, by menu entry."""

    company: str = ""
    waiting: Mapping[str, int] = field(default_factory=dict)
    # The id of the newest mass reminder that is not finished.
    run: int | None = None
    # Nobody has said yet what was reminded before Relance.
    past_unknown: bool = False


def around() -> Around:
    """Return what every page shows, in one query; nothing before the set-up."""
    stuck = OutboxMessage.objects.filter(
        state__in=(OutboxMessage.State.FAILED, OutboxMessage.State.UNCERTAIN)
    )
    unfinished = (
        Run.objects.filter(state__in=_UNFINISHED).order_by("-number").values("pk")
    )
    found = Company.objects.annotate(
        stuck=count_of(stuck), run=Subquery(unfinished[:1])
    ).values_list("name", "stuck", "run", "takeover_answered_at")
    for name, emails, run, answered_at in found:
        return Around(
            company=name,
            waiting={"outbox": emails},
            run=run,
            past_unknown=answered_at is None,
        )
    return Around()
