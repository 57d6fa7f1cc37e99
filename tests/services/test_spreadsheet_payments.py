"""Payments of spreadsheets: each once, in whatever order the files come."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from relance.models import Customer, Invoice, Payment
from relance.models.money import ZERO
from relance.services.payments import left_of
from tests import make
from tests.spreadsheets import checked, counts, imported, troubles

HEADER = (
    "Date règlement;Code client;Client;N° facture;Montant;Mode de règlement;Référence\n"
)


def invoice(number: str) -> Invoice:
    return Invoice.objects.get(number=number)


@pytest.fixture
def dupont(db: None) -> Customer:
    return make.customer(code="C1", name="Dupont")


def test_a_payment_settles_the_invoice_that_it_names(dupont: Customer) -> None:
    make.invoice(dupont, number="F1", total=Decimal("100.00"))
    found = imported(
        HEADER
        + "05/10/2026;;;F1;60,00;Chèque;CHQ 12\n"
        + "15/10/2026;C1;Dupont;F1;50,00;CB;\n"
    )
    assert counts(found) == {"created": 2}
    first, second = Payment.objects.order_by("pk")
    assert (first.method, first.reference, first.customer) == (
        "cheque",
        "CHQ 12",
        dupont,
    )
    assert invoice("F1").balance == ZERO
    assert invoice("F1").paid_on == date(2026, 10, 15)
    # What is not owed stays on the customer.
    assert left_of(second) == Decimal("10.00")


def test_a_payment_waits_for_its_invoice(dupont: Customer) -> None:
    imported(HEADER + "05/10/2026;C1;;F9;60,00;;\n")
    paid = Payment.objects.get()
    assert left_of(paid) == Decimal("60.00")
    imported(
        "N° facture;Code client;Client;Date facture;TTC\nF9;C1;Dupont;01/09/2026;100\n"
    )
    assert left_of(paid) == ZERO
    assert invoice("F9").balance == Decimal("40.00")
    assert invoice("F9").history.filter(action="allocation.made").exists()


def test_the_same_payments_again_add_nothing(dupont: Customer) -> None:
    text = HEADER + "05/10/2026;C1;;;60,00;;x\n" * 2
    assert counts(imported(text)) == {"created": 2}
    assert counts(checked(text)) == {"unchanged": 2}
    longer = imported(text + "05/10/2026;C1;;;60,00;;x\n", name="autre.csv")
    assert counts(longer) == {"unchanged": 2, "created": 1}


def test_a_payment_recorded_by_hand_is_known(dupont: Customer) -> None:
    make.payment(of=dupont, amount="60.00", received_on=date(2026, 10, 5))
    found = imported(HEADER + "05/10/2026;C1;;;60,00;;a\n05/10/2026;C1;;;60,00;;b\n")
    assert counts(found) == {"unchanged": 1, "created": 1}


@pytest.mark.parametrize(
    ("row", "trouble"),
    [
        ("05/10/2026;;;F404;60,00;;", "invoice_unknown"),
        ("05/10/2026;C404;;;60,00;;", "customer_unknown"),
        ("05/10/2026;C2;;F1;60,00;;", "other_customer"),
        ("05/10/2026;;;;60,00;;", "missing"),
        (";C1;;;60,00;;", "missing"),
        ("05/10/2027;C1;;;60,00;;", "in_the_future"),
        ("05/10/2026;C1;;;-60,00;;", "not_positive"),
        ("05/10/2026;C1;;;0,00;;", "not_positive"),
    ],
)
def test_each_problem_is_in_its_row(dupont: Customer, row: str, trouble: str) -> None:
    make.customer(code="C2", name="Durand")
    make.invoice(dupont, number="F1")
    found = checked(HEADER + row + "\n")
    assert troubles(found) == {2: [trouble]}
    assert counts(found) == {"refused": 1}


def test_another_currency_is_not_mixed(dupont: Customer) -> None:
    make.invoice(dupont, number="F1")
    found = checked(
        "Date règlement;N° facture;Montant;Devise\n05/10/2026;F1;60,00;USD\n"
    )
    assert troubles(found) == {2: ["other_currency"]}


cents = st.integers(1, 50_000).map(lambda n: Decimal(n) / 100)


@st.composite
def ledgers(
    draw: st.DrawFn,
) -> tuple[list[str], dict[str, tuple[str, Decimal]], object]:
    """Files of invoices, payments and credit notes, in any order, in any pieces."""
    owners = ("C1", "C2")
    invoices = {
        f"F{n}": (draw(st.sampled_from(owners)), draw(cents))
        for n in range(draw(st.integers(1, 5)))
    }
    payments = [
        (draw(st.sampled_from(sorted(invoices))), draw(cents))
        for _n in range(draw(st.integers(0, 6)))
    ]
    credits = [
        (draw(st.sampled_from(owners)), draw(cents))
        for _n in range(draw(st.integers(0, 3)))
    ]
    rows = [
        ("i", f"{number};;{owner};01/09/2026;{total}")
        for number, (owner, total) in invoices.items()
    ]
    rows += [
        ("i", f"A{n};Avoir;{owner};01/09/2026;{total}")
        for n, (owner, total) in enumerate(credits)
    ]
    rows += [
        ("p", f"05/10/2026;{invoices[number][0]};{number};{amount};R{n}")
        for n, (number, amount) in enumerate(payments)
    ]
    files: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for row in draw(st.permutations(rows)):
        files[draw(st.integers(0, 3))].append(row)
    texts = []
    for file in files.values():
        for mark, header in (
            ("i", "N° facture;Type;Code client;Date facture;TTC"),
            ("p", "Date règlement;Code client;N° facture;Montant;Référence"),
        ):
            lines = [line for kind, line in file if kind == mark]
            if lines:
                texts.append("\n".join([header, *lines]) + "\n")
    return texts, invoices, (payments, credits)


class TestAnyOrder(TestCase):
    """A database of its own for each example."""

    @settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
    @given(ledgers())
    def test_balances_are_totals_less_payments_less_credits(self, ledger) -> None:  # type: ignore[no-untyped-def]
        texts, invoices, (payments, credits) = ledger
        owners = {code: make.customer(code=code, name=code) for code in ("C1", "C2")}
        for text in texts:
            imported(text)
        for number, (_owner, total) in invoices.items():
            paid = sum((sum_ for of, sum_ in payments if of == number), ZERO)
            # More than is owed stays on the customer.
            assert invoice(number).balance == max(total - paid, ZERO)
        for code, owner in owners.items():
            told = sum((total for of, total in invoices.values() if of == code), ZERO)
            told -= sum((s for of, s in payments if invoices[of][0] == code), ZERO)
            told -= sum((s for of, s in credits if of == code), ZERO)
            found = Invoice.objects.filter(customer=owner)
            owed = sum((one.balance for one in found if not one.is_credit_note), ZERO)
            owed -= sum((one.balance for one in found if one.is_credit_note), ZERO)
            owed -= sum(map(left_of, Payment.objects.filter(customer=owner)), ZERO)
            assert owed == told
        for text in texts:
            assert set(counts(checked(text))) == {"unchanged"}
