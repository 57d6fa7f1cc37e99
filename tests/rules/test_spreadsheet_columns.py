"""What a spreadsheet is, by its columns: the exports of French programs
(names: exports of Sage, EBP, Ciel, Pennylane and Dolibarr; the FEC,
art. A47 A-1 LPF)."""

from __future__ import annotations

import pytest

from relance.rules.spreadsheet_columns import (
    bucket_of,
    header_row,
    in_french,
    is_total,
    matched,
    missing,
    plain,
    recognised,
    sure,
    typed,
    wanted,
)
from relance.rules.spreadsheet_targets import REQUIRED, SYNONYMS, Kind, Target

INVOICES = (
    "N° facture;Code client;Client;Date facture;Date d’échéance;Montant TTC;"
    "Déjà réglé;Reste à payer;Devise"
)


def names(text: str) -> list[str]:
    return text.split(";")


@pytest.mark.parametrize(
    ("header", "word"),
    [
        ("Date d’échéance", "date echeance"),
        ("DATE_ECHEANCE", "date echeance"),
        ("N° de facture", "numero facture"),
        ("Num. facture", "numero facture"),
        ("Montant TTC (€)", "montant ttc"),
        ("Réglé", "regle"),
        ("Réglé le", "regle when"),
        ("  ", ""),
        ("de la", "de la"),
    ],
)
def test_names_are_compared_without_their_dress(header: str, word: str) -> None:
    assert plain(header) == word


@pytest.mark.parametrize(
    ("columns", "kind"),
    [
        (INVOICES, Kind.INVOICES),
        ("CompAuxNum;CompAuxLib;PieceRef;PieceDate;TTC", Kind.INVOICES),
        ("Compte tiers;Nom du tiers;N° pièce;Date pièce;Solde", Kind.INVOICES),
        ("Invoice;Customer;Invoice date;Due date;Amount;Balance", Kind.INVOICES),
        ("Date règlement;Client;N° facture;Montant;Mode de règlement", Kind.PAYMENTS),
        ("Client;Encaissé le;Montant", Kind.PAYMENTS),
        ("Code;Raison sociale;Adresse;CP;Ville;E-mail;SIREN", Kind.CUSTOMERS),
        ("Code tiers;Intitulé;Non échu;0-30;31-60;61-90;> 90;Total", Kind.AGED_BALANCE),
        ("Client;À échoir;1 à 30 jours;31 à 60 jours;+ de 60", Kind.AGED_BALANCE),
        ("Date;Libellé;Débit;Crédit", Kind.STATEMENT),
        ("Date opération;Libellé;Montant;Devise", Kind.STATEMENT),
    ],
)
def test_the_kind_is_recognised(columns: str, kind: Kind) -> None:
    assert sure(names(columns)) == kind
    assert missing(kind, matched(kind, names(columns))) == []


@pytest.mark.parametrize(
    "columns",
    [
        "a;b;c",
        "Nom;Total",
        "Code;Nom",
        "",
        # Payments stand among the invoices of a ledger.
        "Compte;Intitulé;Date;Pièce;Débit;Crédit;Solde",
    ],
)
def test_what_could_be_anything_is_asked(columns: str) -> None:
    assert sure(names(columns)) is None


def test_what_fits_is_offered_the_likeliest_first() -> None:
    found = recognised(names("Compte;Intitulé;Date;Pièce;Libellé;Débit;Crédit;Solde"))
    assert found[0] == Kind.INVOICES
    assert Kind.STATEMENT in found


def test_columns_find_their_place() -> None:
    columns = matched(Kind.INVOICES, names(INVOICES))
    assert columns == {
        Target.NUMBER: 0,
        Target.CODE: 1,
        Target.NAME: 2,
        Target.ISSUED_ON: 3,
        Target.DUE_DATE: 4,
        Target.TOTAL: 5,
        Target.PAID: 6,
        Target.BALANCE: 7,
        Target.CURRENCY: 8,
    }


def test_of_two_columns_the_better_name_wins() -> None:
    columns = matched(Kind.INVOICES, names("Total;Montant TTC;Date;Date facture"))
    assert columns[Target.TOTAL] == 1
    assert columns[Target.ISSUED_ON] == 3


