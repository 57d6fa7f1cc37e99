"""What each status does to the follow-up (reform of e-invoicing, message CDAR)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relance.rules.lifecycle import EFFECTS, Event, Standing, standing

START = datetime(2026, 10, 12, 9, tzinfo=UTC)


def told(*codes: str) -> Standing:
    return standing(event(code, day) for day, code in enumerate(codes))


def event(code: str, day: int = 0, amount: str | None = None) -> Event:
    at = START + timedelta(days=day)
    return Event(
        code=code,
        at=at,
        day=at.date(),
        amount=Decimal(amount) if amount else None,
    )


@pytest.mark.parametrize(
    ("codes", "in_force", "does"),
    [
        (["200"], "200", "free"),
        (["200", "202", "203"], "203", "free"),
        (["203", "204", "205"], "205", "free"),
        (["203", "207"], "207", "held"),
        (["203", "208"], "208", "held"),
        (["203", "206"], "206", "held"),
        (["203", "225"], "225", "held"),
        (["203", "210"], "210", "stopped"),
        (["200", "213"], "213", "stopped"),
        (["205", "220"], "220", "stopped"),
        (["200", "221"], "221", "stopped"),
        (["200", "501"], "501", "stopped"),
        (["207", "205"], "205", "free"),
        (["207", "204"], "204", "free"),
        (["207", "212"], "212", "free"),
        (["225", "228"], "228", "free"),
        # A document that was asked for was sent: only that hold ends.
        (["208", "209"], "209", "free"),
        (["207", "209"], "207", "held"),
        # Information changes nothing of what holds or stops.
        (["207", "214"], "207", "held"),
        (["210", "227"], "210", "stopped"),
        (["207", "203"], "207", "held"),
        # What a platform rejected is mended and sent again; a refusal is not.
        (["200", "213", "200"], "200", "free"),
        (["200", "221", "203"], "203", "free"),
        (["203", "210", "200"], "210", "stopped"),
        (["203", "220", "200"], "220", "stopped"),
        # A payment announced for an invoice that was refused is for a person.
        (["210", "211"], "210", "stopped"),
        ([], "", "free"),
    ],
)
def test_what_is_in_force(codes: list[str], in_force: str, does: str) -> None:
    found = told(*codes)
    assert found.code == in_force
    state = "stopped" if found.stopped else "held" if found.held else "free"
    assert state == does


def test_a_payment_announced_gives_five_working_days() -> None:
    """Over All Saints' Day and a week-end."""
    found = standing([Event(code="211", at=START, day=date(2026, 10, 29), amount=None)])
    assert (found.held, found.until) == (True, date(2026, 11, 5))


def test_a_part_that_is_not_approved_is_held_alone() -> None:
    assert standing([event("206", amount="120.50")]).amount == Decimal("120.50")


def test_payments_add_up_and_may_be_taken_back() -> None:
    events = [event("212", 0, "100"), event("212", 1, "50"), event("212", 2, "-30")]
    assert standing(events).paid == Decimal(120)


def test_delivery_is_remembered_and_starts_anew_after_a_rejection() -> None:
    assert told("200", "203", "204", "205").delivered_on == START.date()
    assert told("200", "213", "200").delivered_on == date(2026, 10, 14)


EVENTS = st.lists(
    st.tuples(st.sampled_from(sorted(EFFECTS)), st.integers(0, 5)),
    unique=True,
    max_size=8,
).map(lambda said: [event(code, day) for code, day in said])


@given(EVENTS, st.randoms(use_true_random=False))
def test_the_order_in_which_they_come_changes_nothing(events, random) -> None:
    shuffled = list(events)
    random.shuffle(shuffled)
    assert standing(shuffled) == standing(events)
    assert not (standing(events).held and standing(events).stopped)
