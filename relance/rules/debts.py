"""A late debt, and the statement of what its delay costs, as plain values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from relance.rules.rates import HalfYear, RateKind
from relance.rules.regimes import Regime

CENT = Decimal("0.01")


@dataclass(frozen=True, kw_only=True)
class PaymentOn:
    """Money or credit set against a debt, effective on a day; a negative amount
    undoes an earlier one."""

    on: date
    amount: Decimal
    # A credit note corrects the debt: never set against interest.
    is_credit: bool = False


class BelowFloor(StrEnum):
    """What to claim when the contract rate is under three times the legal rate."""

    # The clause does not count: the default rate applies (L441-10 II).
    DEFAULT = "default"
    # Claim no more than what was agreed, and warn.
    CONTRACT = "contract"


class Imputation(StrEnum):
    """What a partial payment settles first."""

    # French accounting practice, and what the parties may agree.
    PRINCIPAL = "principal"
    # What the law says where nothing else was agreed (art. 1343-1 C. civ.).
    INTEREST = "interest"


@dataclass(frozen=True, kw_only=True)
class Debt:
    """What is owed, and what the computation depends on."""

    regime: Regime
    due: date
    amount: Decimal
    payments: Sequence[PaymentOn] = ()
    contract_rate: Decimal | None = None
    # Reception or first presentation of the formal notice.
    notice: date | None = None
    insolvency: bool = False
    below_floor: BelowFloor = BelowFloor.DEFAULT
    imputation: Imputation = Imputation.PRINCIPAL


@dataclass(frozen=True, kw_only=True)
class Segment:
    """Days in a row with one principal and one rate; both days are counted."""

    start: date
    end: date
    base: Decimal
    rate: Decimal
    amount: Decimal

    @property
    def days(self) -> int:
        return (self.end - self.start).days + 1


@dataclass(frozen=True, kw_only=True)
class Imputed:
    """What one day's payments settled, interest first; negative: taken back."""

    on: date
    interest: Decimal
    principal: Decimal


@dataclass(frozen=True, kw_only=True)
class PenaltyStatement:
    """The amounts on a day, with how they were computed."""

    segments: tuple[Segment, ...]
    # Interest first: more than the invoice's balance, by what interest took.
    principal: Decimal
    indemnity: Decimal
    # The last segment's rate, and what one more day costs.
    rate: Decimal | None
    per_day: Decimal
    # Half-years whose rate nobody has verified yet.
    unverified: tuple[tuple[RateKind, HalfYear], ...] = ()
    # Half-years in which the contract rate is below the legal floor.
    below_floor: tuple[HalfYear, ...] = ()
    # The last day counted when later rates are unknown and the user chose so.
    stopped_on: date | None = None
    # Interest first: what each day's payments settled.
    imputed: tuple[Imputed, ...] = ()

    @property
    def penalties(self) -> Decimal:
        """All that the delay has cost, what payments have settled of it included."""
        return sum((segment.amount for segment in self.segments), Decimal("0.00"))

    @property
    def settled_interest(self) -> Decimal:
        return sum((one.interest for one in self.imputed), Decimal("0.00"))

    @property
    def total_due(self) -> Decimal:
        interest = self.penalties - self.settled_interest
        return self.principal + interest + self.indemnity


def rounded(amount: Decimal) -> Decimal:
    """Return an amount to the cent, half up."""
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)


def as_mapping(statement: PenaltyStatement) -> Mapping[str, object]:
    """Return the statement as data, amounts with two decimals as text."""
    data: dict[str, object] = {
        "penalties": str(statement.penalties),
        "indemnity": str(statement.indemnity),
        "segments": [
            {
                "from": segment.start.isoformat(),
                "to": segment.end.isoformat(),
                "days": segment.days,
                "base": str(rounded(segment.base)),
                "rate": f"{segment.rate:f}",
                "amount": str(segment.amount),
            }
            for segment in statement.segments
        ],
    }
    if statement.imputed:
        data["imputed"] = [
            {
                "on": one.on.isoformat(),
                "interest": str(rounded(one.interest)),
                "principal": str(rounded(one.principal)),
            }
            for one in statement.imputed
        ]
    return data