def test_a_day_of_payment_is_no_amount() -> None:
    columns = matched(Kind.INVOICES, names("Facture;Client;Date;TTC;Payé le;Payé"))
    assert columns[Target.PAID_ON] == 4
    assert columns[Target.PAID] == 5


def test_a_column_says_one_thing_only() -> None:
    for kind in Kind:
        for columns in (INVOICES, "Date;Date;Date", "Référence;Ref;Réf."):
            found = matched(kind, names(columns))
            assert len(set(found.values())) == len(found)


@pytest.mark.parametrize(
    ("header", "bucket"),
    [
        ("Non échu", Target.NOT_DUE),
        ("À échoir", Target.NOT_DUE),
        ("0-30", Target.LATE_1),
        ("1 à 30 jours", Target.LATE_1),
        ("< 30 j", Target.LATE_1),
        ("Moins de 30 jours", Target.LATE_1),
        ("31 - 60 jours", Target.LATE_31),
        ("de 30 à 60 j.", Target.LATE_31),
        ("61/90", Target.LATE_61),
        ("91-120", Target.LATE_91),
        ("> 90", Target.LATE_OVER_90),
        ("Plus de 90 jours", Target.LATE_OVER_90),
        ("90+", Target.LATE_OVER_90),
        ("> 120 jours", Target.LATE_OVER_120),
        ("Client", None),
        ("Total", None),
        ("17-23", None),
    ],
)
def test_columns_of_an_aged_balance(header: str, bucket: Target | None) -> None:
    assert bucket_of(header) == bucket


def test_the_header_stands_below_the_title() -> None:
    rows = [
        ["Échéancier clients"],
        ["Ateliers Vauban", "Édité le", "24/11/2026"],
        names(INVOICES),
        ["F1", "C1", "Dupont", "01/10/2026", "31/10/2026", "12,00"],
    ]
    assert header_row(rows) == 2


def test_an_unknown_header_is_the_first_row_of_words() -> None:
    assert header_row([["Export"], ["Alpha", "Bêta"], ["1", "2"]]) == 1
    assert header_row([["1", "2"]]) == 0
    assert header_row([]) == 0


@pytest.mark.parametrize(
    ("cells", "total"),
    [
        (["Total général", "", "", "", "", "1 200,00"], True),
        (["", "", "Sous-total Dupont", "", "", "12,00"], True),
        (["Report", "", "", "", "", "12,00"], True),
        (["Édité le 24/11/2026"], True),
        (["F1", "C1", "Total Énergies", "01/10/2026"], False),
        (["Totalement", "C1", "x", "01/10/2026"], False),
        ([], False),
    ],
)
def test_rows_that_only_add_up(cells: list[str], total: bool) -> None:
    columns = matched(Kind.INVOICES, names(INVOICES))
    assert is_total(cells, columns) is total


@pytest.mark.parametrize(
    ("cells", "total"),
    [
        (["Total", "12"], True),
        (["TOTAL GÉNÉRAL", "12"], True),
        (["Total Énergies SE", "12"], False),
    ],
)
def test_total_is_also_a_customer_s_name(cells: list[str], total: bool) -> None:
    assert is_total(cells, {Target.NAME: 0, Target.LATE_1: 1}) is total


def test_the_language_of_the_columns_tells_the_order_of_days() -> None:
    assert in_french(names(INVOICES))
    assert not in_french(names("Invoice;Customer;Date;Amount"))


@pytest.mark.parametrize("kind", Kind)
def test_each_kind_asks_for_what_it_may_hold(kind: Kind) -> None:
    choices = wanted(kind)
    assert len(choices) == len(set(choices)) == len(SYNONYMS[kind])
    assert all(target in choices for group in REQUIRED[kind] for target in group)
    assert missing(kind, {}) == list(REQUIRED[kind])


def test_columns_are_typed() -> None:
    assert typed(Target.DUE_DATE) == "day"
    assert typed(Target.LATE_31) == "amount"
    assert typed(Target.NAME) == "text"
