"""The addresses of texts: ``configuration/textes/3/courrier/fr/une/B2C/``."""

from __future__ import annotations

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse

from relance.models import Channel, Level
from relance.queries.texts import LANGUAGE_CODES, REGIMES, TextKey

CHANNELS = {"courrier": Channel.LETTER.value, "e-mail": Channel.EMAIL.value}
COUNTS = {"une": False, "plusieurs": True}
EVERYBODY = "tous"
CASE = "<int:level>/<str:channel>/<str:language>/<str:count>/<str:regime>"


def key_from(
    *, level: int, channel: str, language: str, count: str, regime: str
) -> TextKey:
    """Return what an address is about; a 404 for anything that is no text."""
    of_type = "" if regime == EVERYBODY else regime
    known = channel in CHANNELS and count in COUNTS and language in LANGUAGE_CODES
    if not known or not regime or of_type not in REGIMES:
        raise Http404
    return TextKey(
        level=get_object_or_404(Level, pk=level),
        channel=CHANNELS[channel],
        language=language,
        grouped=COUNTS[count],
        regime=of_type,
    )


def case_of(key: TextKey) -> dict[str, str | int]:
    """Return the parts of a text's address."""
    channels = {value: slug for slug, value in CHANNELS.items()}
    counts = {value: slug for slug, value in COUNTS.items()}
    return {
        "level": key.level.pk,
        "channel": channels[key.channel],
        "language": key.language,
        "count": counts[key.grouped],
        "regime": key.regime or EVERYBODY,
    }


def text_url(name: str, key: TextKey) -> str:
    """Return the address of a page about a text."""
    return reverse(name, kwargs=case_of(key))
