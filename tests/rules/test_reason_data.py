"""A reason is kept as data and comes back the same; nothing else is read as one."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relance.rules.escalation import Code, Reason, Weight
from relance.rules.reason_data import reason_as_data, reason_from_data


def test_a_reason_is_kept_as_data_and_comes_back_the_same() -> None:
    facts = {
        "on": date(2026, 11, 24),
        "until": None,
        "amount": Decimal("120.00"),
        "status": "207",
        "proposed": 2,
    }
    reason = Reason(code=Code.PROMISE, weight=Weight.SOFT, facts=facts)
    data = reason_as_data(reason)
    assert data == {
        "code": "promise",
        "weight": "soft",
        "facts": {
            "on": {"date": "2026-11-24"},
            "until": None,
            "amount": {"decimal": "120.00"},
            "status": "207",
            "proposed": 2,
        },
    }
    assert reason_from_data(data) == reason


_FACTS = st.one_of(
    st.none(),
    st.text(),
    st.integers(),
    st.booleans(),
    st.dates(),
    st.decimals(allow_nan=False),
)


@given(
    code=st.sampled_from(Code),
    weight=st.sampled_from(Weight),
    facts=st.dictionaries(st.text(), _FACTS, max_size=4),
)
def test_any_reason_survives_json(
    code: Code, weight: Weight, facts: dict[str, object]
) -> None:
    reason = Reason(code=code, weight=weight, facts=facts)
    back = reason_from_data(json.loads(json.dumps(reason_as_data(reason))))
    assert back == reason
    assert {name: type(fact) for name, fact in back.facts.items()} == {
        name: type(fact) for name, fact in facts.items()
    }


@pytest.mark.parametrize("fact", [1.5, datetime(2026, 11, 24, tzinfo=UTC), ["a"]])
def test_another_fact_cannot_be_kept(fact: object) -> None:
    reason = Reason(code=Code.SETTLED, weight=Weight.HARD, facts={"what": fact})
    with pytest.raises(TypeError):
        reason_as_data(reason)


def test_what_is_no_reason_is_not_read_as_one() -> None:
    with pytest.raises(TypeError):
        reason_from_data({"code": "settled", "weight": "hard", "facts": []})
