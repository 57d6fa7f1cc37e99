"""The rates in use that are missing or unverified, with the link that mends each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from django.urls import reverse

from relance.queries.rates import Doubt, doubtful_rates
from relance.services.penalty_words import rate_words


@dataclass(frozen=True, kw_only=True)
class DoubtInWords:
    """One rate that one should look at."""

    words: str
    missing: bool
    url: str


def doubts_in_words(*, today: date) -> list[DoubtInWords]:
    """Return what the banner says, the latest half-year first."""
    return [
        DoubtInWords(
            words=rate_words(doubt.kind, doubt.half_year),
            missing=doubt.missing,
            url=where(doubt),
        )
        for doubt in doubtful_rates(today=today)
    ]


def where(doubt: Doubt) -> str:
    """Return the page on which a rate is entered, filled in as far as is known; an
    unverified one is looked at in the table."""
    page = reverse("configuration-rates")
    if not doubt.missing:
        return f"{page}#{doubt.half_year}"
    asked = {"kind": doubt.kind.value, "half_year": str(doubt.half_year)}
    return f"{page}?{urlencode(asked)}#enter"
