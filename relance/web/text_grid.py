"""The table of all texts: levels × types of customer × channel, number, language."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from relance.models import Channel, Level
from relance.queries.texts import COLUMNS, Cell, LevelTexts, Row
from relance.services.text_words import (
    count_words,
    language_words,
    regime_words,
    short_regime_words,
)
from relance.web.text_keys import text_url


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A case: where its text is written, and what serves it today."""

    url: str
    state: str
    # For whoever cannot see the table: all that the case is.
    label: str
    version: int


@dataclass(frozen=True, kw_only=True)
class Line:
    """A type of customer with its cases."""

    name: str
    cells: list[Shown]


@dataclass(frozen=True, kw_only=True)
class LevelCard:
    """A level with its table; ``others``: whose texts it could be given."""

    level: Level
    lines: list[Line]
    missing: int
    is_empty: bool
    others: list[Level]


def grid(levels: list[LevelTexts]) -> list[LevelCard]:
    """Return a card a level."""
    filled = [found.level for found in levels if not found.is_empty]
    return [
        LevelCard(
            level=found.level,
            lines=[_line(row) for row in found.rows],
            missing=found.missing,
            is_empty=found.is_empty,
            others=[one for one in filled if one.pk != found.level.pk],
        )
        for found in levels
    ]


def columns() -> list[tuple[str, list[tuple[str, list[str]]]]]:
    """Return the heads of the columns: channel, number of invoices, language."""
    heads: dict[str, dict[str, list[str]]] = {}
    for channel, grouped, language in COLUMNS:
        of_channel = heads.setdefault(str(Channel(channel).label), {})
        of_channel.setdefault(count_words(grouped=grouped), []).append(language)
    return [(name, list(counts.items())) for name, counts in heads.items()]


def _line(row: Row) -> Line:
    return Line(
        name=short_regime_words(row.regime), cells=[_shown(one) for one in row.cells]
    )


def _shown(cell: Cell) -> Shown:
    key = cell.key
    words = {
        "own": _("has its own text"),
        "general": _("uses the text for all customers"),
        "missing": _("has no text: nothing is sent"),
        "unneeded": _("not needed, each type of customer has its own"),
    }
    label = ", ".join(
        [
            str(Channel(key.channel).label),
            count_words(grouped=key.grouped),
            language_words(key.language),
            regime_words(key.regime),
        ]
    )
    return Shown(
        url=text_url("text-edit", key),
        state=cell.state,
        label=f"{label}\u00a0: {words[cell.state]}",
        version=cell.own.version if cell.own else 0,
    )
