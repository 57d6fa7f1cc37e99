"""The grammar of texts: what is checked, what is resolved, what is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relance.rules.fields import (
    FIELDS,
    GROUPS,
    Kind,
    ProblemCode,
    TextError,
    check,
    check_subject,
    fields_used,
    resolve,
    terms_used,
)
from relance.rules.regimes import Regime

VALUES = {
    "facture.deja_regle": "1 200,00 €",
    "facture.jours_retard": "55",
    "facture.reference_client": "",
    "relance.niveau": "2",
    "envoi.mode": "e-mail",
    "facture.reste_a_payer": "1\u00a0234,50\u00a0€",
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{facture.numero}", "{facture.numero}"),
        ("[[si facture.deja_regle]]oui[[sinon]]non[[fin]]", "oui"),
        ("[[si facture.reference_client]]oui[[sinon]]non[[fin]]", "non"),
        ("[[si lot.nombre]]oui[[fin]].", "."),
        ("[[si B2B]]a[[fin]][[si B2B ou PUBLIC]]b[[fin]][[si B2C]]c[[fin]]", "ab"),
        ("[[si relance.niveau >= 2]]oui[[fin]]", "oui"),
        ("[[si relance.niveau>=3]]oui[[sinon]]non[[fin]]", "non"),
        ("[[si facture.reste_a_payer >= 1234,5]]oui[[fin]]", "oui"),
        ("[[si facture.numero >= 1]]oui[[sinon]]non[[fin]]", "non"),
        ("[[si envoi.mode = E-mail]]oui[[fin]]", "oui"),
        ('[[si envoi.mode = "lettre"]]oui[[sinon]]non[[fin]]', "non"),
        ("[[si B2C ou facture.deja_regle]]oui[[fin]]", "oui"),
        ("[[si B2B]]a[[si B2C]]b[[sinon]]c[[fin]]d[[fin]]e", "acde"),
        ("a\n\n[[si B2C]]\nb\n[[fin]]\n\nc", "a\n\nc"),
        ("a\n\n[[si B2B]]\nb\n[[sinon]]\nd\n[[fin]]\n\nc", "a\n\nb\n\nc"),
        ("a{} {b", "a{} {b"),
    ],
)
def test_blocks_are_resolved_and_fields_stay(text, expected):
    assert resolve(text, VALUES, regime=Regime.B2B) == expected


@pytest.mark.parametrize(
    ("text", "code", "line", "column", "name", "suggestion"),
    [
        ("a\nb {facture.numro}", "unknown_field", 2, 3, "facture.numro",
         "facture.numero"),
        ("{ facture.numero }", "unknown_field", 1, 1, " facture.numero ",
         "facture.numero"),
        ("[[si B2B]]x", "unclosed_block", 1, 1, "", ""),
        ("x[[fin]]", "unopened_block", 1, 2, "fin", ""),
        ("[[sinon]]", "unopened_block", 1, 1, "sinon", ""),
        ("[[si B2B]][[sinon]][[sinon]][[fin]]", "second_else", 1, 20, "sinon", ""),
        ("[[if B2B]]", "unknown_tag", 1, 1, "[[if B2B]]", ""),
        ("a [[ b", "unknown_tag", 1, 3, "[[", ""),
        ("a ]] b", "unknown_tag", 1, 3, "]]", ""),
        ("[[si ]]x[[fin]]", "bad_condition", 1, 1, "", ""),
        ("[[si relance.niveau >= deux]]x[[fin]]", "bad_condition", 1, 1,
         "relance.niveau >= deux", ""),
        ("[[si B2B = 3]]x[[fin]]", "bad_condition", 1, 1, "B2B = 3", ""),
        ("[[si client.non]]x[[fin]]", "unknown_field", 1, 1, "client.non",
         "client.nom"),
        ("Réf. __REF__", "other_program_field", 1, 6, "__REF__", "facture.numero"),
        ("{lot.nombre}", "not_in_single", 1, 1, "lot.nombre", ""),
        ("a {tableau.factures}", "block_not_alone", 1, 3, "tableau.factures", ""),
        ("a\n} b", "stray_brace", 2, 1, "}", ""),
        ("a { b", "stray_brace", 1, 3, "{", ""),
        ("[*[fin]*", "stray_brackets", 1, 1, "[[", ""),
        ("[\\[fin]", "stray_brackets", 1, 1, "[[", ""),
    ],
)  # fmt: skip
def test_each_problem_is_named_and_placed(text, code, line, column, name, suggestion):
    (problem,) = check(text, regime=Regime.B2B)
    assert (problem.code, problem.line, problem.column) == (code, line, column)
    assert (problem.name, problem.suggestion) == (name, suggestion)


def test_a_grouped_text_has_no_single_invoice():
    (problem,) = check("{facture.numero}", regime=Regime.B2B, grouped=True)
    assert problem.code == ProblemCode.NOT_IN_GROUPED
    assert check("{lot.nombre}", regime=Regime.B2B, grouped=True) == ()


@pytest.mark.parametrize("name", ["penalites.montant", "indemnite.unitaire"])
@pytest.mark.parametrize("regime", Regime)
def test_penalties_are_forbidden_to_those_who_do_not_owe_them(name, regime):
    # C. com. L441-10 and D441-5 bind professionals; CCP R2192-31 public bodies.
    owes = regime in (Regime.B2B, Regime.PUBLIC)
    codes = [problem.code for problem in check(f"{{{name}}}", regime=regime)]
    assert codes == ([] if owes else ["forbidden_field"])


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("[[si B2B ou PUBLIC]]{penalites.taux}[[fin]]", 0),
        ("[[si B2C ou NON_PRO]]x[[sinon]]{penalites.taux}[[fin]]", 0),
        ("[[si B2C]]x[[sinon]]{penalites.taux}[[fin]]", 1),
        ("[[si penalites.montant]]{penalites.taux}[[fin]]", 1),
        ("[[si B2B]][[si penalites.montant]]{penalites.taux}[[fin]][[fin]]", 0),
        ("{penalites.taux}", 1),
    ],
)
def test_a_text_for_everyone_keeps_penalties_in_a_block(text, count):
    codes = [problem.code for problem in check(text)]
    assert codes == ["forbidden_field"] * count


def test_a_subject_holds_no_table():
    (problem,) = check_subject("{tableau.factures}", regime=Regime.B2B)
    assert problem.code == "block_in_subject"
    assert check_subject("{facture.numero}", regime=Regime.B2B) == ()


def test_a_block_field_may_stand_alone_inside_a_condition():
    assert check("a\n[[si B2B]]{tableau.factures}[[fin]]\nb", regime=Regime.B2B) == ()


def test_too_many_blocks_inside_one_another_are_refused():
    deep = "[[si B2B]]" * 21 + "[[fin]]" * 21
    with pytest.raises(TextError) as refused:
        resolve(deep, {}, regime=Regime.B2B)
    assert [p.code for p in refused.value.problems] == ["too_deep"]


def test_an_unknown_field_is_refused_when_resolving():
    with pytest.raises(TextError, match="unknown_field"):
        resolve("{nimporte.quoi}", {}, regime=Regime.B2B)


def test_fields_used_are_those_of_braces_and_conditions():
    text = "[[si relance.niveau >= 2 ou B2C]]{date_limite}[[sinon]]{lieu}[[fin]]"
    assert fields_used(text) == {"relance.niveau", "date_limite", "lieu"}


def test_terms_used_are_the_conditions_without_the_types():
    text = (
        "[[si B2B ou facture.deja_regle]]{facture.numero}[[sinon]]"
        "[[si relance.niveau >= 2]]a[[fin]][[fin]][[si envoi.mode = e-mail]]b[[fin]]"
    )
    assert {(term.name, term.operator, term.value) for term in terms_used(text)} == {
        ("facture.deja_regle", "", ""),
        ("relance.niveau", ">=", "2"),
        ("envoi.mode", "=", "e-mail"),
    }


def test_every_field_has_a_known_group_and_a_meaning():
    assert {field.group for field in FIELDS.values()} == set(GROUPS)
    assert all(field.meaning for field in FIELDS.values())
    blocks = {name for name, field in FIELDS.items() if field.kind == Kind.BLOCK}
    assert blocks == {"tableau.factures", "tableau.sommes", "coordonnees_bancaires"}


PIECES = st.sampled_from(
    ["[[si B2B]]", "[[sinon]]", "[[fin]]", "[[si lieu]]", "[[si lieu >= 2]]", "[[si "]
) | st.sampled_from(["[[", "]]", "[", "]", "{", "}", "{lieu}", "__REF__", *"\n =a"])
TEXTS = st.text() | st.lists(PIECES, max_size=30).map("".join)


@given(TEXTS, st.text())
def test_resolving_is_refused_or_leaves_no_tag(text, value):
    check(text, grouped=True)
    try:
        resolved = resolve(text, {"lieu": value}, regime=Regime.B2B)
    except TextError:
        return
    assert "[[" not in resolved
    assert "]]" not in resolved
    assert fields_used(resolved) <= set(FIELDS)


@given(TEXTS)
def test_a_resolved_text_is_resolved(text):
    try:
        once = resolve(text, {}, regime=Regime.B2C)
    except TextError:
        return
    assert resolve(once, {}, regime=Regime.B2C) == once


@pytest.mark.parametrize("value", ["{lieu}", "[[si B2B]]", "**x**", "<b>", "[[fin]]"])
def test_values_are_inert(value):
    text = "[[si client.nom]]{client.nom}[[fin]]"
    assert resolve(text, {"client.nom": value}, regime=Regime.B2B) == "{client.nom}"
