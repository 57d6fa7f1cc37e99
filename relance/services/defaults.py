"""What a new installation starts with: levels, procedures, texts, rates."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from pathlib import Path

from django.db import transaction

from relance.models import Channel, Level, Procedure, Step, Text
from relance.queries.texts import TextKey
from relance.rules.regimes import Regime
from relance.services import rates
from relance.services.touching import touch_all

TEXTS = Path(__file__).resolve().parent.parent / "seeds" / "texts"

# The three levels of the module, and the courtesy one, switched off.
LEVELS = (
    (0, "Avant échéance", Level.Kind.COURTESY, "", False),
    (1, "Relance simple", Level.Kind.REMINDER, "Rappel", True),
    (2, "Rappel", Level.Kind.REMINDER, "Rappel", True),
    (3, "Mise en demeure", Level.Kind.FORMAL_NOTICE, "Mise en demeure", True),
)

# Days after the due date and days given to pay, by rank.
PROCEDURES: dict[Regime, tuple[str, dict[int, tuple[int, int]]]] = {
    Regime.B2B: ("Professionnels", {0: (-5, 0), 1: (5, 8), 2: (15, 8), 3: (30, 8)}),
    Regime.B2C: ("Particuliers", {0: (-5, 0), 1: (5, 8), 2: (20, 8), 3: (40, 15)}),
    Regime.PUBLIC: ("Secteur public", {1: (5, 8), 2: (20, 8), 3: (45, 8)}),
    Regime.NON_PRO: ("Non-professionnels", {1: (5, 8), 2: (20, 8), 3: (40, 15)}),
}


@transaction.atomic
def install_defaults(*, now: datetime) -> None:
    """Add what is missing; what exists, the user's changes included, stays.

    Rates are looked at each time, so that a new version brings the new half-year.
    """
    rates.add_seed_rates()
    if not Level.objects.exists():
        levels = [
            Level(
                rank=rank,
                seed_rank=rank,
                name=name,
                kind=kind,
                stamp=stamp,
                active=active,
            )
            for rank, name, kind, stamp, active in LEVELS
        ]
        Level.objects.bulk_create(levels)
        _install_procedures()
    _install_texts(now=now)


def _install_procedures() -> None:
    levels = {level.rank: level for level in Level.objects.all()}
    for regime, (name, steps) in PROCEDURES.items():
        procedure = Procedure.objects.create(name=name, regime=regime.value)
        Step.objects.bulk_create(
            Step(
                procedure=procedure,
                level=levels[rank],
                days_after_due=days,
                days_to_pay=to_pay,
            )
            for rank, (days, to_pay) in steps.items()
        )


def _install_texts(*, now: datetime) -> None:
    # A level of the user's own has the texts that they gave it, whatever its rank.
    levels = {
        level.seed_rank: level
        for level in Level.objects.filter(seed_rank__isnull=False)
    }
    known = set(
        Text.objects.values_list(
            "level__seed_rank", "channel", "language", "grouped", "regime"
        )
    )
    new = [
        Text(
            level=levels[rank],
            channel=channel,
            language=language,
            grouped=grouped,
            regime=regime,
            subject=subject,
            body=body,
            written_at=now,
        )
        for (rank, channel, language, grouped, regime), (subject, body) in (
            seed_texts().items()
        )
        if rank in levels and (rank, channel, language, grouped, regime) not in known
    ]
    if new:
        Text.objects.bulk_create(new)
        touch_all()


@cache
def seed_texts() -> dict[tuple[int, str, str, bool, str], tuple[str, str]]:
    """Return subject and body by rank, channel, language, grouped and regime.

    A file is ``fr/3-letter-single-B2C.md``: a ``# subject`` line, then the body.
    """
    found = {}
    for path in sorted(TEXTS.glob("*/*.md")):
        rank, channel, count, *regime = path.stem.split("-")
        subject, _newline, body = path.read_text(encoding="utf-8").partition("\n")
        key = (
            int(rank),
            Channel(channel).value,
            path.parent.name,
            count == "grouped",
            regime[0] if regime else "",
        )
        found[key] = (subject.removeprefix("#").strip(), body.strip())
    return found


def default_text(key: TextKey) -> tuple[str, str] | None:
    """Return the subject and body that Relance proposes for a case, if it has any:
    for a level of its own, wherever it was moved, whose kind is still the one it
    came with."""
    kinds = {rank: kind for rank, _name, kind, _stamp, _active in LEVELS}
    rank = key.level.seed_rank
    if rank is None or kinds.get(rank) != key.level.kind:
        return None
    seeds = seed_texts()
    for regime in (key.regime, ""):
        place = (rank, key.channel, key.language, key.grouped, regime)
        if place in seeds:
            return seeds[place]
    return None
