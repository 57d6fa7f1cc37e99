"""Which procedure an invoice follows: by hand, tag, amount, type, in that order."""

from decimal import Decimal

import pytest

from relance.rules.procedures import Because, Precedence, ProcedureRule

D = Decimal

PRO, CONSUMER, VIP, EXPORT, BIG, HUGE, BIG_PRO, TOTAL = range(1, 9)
RULES = (
    ProcedureRule(pk=PRO, regime="B2B"),
    ProcedureRule(pk=CONSUMER, regime="B2C"),
    ProcedureRule(pk=VIP, tag=10),
    ProcedureRule(pk=EXPORT, tag=11),
    ProcedureRule(pk=BIG, amount_from=D(1000)),
    ProcedureRule(pk=HUGE, amount_from=D(10_000)),
    ProcedureRule(pk=BIG_PRO, amount_from=D(1000), amount_regime="B2B"),
    ProcedureRule(pk=TOTAL, amount_from=D(500), amount_of="total"),
)
OWN = 99


@pytest.mark.parametrize(
    ("asked", "procedure", "because"),
    [
        ({}, PRO, Because.REGIME),
        ({"regime": "B2C"}, CONSUMER, Because.REGIME),
        ({"regime": "PUBLIC"}, None, Because.NOTHING),
        # An amount is reached from its first cent on.
        ({"balance": D("999.99")}, PRO, Because.REGIME),
        ({"balance": D(1000)}, BIG_PRO, Because.AMOUNT),
        ({"balance": D(1000), "regime": "B2C"}, BIG, Because.AMOUNT),
        # The largest that is reached.
        ({"balance": D(10_000)}, HUGE, Because.AMOUNT),
        # The total stays when a part was paid.
        ({"balance": D(1), "total": D(500)}, TOTAL, Because.AMOUNT),
        ({"balance": D(499), "total": D(499)}, PRO, Because.REGIME),
        # A tag comes before an amount, the first procedure of two.
        ({"tags": {11}, "balance": D(10_000)}, EXPORT, Because.TAG),
        ({"tags": {11, 10}}, VIP, Because.TAG),
        ({"tags": {12}}, PRO, Because.REGIME),
        # By hand before everything.
        ({"own": OWN, "tags": {10}, "balance": D(10_000)}, OWN, Because.BY_HAND),
    ],
)
def test_the_order_of_precedence(
    asked: dict[str, object], procedure: int | None, because: Because
) -> None:
    usual: dict[str, object] = {
        "own": None,
        "tags": (),
        "regime": "B2B",
        "balance": D(100),
        "total": D(100),
    }
    found = Precedence(RULES).choose(**(usual | asked))  # type: ignore[arg-type]
    assert (found.procedure, found.because) == (procedure, because)


def test_without_any_procedure_nothing_applies() -> None:
    found = Precedence(()).choose(
        own=None, tags={1}, regime="B2B", balance=D(1), total=D(1)
    )
    assert found.because == Because.NOTHING
    assert found.procedure is None


def test_only_the_tags_of_procedures_matter() -> None:
    assert Precedence(RULES).tags == {10, 11}
