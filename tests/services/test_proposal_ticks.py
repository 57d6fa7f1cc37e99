"""Many rows are ticked at once as far as they can be, whatever page they are on."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from relance.models import Company, Invoice, Proposal, Rate, User
from relance.queries.worklist import Criteria
from relance.services import proposals
from relance.services.proposals import How
from relance.services.touching import touch_all
from tests import make
from tests.make import NOW, TODAY
from tests.services._proposals import choose, late, notice, row_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def ours(db: None) -> Company:
    found = make.company()
    Rate.objects.update(verified=True)
    return found


def tick(how: How, by: User | None = None, **criteria: Any) -> proposals.Ticked:
    return proposals.tick_all(Criteria(**criteria), how, by=by, now=NOW, today=TODAY)


def ticks(*found: Invoice) -> list[str]:
    return [Proposal.objects.get(invoice=one).channel for one in found]


@pytest.fixture
def six() -> list[Invoice]:
    """Three to remind, a formal notice, one held, one not due."""
    made = [
        late(make.customer(preferred_channel="letter")),
        late(make.customer(email="")),
        late(make.customer(city="")),
        notice(),
        late(),
        late(days=-5),
    ]
    make.hold(made[4])
    return made


# All at once


@pytest.mark.parametrize(
    ("how", "found", "left"),
    [
        (How.LETTERS, ["letter", "letter", "email", "registered", "", ""], 3),
        (How.EMAILS, ["email", "letter", "email", "registered", "", ""], 3),
        (How.PREFERRED, ["letter", "letter", "email", "registered", "", ""], 2),
    ],
)
def test_all_rows_are_ticked_as_far_as_can_be(
    how: How, found: list[str], left: int, six: list[Invoice], alice: User
) -> None:
    done = tick(how, alice, which="unpaid")
    assert (done.ticked, done.left) == (6 - left, left)
    assert ticks(*six) == found
    by = Proposal.objects.filter(chosen_by=alice, chosen_at=NOW)
    assert by.count() == done.ticked


def test_all_is_unticked_and_stays_so(six: list[Invoice], alice: User) -> None:
    done = tick(How.NONE, alice, which="unpaid")
    assert (done.ticked, done.left) == (4, 0)
    touch_all()
    proposals.refresh(today=TODAY)
    assert ticks(*six) == [""] * 6
    # Those that were not to be reminded yet will be ticked in advance.
    assert row_of(six[5], today=TODAY + timedelta(days=10)).channel == "email"


def test_only_the_rows_of_the_filter_are_ticked(six: list[Invoice]) -> None:
    other = late()
    tick(How.NONE, which="today")
    tick(How.LETTERS, which="today", customer=other.customer_id)
    assert ticks(other, *six[:4]) == ["letter", "", "", "", ""]


def test_rows_overridden_are_ticked_with_the_others(
    six: list[Invoice], dora: User
) -> None:
    choose(row_of(six[4]), by=dora, overrides={"dispute": "Tranché"})
    tick(How.LETTERS, which="held")
    assert ticks(six[4]) == ["letter"]
    make.hold(six[4], "manual")
    tick(How.NONE, which="unpaid")
    tick(How.LETTERS, which="held")
    assert ticks(six[4]) == [""]


@pytest.mark.parametrize(
    ("one_by_one", "letters", "emails"),
    [
        ({"channel": "email"}, "registered", "email"),
        ({"channel": "letter", "plain_letter": True}, "letter", "letter"),
        ({"channel": ""}, "registered", "registered"),
    ],
)
def test_a_formal_notice_stays_a_letter_unless_ticked_one_by_one(
    one_by_one: dict[str, Any], letters: str, emails: str
) -> None:
    invoice = notice()
    for how, channel in ((How.LETTERS, letters), (How.EMAILS, emails)):
        choose(row_of(invoice), **one_by_one)
        tick(how)
        assert ticks(invoice) == [channel]


def test_ticking_many_takes_no_more_queries(six: list[Invoice]) -> None:
    proposals.refresh(today=TODAY)

    def asked() -> int:
        with CaptureQueriesContext(connection) as asked:
            tick(How.PREFERRED, which="unpaid")
        return len(asked)

    few = asked()
    for _ in range(20):
        late()
    proposals.refresh(today=TODAY)
    assert asked() == few
