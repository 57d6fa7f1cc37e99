"""Which level an unpaid invoice has come to, and every reason against it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from relance.rules.lifecycle import HOLDING_STATUSES, STOPPING_STATUSES
from relance.rules.pending import PendingFact


class Code(StrEnum):
    """The reasons against a reminder. They are data: shown, stored, overridden."""

    SETTLED = "settled"
    CANCELLED = "cancelled"
    ABANDONED = "abandoned"
    CREDIT_NOTE = "credit_note"
    UNDER_WAY = "under_way"
    INSOLVENCY = "insolvency"
    LIMITATION_OVER = "limitation_over"
    LIMITATION_NEAR = "limitation_near"
    EINVOICE_STOPPED = "einvoice_stopped"
    NO_ADDRESS = "no_address"
    NO_EMAIL = "no_email"
    TEXT_MISSING = "text_missing"
    ELEMENT_MISSING = "element_missing"
    RATE_MISSING = "rate_missing"
    NOT_DUE = "not_due"
    TOO_SOON = "too_soon"
    BEFORE_START = "before_start"
    CUSTOMER_TOO_SOON = "customer_too_soon"
    MANUAL_HOLD = "manual_hold"
    DISPUTE = "dispute"
    PROMISE = "promise"
    PLAN = "plan"
    EINVOICE_HOLD = "einvoice_hold"
    UNALLOCATED = "unallocated"
    PENDING_PAYMENT = "pending_payment"
    NOT_POSTED = "not_posted"
    BELOW_MINIMUM = "below_minimum"
    DIRECT_DEBIT = "direct_debit"
    FACTORED = "factored"
    LEVEL_ABOVE = "level_above"
    LAST_LEVEL = "last_level"
    COURTESY_OVER = "courtesy_over"
    ABOVE_HIGHEST = "above_highest"
    APPROVAL_NEEDED = "approval_needed"
    APPROVAL_ASKED = "approval_asked"
    APPROVAL_REFUSED = "approval_refused"
    APPROVAL_OUTGROWN = "approval_outgrown"
    RATE_UNVERIFIED = "rate_unverified"
    OTHER_IBAN = "other_iban"
    BALANCE_CHANGED = "balance_changed"
    RECIPIENT_CHANGED = "recipient_changed"


class Weight(StrEnum):
    """What a reason does: stops, stops unless overridden, or only warns."""

    HARD = "hard"
    SOFT = "soft"
    WARNING = "warning"


@dataclass(frozen=True, kw_only=True)
class Reason:
    """One reason against, with the dates and amounts that its sentence needs."""

    code: Code
    weight: Weight
    facts: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class LevelRule:
    """A level as the procedure of the customer has it."""

    rank: int
    is_formal_notice: bool
    days_after_due: int
    # Only before the due date.
    is_courtesy: bool = False
    # A second person agrees, from a balance that the company chooses.
    needs_approval: bool = False


@dataclass(frozen=True, kw_only=True)
class HoldFact:
    """A hold that is running today, on the invoice or its customer."""

    reason: str
    starts_on: date
    until: date | None = None
    amount: Decimal | None = None


@dataclass(frozen=True, kw_only=True)
class LastReminder:
    """The last reminder that reached a level of this invoice."""

    rank: int
    made_on: date
    next_on: date | None
    # A formal notice waits to be marked as posted; other letters are assumed so.
    posted: bool = True


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """What a second person was last asked about a level of the invoice, and said;
    one of a level made since is not among them."""

    rank: int
    # "asked", "agreed" or "refused".
    state: str
    # The balance that was shown to them.
    amount: Decimal
    # Who asked, or who refused, when.
    by: str
    on: date
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Situation:
    """All that the decision on one invoice looks at."""

    kind: str
    state: str
    balance: Decimal
    issued_on: date
    due_date: date
    payment_mode: str = "transfer"
    einvoice_status: str = ""
    limitation_on: date | None = None
    # Months left at most, once one is to be warned of its end.
    limitation_months: int | None = None
    # An account on the invoice that is not ours.
    other_iban: str = ""
    holds: tuple[HoldFact, ...] = ()
    # The bank took back a payment of this invoice: the debit no longer comes.
    debit_returned: bool = False
    # What the customer paid or was credited and that settles nothing yet.
    unallocated: Decimal = Decimal(0)
    pending: tuple[PendingFact, ...] = ()
    last: LastReminder | None = None
    # The day that somebody noted since then, to wait for.
    noted_next_on: date | None = None
    # A reminder of this invoice that is being made, waits to leave or may have left.
    under_way: str = ""
    # The customer's last reminder, whatever its invoice, before today.
    customer_reminded_on: date | None = None
    # The customer is never reminded above this level.
    highest_rank: int | None = None
    highest_name: str = ""
    agreements: tuple[Agreement, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Thresholds:
    """The company's own limits."""

    minimum_amount: Decimal = Decimal(0)
    minimum_interval: int = 7
    # The balance from which levels that need it need a second person.
    approval_from: Decimal = Decimal(0)
    # Nothing is proposed before this day: past reminders are left time to act.
    nothing_before: date | None = None


