"""The texts in use: which one serves a reminder, what is missing, the versions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import QuerySet

from relance.models import Channel, Level, Text, TextDraft, User
from relance.models.customers import LANGUAGES
from relance.rules.regimes import Regime

# Level, channel, language, several invoices, type of customer.
type Place = tuple[int, str, str, bool, str]

CHANNELS = (Channel.LETTER.value, Channel.EMAIL.value)
LANGUAGE_CODES = tuple(code for code, _name in LANGUAGES)
# The text that serves every type without one of its own comes first.
REGIMES = ("", *(regime.value for regime in Regime))


@dataclass(frozen=True, kw_only=True)
class TextKey:
    """What a text is for. An empty regime serves every type of customer that has no
    text of its own."""

    level: Level
    channel: str
    language: str
    grouped: bool
    regime: str

    @property
    def place(self) -> Place:
        return (
            self.level.pk,
            self.channel,
            self.language,
            self.grouped,
            self.regime,
        )

    @property
    def lookup(self) -> dict[str, Any]:
        """The key as the columns of a text."""
        return {
            "level": self.level,
            "channel": self.channel,
            "language": self.language,
            "grouped": self.grouped,
            "regime": self.regime,
        }

    @property
    def by_email(self) -> bool:
        return self.channel == Channel.EMAIL

    @property
    def for_all(self) -> TextKey:
        """The same for every type of customer."""
        return replace(self, regime="")


def key_of(text: Text) -> TextKey:
    """Return what a text is for."""
    return TextKey(
        level=text.level,
        channel=text.channel,
        language=text.language,
        grouped=text.grouped,
        regime=text.regime,
    )


def current_texts() -> dict[Place, Text]:
    """Return the current texts by level, channel, language, grouping, regime."""
    return {
        (text.level_id, text.channel, text.language, text.grouped, text.regime): text
        for text in Text.objects.filter(current=True)
    }


def text_serving(texts: Mapping[Place, Text], place: Place) -> Text | None:
    """Return the text that a reminder uses: the one of the customer's type when
    there is one, else the one that serves all. Nothing else is ever used."""
    return texts.get(place) or texts.get((*place[:4], ""))


@dataclass(frozen=True, kw_only=True)
class Cell:
    """A text that could be: its own, the one used instead, or none."""

    key: TextKey
    own: Text | None
    serving: Text | None
    # Without a text of its own here, somebody would have none.
    needed: bool = True

    @property
    def state(self) -> str:
        if self.own is not None:
            return "own"
        if self.serving is not None:
            return "general"
        return "missing" if self.needed else "unneeded"


@dataclass(frozen=True, kw_only=True)
class Row:
    """The texts of a level for one type of customer, in the order of COLUMNS."""

    regime: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, kw_only=True)
class LevelTexts:
    """All that a level has and lacks."""

    level: Level
    rows: tuple[Row, ...]

    @property
    def missing(self) -> int:
        """How many of the customers' cases have no text at all."""
        return sum(
            cell.state == "missing"
            for row in self.rows
            if row.regime
            for cell in row.cells
        )

    @property
    def is_empty(self) -> bool:
        return not any(cell.own for row in self.rows for cell in row.cells)


# Channel, several invoices, language.
COLUMNS = tuple(
    (channel, grouped, language)
    for channel in CHANNELS
    for grouped in (False, True)
    for language in LANGUAGE_CODES
)


def completeness() -> list[LevelTexts]:
    """Return every level, the inactive ones too, with the text that each case uses;
    two queries."""
    texts = current_texts()
    return [
        LevelTexts(level=level, rows=tuple(_rows(level, texts)))
        for level in Level.objects.order_by("rank")
    ]


def _rows(level: Level, texts: Mapping[Place, Text]) -> Iterator[Row]:
    for regime in REGIMES:
        keys = [
            TextKey(
                level=level,
                channel=channel,
                language=language,
                grouped=grouped,
                regime=regime,
            )
            for channel, grouped, language in COLUMNS
        ]
        yield Row(regime=regime, cells=tuple(cell_of(key, texts) for key in keys))


def cell_of(key: TextKey, texts: Mapping[Place, Text]) -> Cell:
    """Return a case with what serves it; the text for all customers is not needed
    where each type has its own."""
    places = [(*key.place[:4], regime) for regime in REGIMES if regime]
    return Cell(
        key=key,
        own=texts.get(key.place),
        serving=text_serving(texts, key.place),
        needed=bool(key.regime) or not all(place in texts for place in places),
    )


def versions(key: TextKey) -> QuerySet[Text]:
    """Return all that a text was, the newest first."""
    return (
        Text.objects.filter(**key.lookup)
        .select_related("written_by", "level")
        .order_by("-version")
    )


def current(key: TextKey) -> Text | None:
    """Return the version in use, if the case has a text of its own."""
    return versions(key).filter(current=True).first()


def draft_of(key: TextKey, user: User) -> TextDraft | None:
    """Return what this person typed and did not put in use."""
    return TextDraft.objects.filter(user=user, **key.lookup).first()
