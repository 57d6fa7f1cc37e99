"""Reasons against as JSON can hold them, and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal

from relance.rules.escalation import Code, Reason, Weight


def reason_as_data(reason: Reason) -> dict[str, object]:
    """Return a reason as JSON can hold it; ``reason_from_data`` gives it back.

    A fact is a day, an amount, text, a whole number, or nothing. Raises TypeError.
    """
    return {
        "code": reason.code.value,
        "weight": reason.weight.value,
        "facts": {name: _fact_as_data(fact) for name, fact in reason.facts.items()},
    }


def reason_from_data(data: Mapping[str, object]) -> Reason:
    """Return the reason that ``reason_as_data`` wrote."""
    facts = data["facts"]
    if not isinstance(facts, Mapping):
        raise TypeError("the facts of a reason are a mapping")
    return Reason(
        code=Code(str(data["code"])),
        weight=Weight(str(data["weight"])),
        facts={name: _fact_from_data(fact) for name, fact in facts.items()},
    )


def is_overridden(
    reasons: Sequence[Mapping[str, object]], overrides: Mapping[str, str]
) -> bool:
    """Say whether none of these reasons, as data, stops a reminder: none is hard, and
    each soft one is overridden."""
    return all(
        reason["weight"] == Weight.WARNING
        or (reason["weight"] == Weight.SOFT and reason["code"] in overrides)
        for reason in reasons
    )


def _fact_as_data(fact: object) -> object:
    if fact is None or isinstance(fact, str | int):
        return fact
    if isinstance(fact, Decimal):
        return {"decimal": str(fact)}
    if isinstance(fact, date) and not isinstance(fact, datetime):
        return {"date": fact.isoformat()}
    raise TypeError(f"a fact cannot be {type(fact).__name__}")


def _fact_from_data(fact: object) -> object:
    if not isinstance(fact, Mapping):
        return fact
    [(kind, text)] = fact.items()
    return date.fromisoformat(text) if kind == "date" else Decimal(text)
