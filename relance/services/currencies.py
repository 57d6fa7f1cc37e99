"""Currencies that amounts may be in."""

from __future__ import annotations

from django.utils.translation import gettext as _

from relance.gateways.wording import WordingError
from relance.gateways.wording import check_currency as decimals_of
from relance.services.refusal import Refused


def check_currency(code: str, *, field: str = "currency") -> None:
    """Refuse, by name, an unknown currency and one with three decimals, which
    amounts kept in cents would falsify."""
    try:
        decimals_of(code)
    except WordingError as error:
        if error.reason == "three_decimals":
            words = _("%(code)s has three decimals: Relance cannot keep such amounts.")
        else:
            words = _("%(code)s is not a known currency.")
        raise Refused(words % {"code": code or "?"}, field=field) from error
