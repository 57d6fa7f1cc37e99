"""Aged balances and bank statements in spreadsheets; layouts as files show them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from relance.gateways.spreadsheet_values import DayOrder
from relance.models import BankLine, Company, Invoice
from relance.rules.spreadsheet_targets import Target
from relance.services import spreadsheets
from relance.services.refusal import Refused
from relance.services.spreadsheet_layout import (
    inspected,
    layout_from_data,
)
from tests import make
from tests.make import NOW
from tests.spreadsheets import checked, counts, dropped, imported, report, troubles
from tests.workbooks import workbook

pytestmark = pytest.mark.django_db
AS_OF = date(2026, 10, 31)
BALANCE = "Code client;Client;Non échu;0-30;31-60;61-90;> 90;Total\n"


def test_an_aged_balance_becomes_open_items_that_say_so() -> None:
    found = imported(
        BALANCE
        + "C1;Dupont;100,00;50,00;;;7,00;157,00\n"
        + "C2;Total Énergies;;;20,00;;;20,00\n"
        + "Total;;100,00;50,00;20,00;0,00;7,00;177,00\n",
        as_of=AS_OF,
    )
    assert counts(found) == {"created": 4, "left_out": 1}
    items = {(one.customer.code, one.due_date): one for one in Invoice.objects.all()}
    assert {key: one.balance for key, one in items.items()} == {
        ("C1", date(2026, 11, 30)): Decimal("100.00"),
        ("C1", date(2026, 10, 30)): Decimal("50.00"),
        ("C1", date(2026, 8, 1)): Decimal("7.00"),
        ("C2", date(2026, 9, 30)): Decimal("20.00"),
    }
    item = items["C2", date(2026, 9, 30)]
    assert item.number == "SOLDE-C2-20261031-31"
    assert item.due_date_computed
    assert "31/10/2026" in item.subject


def test_a_balance_counts_nothing_twice() -> None:
    text = BALANCE + "C1;Dupont;;50,00;;;;50,00\n"
    imported(text, as_of=AS_OF)
    assert counts(checked(text, as_of=AS_OF)) == {"unchanged": 1}
    assert counts(checked(text.replace("50", "60"), as_of=AS_OF)) == {"conflict": 1}
    later = checked(text, as_of=date(2026, 11, 15))
    assert troubles(later) == {2: ["has_unpaid"]}


@pytest.mark.parametrize(
    ("row", "trouble"),
    [
        ("C1;Dupont;;-50,00;;;;-50,00", "not_debt"),
        ("C1;Dupont;;50,00;;;;60,00", "sums_disagree"),
        (";;;50,00;;;;50,00", "missing"),
    ],
)
def test_a_row_of_a_balance_may_be_wrong(row: str, trouble: str) -> None:
    assert troubles(checked(BALANCE + row + "\n", as_of=AS_OF)) == {2: [trouble]}


def test_the_day_of_a_balance_is_asked() -> None:
    found = dropped(BALANCE + "C1;Dupont;;50,00;;;;50,00\n")
    with pytest.raises(Refused) as refused:
        spreadsheets.choose(found, layout_from_data(found.layout), now=NOW)
    assert refused.value.field == "as_of"


# --- statements -----------------------------------------------------------------

STATEMENT = "Date;Libellé;Débit;Crédit\n"


def test_a_statement_brings_receipts_once() -> None:
    make.company()
    text = (
        STATEMENT
        + "01/10/2026;VIR DUPONT F1;;1 200,00\n"
        + "02/10/2026;FRAIS;-45,10;\n"
        + "03/10/2026;VIR DURAND;;80,00\n"
        + "03/10/2026;VIR DURAND;;80,00\n"
    )
    found = imported(text, name="releve.csv")
    assert counts(found) == {"created": 3, "left_out": 1}
    assert BankLine.objects.count() == 3
    assert {line.account for line in BankLine.objects.all()} == {"releve"}
    # The next file covers some of the same days.
    rest = STATEMENT + "03/10/2026;VIR DURAND;;80,00\n04/10/2026;VIR X;;5,00\n"
    again = imported(rest, account="releve")
    assert counts(again) == {"created": 1, "unchanged": 1}
    assert BankLine.objects.count() == 4


def test_signed_amounts_payers_and_references_are_kept() -> None:
    make.company()
    imported(
        "Date opération;Libellé;Montant;Émetteur;IBAN;Référence\n"
        "01/10/2026;VIR;12,50;Dupont SARL;FR14 2004 1010 0505 0001 3M02 606;R1\n"
        "01/10/2026;CB;-12,50;;;\n"
    )
    line = BankLine.objects.get()
    assert (line.payer, line.payer_iban, line.reference) == (
        "Dupont SARL",
        "FR1420041010050500013M02606",
        "R1",
    )


def test_lines_that_cannot_be_read_are_told() -> None:
    make.company()
    found = imported(STATEMENT + "hier;VIR;;5\n01/10/2026;VIR;;\n01/10/2026;VIR;;7\n")
    assert troubles(found) == {2: ["not_a_day"], 3: ["missing"]}
    assert BankLine.objects.get().amount == Decimal("7.00")
    assert Company.objects.exists()


# --- layouts ----------------------------------------------------------------------


def test_days_that_read_two_ways_are_asked_unless_something_tells() -> None:
    english = (
        b"Invoice,Customer,Invoice date,Due date,Amount\nF1,Dupont,05/10/2026,,10\n"
    )
    assert inspected(english).asks_order
    told = english + b"F2,Dupont,05/24/2026,,10\n"
    assert not inspected(told).asks_order
    assert inspected(told).layout.order == DayOrder.MONTH_FIRST
    french = "N° facture;Client;Date;TTC\nF1;Dupont;05/10/2026;10\n".encode()
    assert inspected(french).layout.order == DayOrder.DAY_FIRST


def test_amounts_that_read_two_ways_are_asked_unless_something_tells() -> None:
    header = "N° facture;Client;Date;TTC;Reste à payer\n"
    doubtful = f"{header}F1;Dupont;24/10/2026;1.234;\n".encode()
    assert inspected(doubtful).asks_marks == (3,)
    told = f"{header}F1;Dupont;24/10/2026;1.234;12,50\n".encode()
    assert inspected(told).asks_marks == ()
    found = imported(told)
    assert report(found).created == 1
    assert Invoice.objects.get().total == Decimal("1234.00")


def test_a_workbook_with_a_title_and_real_dates_is_read() -> None:
    rows = [
        ["Échéancier clients au 31/10/2026"],
        [],
        ["N° facture", "Client", "Date facture", "Échéance", "Montant TTC", "SIREN"],
        ["F1", "Dupont", date(2026, 9, 1), date(2026, 10, 1), 1234.5, 812345676],
        [1042, "Dupont", date(2026, 9, 1), None, 99, None],
        ["Total", None, None, None, 1333.5, None],
    ]
    found = imported(workbook(rows), name="factures.xlsx")
    assert counts(found) == {"created": 2, "left_out": 1}
    first, second = Invoice.objects.order_by("total").reverse()
    assert (first.total, first.due_date) == (Decimal("1234.50"), date(2026, 10, 1))
    assert first.customer.siren == "812345676"
    assert second.number == "1042"


def test_a_layout_comes_back_as_it_was() -> None:
    found = dropped("N° facture;Client;Date;TTC\nF1;Dupont;05/10/2026;1,5\n")
    layout = layout_from_data(found.layout)
    assert layout_from_data(layout.as_data()) == layout
    assert layout.columns[Target.NUMBER] == 0
    assert layout.marks == {3: ","}
