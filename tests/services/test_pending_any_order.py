"""Whatever comes first, a payment counts never twice and is never missed."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from relance.models import Allocation, BankLine, Invoice, Payment, PendingPayment
from relance.models.money import sum_of
from relance.services import receipt_matches
from relance.services.refusal import Refused
from tests import make
from tests.make import NOW
from tests.services._pending import balance, matched

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _company() -> None:
    make.company()


AMOUNTS = ["100.00", "250.00"]
which = st.integers(min_value=0, max_value=9)
steps = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["bank", "there"]), st.sampled_from(AMOUNTS), which),
        st.tuples(st.sampled_from(["removed", "taken back"]), st.just(""), which),
    ),
    max_size=12,
)


def pick(rows: Any, number: int) -> Any:
    found = list(rows.order_by("pk"))
    return found[number % len(found)] if found else None


def play(step: tuple[str, str, int], owed: list[Invoice]) -> None:
    name, amount, number = step
    invoice = owed[number % len(owed)]
    invoice.refresh_from_db()
    if name == "bank":
        matched(make.bank_line(amount), (invoice, amount))
    elif name == "there":
        make.paid_in_dolibarr((invoice, amount))
    elif name == "removed":
        standing = Payment.objects.filter(corrects=None, correction=None)
        if row := pick(standing, number):
            make.removed_in_dolibarr(row)
    elif row := pick(BankLine.objects.filter(state="matched"), number):
        receipt_matches.reopen(row, by=None, now=NOW)


def check(invoice: Invoice) -> None:
    standing = Allocation.objects.filter(invoice=invoice, undoes=None, undone_by=None)
    paid: Decimal = standing.aggregate(sum=sum_of("amount"))["sum"]
    assert balance(invoice) == invoice.total - paid
    there = Counter(standing.values_list("amount", flat=True))
    rows = PendingPayment.objects.filter(invoice=invoice)
    here = Counter(rows.standing().values_list("amount", flat=True))
    waits = Counter(rows.holding().values_list("amount", flat=True))
    # What is held back is what the bank told and Dolibarr has not: no more, no less.
    assert waits == (here - there if invoice.is_unpaid else Counter())


# --- whatever the order ------------------------------------------------------------


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(steps)
def test_never_twice_never_missed(steps: list[tuple[str, str, int]]) -> None:
    with transaction.atomic():
        first = make.in_dolibarr(total=Decimal("600.00"))
        owed = [first, make.in_dolibarr(first.customer, total=Decimal("600.00"))]
        for step in steps:
            try:
                with transaction.atomic():
                    play(step, owed)
            except Refused:
                pass
            for invoice in owed:
                check(invoice)
        transaction.set_rollback(True)
