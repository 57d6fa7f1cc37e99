"""Which level, and every reason against: DESIGN's list, case by case."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from relance.rules.escalation import (
    Agreement,
    Code,
    HoldFact,
    LastReminder,
    LevelRule,
    Situation,
    Thresholds,
    Weight,
    next_level,
    possible_from,
    reasons_against,
)

TODAY = date(2026, 11, 24)
SIMPLE = LevelRule(rank=1, is_formal_notice=False, days_after_due=5)
SECOND = LevelRule(rank=2, is_formal_notice=False, days_after_due=15)
NOTICE = LevelRule(rank=3, is_formal_notice=True, days_after_due=30)
LEVELS = (SIMPLE, SECOND, NOTICE)
LATE = Situation(
    kind="invoice",
    state="open",
    balance=Decimal("100.00"),
    issued_on=date(2026, 9, 1),
    due_date=date(2026, 10, 1),
)


def reminded(
    rank: int, made_on: date, next_on: date | None = None, *, posted: bool = True
) -> Situation:
    last = LastReminder(rank=rank, made_on=made_on, next_on=next_on, posted=posted)
    return replace(LATE, last=last)


def against(
    situation: Situation, level: LevelRule = SIMPLE, **thresholds: object
) -> list[tuple[Code, Weight]]:
    reasons = reasons_against(
        situation,
        level,
        levels=LEVELS,
        thresholds=Thresholds(**thresholds),  # type: ignore[arg-type]
        today=TODAY,
    )
    return [(reason.code, reason.weight) for reason in reasons]


def codes(situation: Situation, level: LevelRule = SIMPLE) -> list[Code]:
    return [code for code, _weight in against(situation, level)]


def weight(situation: Situation, level: LevelRule, code: Code) -> Weight | None:
    return dict(against(situation, level)).get(code)


@pytest.mark.parametrize(
    ("reached", "expected"),
    [(None, SIMPLE), (1, SECOND), (2, NOTICE), (3, None), (7, None)],
)
def test_the_next_level_is_one_rank_up(
    reached: int | None, expected: LevelRule | None
) -> None:
    situation = LATE if reached is None else reminded(reached, TODAY)
    assert next_level(situation, LEVELS, today=TODAY) == expected


def test_a_rank_that_the_procedure_leaves_out_is_passed_over() -> None:
    assert next_level(reminded(1, TODAY), [SIMPLE, NOTICE], today=TODAY) == NOTICE


def test_nothing_is_against_a_late_invoice_never_reminded() -> None:
    assert against(LATE) == []


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"kind": "credit_note"}, Code.CREDIT_NOTE),
        ({"state": "cancelled"}, Code.CANCELLED),
        ({"state": "abandoned"}, Code.ABANDONED),
        ({"balance": Decimal(0)}, Code.SETTLED),
        ({"state": "settled"}, Code.SETTLED),
        ({"under_way": "R-00012"}, Code.UNDER_WAY),
        ({"einvoice_status": "213"}, Code.EINVOICE_STOPPED),
        ({"einvoice_status": "210"}, Code.EINVOICE_STOPPED),
    ],
)
def test_what_nobody_may_override(change: dict[str, object], code: Code) -> None:
    assert against(replace(LATE, **change)) == [(code, Weight.HARD)]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"einvoice_status": "207"}, Code.EINVOICE_HOLD),
        ({"payment_mode": "direct_debit"}, Code.DIRECT_DEBIT),
        ({"payment_mode": "factored"}, Code.FACTORED),
        ({"unallocated": Decimal("0.01")}, Code.UNALLOCATED),
        ({"due_date": TODAY}, Code.NOT_DUE),
        ({"due_date": TODAY - timedelta(days=4)}, Code.TOO_SOON),
        ({"customer_reminded_on": TODAY - timedelta(days=6)}, Code.CUSTOMER_TOO_SOON),
    ],
)
def test_what_may_be_overridden(change: dict[str, object], code: Code) -> None:
    assert against(replace(LATE, **change)) == [(code, Weight.SOFT)]


@pytest.mark.parametrize(
    ("reason", "code"),
    [
        ("manual", Code.MANUAL_HOLD),
        ("dispute", Code.DISPUTE),
        ("promise", Code.PROMISE),
        ("plan", Code.PLAN),
        ("einvoice", Code.EINVOICE_HOLD),
        ("direct_debit", Code.DIRECT_DEBIT),
        ("factored", Code.FACTORED),
    ],
)
def test_each_hold_is_a_reason_to_override(reason: str, code: Code) -> None:
    hold = HoldFact(reason=reason, starts_on=TODAY, amount=Decimal("40.00"))
    [found] = reasons_against(
        replace(LATE, holds=(hold,)),
        SIMPLE,
        levels=LEVELS,
        thresholds=Thresholds(),
        today=TODAY,
    )
    assert (found.code, found.weight) == (code, Weight.SOFT)
    assert found.facts["amount"] == Decimal("40.00")


@pytest.mark.parametrize(
    ("judgment", "expected"),
    [
        (date(2026, 9, 2), [(Code.INSOLVENCY, Weight.HARD)]),
        # Art. L622-17: an invoice dated after the judgment stays payable.
        (date(2026, 9, 1), []),
    ],
)
def test_insolvency_stops_the_invoices_before_the_judgment(
    judgment: date, expected: list[object]
) -> None:
    hold = HoldFact(reason="insolvency", starts_on=judgment)
    assert against(replace(LATE, holds=(hold,))) == expected


def test_a_formal_notice_before_the_due_date_is_never_possible() -> None:
    not_due = replace(reminded(2, date(2026, 11, 1)), due_date=TODAY)
    assert against(not_due, NOTICE)[0] == (Code.NOT_DUE, Weight.HARD)


def test_a_courtesy_level_may_come_before_the_due_date() -> None:
    courtesy = LevelRule(rank=0, is_formal_notice=False, days_after_due=-5)
    soon = replace(LATE, due_date=TODAY + timedelta(days=5))
    assert Code.NOT_DUE not in codes(soon, courtesy)
    later = replace(LATE, due_date=TODAY + timedelta(days=6))
    assert codes(later, courtesy) == [Code.TOO_SOON]


@pytest.mark.parametrize(
    ("limitation", "stopped"), [(TODAY, False), (TODAY - timedelta(days=1), True)]
)
def test_the_limitation_period_stops_a_formal_notice_alone(
    limitation: date, stopped: bool
) -> None:
    old = replace(reminded(2, date(2026, 10, 20)), limitation_on=limitation)
    assert weight(old, NOTICE, Code.LIMITATION_OVER) == (
        Weight.HARD if stopped else None
    )
    # The others say so and may leave: the customer may still pay.
    assert weight(old, SECOND, Code.LIMITATION_OVER) == (
        Weight.WARNING if stopped else None
    )


def test_the_end_of_the_period_is_announced() -> None:
    old = replace(
        reminded(2, date(2026, 10, 20)),
        limitation_on=date(2027, 5, 1),
        limitation_months=6,
    )
    for level in (SECOND, NOTICE):
        assert weight(old, level, Code.LIMITATION_NEAR) == Weight.WARNING
    assert weight(LATE, SECOND, Code.LIMITATION_NEAR) is None


@pytest.mark.parametrize(
    ("next_on", "too_soon"),
    [(TODAY, False), (TODAY + timedelta(days=1), True)],
)
def test_the_date_written_on_the_last_reminder_decides(
    next_on: date, too_soon: bool
) -> None:
    situation = reminded(1, date(2026, 11, 1), next_on)
    assert possible_from(situation, SECOND) == next_on
    assert (Code.TOO_SOON in codes(situation, SECOND)) is too_soon


@pytest.mark.parametrize(
    ("noted", "last", "start"),
    [
        # A call was noted after the reminder: the later of both days.
        (date(2026, 12, 16), date(2026, 11, 20), date(2026, 12, 16)),
        (date(2026, 11, 10), date(2026, 11, 20), date(2026, 11, 20)),
        (date(2026, 12, 16), None, date(2026, 12, 16)),
    ],
)
def test_a_day_noted_since_is_waited_for(
    noted: date, last: date | None, start: date
) -> None:
    situation = replace(reminded(1, date(2026, 11, 1), last), noted_next_on=noted)
    assert possible_from(situation, SECOND) == start
    assert (Code.TOO_SOON in codes(situation, SECOND)) is (start > TODAY)


def test_without_a_written_date_the_procedure_decides() -> None:
    situation = reminded(1, date(2026, 10, 10))
    assert possible_from(situation, NOTICE) == date(2026, 10, 31)


@pytest.mark.parametrize(
    ("days_ago", "held"), [(0, False), (1, True), (6, True), (7, False)]
)
def test_a_customer_has_time_to_answer(days_ago: int, held: bool) -> None:
    situation = replace(LATE, customer_reminded_on=TODAY - timedelta(days=days_ago))
    assert (Code.CUSTOMER_TOO_SOON in codes(situation)) is held


def test_a_letter_that_was_not_posted_holds_the_next() -> None:
    situation = reminded(3, date(2026, 11, 1), date(2026, 11, 16), posted=False)
    assert Code.NOT_POSTED in codes(situation, NOTICE)


@pytest.mark.parametrize(("minimum", "held"), [("100.00", False), ("100.01", True)])
def test_small_balances_may_be_left_alone(minimum: str, held: bool) -> None:
    found = against(LATE, minimum_amount=Decimal(minimum))
    assert ((Code.BELOW_MINIMUM, Weight.SOFT) in found) is held


def test_skipping_a_level_and_going_past_the_last_are_said() -> None:
    assert codes(LATE, NOTICE) == [Code.LEVEL_ABOVE]
    assert codes(reminded(3, date(2026, 10, 2)), NOTICE) == [Code.LAST_LEVEL]


def test_the_gravest_reasons_come_first() -> None:
    situation = replace(
        LATE, balance=Decimal(0), unallocated=Decimal(5), due_date=TODAY
    )
    assert codes(situation) == [Code.SETTLED, Code.NOT_DUE, Code.UNALLOCATED]


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        # Days after the due date, last rank → level that may leave: one at a time.
        (4, None),
        (5, 1),
        (30, 1),
    ],
)
def test_an_old_import_starts_at_the_first_level(
    day: int, expected: int | None
) -> None:
    situation = replace(LATE, due_date=TODAY - timedelta(days=day))
    level = next_level(situation, LEVELS, today=TODAY)
    assert level is not None
    allowed = level.rank if not codes(situation, level) else None
    assert allowed == expected


COURTESY = LevelRule(
    rank=0, is_formal_notice=False, days_after_due=-5, is_courtesy=True
)


@pytest.mark.parametrize(
    ("days_to_due", "proposed", "against"),
    [
        # Due in six days: it comes tomorrow.
        (6, COURTESY, [Code.TOO_SOON]),
        (5, COURTESY, []),
        (1, COURTESY, []),
        (0, COURTESY, []),
        # The day after, it is too late for a word before the due date.
        (-1, SIMPLE, [Code.COURTESY_OVER]),
        (-50, SIMPLE, [Code.COURTESY_OVER]),
    ],
)
def test_a_courtesy_comes_before_the_due_date_and_never_after(
    days_to_due: int, proposed: LevelRule, against: list[Code]
) -> None:
    levels = (COURTESY, *LEVELS)
    situation = replace(LATE, due_date=TODAY + timedelta(days=days_to_due))
    assert next_level(situation, levels, today=TODAY) == proposed
    found = reasons_against(
        situation, COURTESY, levels=levels, thresholds=Thresholds(), today=TODAY
    )
    assert [reason.code for reason in found] == against


def test_after_a_courtesy_comes_the_first_level() -> None:
    levels = (COURTESY, *LEVELS)
    assert next_level(reminded(0, TODAY), levels, today=TODAY) == SIMPLE


@pytest.mark.parametrize(
    ("highest", "level", "held"),
    [(None, NOTICE, False), (3, NOTICE, False), (2, NOTICE, True), (1, SIMPLE, False)],
)
def test_a_customer_is_not_reminded_beyond_their_highest_level(
    highest: int | None, level: LevelRule, held: bool
) -> None:
    situation = replace(
        reminded(level.rank - 1, date(2026, 10, 1)),
        highest_rank=highest,
        highest_name="Rappel",
    )
    found = against(situation, level)
    assert ((Code.ABOVE_HIGHEST, Weight.SOFT) in found) is held


GUARDED = LevelRule(
    rank=3, is_formal_notice=True, days_after_due=30, needs_approval=True
)


def agreement(state: str, amount: str = "100.00", rank: int = 3) -> Agreement:
    return Agreement(
        rank=rank, state=state, amount=Decimal(amount), by="Alice Martin", on=TODAY
    )


@pytest.mark.parametrize(
    ("agreements", "from_amount", "code"),
    [
        ([], "0", Code.APPROVAL_NEEDED),
        ([], "100.00", Code.APPROVAL_NEEDED),
        # Below the amount nobody is asked.
        ([], "100.01", None),
        ([agreement("asked")], "0", Code.APPROVAL_ASKED),
        ([agreement("refused")], "0", Code.APPROVAL_REFUSED),
        ([agreement("agreed")], "0", None),
        # Given for more than is owed now: it still holds.
        ([agreement("agreed", "150.00")], "0", None),
        ([agreement("agreed", "99.99")], "0", Code.APPROVAL_OUTGROWN),
        # For another level: it says nothing of this one.
        ([agreement("agreed", rank=2)], "0", Code.APPROVAL_NEEDED),
        # The newest comes first.
        ([agreement("refused"), agreement("agreed")], "0", Code.APPROVAL_REFUSED),
    ],
)
def test_a_second_person_agrees_to_a_level_that_needs_it(
    agreements: list[Agreement], from_amount: str, code: Code | None
) -> None:
    situation = replace(reminded(2, date(2026, 10, 20)), agreements=tuple(agreements))
    found = reasons_against(
        situation,
        GUARDED,
        levels=(SIMPLE, SECOND, GUARDED),
        thresholds=Thresholds(approval_from=Decimal(from_amount)),
        today=TODAY,
    )
    expected = [] if code is None else [(code, Weight.HARD)]
    assert [(reason.code, reason.weight) for reason in found] == expected


def test_a_level_that_needs_nobody_asks_nobody() -> None:
    assert against(reminded(2, date(2026, 10, 20)), NOTICE) == []
