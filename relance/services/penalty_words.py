"""Rates, half-years and the warnings of a computation, in words."""

from __future__ import annotations

from django.utils.translation import gettext as _

from relance.rules.debts import PenaltyStatement
from relance.rules.rates import HalfYear, MissingRate, RateKind


def half_year_words(half_year: HalfYear) -> str:
    """Return "2e semestre 2026"."""
    if half_year.half == 1:
        return _("first half of %(year)s") % {"year": half_year.year}
    return _("second half of %(year)s") % {"year": half_year.year}


def rate_words(kind: RateKind, half_year: HalfYear) -> str:
    """Return "taux d'intérêt légal du 2e semestre 2026"."""
    when = {"when": half_year_words(half_year)}
    if kind == RateKind.LEGAL:
        return _("legal interest rate, %(when)s") % when
    return _("ECB refinancing rate, %(when)s") % when


def missing_rate_words(error: MissingRate) -> str:
    """Return "taux manquant : …"."""
    return _("missing rate: %(rate)s") % {
        "rate": rate_words(error.kind, error.half_year)
    }


def warnings_of(statement: PenaltyStatement) -> list[str]:
    """Return what must be said beside the amounts of a computation."""
    found = [
        _("A rate used here has not been verified yet: %(what)s.")
        % {"what": rate_words(kind, half_year)}
        for kind, half_year in statement.unverified
    ]
    found += [
        _("The contract rate is below the legal floor (%(when)s).")
        % {"when": half_year_words(half_year)}
        for half_year in statement.below_floor
    ]
    if statement.stopped_on is not None:
        found.append(
            _("Stopped on %(day)s: later rates are not known yet.")
            % {"day": f"{statement.stopped_on:%d/%m/%Y}"}
        )
    return found
