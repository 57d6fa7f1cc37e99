"""The customer of a row is known by a number or its exact name, or is new."""

from __future__ import annotations

import pytest

from relance.models import Customer
from tests import make
from tests.make import TODAY
from tests.spreadsheets import checked, counts, imported, invoice, troubles

pytestmark = pytest.mark.django_db


# --- customers ------------------------------------------------------------------


def test_a_customer_is_known_by_code_number_then_exact_name() -> None:
    code = make.customer(code="C7", name="Alpha")
    siren = make.customer(name="Bêta", siren="812345676")
    name = make.customer(name="Société Générale d’Électricité")
    header = "N° facture;Code client;Client;SIREN;Date facture;TTC\n"
    imported(
        header
        + "F1;C7;ALPHA;;01/09/2026;10\n"
        + "F2;;Autre nom;812 345 676;01/09/2026;10\n"
        + "F3;;SOCIETE GENERALE D'ELECTRICITE;;01/09/2026;10\n"
    )
    assert [invoice(f"F{n}").customer for n in (1, 2, 3)] == [code, siren, name]
    assert Customer.objects.count() == 3


def test_a_customer_is_never_guessed() -> None:
    make.customer(code="C00001", name="Alpha")
    for _twin in range(2):
        make.customer(name="Jumeau")
    header = "N° facture;Code client;Client;Date facture;TTC\n"
    found = checked(
        header
        + "F1;C00001;Oméga;01/09/2026;10\n"
        + "F2;;Jumeau;01/09/2026;10\n"
        + "F3;C404;;01/09/2026;10\n"
        + "F4;;;01/09/2026;10\n"
    )
    assert troubles(found) == {
        2: ["customer_disagrees"],
        3: ["customer_ambiguous"],
        4: ["customer_unknown"],
        5: ["missing"],
    }


def test_two_codes_of_a_file_are_two_customers() -> None:
    header = "N° facture;Code client;Client;Date facture;TTC\n"
    imported(header + "F1;A;Dupont;01/09/2026;10\nF2;B;Dupont;01/09/2026;10\n")
    imported(header + "F3;B;Dupont;01/09/2026;10\n")
    assert invoice("F1").customer != invoice("F2").customer == invoice("F3").customer


CARDS = (
    "Code;Raison sociale;E-mail;Code postal;Ville;SIREN;Conditions de règlement;Pays\n"
)


def test_customers_are_created_then_kept_up_to_date() -> None:
    row = (
        "A;Alpha;compta@alpha.example;44000;Nantes;812345676;45 jours fin de mois;{}\n"
    )
    first = imported(CARDS + row.format("Allemagne"))
    assert counts(first) == {"created": 1}
    alpha = Customer.objects.get()
    assert (alpha.country, alpha.language) == ("DE", "en")
    assert alpha.payment_terms
    Customer.objects.update(address_refused_on=TODAY)
    second = imported(CARDS + "A;Alpha;;44100;Nantes;;;\nB;Bêta;;;;;;\n")
    assert counts(second) == {"updated": 1, "created": 1}
    alpha.refresh_from_db()
    assert (alpha.postcode, alpha.email) == ("44100", "compta@alpha.example")
    # A corrected address may receive letters again.
    assert alpha.address_refused_on is None
    assert counts(checked(CARDS + "A;Alpha;;44100;Nantes;;;\n")) == {"unchanged": 1}


def test_what_is_wrong_in_a_card_is_left_out_and_said() -> None:
    found = imported(CARDS + "A;Alpha;compta(a)alpha;;;123;dès que possible;Mordor\n")
    assert sorted(troubles(found)[2]) == [
        "bad_country", "bad_email", "bad_number", "bad_terms",
    ]  # fmt: skip
    alpha = Customer.objects.get()
    assert (alpha.email, alpha.siren, alpha.payment_terms) == ("", "", "")


def test_a_customer_twice_in_a_file_is_said() -> None:
    found = checked(
        CARDS + "A;Alpha;;;Nantes;;;\nA;Alpha;;;Nantes;;;\nA;Alpha;;;Brest;;;\n"
    )
    assert counts(found) == {"created": 1, "unchanged": 1, "refused": 1}
    assert troubles(found) == {4: ["customer_twice"]}
