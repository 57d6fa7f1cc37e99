"""Which payments recorded elsewhere the bank had already told of."""

from __future__ import annotations

import itertools
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relance.rules.pending import AFTER, BEFORE, Arrival, Expected, recognised

DAY = date(2026, 11, 12)
A, B = 1, 2
OURS, OTHERS = 10, 20


def expected(pk: int = 1, amount: str = "500", **values: Any) -> Expected:
    defaults: dict[str, Any] = {
        "customer": OURS,
        "invoice": A,
        "currency": "EUR",
        "received_on": DAY,
    }
    return Expected(pk=pk, amount=Decimal(amount), **(defaults | values))


def arrival(pk: int = 100, amount: str = "500", **values: Any) -> Arrival:
    defaults: dict[str, Any] = {
        "payment": pk,
        "name": f"PAY{pk}",
        "customer": OURS,
        "invoice": A,
        "currency": "EUR",
        "on": DAY,
    }
    defaults["whole"] = str(values.get("payment", pk))
    return Arrival(pk=pk, amount=Decimal(amount), **(defaults | values))


def days(count: int) -> date:
    return DAY + timedelta(days=count)


@pytest.mark.parametrize(
    ("waits", "came", "ended"),
    [
        pytest.param([], [arrival()], {}, id="nothing waits"),
        pytest.param([expected()], [], {}, id="nothing came"),
        pytest.param([expected()], [arrival()], {1: 100}, id="the same"),
        pytest.param([expected()], [arrival(amount="499.99")], {}, id="amount"),
        pytest.param([expected()], [arrival(invoice=B)], {}, id="another invoice"),
        pytest.param([expected()], [arrival(currency="GBP")], {}, id="currency"),
        pytest.param(
            [expected()], [arrival(on=days(-10))], {1: 100}, id="a cheque, before"
        ),
        pytest.param([expected()], [arrival(on=days(-11))], {}, id="too long before"),
        pytest.param(
            [expected()], [arrival(on=days(45))], {1: 100}, id="entered later"
        ),
        pytest.param([expected()], [arrival(on=days(46))], {}, id="too late"),
        pytest.param(
            [expected(1), expected(2)], [arrival()], {1: 100}, id="one ends one"
        ),
        pytest.param(
            [expected(1), expected(2)],
            [arrival(100), arrival(101)],
            {1: 100, 2: 101},
            id="the same amount twice on one day",
        ),
        pytest.param(
            [expected(1), expected(2, received_on=days(30))],
            [arrival(on=days(30))],
            {1: 100},
            id="monthly: one is there, one waits",
        ),
        pytest.param(
            [expected(1), expected(2, received_on=days(11))],
            [arrival(100, on=days(2)), arrival(101, on=days(-9))],
            {1: 101, 2: 100},
            id="the only pairing that ends both",
        ),
        pytest.param(
            [expected(1, written_as="PAY101"), expected(2)],
            [arrival(100), arrival(101)],
            {1: 101, 2: 100},
            id="what we wrote has a name",
        ),
        pytest.param(
            [expected(written_as="PAY7")],
            [arrival()],
            {1: 100},
            id="written, and recorded under another name: counted once",
        ),
        pytest.param(
            [expected(invoice=None)],
            [arrival(100, "300", payment=9), arrival(101, "200", payment=9, invoice=B)],
            {1: 9},
            id="for the customer: a payment that settles two invoices",
        ),
        pytest.param(
            [expected(invoice=None)],
            [arrival(customer=OTHERS)],
            {},
            id="for the customer: somebody else's",
        ),
        pytest.param(
            [expected(1, "300"), expected(2, "200", invoice=None)],
            [arrival(100, "300", payment=9), arrival(101, "200", payment=9, invoice=B)],
            {1: 9, 2: 9},
            id="a part for an invoice, the rest for the customer",
        ),
    ],
)
def test_what_came_ends_what_was_waited_for(
    waits: list[Expected], came: list[Arrival], ended: dict[int, int]
) -> None:
    assert recognised(waits, came) == ended
    assert recognised(waits[::-1], came[::-1]) == ended


def near(one: Expected, part: Arrival) -> bool:
    return (one.invoice, one.amount) == (
        part.invoice,
        part.amount,
    ) and one.received_on - BEFORE <= part.on <= one.received_on + AFTER


def most(waits: list[Expected], came: list[Arrival]) -> int:
    """How many can be ended, found by trying everything."""
    if not waits:
        return 0
    first, rest = waits[0], waits[1:]
    best = most(rest, came)
    for part in came:
        if near(first, part):
            left = [one for one in came if one != part]
            best = max(best, 1 + most(rest, left))
    return best


moments = st.integers(min_value=0, max_value=90).map(days)
amounts = st.sampled_from(["100", "250"])
invoices = st.sampled_from([A, B])
some = st.lists(st.tuples(moments, amounts, invoices), max_size=5)


@given(some, some, st.randoms())
def test_never_twice_never_missed_whatever_the_order(
    here: list[Any], there: list[Any], random: Any
) -> None:
    waits = [
        expected(pk, amount, received_on=on, invoice=invoice)
        for pk, (on, amount, invoice) in enumerate(here)
    ]
    came = [
        arrival(100 + pk, amount, on=on, invoice=invoice)
        for pk, (on, amount, invoice) in enumerate(there)
    ]
    found = recognised(waits, came)

    # Once each, and only what is alike.
    assert len(set(found.values())) == len(found)
    parts = {part.pk: part for part in came}
    assert all(near(waits[pk], parts[part]) for pk, part in found.items())
    # As many as any other pairing ends.
    assert len(found) == most(waits, came)
    # The order in which they were learnt changes nothing.
    random.shuffle(waits)
    random.shuffle(came)
    assert recognised(waits, came) == found


@given(some)
def test_what_is_there_in_full_leaves_nothing_waiting(here: list[Any]) -> None:
    waits = [
        expected(pk, amount, received_on=on, invoice=invoice)
        for pk, (on, amount, invoice) in enumerate(here)
    ]
    came = [
        arrival(100 + one.pk, str(one.amount), on=one.received_on, invoice=one.invoice)
        for one in waits
    ]
    assert len(recognised(waits, came)) == len(waits)
    for some_of_them in itertools.combinations(came, max(len(came) - 1, 0)):
        assert len(recognised(waits, some_of_them)) == len(some_of_them)
