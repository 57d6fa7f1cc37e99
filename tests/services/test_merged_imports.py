"""Imports that name a customer who was merged land on the one who stayed."""

from __future__ import annotations

import uuid
from decimal import Decimal

import pytest

from relance.models import Customer, FecFile, Invoice
from relance.rules.open_items import Account
from relance.services import fec_people, merges
from relance.services.imports import import_files
from relance.services.merges import Choice
from tests import make
from tests.einvoices import Sample, ubl
from tests.make import NOW
from tests.spreadsheets import imported

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _company() -> None:
    make.company()


@pytest.fixture
def kept() -> Customer:
    return make.customer(name="Dupont SARL", code="C1")


@pytest.fixture
def absorbed() -> Customer:
    return make.customer(name="Dupont", code="C2")


def merge(kept: Customer, absorbed: Customer) -> None:
    choice = Choice(kept=kept, absorbed=absorbed)
    merges.merge(choice, key=uuid.uuid4(), by=None, now=NOW)


@pytest.mark.parametrize(
    "known",
    [
        {"code": "C-0012"},
        {"siren": "552100554"},
        {"vat_number": "FR96552100554"},
        {"postcode": "69001"},
    ],
)
def test_an_import_that_names_the_merged_one_finds_the_survivor(
    kept: Customer, known: dict[str, str]
) -> None:
    sample = Sample()
    old = make.customer(name=sample.buyer, external_id="42", **known)
    merge(kept, old)

    [result] = import_files([("a.xml", ubl(sample))], by=None, now=NOW)

    assert result.invoice is not None
    assert result.invoice.customer == kept
    assert Customer.objects.get(external_id="42").survivor == kept


@pytest.mark.parametrize("called", ["C2;Dupont", "C1;Dupont SARL", ";Dupont"])
def test_a_spreadsheet_that_names_either_finds_the_survivor(
    kept: Customer, absorbed: Customer, called: str
) -> None:
    merge(kept, absorbed)
    head = "N° facture;Code client;Client;Date facture;Échéance;Montant TTC\n"

    imported(f"{head}F9;{called};01/09/2026;01/10/2026;100,00\n")

    assert Invoice.objects.get(number="F9").customer == kept
    assert Customer.objects.count() == 2


def test_a_ledger_that_names_either_finds_the_survivor(
    kept: Customer, absorbed: Customer
) -> None:
    merge(kept, absorbed)
    accounts = [
        Account(key="C2", name="X", balance=Decimal(1), collective=False),
        Account(key="Z1", name="Dupont", balance=Decimal(1), collective=False),
        Account(key="C1", name="Y", balance=Decimal(1), collective=False),
    ]

    found = fec_people.recognised(FecFile(), accounts)

    assert {row.customer_id for row in found} == {kept.pk}
