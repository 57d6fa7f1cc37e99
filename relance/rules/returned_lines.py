"""Which money that leaves the account is a payment that came to nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from relance.rules.matching import plain_groups

# A debit comes back within eight weeks, thirteen months where no mandate was given
# (rulebook of the SEPA direct debit); a cheque within days.
LATEST = timedelta(days=400)
_WORDS = (
    "IMPAYE", "IMPAYEE", "REJET", "REJETE", "REJETEE", "PROVISION", "RETOURNE",
    "RETOURNEE", "UNPAID", "RETURNED", "REJECTED", "REVERSAL",
)  # fmt: skip
# What every line may say names nobody.
_COMMON = frozenset(_WORDS) | {
    "PRLV", "PRELEVEMENT", "CHEQUE", "VIREMENT", "SEPA", "FACTURE",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Received:
    """A payment that may have come back, with the words that name it."""

    pk: int
    received_on: date
    amount: Decimal
    currency: str
    words: str


@dataclass(frozen=True, kw_only=True)
class Reversal:
    """Money that left the account, and that the bank says is a return."""

    booked_on: date
    amount: Decimal
    currency: str
    words: str


def tells_of_return(words: str) -> bool:
    """Say whether a bank's words are those of an unpaid cheque or a rejected debit."""
    return not set(_WORDS).isdisjoint(plain_groups(words))


def which_came_back(reversal: Reversal, payments: Iterable[Received]) -> int | None:
    """Return the payment that a reversal is about: of its very amount, received
    before; the only one that it names, else the only one there is."""
    alike = [
        one
        for one in payments
        if one.amount == -reversal.amount
        and one.currency == reversal.currency
        and one.received_on <= reversal.booked_on <= one.received_on + LATEST
    ]
    named = [one for one in alike if share_words(one.words, reversal.words)]
    found: Sequence[Received] = named or alike
    return found[0].pk if len(found) == 1 else None


def share_words(one: str, other: str) -> bool:
    """Say whether two texts have a telling word in common, or name one number: all
    the digits of one are in the other (FA2609-001 is not FA2609-777)."""
    groups, others = plain_groups(one), plain_groups(other)
    if not _names(groups).isdisjoint(_names(others)):
        return True
    digits, against = _digits(groups), _digits(others)
    return bool(digits and against) and (digits <= against or against <= digits)


def _names(groups: Iterable[str]) -> set[str]:
    return {one for one in groups if len(one) > 3 and one.isalpha()} - _COMMON


def _digits(groups: Iterable[str]) -> set[str]:
    return {one for one in groups if len(one) > 2 and one.isdigit()}
