"""What a reason is about, kept in codes: each reader has it in their language."""

from __future__ import annotations

from decimal import Decimal

from django.utils.translation import gettext as _

from relance.gateways import wording
from relance.rules.formal_notice import Element
from relance.rules.rates import HalfYear, RateKind
from relance.services.active_language import active_language
from relance.services.elements import element_words
from relance.services.penalty_words import rate_words

NO_PROCEDURE = "no_procedure"
_BETWEEN = ", "


def rate_code(kind: RateKind, half_year: HalfYear) -> str:
    return f"{kind.value} {half_year}"


def joined(*codes: str) -> str:
    return _BETWEEN.join(codes)


def what_in_words(what: str) -> str:
    """Return codes in the active language; other words are left as they are."""
    return _BETWEEN.join(_word(code) for code in what.split(_BETWEEN))


def _word(code: str) -> str:
    if code == NO_PROCEDURE:
        return _("the procedure of this type of customer has no active level")
    if code in Element:
        return element_words(Element(code))
    kind, _space, half_year = code.partition(" ")
    try:
        return rate_words(RateKind(kind), HalfYear.parse(half_year))
    except ValueError:
        return code


def amount_in_words(amount: Decimal, currency: str) -> str:
    """Return "1 200,00 €", as the active language writes it."""
    language = active_language()
    return wording.money(amount, currency=currency, language=language)
