"""The letter paper, and who signs which letters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from relance.models import Level, Signatory, Stationery


def stationery() -> Stationery:
    """Return how letters look: what was saved, else our defaults."""
    found = Stationery.objects.select_related("logo", "template").first()
    return found or Stationery(pk=1)


@dataclass(frozen=True, kw_only=True)
class Signatories:
    """The active signatories, read once for many letters."""

    main: Signatory | None
    by_id: Mapping[int, Signatory]

    def of(self, level: Level) -> Signatory | None:
        """Return who signs the letters of a level: its own signatory while active,
        else the main one."""
        return self.by_id.get(level.signatory_id or 0, self.main)


def signatories() -> Signatories:
    """Read the active signatories, in one query."""
    found = list(Signatory.objects.filter(active=True).select_related("signature"))
    main = next((one for one in found if one.is_main), None)
    return Signatories(main=main, by_id={one.pk: one for one in found})
