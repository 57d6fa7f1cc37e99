"""The way to the connected Dolibarr, and its refusals in words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from zoneinfo import ZoneInfo

import httpx2
from django.utils.translation import gettext as _

from relance.gateways.dolibarr import Client, Dolibarr, DolibarrError
from relance.gateways.dolibarr_client import PATIENCE
from relance.models import DolibarrConnection
from relance.services.refusal import Refused


@contextmanager
def reading(
    connection: DolibarrConnection,
    *,
    patience: httpx2.Timeout | float = PATIENCE,
    attempts: int = 3,
) -> Iterator[Dolibarr]:
    """Open the way to Dolibarr. To be used with no transaction open: it may be slow."""
    key = connection.key
    with Client(connection.address, key, timeout=patience, attempts=attempts) as client:
        yield Dolibarr(
            client,
            zone=ZoneInfo(connection.time_zone),
            currency=connection.currency,
        )


def in_words(error: DolibarrError) -> str:
    """Say what is wrong, and what to do."""
    return _(error.sentence) % error.values


@contextmanager
def refusing() -> Iterator[None]:
    """Refuse, in words, what Dolibarr refuses."""
    try:
        yield
    except DolibarrError as error:
        raise Refused(in_words(error)) from error
