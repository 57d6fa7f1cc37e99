"""The day and the hour of the screens: the company's."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import lru_cache
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone

from relance.queries.local_time import company_zone

# Nobody moves a company every minute, and every page would read it.
SECONDS = 60


def company_time(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Have the whole request read its clock in the company's time zone."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        with timezone.override(_zone_at(int(time.monotonic() // SECONDS))):
            return get_response(request)

    return middleware


@lru_cache(maxsize=1)
def _zone_at(_minute: int) -> ZoneInfo:
    return company_zone()


def forget_zone() -> None:
    """Read it anew: the company has just changed."""
    _zone_at.cache_clear()
