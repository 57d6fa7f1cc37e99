"""The worker says each minute that it is alive; pages and ``doctor`` ask."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.core.cache import cache

# Two missed beats and the time of a long task.
SILENCE = timedelta(minutes=3)
_KEY = "relance.worker.beat"


def beat(*, now: datetime) -> None:
    """Keep the time in the cache, which all processes and machines share."""
    cache.set(_KEY, now, timeout=None)


def last_beat() -> datetime | None:
    """Return when a worker was last seen, ``None`` when never."""
    seen: datetime | None = cache.get(_KEY)
    return seen


def is_alive(*, now: datetime) -> bool:
    seen = last_beat()
    return seen is not None and now - seen <= SILENCE