_HOLDS = {
    "manual": Code.MANUAL_HOLD,
    "dispute": Code.DISPUTE,
    "promise": Code.PROMISE,
    "plan": Code.PLAN,
    "einvoice": Code.EINVOICE_HOLD,
    "direct_debit": Code.DIRECT_DEBIT,
    "factored": Code.FACTORED,
}


def next_level(
    situation: Situation, levels: Sequence[LevelRule], *, today: date
) -> LevelRule | None:
    """Return the lowest level above the last one reached, ``None`` past the last.

    Levels climb one at a time, however late the invoice was imported. A courtesy
    level comes before the due date, and is passed over once that day is over.
    """
    reached = situation.last.rank if situation.last else None
    late = situation.due_date < today
    above = [
        level
        for level in levels
        if (reached is None or level.rank > reached)
        and not (level.is_courtesy and late)
    ]
    return min(above, key=lambda level: level.rank, default=None)


def possible_from(situation: Situation, level: LevelRule) -> date:
    """Return the first day of a level: the date written on the last reminder,
    else the due date plus the level's days; and not before the day noted since."""
    if situation.last is not None and situation.last.next_on is not None:
        start = situation.last.next_on
    else:
        start = situation.due_date + timedelta(days=level.days_after_due)
    return max(start, situation.noted_next_on or start)


def day_after_courtesy(
    due_date: date, level: LevelRule, levels: Sequence[LevelRule]
) -> date | None:
    """Return the first day of what follows a courtesy that nobody answered by
    paying; ``None``: nothing follows."""
    after = [one for one in levels if one.rank > level.rank]
    if not after:
        return None
    first = min(after, key=lambda one: one.rank)
    return due_date + timedelta(days=first.days_after_due)


def reasons_against(
    situation: Situation,
    level: LevelRule,
    *,
    levels: Sequence[LevelRule],
    thresholds: Thresholds,
    today: date,
) -> tuple[Reason, ...]:
    """Return why this invoice should not be reminded at this level today.

    The gravest come first; none means that nothing is against. Reasons that need
    the channel, the text or a rate are added by the service that knows them.
    """
    found = [
        *_of_the_invoice(situation, level, today=today),
        *_of_the_holds(situation),
        *_of_the_moment(situation, level, thresholds=thresholds, today=today),
        *_of_the_level(situation, level, levels, today=today),
        *_of_the_agreement(situation, level, thresholds=thresholds),
    ]
    return tuple(sorted(found, key=lambda reason: list(Weight).index(reason.weight)))


def _hard(code: Code, **facts: object) -> Reason:
    return Reason(code=code, weight=Weight.HARD, facts=facts)


def _soft(code: Code, **facts: object) -> Reason:
    return Reason(code=code, weight=Weight.SOFT, facts=facts)


def _warning(code: Code, **facts: object) -> Reason:
    return Reason(code=code, weight=Weight.WARNING, facts=facts)


