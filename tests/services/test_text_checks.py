"""What is said of a text while it is written, and that nothing typed does harm."""

from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from relance.gateways import markup
from relance.models import Company, Level
from relance.queries.texts import TextKey
from relance.rules.fields import FIELDS, Kind, resolve
from relance.rules.regimes import Regime
from relance.services.text_checks import errors, findings
from relance.services.text_trials import convert
from relance.services.texts import TextData
from relance.web.text_findings import replaced, said_of

OURS = Company(name="Ateliers Vauban", iban="FR7630006000011234567890189")
SIMPLE = Level(pk=1, rank=1, name="Relance simple")
NOTICE = Level(pk=3, rank=3, name="Mise en demeure", kind=Level.Kind.FORMAL_NOTICE)


def key(level=SIMPLE, channel="letter", regime="B2B", *, grouped=False) -> TextKey:
    return TextKey(
        level=level,
        channel=channel,
        language="fr",
        grouped=grouped,
        regime=regime,
    )


def said(body, of=None, subject="Objet"):
    return findings(of or key(), subject, body, company=OURS)


def test_a_good_text_has_nothing_to_say():
    assert said("Bonjour {client.nom},\n\n{tableau.factures}") == ()


@pytest.mark.parametrize(
    ("body", "found", "instead"),
    [
        ("{facture.numro}", "{facture.numro}", "{facture.numero}"),
        ("__REF__", "__REF__", "{facture.numero}"),
        ("__(Hello)__", "__(Hello)__", "Bonjour,"),
        ("__TOTAL_HT__", "__TOTAL_HT__", ""),
        ("{lot.reste_a_payer}", "{lot.reste_a_payer}", "{facture.reste_a_payer}"),
        ("{lot.nombre}", "{lot.nombre}", ""),
        ("x [[ y", "[[", ""),
    ],
)
def test_an_error_says_where_it_is_and_what_to_write(body, found, instead):
    (one,) = said(f"Bonjour,\n\n{body}")
    assert one.is_error
    assert (one.line, one.found, one.instead) == (3, found, instead)
    if instead:
        typed = TextData(subject="", body=body)
        button = said_of(one, TextData(subject="", body=f"Bonjour,\n\n{body}"))
        assert replaced(typed, button.replacement).body == instead


def test_what_some_do_not_owe_is_put_between_conditions():
    (one,) = said("Soit {penalites.montant}.", key(regime=""))
    assert one.instead == "[[si B2B ou PUBLIC]]{penalites.montant}[[fin]]"
    assert said(f"Soit {one.instead}.", key(regime="")) == ()
    (forbidden,) = said("Soit {penalites.montant}.", key(regime="B2C"))
    assert forbidden.is_error
    assert forbidden.instead == ""


@pytest.mark.parametrize(
    ("typed", "ours"),
    [
        ("FR76 3000 6000 0112 3456 7890 189", True),
        ("FR7630006000011234567890189", True),
        ("DE89 3704 0044 0532 0130 00 à la banque", False),
        ("FR76 3000 6000 0112 3456 7890 188 ou DE89 3704 0044 0532 0130 00", False),
    ],
)
def test_an_iban_typed_by_hand_is_a_warning(typed, ours):
    (one,) = said(f"Payez sur {typed}.")
    assert not one.is_error
    assert one.instead == "{societe.iban}"
    assert one.found in typed
    assert one.found[-1].isdigit()
    assert ("changerez de banque" in one.words) is ours
    assert ("n’est pas celui" in one.words) is not ours


@pytest.mark.parametrize(
    "typed", ["FR76 3000 6000 0112 3456 7890 188", "FA2609-0151 du 12 octobre 2026"]
)
def test_what_is_no_iban_is_let_through(typed):
    assert said(f"Réf. {typed}.") == ()


def test_html_is_an_error_that_names_its_tag():
    (one,) = said("<p>Bonjour</p>")
    assert one.is_error
    assert "<p>" in one.words
    assert said("Délai < 30 jours > 8 jours") == ()


