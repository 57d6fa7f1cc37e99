"""Each row is read as it is meant, and what is wrong in it is said there."""

from __future__ import annotations

from decimal import Decimal

import pytest

from relance.models import Invoice
from relance.services.spreadsheet_words import problem_words
from tests.spreadsheets import (
    HEADER,
    checked,
    counts,
    imported,
    invoice,
    report,
    troubles,
)

pytestmark = pytest.mark.django_db


# --- rows that do not stand -------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "trouble"),
    [
        (";C1;Dupont;01/09/2026;;10;", "missing"),
        ("F1;C1;Dupont;;;10;", "missing"),
        ("F1;C1;Dupont;01/09/2026;;;", "missing"),
        ("F1;C1;Dupont;32/09/2026;;10;", "not_a_day"),
        ("F1;C1;Dupont;01/09/2026;30/08/2026;10;", "due_before_issue"),
        ("F1;C1;Dupont;01/09/2026;;dix;", "not_an_amount"),
        ("F1;C1;Dupont;01/09/2026;;10,123;", "too_precise"),
        ("F1;C1;Dupont;01/09/2026;;99999999999;", "too_large"),
        ("F1;C1;Dupont;01/09/2026;;10;20", "paid_too_much"),
        ("F1;C1;Dupont;01/09/2026;;#REF!;", "formula_error"),
        ("F" * 61 + ";C1;Dupont;01/09/2026;;10;", "too_long"),
        ("F1;C1;Dupont;01/09/2026;;10;5;x", "too_wide"),
    ],
)
def test_each_problem_is_in_its_row(row: str, trouble: str) -> None:
    sound = "F9;C9;Durand;01/09/2026;;10,50;10,50\n"
    found = imported(HEADER + sound + row + "\n")
    assert troubles(found) == {3: [trouble]}
    # The others are imported.
    assert list(Invoice.objects.values_list("number", flat=True)) == ["F9"]
    [problem] = report(found).faulty[0].problems
    assert "%(" not in problem_words(problem)


def test_amounts_that_do_not_add_up_are_refused() -> None:
    header = "N° facture;Client;Date facture;TTC;Réglé;Reste à payer\n"
    found = checked(
        header + "F1;Dupont;01/09/2026;100;30;70\n" + "F2;Dupont;01/09/2026;100;30;60\n"
    )
    assert troubles(found) == {3: ["sums_disagree"]}


def test_totals_and_nothings_are_left_out() -> None:
    found = imported(
        HEADER
        + "F1;C1;Dupont;01/09/2026;;10;\n"
        + "F2;C1;Dupont;01/09/2026;;0,00;\n"
        + "Total;;;;;10,00;10,00\n"
    )
    assert counts(found) == {"created": 1, "left_out": 2}


def test_a_number_twice_in_a_file_is_one_invoice_or_a_problem() -> None:
    found = imported(
        HEADER
        + "F1;C1;Dupont;01/09/2026;;10;\n"
        + "F1;C1;Dupont;01/09/2026;;10;\n"
        + "F1;C1;Dupont;01/09/2026;;20;\n"
    )
    assert counts(found) == {"created": 1, "unchanged": 1, "refused": 1}
    assert troubles(found) == {4: ["number_twice"]}
    assert invoice("F1").total == Decimal("10.00")


def test_credit_notes_by_sign_or_by_word() -> None:
    header = "N° facture;Type;Client;Date facture;TTC;Facture d’origine;Reste à payer\n"
    found = imported(
        header
        + "F1;Facture;Dupont;01/09/2026;100,00;;\n"
        + "A1;Avoir;Dupont;02/09/2026;20,00;F1;\n"
        + "A2;;Dupont;02/09/2026;-5,00;;\n"
        + "A3;Facture;Dupont;02/09/2026;-5,00;;\n"
        + "A4;Avoir;Dupont;02/09/2026;-5,00;;-2,00\n"
        + "A5;Avoir;Dupont;02/09/2026;-5,00;;0,00\n"
        + "D1;Facture d’acompte;Dupont;02/09/2026;7,00;;\n"
        + "X1;Bidule;Dupont;02/09/2026;7,00;;\n"
    )
    assert troubles(found) == {
        5: ["sign_disagrees"],
        6: ["credit_used"],
        9: ["unknown_kind"],
    }
    assert counts(found) == {"created": 4, "refused": 3, "left_out": 1}
    assert invoice("A1").corrects == invoice("F1")
    assert (invoice("A2").kind, invoice("A2").total) == (
        "credit_note",
        Decimal("5.00"),
    )
    assert invoice("D1").kind == "deposit"
    # Nobody said what the credit notes settle.
    assert invoice("F1").balance == Decimal("100.00")


def test_currencies_and_modes_are_read() -> None:
    header = "N° facture;Client;Date facture;TTC;Devise;Mode de règlement\n"
    found = imported(
        header
        + "F1;Dupont;01/09/2026;10;USD;Prélèvement SEPA\n"
        + "F2;Dupont;01/09/2026;10;€;Troc\n"
        + "F3;Dupont;01/09/2026;10;KWD;\n"
    )
    assert (invoice("F1").currency, invoice("F1").payment_mode) == (
        "USD",
        "direct_debit",
    )
    assert (invoice("F2").currency, invoice("F2").payment_mode) == ("EUR", "other")
    assert troubles(found) == {3: ["unknown_mode"], 4: ["unknown_currency"]}


def test_open_items_have_a_balance_only() -> None:
    header = "Compte tiers;Nom du tiers;N° pièce;Date pièce;Solde\n"
    text = header + "C1;Dupont;F1;01/09/2026;{}\n"
    imported(text.format("100,00"))
    assert invoice("F1").total == Decimal("100.00")
    again = imported(text.format("60,00"))
    assert counts(again) == {"updated": 1}
    assert (invoice("F1").total, invoice("F1").balance) == (
        Decimal("100.00"),
        Decimal("60.00"),
    )
