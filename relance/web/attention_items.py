"""One thing that demands attention, as the dashboard shows it."""

from __future__ import annotations

from dataclasses import dataclass

BAD, WARN, NOTE = "bad", "warn", ""


@dataclass(frozen=True, kw_only=True)
class Item:
    """One thing that waits: what it is, what to do, and where."""

    tone: str
    title: str
    words: str
    url: str = ""
    label: str = ""
    # Where to say that it was read, so that it is no longer shown.
    read: str = ""