def _of_the_invoice(
    situation: Situation, level: LevelRule, *, today: date
) -> Iterator[Reason]:
    if situation.kind == "credit_note":
        yield _hard(Code.CREDIT_NOTE)
    elif situation.state in {"cancelled", "abandoned"}:
        yield _hard(Code(situation.state))
    elif situation.balance <= 0 or situation.state == "settled":
        yield _hard(Code.SETTLED)
    if situation.under_way:
        yield _hard(Code.UNDER_WAY, reference=situation.under_way)
    if situation.einvoice_status in STOPPING_STATUSES:
        yield _hard(Code.EINVOICE_STOPPED, status=situation.einvoice_status)
    elif situation.einvoice_status in HOLDING_STATUSES and not any(
        hold.reason == "einvoice" for hold in situation.holds
    ):
        yield _soft(Code.EINVOICE_HOLD, status=situation.einvoice_status)
    # The right is lost once its last day has ended (art. 2228–2229 C. civ.).
    limitation, months = situation.limitation_on, situation.limitation_months
    if limitation is not None and today > limitation:
        weight = Weight.HARD if level.is_formal_notice else Weight.WARNING
        yield Reason(code=Code.LIMITATION_OVER, weight=weight, facts={"on": limitation})
    elif months is not None:
        yield _warning(Code.LIMITATION_NEAR, on=limitation, months=months)
    if situation.other_iban:
        yield _warning(Code.OTHER_IBAN, iban=situation.other_iban)
    if situation.payment_mode == "direct_debit" and not situation.debit_returned:
        yield _soft(Code.DIRECT_DEBIT)
    if situation.payment_mode == "factored":
        yield _soft(Code.FACTORED)


def _of_the_holds(situation: Situation) -> Iterator[Reason]:
    for hold in situation.holds:
        if hold.reason == "insolvency":
            # Later invoices stay payable (art. L622-17 Code de commerce).
            if situation.issued_on < hold.starts_on:
                yield _hard(Code.INSOLVENCY, on=hold.starts_on)
            continue
        yield _soft(
            _HOLDS[hold.reason],
            on=hold.starts_on,
            until=hold.until,
            amount=hold.amount,
        )


def _of_the_moment(
    situation: Situation, level: LevelRule, *, thresholds: Thresholds, today: date
) -> Iterator[Reason]:
    start = possible_from(situation, level)
    opening = thresholds.nothing_before
    if opening is not None and today < opening:
        yield _soft(Code.BEFORE_START, on=opening)
    if situation.due_date >= today and level.days_after_due >= 0:
        weight = Weight.HARD if level.is_formal_notice else Weight.SOFT
        yield Reason(code=Code.NOT_DUE, weight=weight, facts={"on": situation.due_date})
    elif today < start:
        yield _soft(Code.TOO_SOON, on=start)
    elif situation.customer_reminded_on is not None:
        reminded = situation.customer_reminded_on
        free = reminded + timedelta(days=thresholds.minimum_interval)
        if reminded < today < free:
            yield _soft(Code.CUSTOMER_TOO_SOON, reminded=reminded, on=free)
    if situation.last is not None and not situation.last.posted:
        yield _soft(Code.NOT_POSTED, made=situation.last.made_on)
    if situation.unallocated > 0:
        yield _soft(Code.UNALLOCATED, amount=situation.unallocated)
    for one in situation.pending:
        yield _soft(Code.PENDING_PAYMENT, **one.as_facts())
    if 0 < situation.balance < thresholds.minimum_amount:
        yield _soft(Code.BELOW_MINIMUM, amount=thresholds.minimum_amount)


def _of_the_level(
    situation: Situation,
    level: LevelRule,
    levels: Sequence[LevelRule],
    *,
    today: date,
) -> Iterator[Reason]:
    proposed = next_level(situation, levels, today=today)
    if level.is_courtesy and situation.due_date < today:
        yield _hard(Code.COURTESY_OVER, on=situation.due_date)
    elif proposed is None:
        yield _soft(Code.LAST_LEVEL)
    elif level.rank > proposed.rank:
        yield _soft(Code.LEVEL_ABOVE, proposed=proposed.rank)
    highest = situation.highest_rank
    if highest is not None and level.rank > highest:
        yield _soft(Code.ABOVE_HIGHEST, level=situation.highest_name)


def _of_the_agreement(
    situation: Situation, level: LevelRule, *, thresholds: Thresholds
) -> Iterator[Reason]:
    """Nobody overrides it: another person agrees, or the level is not made."""
    if not level.needs_approval or situation.balance < thresholds.approval_from:
        return
    found = next((one for one in situation.agreements if one.rank == level.rank), None)
    if found is None:
        yield _hard(Code.APPROVAL_NEEDED)
    elif found.state == "asked":
        yield _hard(Code.APPROVAL_ASKED, by=found.by, on=found.on)
    elif found.state == "refused":
        yield _hard(Code.APPROVAL_REFUSED, by=found.by, on=found.on, note=found.note)
    elif situation.balance > found.amount:
        yield _hard(Code.APPROVAL_OUTGROWN, amount=found.amount)
