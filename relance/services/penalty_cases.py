"""Debts described by plain values, as a file of cases or a form gives them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from relance.rules.debts import BelowFloor, Debt, Imputation, PaymentOn, as_mapping
from relance.rules.penalties import compute
from relance.rules.rates import MissingRate, RateTable
from relance.rules.regimes import Regime
from relance.services.penalty_words import missing_rate_words

LARGEST = Decimal("1e12")


class WrongCase(ValueError):
    """A value of a case cannot be read; the message is for the user."""


def read_debt(case: Any) -> tuple[Debt, date]:
    """Return the debt and the day to compute it on; raise WrongCase in words."""
    if not isinstance(case, Mapping):
        raise WrongCase(_("A case is an object with named values."))
    rate, notice = case.get("contract_rate"), case.get("notice")
    debt = Debt(
        regime=_regime(case.get("regime")),
        due=read_day(case.get("due"), "due"),
        amount=read_amount(case.get("amount"), "amount"),
        payments=_payments(case.get("payments")),
        contract_rate=None if rate is None else read_amount(rate, "contract_rate"),
        notice=None if notice is None else read_day(notice, "notice"),
        insolvency=case.get("insolvency") is True,
        below_floor=_below_floor(case.get("below_floor")),
        imputation=_imputation(case.get("imputation")),
    )
    if debt.amount <= 0:
        raise WrongCase(_("The amount of a debt is above zero."))
    if debt.contract_rate is not None and debt.contract_rate < 0:
        raise WrongCase(_("A rate is never below zero."))
    return debt, read_day(case.get("until"), "until")


def answer_case(case: Any, rates: RateTable) -> Mapping[str, object]:
    """Return ``{penalties, indemnity, segments}``, or ``{error}`` in words."""
    try:
        debt, until = read_debt(case)
        return as_mapping(compute(debt, until=until, rates=rates))
    except MissingRate as error:
        return {"error": missing_rate_words(error)}
    except ValueError as error:
        return {"error": str(error)}


def read_day(value: Any, name: str) -> date:
    """Return a day written ``2026-05-31``; raise WrongCase."""
    try:
        day = date.fromisoformat(str(value))
    except ValueError:
        day = date.min
    if not 1900 <= day.year <= 2200:
        words = _("%(name)s: “%(value)s” is not a day (example: 2026-05-31).")
        raise WrongCase(words % {"name": name, "value": value})
    return day


def read_amount(value: Any, name: str) -> Decimal:
    """Return a number; raise WrongCase."""
    try:
        amount = Decimal(str(value).strip())
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or abs(amount) > LARGEST:
        words = _("%(name)s: “%(value)s” is not a number (example: 1234.56).")
        raise WrongCase(words % {"name": name, "value": value})
    return amount


def _regime(value: Any) -> Regime:
    try:
        return Regime(value)
    except ValueError:
        words = _("regime: “%(value)s” is none of %(known)s.")
        known = ", ".join(Regime)
        raise WrongCase(words % {"value": value, "known": known}) from None


def _below_floor(value: Any) -> BelowFloor:
    try:
        return BelowFloor.DEFAULT if value is None else BelowFloor(value)
    except ValueError:
        words = _("below_floor: “%(value)s” is none of %(known)s.")
        known = ", ".join(BelowFloor)
        raise WrongCase(words % {"value": value, "known": known}) from None


def _imputation(value: Any) -> Imputation:
    try:
        return Imputation.PRINCIPAL if value is None else Imputation(value)
    except ValueError:
        words = _("imputation: “%(value)s” is none of %(known)s.")
        known = ", ".join(Imputation)
        raise WrongCase(words % {"value": value, "known": known}) from None


def _payments(value: Any) -> tuple[PaymentOn, ...]:
    given = [] if value is None else value
    if not isinstance(given, list) or not all(isinstance(p, Mapping) for p in given):
        raise WrongCase(_("payments: a list of {on, amount} is expected."))
    return tuple(
        PaymentOn(
            on=read_day(payment.get("on"), "on"),
            amount=read_amount(payment.get("amount"), "amount"),
        )
        for payment in given
    )
