"""The few facts that every page shows around its content."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from relance.models import Company, OutboxMessage
from relance.queries.counting import count_of


@dataclass(frozen=True, kw_only=True)
class Around:
    """The company's name, and how many things wait for a human, by menu entry."""

    company: str = ""
    waiting: Mapping[str, int] = field(default_factory=dict)


def around() -> Around:
    """Return what every page shows, in one query; nothing before the set-up."""
    stuck = OutboxMessage.objects.filter(
        state__in=(OutboxMessage.State.FAILED, OutboxMessage.State.UNCERTAIN)
    )
    found = Company.objects.annotate(stuck=count_of(stuck)).values_list("name", "stuck")
    for name, emails in found:
        return Around(company=name, waiting={"outbox": emails})
    return Around()
