"""The company's time zone: when a day begins and ends for it."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.db import DatabaseError, connection

from relance.models import Company


def company_zone() -> ZoneInfo:
    """Return the company's time zone; the usual one before the set-up, and where
    the database does not answer or names a zone that this machine does not know."""
    if not _there():
        return ZoneInfo(settings.TIME_ZONE)
    try:
        name = Company.objects.values_list("time_zone", flat=True).first()
        return ZoneInfo(name or settings.TIME_ZONE)
    except (DatabaseError, ZoneInfoNotFoundError, ValueError):
        return ZoneInfo(settings.TIME_ZONE)


def _there() -> bool:
    """Asking an embedded database that is not there would make an empty one."""
    name = connection.settings_dict["NAME"]
    return not isinstance(name, Path) or name.exists()
