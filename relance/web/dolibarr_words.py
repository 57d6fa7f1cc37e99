"""What several screens say of Dolibarr."""

from __future__ import annotations

from django.utils.translation import gettext as _


def fetched_later() -> str:
    """Say where the PDF of an invoice comes from that is not here yet."""
    return _(
        "The PDF is fetched from Dolibarr when a reminder is made. If it has none, a "
        "copy made from the data, marked so, is joined."
    )
