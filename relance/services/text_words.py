"""What a text is for, in words: « Mise en demeure, courrier, une facture… »."""

from __future__ import annotations

from django.utils.translation import gettext as _

from relance.models import Channel
from relance.models.customers import LANGUAGES, REGIMES
from relance.queries.texts import TextKey


def key_words(key: TextKey) -> str:
    """Name a text, its level first."""
    return ", ".join([key.level.name, *case_words(key)])


def case_words(key: TextKey) -> tuple[str, ...]:
    """Return channel, number of invoices, language and type of customer."""
    return (
        str(Channel(key.channel).label),
        count_words(grouped=key.grouped),
        language_words(key.language),
        regime_words(key.regime),
    )


def count_words(*, grouped: bool) -> str:
    return _("several invoices") if grouped else _("one invoice")


def language_words(language: str) -> str:
    return str(dict(LANGUAGES)[language])


def regime_words(regime: str) -> str:
    """Name a type of customer; an empty one is all the others."""
    return str(dict(REGIMES)[regime]) if regime else _("all customers")


def short_regime_words(regime: str) -> str:
    """Name a type of customer without what explains it, between brackets."""
    return regime_words(regime).partition(" (")[0]
