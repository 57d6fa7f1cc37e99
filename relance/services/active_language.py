"""The language in which whoever reads this is answered."""

from __future__ import annotations

from django.utils.translation import get_language


def active_language() -> str:
    """Return "fr" or "en", as ``gateways.wording`` takes it."""
    return (get_language() or "fr")[:2]
