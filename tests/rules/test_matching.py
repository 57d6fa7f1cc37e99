"""Receipts against open invoices: what is proposed, and what one may be sure of.

The order of proofs is that of our notes on bank statements: reference, number, known
account and exact amount, amount alone, sums of invoices of one payer.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relance.rules.matching import Match, OpenInvoice, Receipt, Why, match, name_key

NAMES = {1: "SARL Dupont et Fils", 2: "Martin SAS", 3: "Étienne Noël"}
IBAN = "FR7630006000011234567890189"
DAY = date(2026, 10, 2)


def invoice(pk: int, number: str, balance: str = "1200.00", **more: Any) -> OpenInvoice:
    values: dict[str, Any] = {
        "customer": 1,
        "currency": "EUR",
        "due_date": date(2026, 8, pk),
    }
    return OpenInvoice(
        pk=pk, number=number, balance=Decimal(balance), **(values | more)
    )


def receipt(words: str = "", amount: str = "1200.00", **more: Any) -> Receipt:
    values: dict[str, Any] = {"pk": 1, "booked_on": DAY, "currency": "EUR"}
    return Receipt(words=words, amount=Decimal(amount), **(values | more))


OPEN = [
    invoice(1, "FA2609-001"),
    invoice(2, "FA2609-002", "800.00"),
    invoice(3, "FA2609-003", "450.00", customer=2, reference="CDE 77-451"),
    invoice(4, "10234", "99.00", customer=3),
    invoice(5, "FA2609-005", "77.00", customer=3, currency="CHF"),
]


def one(paid: Receipt, invoices: list[OpenInvoice] | None = None) -> Match:
    accounts = {IBAN: 1}
    [found] = match([paid], invoices or OPEN, accounts=accounts, names=NAMES)
    return found


def shares(found: Match) -> dict[int, str]:
    return {pk: str(amount) for pk, amount in found.shares}


@pytest.mark.parametrize(
    "words",
    [
        "VIR SEPA FA2609-001",
        "facture fa2609 001 merci",
        "FA2609001",
        "FA 2609-1",
        "FA-2609/0001",
        "REGLT F.FA2609-001/DUPONT",
    ],
)
def test_a_number_is_found_however_it_is_written(words: str) -> None:
    found = one(receipt(words))
    assert shares(found) == {1: "1200.00"}
    assert found.why == (Why.NUMBER, Why.EXACT)
    assert found.sure
    assert found.customer == 1


@pytest.mark.parametrize(
    "words", ["FA2609-0012", "FA2610-001", "XFA2609-001", "2609", "001", "1", ""]
)
def test_a_number_near_to_it_is_not_it(words: str) -> None:
    assert Why.NUMBER not in one(receipt(words, "3.33")).why


@pytest.mark.parametrize(
    ("words", "amount", "expected", "fit"),
    [
        ("FA2609-001", "1000.00", {1: "1000.00"}, Why.PARTIAL),
        ("FA2609-001", "1500.00", {1: "1200.00"}, Why.TOO_MUCH),
        ("FA2609-001 ET 002", "1200.00", {1: "1200.00"}, Why.EXACT),
        (
            "FA2609-001 FA2609-002",
            "2000.00",
            {1: "1200.00", 2: "800.00"},
            Why.EXACT,
        ),
        (
            "FA2609-002 FA2609-001",
            "1300.00",
            {1: "1200.00", 2: "100.00"},
            Why.PARTIAL,
        ),
    ],
)
def test_one_or_several_invoices_are_named(
    words: str, amount: str, expected: dict[int, str], fit: Why
) -> None:
    found = one(receipt(words, amount))
    assert shares(found) == expected
    assert found.why == (Why.NUMBER, fit)
    assert found.sure is (fit == Why.EXACT)


def test_the_customer_s_own_reference_is_proposed_and_not_sure() -> None:
    found = one(receipt("PAIEMENT CDE 77 451", "450.00"))
    assert shares(found) == {3: "450.00"}
    assert found.why == (Why.REFERENCE, Why.EXACT)
    assert not found.sure


@pytest.mark.parametrize(
    ("amount", "expected", "why"),
    [
        ("800.00", {2: "800.00"}, (Why.KNOWN_ACCOUNT, Why.EXACT)),
        ("2000.00", {1: "1200.00", 2: "800.00"}, (Why.KNOWN_ACCOUNT, Why.EXACT)),
        ("500.00", {1: "500.00"}, (Why.KNOWN_ACCOUNT, Why.PARTIAL)),
        (
            "2500.00",
            {1: "1200.00", 2: "800.00"},
            (Why.KNOWN_ACCOUNT, Why.TOO_MUCH),
        ),
    ],
)
def test_a_known_account_pays_its_customer_s_invoices(
    amount: str, expected: dict[int, str], why: tuple[Why, ...]
) -> None:
    found = one(receipt("VIREMENT", amount, payer_iban=IBAN))
    assert shares(found) == expected
    assert found.why == why
    assert found.customer == 1


@pytest.mark.parametrize(
    ("payer", "words", "customer"),
    [
        ("DUPONT ET FILS", "", 1),
        ("STE DUPONT FILS SARL", "", 1),
        ("", "VIR SEPA RECU ETIENNE NOEL LOYER", 3),
        ("MARTINEZ", "", None),
        ("", "DUPONT", None),
        ("DUPONT FILS", "MARTIN", 1),
    ],
)
def test_a_payer_s_name_tells_the_customer(
    payer: str, words: str, customer: int | None
) -> None:
    found = one(receipt(words, "12.34", payer=payer))
    assert found.customer == customer
    assert not found.sure


def test_the_amount_alone_is_proposed_only_when_one_invoice_has_it() -> None:
    found = one(receipt("VIREMENT", "450.00"))
    assert (shares(found), found.why) == ({3: "450.00"}, (Why.AMOUNT, Why.EXACT))
    assert not found.sure

    twins = [*OPEN, invoice(9, "FA2609-009", "450.00", customer=3)]
    assert one(receipt("VIREMENT", "450.00"), twins) == Match(receipt=1, customer=None)


def test_two_sums_that_would_do_are_not_sure() -> None:
    alike = [invoice(pk, f"FA-10{pk}", "100.00") for pk in (1, 2, 3)]
    found = one(receipt("", "200.00", payer_iban=IBAN), alike)
    assert Why.AMBIGUOUS in found.why
    assert not found.sure
    assert shares(found) == {1: "100.00", 2: "100.00"}


def test_another_currency_never_matches() -> None:
    assert one(receipt("FA2609-005", "77.00")).shares == ()


def test_the_same_number_at_two_customers_is_told_by_the_amount_or_not_at_all() -> None:
    twice = [invoice(1, "2026-001"), invoice(2, "2026-001", "80.00", customer=2)]
    assert shares(one(receipt("2026-001", "80.00"), twice)) == {2: "80.00"}
    unclear = one(receipt("2026-001", "81.00"), twice)
    assert (unclear.customer, unclear.why) == (None, (Why.NUMBER, Why.AMBIGUOUS))
    known = one(receipt("2026-001", "81.00", payer_iban=IBAN), twice)
    assert (known.customer, shares(known)) == (1, {1: "81.00"})


def test_a_number_paid_from_another_customer_s_account_is_not_sure() -> None:
    found = one(receipt("FA2609-003", "450.00", payer_iban=IBAN))
    assert (found.customer, found.sure) == (2, False)


def test_what_one_receipt_surely_pays_is_not_open_to_the_next() -> None:
    paid = [receipt("FA2609-001", pk=pk) for pk in (1, 2)]
    first, second = match(paid, OPEN, accounts={}, names=NAMES)
    assert first.sure
    assert second.shares == ()


def test_several_receipts_pay_one_invoice() -> None:
    """The second is the rest of the first once that one is accepted."""
    parts = [
        receipt("FA2609-001", "500.00", pk=1),
        receipt("FA2609-001", "700.00", pk=2),
    ]
    found = match(parts, OPEN, accounts={}, names=NAMES)
    assert [one.why for one in found] == [(Why.NUMBER, Why.PARTIAL)] * 2
    rest = [invoice(1, "FA2609-001", "700.00")]
    assert one(receipt("FA2609-001", "700.00"), rest).sure


@pytest.mark.parametrize("amount", ["0.00", "-1200.00"])
def test_what_went_out_pays_nothing(amount: str) -> None:
    assert one(receipt("FA2609-001", amount)) == Match(receipt=1, customer=None)


def test_a_customer_with_many_invoices_takes_no_time() -> None:
    many = [invoice(1 + pk % 28, f"F-{pk:05d}", "10.01") for pk in range(28)]
    found = one(receipt("", "280.28", payer_iban=IBAN), many)
    assert Why.EXACT in found.why
    assert len(found.shares) == 28


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("SARL Dupont & Fils", ("DUPONT", "FILS")),
        ("Éts LEFÈVRE", ("LEFEVRE",)),
        ("SAS", ()),
        ("Garage 2000", ("GARAGE", "2000")),
    ],
)
def test_what_tells_a_name_from_others(name: str, key: tuple[str, ...]) -> None:
    assert name_key(name) == key


@given(
    words=st.text(max_size=60),
    cents=st.integers(-10_000, 500_000),
    payer=st.sampled_from(["", *NAMES.values()]),
    iban=st.sampled_from(["", IBAN]),
)
def test_shares_never_exceed_the_receipt_nor_a_balance(
    words: str, cents: int, payer: str, iban: str
) -> None:
    amount = Decimal(cents).scaleb(-2)
    paid = receipt(words, str(amount), payer=payer, payer_iban=iban)
    found = one(paid)
    balances = {invoice.pk: invoice for invoice in OPEN}
    shared = sum((share for _pk, share in found.shares), Decimal(0))
    assert shared <= max(amount, Decimal(0))
    for pk, share in found.shares:
        assert 0 < share <= balances[pk].balance
        assert balances[pk].customer == found.customer
        assert balances[pk].currency == "EUR"
