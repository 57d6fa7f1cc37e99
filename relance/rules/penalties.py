"""Late-payment penalties and the 40 € indemnity, segment by segment.

Sources: art. L441-10 II and D441-5 of the Code de commerce (B2B), R2192-31 to
D2192-35 of the Code de la commande publique (PUBLIC), 1231-6 and 1344-1 of the
Code civil (B2C, NON_PRO: interest at the legal rate from the formal notice).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from itertools import pairwise

from relance.rules.regimes import Regime

CENT = Decimal("0.01")
INDEMNITY = Decimal("40.00")
# Added to the ECB's rate: L441-10 II C. com.; R2192-31 CCP.
ADDED = {Regime.B2B: Decimal(10), Regime.PUBLIC: Decimal(8)}
ONE_DAY = timedelta(days=1)


class RateKind(StrEnum):
    """The two published rates that penalties are made of."""

    LEGAL = "LEGAL"
    ECB = "ECB"


@dataclass(frozen=True, order=True)
class HalfYear:
    """The unit of published rates: 1 January to 30 June, 1 July to 31 December."""

    year: int
    half: int

    @classmethod
    def of(cls, day: date) -> HalfYear:
        return cls(day.year, 1 if day.month <= 6 else 2)

    @classmethod
    def parse(cls, text: str) -> HalfYear:
        """Read ``2026-S2``; raise ValueError for anything else."""
        year, dash, half = text.partition("-S")
        if not (dash and year.isdecimal() and len(year) == 4 and half in ("1", "2")):
            raise ValueError(f"not a half-year: {text!r}")
        return cls(int(year), int(half))

    def __str__(self) -> str:
        return f"{self.year}-S{self.half}"

    @property
    def start(self) -> date:
        return date(self.year, 1 if self.half == 1 else 7, 1)

    @property
    def end(self) -> date:
        return date(self.year, 6, 30) if self.half == 1 else date(self.year, 12, 31)

    @property
    def next(self) -> HalfYear:
        return HalfYear(self.year + self.half - 1, 3 - self.half)


class MissingRate(Exception):
    """No rate is known for a half-year that the computation needs."""

    def __init__(self, kind: RateKind, half_year: HalfYear) -> None:
        super().__init__(f"the {kind} rate of {half_year} is missing")
        self.kind = kind
        self.half_year = half_year


@dataclass(frozen=True, kw_only=True)
class RateRow:
    """A published rate, in per cent a year."""

    kind: RateKind
    half_year: HalfYear
    percent: Decimal
    verified: bool


class RateTable:
    """The known rates; a missing one is never replaced by its neighbour."""

    def __init__(self, rows: Iterable[RateRow]) -> None:
        self._rows = {(row.kind, row.half_year): row for row in rows}

    def get(self, kind: RateKind, half_year: HalfYear) -> RateRow:
        """Return the row; raise MissingRate."""
        try:
            return self._rows[kind, half_year]
        except KeyError:
            raise MissingRate(kind, half_year) from None

    def find(self, kind: RateKind, half_year: HalfYear) -> RateRow | None:
        return self._rows.get((kind, half_year))


@dataclass(frozen=True, kw_only=True)
class PaymentOn:
    """Money or credit set against the principal, effective on a day; a negative
    amount undoes an earlier one."""

    on: date
    amount: Decimal


class BelowFloor(StrEnum):
    """What to claim when the contract rate is under three times the legal rate."""

    # The clause does not count: the default rate applies (L441-10 II).
    DEFAULT = "default"
    # Claim no more than what was agreed, and warn.
    CONTRACT = "contract"


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
class PenaltyStatement:
    """The amounts on a day, with how they were computed."""

    segments: tuple[Segment, ...]
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

    @property
    def penalties(self) -> Decimal:
        return sum((segment.amount for segment in self.segments), Decimal("0.00"))

    @property
    def total_due(self) -> Decimal:
        return self.principal + self.penalties + self.indemnity


@dataclass(frozen=True, kw_only=True)
class _Span:
    """Days in a row, with the principal open at the start of each."""

    start: date
    end: date
    base: Decimal


def compute(
    debt: Debt, *, until: date, rates: RateTable, stop_at_last_rate: bool = False
) -> PenaltyStatement:
    """Return penalties and indemnity of a debt on a day, that day included.

    The principal of a day is what is open at its start: a payment counts from the
    day after. Each segment is rounded to the cent, half up, and penalties are the
    sum of the segments, so that the printed table adds up. Days are divided by 365.

    Raises MissingRate, unless ``stop_at_last_rate``: the statement then ends with
    the last half-year known and says so. Raises ValueError for an amount that is
    not positive.
    """
    if debt.amount <= 0:
        raise ValueError("the amount of a debt is positive")
    pricing = _Pricing(debt, rates)
    priced: list[tuple[_Span, Decimal]] = []
    stopped_on: date | None = None
    for span in _spans(debt, until):
        try:
            rate = pricing.rate_on(span.start)
        except MissingRate:
            if not stop_at_last_rate:
                raise
            stopped_on = span.start - ONE_DAY
            break
        priced.append((span, rate))
    segments = [_segment(*pair) for pair in _joined(priced, debt)]
    principal = _open_on(debt, until + ONE_DAY)
    last_rate = segments[-1].rate if segments else None
    return PenaltyStatement(
        segments=tuple(segments),
        principal=principal,
        indemnity=_indemnity(debt, until),
        rate=last_rate,
        per_day=_rounded(principal * (last_rate or 0) / 100 / 365),
        unverified=tuple(sorted(pricing.unverified)),
        below_floor=tuple(sorted(pricing.below_floor)),
        stopped_on=stopped_on,
    )


class _Pricing:
    """The yearly rate of each day, noting what the user must be told."""

    def __init__(self, debt: Debt, rates: RateTable) -> None:
        self._debt = debt
        self._rates = rates
        self.unverified: set[tuple[RateKind, HalfYear]] = set()
        self.below_floor: set[HalfYear] = set()

    def rate_on(self, day: date) -> Decimal:
        debt, half_year = self._debt, HalfYear.of(day)
        if debt.regime == Regime.PUBLIC:
            # One rate for the whole delay: the half-year in which interest began.
            began = HalfYear.of(debt.due + ONE_DAY)
            return self._read(RateKind.ECB, began) + ADDED[debt.regime]
        if debt.regime == Regime.B2C or debt.contract_rate is None:
            return self._default(half_year)
        if debt.regime == Regime.B2B and self._under_floor(half_year):
            self.below_floor.add(half_year)
            if debt.below_floor == BelowFloor.DEFAULT:
                return self._default(half_year)
        return debt.contract_rate

    def _default(self, half_year: HalfYear) -> Decimal:
        if self._debt.regime == Regime.B2B:
            return self._read(RateKind.ECB, half_year) + ADDED[Regime.B2B]
        return self._read(RateKind.LEGAL, half_year)

    def _under_floor(self, half_year: HalfYear) -> bool:
        """An unknown legal rate proves nothing against the contract."""
        floor, rate = legal_floor(self._rates, half_year), self._debt.contract_rate
        if floor is None or rate is None:
            return False
        self._read(RateKind.LEGAL, half_year)
        return rate < floor

    def _read(self, kind: RateKind, half_year: HalfYear) -> Decimal:
        row = self._rates.get(kind, half_year)
        if not row.verified:
            self.unverified.add((kind, half_year))
        return row.percent


def _spans(debt: Debt, until: date) -> Iterator[_Span]:
    """Cut the delay where the principal or the half-year changes."""
    start = _first_day(debt)
    if start is None or start > until:
        return
    cuts = {start, until + ONE_DAY}
    cuts |= {p.on + ONE_DAY for p in debt.payments if start <= p.on < until}
    half_year = HalfYear.of(start).next
    while half_year.start <= until:
        cuts.add(half_year.start)
        half_year = half_year.next
    for first, after in pairwise(sorted(cuts)):
        base = _open_on(debt, first)
        if base > 0:
            yield _Span(start=first, end=after - ONE_DAY, base=base)


def _joined(
    priced: Sequence[tuple[_Span, Decimal]], debt: Debt
) -> list[tuple[_Span, Decimal]]:
    """Join what was parted for nothing: a fixed rate runs through the half-years,
    and payments that undo each other the same day change no principal."""
    joined: list[tuple[_Span, Decimal]] = []
    for span, rate in priced:
        if joined:
            before, same = joined[-1]
            fixed = debt.regime == Regime.PUBLIC or rate == debt.contract_rate
            if (
                same == rate
                and before.base == span.base
                and before.end + ONE_DAY == span.start
                and (fixed or HalfYear.of(before.end) == HalfYear.of(span.start))
            ):
                joined[-1] = (replace(before, end=span.end), rate)
                continue
        joined.append((span, rate))
    return joined


def _first_day(debt: Debt) -> date | None:
    """Return the first day that bears interest, ``None`` when there is none yet."""
    after_due = debt.due + ONE_DAY
    by_contract = debt.regime == Regime.NON_PRO and debt.contract_rate is not None
    if debt.regime.owes_indemnity or by_contract:
        return after_due
    if debt.notice is None:
        return None
    return max(after_due, debt.notice + ONE_DAY)


def _open_on(debt: Debt, day: date) -> Decimal:
    """Return the principal open at the start of a day, never below zero."""
    settled = sum((p.amount for p in debt.payments if p.on < day), Decimal(0))
    return max(debt.amount - settled, Decimal("0.00"))


def _indemnity(debt: Debt, until: date) -> Decimal:
    """40 € for an invoice not wholly paid at its due date, however little was left;
    a payment undone later was none."""
    late = any(True for _span in _spans(debt, until))
    due = debt.regime.owes_indemnity and late and not debt.insolvency
    return INDEMNITY if due else Decimal("0.00")


def _segment(span: _Span, rate: Decimal) -> Segment:
    days = (span.end - span.start).days + 1
    return Segment(
        start=span.start,
        end=span.end,
        base=span.base,
        rate=rate,
        amount=_rounded(span.base * rate / 100 * days / 365),
    )


def _rounded(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)


def legal_floor(rates: RateTable, half_year: HalfYear) -> Decimal | None:
    """Return the least valid contract rate of a half-year, 3 × the legal rate
    (L441-10 II); ``None`` while that rate is unknown."""
    row = rates.find(RateKind.LEGAL, half_year)
    return None if row is None else 3 * row.percent


def as_mapping(statement: PenaltyStatement) -> Mapping[str, object]:
    """Return the statement as data, amounts with two decimals as text."""
    return {
        "penalties": str(statement.penalties),
        "indemnity": str(statement.indemnity),
        "segments": [
            {
                "from": segment.start.isoformat(),
                "to": segment.end.isoformat(),
                "days": segment.days,
                "base": str(_rounded(segment.base)),
                "rate": f"{segment.rate:f}",
                "amount": str(segment.amount),
            }
            for segment in statement.segments
        ],
    }
