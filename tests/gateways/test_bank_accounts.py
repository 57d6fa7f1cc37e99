"""One account, however a bank writes it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import iban

from relance.gateways.bank_accounts import french_iban, rib_key, same_account

IBAN = "FR7630006000011234567890189"


@pytest.mark.parametrize(
    ("bank", "branch", "number", "key"),
    [
        # The account of the standard's own example (ISO 13616, France).
        ("20041", "01005", "0500013M026", "06"),
        ("30006", "00001", "12345678901", "89"),
    ],
)
def test_the_key_of_a_rib(bank: str, branch: str, number: str, key: str) -> None:
    assert rib_key(bank, branch, number) == key


def test_the_iban_of_the_standard() -> None:
    assert french_iban("20041", "01005", "0500013M026") == "FR1420041010050500013M02606"


@pytest.mark.parametrize(
    "written",
    [
        IBAN,
        "FR76 3000 6000 0112 3456 7890 189",
        "30006 00001 12345678901",
        "30006 00001 12345678901 89",
        "30006/00001/12345678901",
        "fr7630006000011234567890189",
    ],
)
def test_one_account_is_one_iban(written: str) -> None:
    assert same_account(written) == IBAN


def test_an_account_without_branch_is_the_known_one() -> None:
    assert same_account("30006/12345678901", [IBAN]) == IBAN
    assert same_account("30006/12345678901") == "30006/12345678901"
    other = french_iban("30006", "00002", "12345678901")
    # Two branches: which one, nobody knows.
    assert same_account("30006/12345678901", [IBAN, other]) == "30006/12345678901"


@pytest.mark.parametrize(
    "written", ["", "30006 00001 12345678901 88", "Compte courant", "DE00123", "1"]
)
def test_what_is_none_stays_as_it_is_written(written: str) -> None:
    assert same_account(written, [IBAN]) == written


@given(
    st.from_regex(r"\d{5}", fullmatch=True),
    st.from_regex(r"\d{5}", fullmatch=True),
    st.from_regex(r"[0-9A-Z]{11}", fullmatch=True),
)
def test_any_rib_makes_an_iban_that_is_right(
    bank: str, branch: str, number: str
) -> None:
    bank, branch, number = (
        "".join(c for c in one if c.isascii()) for one in (bank, branch, number)
    )
    if (len(bank), len(branch), len(number)) != (5, 5, 11):
        return
    made = french_iban(bank, branch, number)
    assert iban.is_valid(made)
    assert same_account(f"{bank} {branch} {number}") == made


@given(st.text(max_size=40), st.lists(st.text(max_size=30), max_size=3))
def test_any_text_is_answered(written: str, known: list[str]) -> None:
    assert isinstance(same_account(written, known), str)
