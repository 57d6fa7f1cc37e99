"""Words that a reminder must not say, and to whom they are forbidden."""

import pytest

from relance.rules.regimes import Regime
from relance.rules.text_lint import slips


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        # C. pén. 433-13: a paper that looks official.
        ("SOMMATION DE PAYER", "bailiff"),
        ("notre huissier passera", "bailiff"),
        ("Dernier avis avant saisie", "seizure"),
        ("nous engagerons des poursuites pénales", "criminal"),
        ("inscription au fichier de la Banque de France", "credit_file"),
        ("nous préviendrons votre employeur", "disclosure"),
        ("vous êtes un mauvais payeur", "judgement"),
    ],
)
@pytest.mark.parametrize("regime", [*Regime, None])
def test_some_words_are_for_nobody(text, fault, regime):
    (slip,) = slips(text, regime=regime)
    assert slip.fault == fault


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        # CPCE L111-8: costs of recovery stay with the creditor.
        ("des frais de recouvrement de 15 €", "recovery_costs"),
        # C. com. L441-10 and D441-5 bind professionals only.
        ("l’indemnité forfaitaire", "penalties"),
        ("une somme de 40 €", "penalties"),
        ("les pénalités de retard", "penalties"),
    ],
)
@pytest.mark.parametrize("regime", [*Regime, None])
def test_some_words_are_only_for_professionals(text, fault, regime):
    found = [slip.fault for slip in slips(text, regime=regime)]
    assert found == ([fault] if regime in (Regime.B2C, Regime.NON_PRO, None) else [])
    # A text for everybody keeps them in a block for those who owe them.
    assert slips(f"a [[si B2B ou PUBLIC]]{text}[[fin]] b") == ()


@pytest.mark.parametrize(
    "text",
    [
        "Aucun frais de recouvrement ne vous est réclamé.",
        "sans frais de relance",
        "la juridiction compétente",
        "une procédure judiciaire de recouvrement",
        "1 440,00 €",
    ],
)
@pytest.mark.parametrize("regime", Regime)
def test_what_may_be_said_is_let_through(text, regime):
    assert slips(text, regime=regime) == ()


def test_the_place_of_the_words_is_given():
    (slip,) = slips("Bonjour,\n\nPayez avant saisie.")
    assert (slip.line, slip.column, slip.words) == (3, 7, "avant saisie")
