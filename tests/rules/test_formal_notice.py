"""A formal notice that lacks an element of the law's list says which."""

import pytest

from relance.rules.fields import FIELDS, Kind
from relance.rules.formal_notice import (
    Element,
    is_demand,
    missing_elements,
    missing_from_text,
)
from relance.rules.regimes import Regime

PIECES = {
    "notice_words": "MISE EN DEMEURE",
    "invoices": "{tableau.factures}",
    "sums": "{tableau.sommes}",
    "penalty_basis": "En application {penalites.base_legale_de}.",
    "demand": "**nous vous mettons en\u00a0demeure** de payer.",
    "deadline": "Avant le {date_limite}.",
    "bank_details": "{coordonnees_bancaires}",
    "legal_effect": "Article 1344 du Code civil.",
    "consequence": "Une procédure judiciaire.",
    "dispute_contact": "Si vous contestez.",
}
VALUES = {name: "x" for name, field in FIELDS.items() if field.kind != Kind.BLOCK}


def notice(*, without=""):
    return "\n\n".join(text for name, text in PIECES.items() if name != without)


def test_a_complete_notice_lacks_nothing():
    assert missing_elements(notice(), VALUES, regime=Regime.B2B) == ()


@pytest.mark.parametrize("name", PIECES)
def test_each_element_absent_from_the_text_is_named(name):
    text = notice(without=name)
    missing = missing_elements(text, VALUES, regime=Regime.B2B)
    # The words « mise en demeure » are not those of the demand, nor the reverse.
    assert missing == (Element(name),)


@pytest.mark.parametrize(
    ("names", "element"),
    [
        (("societe.iban",), "bank_details"),
        (("date_limite",), "deadline"),
        (("societe.nom",), "company_name"),
        (("societe.adresse",), "company_address"),
        (("societe.siren",), "company_siren"),
        (("client.nom",), "customer_name"),
        (("client.adresse_bloc",), "customer_address"),
        (("signataire.nom",), "signatory"),
        (("lieu",), "place_and_date"),
        (("date_lettre",), "place_and_date"),
        (("envoi.mode",), "sending_mode"),
    ],
)
def test_each_empty_value_is_named(names, element):
    values = VALUES | dict.fromkeys(names, " ")
    assert missing_elements(notice(), values, regime=Regime.B2B) == (element,)


def test_an_element_inside_a_block_that_does_not_apply_is_missing():
    text = notice(without="sums") + "\n\n[[si B2C]]\n{tableau.sommes}\n[[fin]]"
    assert missing_elements(text, VALUES, regime=Regime.B2B) == ("sums",)


def test_a_consumer_owes_the_balance_alone():
    text = notice(without="sums").replace("{penalites.base_legale_de}", "de la loi")
    assert missing_elements(text, VALUES, regime=Regime.B2C) == ("sums",)
    text += "\n\nSoit {facture.reste_a_payer}."
    assert missing_elements(text, VALUES, regime=Regime.B2C) == ()
    assert missing_elements(text, VALUES, regime=Regime.B2B) == (
        "sums",
        "penalty_basis",
    )


def test_penalties_that_are_not_claimed_need_no_basis():
    values = VALUES | {"penalites.montant": ""}
    text = notice(without="penalty_basis")
    assert missing_elements(text, values, regime=Regime.B2B) == ()


def test_one_invoice_may_be_named_in_words():
    words = "{facture.numero} {facture.date} {facture.echeance}"
    text = notice(without="invoices") + words
    assert missing_elements(text, VALUES, regime=Regime.B2B) == ()
    grouped = missing_elements(text, VALUES, regime=Regime.B2B, grouped=True)
    assert grouped == ("invoices",)


def test_a_text_that_cannot_be_read_is_refused():
    missing = missing_elements("[[si B2B]]", VALUES, regime=Regime.B2B)
    assert missing == ("readable_text",)


@pytest.mark.parametrize("name", PIECES)
def test_a_text_alone_is_looked_at_whatever_the_letter(name):
    assert missing_from_text(notice(), regime=Regime.B2B) == ()
    lacking = missing_from_text(notice(without=name), regime=Regime.B2B)
    assert lacking == (Element(name),)


def test_what_only_some_letters_hold_is_missing_from_the_text():
    text = notice(without="deadline")
    text += "\n\n[[si facture.deja_regle]]Avant le {date_limite}.[[fin]]"
    assert missing_from_text(text, regime=Regime.B2B) == (Element.DEADLINE,)


@pytest.mark.parametrize(
    ("text", "demands"),
    [
        ("Nous vous **mettons en\u00a0demeure** de payer", True),
        ("We give you formal notice to pay", True),
        ("Sans réponse, une mise en demeure suivra", False),
    ],
)
def test_a_demand_is_known_by_its_words(text, demands):
    assert is_demand(text) is demands
