"""From a text to its neighbours: another level, channel, language, number, type."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext as _

from relance.models import Channel, Level
from relance.queries.texts import (
    CHANNELS,
    LANGUAGE_CODES,
    REGIMES,
    TextKey,
    cell_of,
    current_texts,
)
from relance.services.text_words import (
    count_words,
    language_words,
    short_regime_words,
)
from relance.web.text_keys import text_url


@dataclass(frozen=True, kw_only=True)
class Variant:
    """One choice of the row, where it leads, whether it has a text."""

    label: str
    url: str
    current: bool
    state: str


def variants(key: TextKey) -> list[tuple[str, list[Variant]]]:
    """Return the rows of choices: what each is about, and its choices."""
    texts = current_texts()

    def choices(options: Iterator[tuple[str, dict[str, Any]]]) -> list[Variant]:
        made = []
        for label, change in options:
            other = replace(key, **change)
            made.append(
                Variant(
                    label=label,
                    url=text_url("text-edit", other),
                    current=other.place == key.place,
                    state=cell_of(other, texts).state,
                )
            )
        return made

    levels = Level.objects.order_by("rank")
    return [
        (_("Level"), choices((one.name, {"level": one}) for one in levels)),
        (
            _("How"),
            choices((str(Channel(one).label), {"channel": one}) for one in CHANNELS),
        ),
        (
            _("About"),
            choices(
                (count_words(grouped=one), {"grouped": one}) for one in (False, True)
            ),
        ),
        (
            _("Language"),
            choices((language_words(one), {"language": one}) for one in LANGUAGE_CODES),
        ),
        (
            _("For"),
            choices((short_regime_words(one), {"regime": one}) for one in REGIMES),
        ),
    ]
