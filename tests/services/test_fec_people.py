"""The customers of a ledger are known, chosen or left out, and never guessed."""

from __future__ import annotations

from decimal import Decimal

import pytest

from relance.models import FecAccount, Invoice, Payment
from relance.services import fec_choices
from tests import fec_samples as samples
from tests import make
from tests.services._fec import Kind, State, imported, received

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _company() -> None:
    make.company()


def test_the_account_of_all_customers_is_left_out() -> None:
    file = received([*samples.sale("F-01", 100, who="|"), *samples.sale("F-02", 50)])
    assert file.accounts.get(collective=True).left_out
    imported(file)
    assert [found.number for found in Invoice.objects.all()] == ["F-02"]


def test_customers_are_known_by_code_then_by_name_and_as_last_time() -> None:
    by_code = make.customer(code="C001", name="Ancien nom")
    by_name = make.customer(name="MARTIN S.A.S.")
    file = received()
    found = {one.key: (one.customer, one.how) for one in file.accounts.all()}
    assert found == {
        "C001": (by_code, FecAccount.How.CODE),
        "C002": (by_name, FecAccount.How.NAME),
    }
    imported(file)
    assert Invoice.objects.get().customer == by_name
    by_name.name = "Autre nom"
    by_name.save()
    again = received([*samples.ROWS, *samples.sale("F-77", 10)])
    assert again.accounts.get(key="C002").how == FecAccount.How.BEFORE


def test_a_name_that_two_have_is_not_guessed() -> None:
    make.customer(name="Martin SAS")
    make.customer(name="Martin SAS")
    file = received()
    assert file.accounts.get(key="C002").customer is None


def test_whoever_was_merged_is_the_one_they_were_merged_into() -> None:
    kept = make.customer(code="GM", name="Groupe Martin")
    make.customer(code="C002", name="Martin SAS", merged_into=kept)
    file = received()
    assert file.accounts.get(key="C002").customer == kept


def test_a_customer_chosen_by_hand_gets_the_invoices() -> None:
    chosen = make.customer(name="Groupe Martin")
    known = make.invoice(chosen, number="FA2609-002", total=Decimal("3600.00"))
    file = received()
    # The number is somebody else's, as long as nobody says who Martin is.
    assert file.items.get(kind=Kind.INVOICE).state == State.REFUSED

    fec_choices.choose_customer(file.accounts.get(key="C002"), chosen)
    assert file.items.get(kind=Kind.INVOICE).state == State.KNOWN
    imported(file)
    assert Invoice.objects.get() == known
    assert Payment.objects.get().customer == chosen
