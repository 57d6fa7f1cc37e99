"""Many proposals ticked at once, whatever page they are on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from itertools import batched

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Coalesce

from relance.models import Channel, Level, Proposal, User
from relance.queries.worklist import Criteria, chosen_rows
from relance.rules.reason_data import is_overridden
from relance.services.proposal_decisions import refresh, suited

Standing = Proposal.Standing

# Rows named in one statement.
CHUNK = 5_000


class How(StrEnum):
    """How all the rows of a filter are ticked."""

    LETTERS = "letters"
    EMAILS = "emails"
    PREFERRED = "preferred"
    NONE = "none"


@dataclass(frozen=True, kw_only=True)
class Ticked:
    """How many rows are as one asked, and how many were left as they were."""

    ticked: int
    left: int


def tick_all(
    criteria: Criteria, how: How, *, by: User | None, now: datetime, today: date
) -> Ticked:
    """Tick every row of a filter, whatever page it is on, or untick them all.

    Rows with something against them are left alone unless it was overridden; a
    customer who cannot be reached so is left too; formal notices stay registered
    letters, those ticked otherwise one by one as they are.
    """
    refresh(today=today)
    with transaction.atomic():
        rows = _lock(criteria, today=today)
        by_channel: defaultdict[str, list[int]] = defaultdict(list)
        for row in _to_tick(rows, how):
            channel = row.channel_for(how)
            if channel is not None:
                by_channel[channel].append(row.pk)
        for channel, pks in by_channel.items():
            for some in batched(pks, CHUNK):
                Proposal.objects.filter(pk__in=some).update(
                    channel=channel, chosen_by=by, chosen_at=now
                )
    ticked = sum(len(pks) for pks in by_channel.values())
    return Ticked(ticked=ticked, left=0 if how == How.NONE else len(rows) - ticked)


def _lock(criteria: Criteria, *, today: date) -> list[int]:
    found = chosen_rows(criteria, today=today).values("pk")
    locked = Proposal.objects.select_for_update().filter(pk__in=found).order_by("pk")
    return list(locked.values_list("pk", flat=True))


@dataclass(frozen=True, kw_only=True, slots=True)
class _Row:
    """What decides how a row is ticked with all the others."""

    pk: int
    channel: str
    letter: bool
    email: bool
    notice: bool
    preferred: str

    def channel_for(self, how: How) -> str | None:
        """Return the channel, empty for none; ``None`` leaves the row alone."""
        if how == How.NONE:
            return ""
        if self.notice:
            return self._channel_of_notice(how)
        if how == How.PREFERRED:
            suits = suited(self.preferred, letter=self.letter, email=self.email)
            return suits or None
        if how == How.EMAILS:
            return Channel.EMAIL.value if self.email else None
        return Channel.LETTER.value if self.letter else None

    def _channel_of_notice(self, how: How) -> str | None:
        on_paper = self.channel in (Channel.LETTER, Channel.REGISTERED)
        if on_paper or (self.channel == Channel.EMAIL and how != How.LETTERS):
            return self.channel
        return Channel.REGISTERED.value if self.letter else None


def _to_tick(pks: Sequence[int], how: How) -> Iterator[_Row]:
    """Yield the rows that may be ticked, or unticked: those of today, whether they
    are ticked or not, so that the rules do not tick them again."""
    wanted = Q(standing=Standing.READY) | ~Q(overrides={})
    if how == How.NONE:
        wanted = Q(standing=Standing.READY) | ~Q(channel="")
    for some in batched(pks, CHUNK):
        rows = (
            Proposal.objects.filter(wanted, pk__in=some)
            .order_by()
            .values_list(
                "pk",
                "standing",
                "channel",
                "letter_trouble",
                "email_trouble",
                Coalesce("chosen_level__kind", "level__kind"),
                "customer__preferred_channel",
                "reasons",
                "overrides",
            )
        )
        for pk, stands, channel, letter, email, kind, preferred, *why in rows:
            if how == How.NONE or stands == Standing.READY or is_overridden(*why):
                yield _Row(
                    pk=pk,
                    channel=channel,
                    letter=not letter,
                    email=not email,
                    notice=kind == Level.Kind.FORMAL_NOTICE,
                    preferred=preferred,
                )
