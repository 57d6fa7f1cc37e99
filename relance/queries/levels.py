"""Levels and procedures as their page lists them."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q

from relance.models import Level, Procedure, Text, User
from relance.rules.permissions import Role


@dataclass(frozen=True, kw_only=True)
class LevelRow:
    """A level, with what the list says of it."""

    level: Level
    procedures: int
    has_texts: bool
    first: bool
    last: bool


def levels() -> list[LevelRow]:
    """Return the levels in order."""
    texts = Text.objects.filter(level=OuterRef("pk"), current=True)
    found = list(
        Level.objects.annotate(
            procedures=Count("steps", distinct=True), has_texts=Exists(texts)
        ).order_by("rank")
    )
    return [
        LevelRow(
            level=level,
            procedures=level.procedures,
            has_texts=level.has_texts,
            # Nothing goes before the level that is before the due date.
            first=place == 0 or found[place - 1].is_courtesy,
            last=place == len(found) - 1,
        )
        for place, level in enumerate(found)
    ]


def procedures() -> list[tuple[Procedure, int]]:
    """Return the procedures with their steps, and how many customers chose each."""
    found = (
        Procedure.objects.select_related("tag")
        .annotate(chosen=Count("customers"))
        .prefetch_related("steps__level")
        .order_by("name")
    )
    return [(procedure, procedure.chosen) for procedure in found]


def approvers() -> int:
    """Return how many people there are to ask and to agree."""
    may_remind = Q(role__in=(Role.REMINDERS.value, Role.ADMIN.value))
    return User.objects.filter(may_remind, is_active=True).count()
