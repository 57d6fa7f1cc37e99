"""Late-payment penalties and the 40 € indemnity, segment by segment.

Sources: art. L441-10 II and D441-5 of the Code de commerce (B2B), R2192-31 to
D2192-35 of the Code de la commande publique (PUBLIC), 1231-6 and 1344-1 of the
Code civil (B2C, NON_PRO: interest at the legal rate from the formal notice),
1343-1 of the Code civil (what a partial payment settles first).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

from relance.rules.debts import (
    BelowFloor,
    Debt,
    Imputation,
    Imputed,
    PenaltyStatement,
    Segment,
    rounded,
)
from relance.rules.rates import HalfYear, MissingRate, RateKind, RateTable, legal_floor
from relance.rules.regimes import Regime

INDEMNITY = Decimal("40.00")
# Added to the ECB's rate: L441-10 II C. com.; R2192-31 CCP.
ADDED = {Regime.B2B: Decimal(10), Regime.PUBLIC: Decimal(8)}
ONE_DAY = timedelta(days=1)


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

    Interest first, a payment settles the interest run up to its day, that day
    included, then the principal; interest itself bears none (art. 1343-2 C. civ.).

    Raises MissingRate, unless ``stop_at_last_rate``: the statement then ends with
    the last half-year known and says so. Raises ValueError for an amount that is
    not positive.
    """
    if debt.amount <= 0:
        raise ValueError("the amount of a debt is positive")
    pricing = _Pricing(debt, rates)
    if debt.imputation == Imputation.INTEREST:
        ledger = _Ledger(debt, pricing, stop=stop_at_last_rate)
        ledger.run(until)
        segments, stopped_on = ledger.segments, ledger.stopped_on
        principal, imputed = ledger.principal, tuple(ledger.imputed)
    else:
        priced, stopped_on = _priced(_spans(debt, until), pricing, stop_at_last_rate)
        segments = [_segment(*pair) for pair in _joined(priced, debt)]
        principal, imputed = _open_on(debt, until + ONE_DAY), ()
    last_rate = segments[-1].rate if segments else None
    return PenaltyStatement(
        segments=tuple(segments),
        principal=principal,
        imputed=imputed,
        indemnity=_indemnity(debt, until),
        rate=last_rate,
        per_day=rounded(principal * (last_rate or 0) / 100 / 365),
        unverified=tuple(sorted(pricing.unverified)),
        below_floor=tuple(sorted(pricing.below_floor)),
        stopped_on=stopped_on,
    )


def _priced(
    spans: Iterable[_Span], pricing: _Pricing, stop: bool
) -> tuple[list[tuple[_Span, Decimal]], date | None]:
    """Return spans with their rates; the last day counted where a rate is missing
    and the user chose to stop there."""
    priced: list[tuple[_Span, Decimal]] = []
    for span in spans:
        try:
            priced.append((span, pricing.rate_on(span.start)))
        except MissingRate:
            if not stop:
                raise
            return priced, span.start - ONE_DAY
    return priced, None


class _Ledger:
    """A debt run through from payment to payment, interest first."""

    def __init__(self, debt: Debt, pricing: _Pricing, *, stop: bool) -> None:
        self._debt, self._pricing, self._stop = debt, pricing, stop
        self.principal = debt.amount
        self._interest = Decimal("0.00")
        self.segments: list[Segment] = []
        # What payments settled and nobody took back: interest, principal.
        self._standing: list[tuple[Decimal, Decimal]] = []
        self.imputed: list[Imputed] = []
        self.stopped_on: date | None = None

    def run(self, until: date) -> None:
        days = sorted({p.on for p in self._debt.payments if p.on <= until})
        first = _first_day(self._debt)
        for day in days:
            if first is not None and first <= day:
                self._accrue(first, day)
                first = day + ONE_DAY
            self._settle(day)
        if first is not None and first <= until:
            self._accrue(first, until)

    def _accrue(self, start: date, end: date) -> None:
        if self.principal <= 0 or self.stopped_on is not None:
            return
        spans = [
            _Span(start=first, end=last, base=self.principal)
            for first, last in _half_years(start, end)
        ]
        priced, self.stopped_on = _priced(spans, self._pricing, self._stop)
        for pair in _joined(priced, self._debt):
            segment = _segment(*pair)
            self._interest += segment.amount
            self.segments.append(segment)

    def _settle(self, day: date) -> None:
        """Set a day's credit notes against the principal, its money against
        interest, then the principal."""
        rows = [p for p in self._debt.payments if p.on == day]
        credit = sum((p.amount for p in rows if p.is_credit), Decimal(0))
        money = sum((p.amount for p in rows if not p.is_credit), Decimal(0))
        self.principal = max(self.principal - credit, Decimal("0.00"))
        if money < 0:
            self._take_back(day, -money)
            return
        interest = min(money, self._interest)
        principal = min(money - interest, self.principal)
        if interest or principal:
            self._standing.append((interest, principal))
            self._set(day, interest, principal)

    def _take_back(self, day: date, money: Decimal) -> None:
        """Undo what a payment had settled: the one of this amount, else the last."""
        same = [one for one in self._standing if sum(one) == money]
        undone = interest = principal = Decimal(0)
        while self._standing and undone < money:
            one = same.pop() if same else self._standing[-1]
            self._standing.remove(one)
            back = min(one[1], money - undone)
            less = min(one[0], money - undone - back)
            if back + less < sum(one):
                self._standing.append((one[0] - less, one[1] - back))
            interest, principal = interest + less, principal + back
            undone = interest + principal
        self._set(day, -interest, -(money - interest))

    def _set(self, day: date, interest: Decimal, principal: Decimal) -> None:
        self.imputed.append(Imputed(on=day, interest=interest, principal=principal))
        self._interest -= interest
        self.principal -= principal


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
    cuts |= {first for first, _last in _half_years(start, until)}
    for first, after in pairwise(sorted(cuts)):
        base = _open_on(debt, first)
        if base > 0:
            yield _Span(start=first, end=after - ONE_DAY, base=base)


def _half_years(start: date, end: date) -> Iterator[tuple[date, date]]:
    """Part days in a row where a half-year begins."""
    while start <= end:
        last = min(HalfYear.of(start).end, end)
        yield start, last
        start = last + ONE_DAY


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
        amount=rounded(span.base * rate / 100 * days / 365),
    )
