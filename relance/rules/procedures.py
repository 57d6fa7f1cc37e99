"""Which procedure an invoice follows, and why that one: one order of precedence."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


class Because(StrEnum):
    """Why a procedure applies, the strongest first."""

    BY_HAND = "by_hand"
    TAG = "tag"
    AMOUNT = "amount"
    REGIME = "regime"
    # No procedure is for this type of customer.
    NOTHING = "nothing"


@dataclass(frozen=True, kw_only=True)
class ProcedureRule:
    """A procedure, and for whom it is."""

    pk: int
    # The type of customer of which it is the usual one.
    regime: str = ""
    # The tag whose bearers follow it.
    tag: int | None = None
    # Of invoices from this amount: their "balance" or their "total".
    amount_from: Decimal | None = None
    amount_of: str = "balance"
    # Empty: whatever the type of customer.
    amount_regime: str = ""


@dataclass(frozen=True, kw_only=True)
class Choice:
    """The procedure of an invoice; none when nothing is for this customer."""

    procedure: int | None
    because: Because


class Precedence:
    """By hand, else by a tag of the customer, else by the amount, else by the type
    of customer.

    Of several tags the first procedure of those given; of several amounts the
    largest that is reached, and at the same amount the one for a type of customer.
    An amount is compared in the invoice's own currency.
    """

    def __init__(self, rules: Iterable[ProcedureRule]) -> None:
        known = list(rules)
        self._regimes = {rule.regime: _regime(rule) for rule in known if rule.regime}
        self._tagged = [rule for rule in known if rule.tag is not None]
        self._amounts = sorted(
            (rule for rule in known if rule.amount_from is not None),
            key=lambda rule: (rule.amount_from or 0, bool(rule.amount_regime)),
            reverse=True,
        )

    @property
    def tags(self) -> frozenset[int]:
        """The tags that matter."""
        return frozenset(rule.tag for rule in self._tagged if rule.tag is not None)

    def choose(
        self,
        *,
        own: int | None,
        tags: Collection[int],
        regime: str,
        balance: Decimal,
        total: Decimal,
    ) -> Choice:
        """Return the procedure of an invoice; ``own``: chosen on the customer."""
        if own is not None:
            return Choice(procedure=own, because=Because.BY_HAND)
        if tags:
            for rule in self._tagged:
                if rule.tag in tags:
                    return Choice(procedure=rule.pk, because=Because.TAG)
        for rule in self._amounts:
            amount = total if rule.amount_of == "total" else balance
            for_them = rule.amount_regime in ("", regime)
            if for_them and amount >= (rule.amount_from or 0):
                return Choice(procedure=rule.pk, because=Because.AMOUNT)
        return self._regimes.get(regime, _NOTHING)


_NOTHING = Choice(procedure=None, because=Because.NOTHING)


def _regime(rule: ProcedureRule) -> Choice:
    return Choice(procedure=rule.pk, because=Because.REGIME)
