"""Open items of a ledger (§ *Open receivables from a FEC*: art. A47 A-1 LPF fields)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relance.gateways import fec
from relance.rules.entries import EntryLine, Kind
from relance.rules.open_items import Item, Ledger, read
from tests.fec_samples import ROWS, payment, sale
from tests.fec_samples import fec as text_of

DAY = date(2026, 9, 1)


def ledger(*rows: str) -> Ledger:
    return read(fec.opened(text_of(rows).encode()).lines())


def told(items: Iterable[Item]) -> list[tuple[str, str, str, str]]:
    """What each item says: kind, document, amount, left."""
    return [
        (item.kind.value, item.mark.piece, f"{item.amount}", f"{item.left}")
        for item in items
    ]


def test_the_example_of_the_reference() -> None:
    found = ledger(*ROWS)

    assert (found.lines, found.entries) == (10, 4)
    assert (found.first_on, found.last_on) == (DAY, date(2026, 10, 20))
    [paid] = found.settled
    assert (paid.mark.piece, paid.letter) == ("FA2609-001", "AA")
    assert paid.settled_on == date(2026, 10, 5)
    assert told(found.items) == [
        ("invoice", "FA2609-002", "3600.00", "3600.00"),
        ("payment", "VIR201026", "-1000.00", "-1000.00"),
    ]
    assert found.open_total == found.balance == Decimal("2600.00")
    assert [(one.key, one.name, one.balance) for one in found.accounts] == [
        ("C001", "Dupont SARL", Decimal(0)),
        ("C002", "Martin SAS", Decimal("2600.00")),
    ]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param(
            [*sale("F1", 100, letter="A"), *payment("P1", 60, letter="A")],
            [("invoice", "F1", "100.00", "40.00")],
            id="a partial lettering keeps the difference",
        ),
        pytest.param(
            [*sale("F1", 100, letter="a"), *payment("P1", 100, letter="a")],
            [],
            id="lower case is no sign of a part: only the sum counts",
        ),
        pytest.param(
            [*sale("F1", 100, letter="A*"), *payment("P1", 60, letter="A*")],
            [("invoice", "F1", "100.00", "40.00")],
            id="nor is a star the sign of a whole",
        ),
        pytest.param(
            [
                *sale("F1", 100, letter="A", day="20260801"),
                *sale("F2", 100, letter="A", day="20260901"),
                *payment("P1", 150, letter="A"),
            ],
            [("invoice", "F2", "100.00", "50.00")],
            id="of two invoices the oldest is paid first",
        ),
        pytest.param(
            [
                *sale("F1", 100, letter="A", day="20260801"),
                *sale("F2", 100, letter="A", day="20260901"),
                *payment("F2", 100, letter="A"),
            ],
            [("invoice", "F1", "100.00", "100.00")],
            id="except the one that the payment names",
        ),
        pytest.param(
            [*sale("F1", 100, letter="A"), *payment("P1", 130, letter="A")],
            [("payment", "P1", "-130.00", "-30.00")],
            id="what was paid too much stays the customer's",
        ),
        pytest.param(
            [
                *sale("F1", 100, letter="A", who="C001|Dupont"),
                *payment("P1", 100, letter="A", who="C002|Martin"),
            ],
            [
                ("invoice", "F1", "100.00", "100.00"),
                ("payment", "P1", "-100.00", "-100.00"),
            ],
            id="a letter is each customer's own",
        ),
        pytest.param(
            [*sale("F1", 100), *sale("AV1", -40)],
            [
                ("invoice", "F1", "100.00", "100.00"),
                ("credit_note", "AV1", "-40.00", "-40.00"),
            ],
            id="a credit of sales is a credit note",
        ),
        pytest.param(
            [*sale("F1", 100), *sale("F1", 50)],
            [("invoice", "F1", "150.00", "150.00")],
            id="the lines of one document are one invoice",
        ),
        pytest.param(
            [
                "OD|Divers|9|20260901|411000|Clients|C002|Martin|X|20260901|?|5,00|0,00|||||",
                "OD|Divers|9|20260901|658000|Charges|||X|20260901|?|0,00|5,00|||||",
            ],
            [("other", "X", "5.00", "5.00")],
            id="neither sold nor received: a person says",
        ),
        pytest.param(
            [
                "BQ|Banque|9|20260901|411000|Clients|C002|Martin|R|20260901|rejet|5,00|0,00|||||",
                "BQ|Banque|9|20260901|512000|Banque|||R|20260901|rejet|0,00|5,00|||||",
            ],
            [("other", "R", "5.00", "5.00")],
            id="a payment that came back too",
        ),
        pytest.param(
            [
                "BQ|Banque|9|20260901|419100|Avances|C002|Martin|A|20260901|?|0,00|5,00|||||",
                "BQ|Banque|9|20260901|512000|Banque|||A|20260901|?|5,00|0,00|||||",
            ],
            [("advance", "A", "-5.00", "-5.00")],
            id="an advance is shown apart",
        ),
        pytest.param(
            [
                "OD|Divers|9|20260901|416000|Douteux|C002|Martin|F|20260901|?|5,00|0,00|||||",
                "OD|Divers|9|20260901|411000|Clients|C002|Martin|F|20260901|?|0,00|5,00|A||||",
                *sale("F", 5, letter="A"),
                *payment("Z", 0),
            ],
            [("doubtful", "F", "5.00", "5.00")],
            id="so is a doubtful debt",
        ),
        pytest.param(
            [
                "VE|Ventes|9|20260901|418100|Futurs|C002|Martin|F|20260901|?|5,00|0,00|||||",
                "VE|Ventes|9|20260901|706000|Ventes|||F|20260901|?|0,00|5,00|||||",
            ],
            [],
            id="what is not invoiced yet is no debt",
        ),
        pytest.param(
            [
                "XX||9|20260901|411000|Clients|C002|Martin|F|20260901|?|0,00|-5,00|||||",
                "XX||9|20260901|707000|Ventes|||F|20260901|?|-5,00|0,00|||||",
            ],
            [("invoice", "F", "5.00", "5.00")],
            id="a negative credit is a debit, sold by its account",
        ),
    ],
)
def test_what_is_open(
    rows: Sequence[str], expected: list[tuple[str, str, str, str]]
) -> None:
    found = ledger(*rows)
    assert told(found.items) == expected
    assert found.difference == 0


def test_a_letter_used_again_next_year_closes_what_adds_up() -> None:
    """§ 5.1: the same code may come back each year."""
    found = ledger(
        *sale("F1", 100, letter="A", day="20260101"),
        *payment("P1", 100, letter="A", day="20260101"),
        *sale("F2", 300, letter="A", day="20261231"),
        *payment("P2", 200, letter="A", day="20261231"),
    )
    assert told(found.items) == [("invoice", "F2", "300.00", "100.00")]
    assert [one.mark.piece for one in found.settled] == ["F1"]


def test_a_partial_lettering_says_until_when_it_was_paid() -> None:
    [item] = ledger(
        *sale("F1", 100, letter="A"), *payment("P1", 60, letter="A", day="20261003")
    ).items
    assert (item.letter, item.part_on) == ("A", date(2026, 10, 3))


def test_what_settled_an_invoice_is_named() -> None:
    [one] = ledger(
        *sale("F1", 100, letter="A"),
        *payment("P1", 60, letter="A", day="20261003"),
        *payment("P2", 40, letter="A", day="20261009"),
    ).settled
    assert one.settled_on == date(2026, 10, 9)
    assert [mark.piece for mark in one.by] == ["P1", "P2"]


OPENING = "AN|A nouveaux|1|20260101"


def opening(piece: str, amount: int, who: str, *, day: str = "20251115") -> str:
    debit, credit = max(amount, 0), max(-amount, 0)
    return (
        f"{OPENING}|411000|Clients|{who}|{piece}|{day}|Report|{debit},00|{credit},00"
        "|||||"
    )


def test_opening_entries_with_their_detail_are_old_invoices() -> None:
    found = ledger(
        opening("FA2511-7", 120, "C1|Un"),
        opening("VIR9", -20, "C1|Un"),
        f"{OPENING}|512000|Banque|||AN|20260101|Report|0,00|100,00|||||",
    )
    assert told(found.items) == [
        ("invoice", "FA2511-7", "120.00", "120.00"),
        ("payment", "VIR9", "-20.00", "-20.00"),
    ]
    assert found.items[0].mark.day == date(2025, 11, 15)


@pytest.mark.parametrize("piece", ["", "AN2026", "Solde", "1", "REPRISE", "À nouveau"])
def test_a_balance_carried_over_in_one_sum_has_lost_its_invoices(piece: str) -> None:
    found = ledger(
        opening(piece, 120, "C1|Un"),
        f"{OPENING}|512000|Banque|||AN|20260101|Report|0,00|120,00|||||",
    )
    assert [item.kind for item in found.items] == [Kind.CARRIED_OVER]


def test_a_reference_that_customers_share_is_no_invoice() -> None:
    found = ledger(
        opening("CLOTURE25", 120, "C1|Un"),
        opening("CLOTURE25", 80, "C2|Deux"),
        f"{OPENING}|512000|Banque|||AN|20260101|Report|0,00|200,00|||||",
    )
    assert {item.kind for item in found.items} == {Kind.CARRIED_OVER}


def test_customers_without_auxiliary_accounts_are_told_by_their_account() -> None:
    rows = [*sale("F1", 100, who="|"), *sale("F2", 50, who="|")]
    rows[0] = rows[0].replace("411000|Clients", "411DUPONT|Dupont SARL")
    one, other = sorted(ledger(*rows).accounts, key=lambda found: -found.balance)
    assert (one.key, one.name, one.collective) == ("411DUPONT", "Dupont SARL", False)
    assert (other.key, other.collective) == ("411000", True)


def test_marks_stay_the_same_when_entries_are_numbered_again() -> None:
    twice = [*payment("VIR", 10), *payment("VIR", 10), *sale("F1", 100)]
    before = [item.mark for item in ledger(*twice).items]
    again = [row.replace("|BVIR|", "|Z77|").replace("|VF1|", "|Z78|") for row in twice]
    assert [item.mark for item in ledger(*again).items] == before
    assert len({str(mark) for mark in before}) == 3


ACCOUNTS = ("411000", "411700", "416000", "419000", "706000", "512000", "471000")
LINES = st.lists(
    st.builds(
        EntryLine,
        place=st.just(0),
        journal=st.sampled_from(("VE", "BQ", "OD", "AN")),
        entry=st.sampled_from(("1", "2", "3")),
        booked_on=st.integers(0, 40).map(lambda days: DAY + timedelta(days=days)),
        account=st.sampled_from(ACCOUNTS),
        auxiliary=st.sampled_from(("", "C1", "C2")),
        piece=st.sampled_from(("", "F1", "F2", "P1")),
        letter=st.sampled_from(("", "", "A", "B")),
        lettered_on=st.sampled_from((None, DAY, DAY + timedelta(days=1))),
        amount=st.integers(-300, 300).map(lambda cents: Decimal(cents) / 100),
    ),
    max_size=30,
).map(lambda lines: [replace(line, place=at) for at, line in enumerate(lines, start=2)])


@given(LINES)
def test_open_items_always_add_up_to_the_balance_of_the_accounts(
    lines: list[EntryLine],
) -> None:
    """The control total: of the whole, and of each customer."""
    found = read(lines)
    owed: defaultdict[str, Decimal] = defaultdict(Decimal)
    for line in lines:
        if line.account.startswith(("411", "416", "419")):
            owed[line.customer] += line.amount
    for item in found.items:
        owed[item.mark.customer] -= item.left
        assert 0 < item.left * (1 if item.amount > 0 else -1) <= abs(item.amount)
    assert not any(owed.values())
    assert found.difference == 0
    marks = [str(item.mark) for item in found.items]
    assert len(set(marks)) == len(marks)
