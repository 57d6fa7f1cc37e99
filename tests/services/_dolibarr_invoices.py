"""An invoice of Dolibarr, as it must be here with a balance that rows explain."""

from __future__ import annotations

from decimal import Decimal

import pytest

from relance.models import Invoice
from relance.models.money import sum_of
from tests.dolibarr_sync import ours

D = Decimal
State = Invoice.State


@pytest.fixture(autouse=True)
def balances_are_explained(db):
    """Whatever was done: balance = total less allocations, received or given."""
    yield
    for invoice in Invoice.objects.all():
        received = invoice.allocations.aggregate(sum=sum_of("amount"))["sum"]
        given = invoice.given_allocations.aggregate(sum=sum_of("amount"))["sum"]
        assert invoice.balance == invoice.total - received - given, invoice


def check(id, state, balance):
    found = ours(id)
    assert (found.state, found.balance) == (state, D(balance))
    return found
