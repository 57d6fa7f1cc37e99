"""Which money that leaves is a payment that came to nothing."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from relance.rules.returned_lines import (
    Received,
    Reversal,
    share_words,
    tells_of_return,
    which_came_back,
)


@pytest.mark.parametrize(
    ("words", "returned"),
    [
        ("PRLV IMPAYE DUPONT", True),
        ("REJET DE PRELEVEMENT 00123", True),
        ("CHEQUE IMPAYÉ 0001234", True),
        ("CHQ SANS PROVISION", True),
        ("SDD RETURNED", True),
        ("FRAIS DE TENUE DE COMPTE", False),
        ("VIR LOYER REJETON SARL", False),
        ("", False),
    ],
)
def test_the_words_of_a_return(words: str, returned: bool) -> None:
    assert tells_of_return(words) is returned


def received(pk: int, words: str = "", **values) -> Received:
    base = {"received_on": date(2026, 10, 5), "amount": Decimal(120), "currency": "EUR"}
    return Received(pk=pk, words=words, **(base | values))


def reversal(words: str = "", **values) -> Reversal:
    base = {"booked_on": date(2026, 10, 9), "amount": Decimal(-120), "currency": "EUR"}
    return Reversal(words=words, **(base | values))


@pytest.mark.parametrize(
    ("said", "payments", "found"),
    [
        (reversal(), [received(1)], 1),
        (reversal(), [received(1, amount=Decimal(121))], None),
        (reversal(), [received(1, currency="GBP")], None),
        # Not before it was received, nor two years after.
        (reversal(), [received(1, received_on=date(2026, 10, 10))], None),
        (reversal(), [received(1, received_on=date(2025, 1, 1))], None),
        (reversal(), [received(1), received(2)], None),
        (
            reversal("REJET PRLV MARTIN FA-0042"),
            [received(1, "DUPONT FA-0041"), received(2, "MARTIN FA-0042")],
            2,
        ),
        (
            reversal("REJET MARTIN"),
            [received(1, "MARTIN"), received(2, "MARTIN")],
            None,
        ),
        # Words that every line has name nobody.
        (
            reversal("REJET PRELEVEMENT SEPA"),
            [received(1, "PRELEVEMENT SEPA"), received(2)],
            None,
        ),
        (reversal(), [], None),
    ],
)
def test_which_payment_came_back(said, payments, found) -> None:
    assert which_came_back(said, payments) == found


def test_words_in_common() -> None:
    assert share_words("VIR DUPONT FA2609-001", "FACTURE 2609")
    assert not share_words("FACTURE VIREMENT", "FACTURE VIREMENT")