def test_forbidden_words_are_a_warning():
    (one,) = said("Dernier avis avant saisie.", key(regime="B2C"))
    assert not one.is_error
    assert (one.line, one.found) == (1, "avant saisie")


def test_a_formal_notice_lacking_an_element_cannot_be_used():
    letter = errors(said("Payez.", key(NOTICE)))
    assert len(letter) > 5
    # The letter that the e-mail carries is the notice.
    by_email = said("Payez.", key(NOTICE, "email"))
    assert by_email
    assert errors(by_email) == ()


def test_the_words_of_a_formal_notice_belong_to_its_level():
    (one,) = said("Nous vous mettons en demeure de payer.")
    assert not one.is_error


@pytest.mark.parametrize(
    ("subject", "body"), [("", "a"), ("a", " \n"), ("a" * 251, "a")]
)
def test_empty_or_endless_is_an_error(subject, body):
    assert errors(said(body, subject=subject))


PIECES = st.sampled_from(
    [
        "[[si B2B]]", "[[sinon]]", "[[fin]]", "[[si facture.deja_regle]]", "[[", "]]",
        "[", "]", "{", "}", "\\", "*", "**", "_", "{facture.numero}", "\n", "\n\n",
        "{tableau.factures}", "{tableau.sommes}", "- ", "1. ", "|a|b|\n|-|-|\n|c|d|",
        "# ", "    ", "__REF__", "<p>", "<script>alert(1)</script>", "&eacute;",
        "{{ x }}", "{% load x %}", "#{x}", "$x$", "\x00", "\u2028", "\U000f0000", "a",
        "{societe.lien_paiement}", "\t", "`", "> ", "---", "\r\n", "é", "😀",
    ]
)  # fmt: skip
TYPED = st.lists(PIECES, max_size=25).map("".join) | st.text(max_size=200)
VALUES = {
    name: "{valeur}" if name == "client.nom" else "x"
    for name, field in FIELDS.items()
    if field.kind != Kind.BLOCK
}
BLOCKS = {
    name: [markup.Box(lines=(("a", "b"),))]
    for name, field in FIELDS.items()
    if field.kind == Kind.BLOCK
}


@given(TYPED, TYPED, st.booleans(), st.sampled_from(["", *Regime]))
@settings(max_examples=400, suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_whatever_is_typed_is_refused_or_leaves_nothing_unresolved(
    subject, body, grouped, regime
):
    of = key(regime=regime, grouped=grouped)
    typed = TextData(subject=subject, body=body).tidy
    found = findings(of, typed.subject, typed.body, company=OURS)
    for one in found:
        assert said_of(one, typed).finding == one
    if errors(found):
        return
    for values in (VALUES, dict.fromkeys(VALUES, "")):
        for served in [Regime(regime)] if regime else Regime:
            filled = markup.fill(
                resolve(typed.body, values, regime=served), values, BLOCKS
            )
            line = markup.fill_line(
                resolve(typed.subject, values, regime=served), values
            )
            text = f"{line}\n{markup.to_plain(filled)}".replace("{valeur}", "")
            assert not re.search(r"[{}]|\[\[|\]\]", text), text
            html = markup.to_html(filled)
            assert "<script" not in html


@given(TYPED, st.booleans())
@settings(deadline=None)
def test_whatever_is_pasted_is_taken_over_once(body, grouped):
    of = key(grouped=grouped)
    once = convert(of, TextData(subject="", body=body))
    assert isinstance(once.body, str)


@given(st.text(max_size=60))
def test_a_button_that_was_forged_changes_nothing(asked):
    typed = TextData(subject="a", body="b")
    assert isinstance(replaced(typed, asked).body, str)
    assert replaced(typed, '["", "x"]') == typed
    assert replaced(typed, "[" * 5000) == typed
    assert replaced(typed, '["a", "\\ud800"]') == typed
