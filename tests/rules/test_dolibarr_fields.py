"""Texts pasted from Dolibarr: what is recognised, what is written instead."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relance.rules.dolibarr_fields import find, replace_all
from relance.rules.fields import check

# Measured on Dolibarr 22 (invoices): a variable, and what says the same here.
EQUAL = {
    "__REF__": "{facture.numero}",
    "__REF_CLIENT__": "{facture.reference_client}",
    "__DATE_YMD__": "{facture.date}",
    "__DATE_DUE_YMD__": "{facture.echeance}",
    "__DATE_DUE_YMD_TEXT__": "{facture.echeance}",
    "__AMOUNT__": "{facture.total_ttc}",
    "__AMOUNT_FORMATTED__": "{facture.total_ttc}",
    "__TOTAL_TTC__": "{facture.total_ttc}",
    "__AMOUNT_REMAIN__": "{facture.reste_a_payer}",
    "__AMOUNT_REMAIN_FORMATTED__": "{facture.reste_a_payer}",
    "__THIRDPARTY_NAME__": "{client.nom}",
    "__THIRDPARTY_CODE_CLIENT__": "{client.code}",
    "__MYCOMPANY_NAME__": "{societe.nom}",
    "__[MAIN_INFO_SOCIETE_NOM]__": "{societe.nom}",
    "__MYCOMPANY_PROFID1__": "{societe.siren}",
    "__USER_FULLNAME__": "{signataire.nom}",
    "__SENDEREMAIL_SIGNATURE__": "{signataire.nom}",
    "__ONLINE_PAYMENT_URL__": "{societe.lien_paiement}",
    "__(Hello)__": "Bonjour,",
    "__(Sincerely)__": "Cordialement,",
}
# The rest of the list: nothing here says the same, so that it stays and blocks.
UNEQUAL = [
    "__ID__",
    "__AMOUNT_TEXT__",
    "__AMOUNT_EXCL_TAX_FORMATTED__",
    "__TOTAL_HT__",
    "__TOTAL_VAT__",
    "__NOTE_PUBLIC__",
    "__THIRDPARTY_PHONE__",
    "__THIRDPARTY_IDPROF6__",
    "__MYCOMPANY_PROFID10__",
    "__MYCOMPANY_VATNUMBER__",
    "__USER_LOGIN__",
    "__DAY_TEXT__",
    "__CHECK_READ__",
    "__EXTRAFIELD_relance__",
    "__JAMAIS_VU__",
    "__(AnyTranslationKey)__",
]


@pytest.mark.parametrize(("variable", "instead"), EQUAL.items())
def test_a_variable_is_written_as_our_field(variable, instead):
    assert replace_all(f"a {variable} b") == f"a {instead} b"
    assert check(replace_all(f"a {variable} b")) == ()


@pytest.mark.parametrize("variable", UNEQUAL)
def test_a_variable_without_an_equal_stays_and_blocks(variable):
    assert replace_all(f"a {variable} b") == f"a {variable} b"
    (problem,) = check(f"a {variable} b")
    assert (problem.code, problem.name) == ("other_program_field", variable)
    assert problem.suggestion == ""


def test_a_text_about_several_invoices_gets_the_fields_of_several():
    assert replace_all("__AMOUNT_REMAIN__", grouped=True) == "{lot.reste_a_payer}"
    assert replace_all("__REF__", grouped=True) == "__REF__"


def test_the_text_that_dolibarr_proposes_is_taken_over_whole():
    # other.lang, fr_FR.
    text = (
        "__(Hello)__\n\nNous souhaitons vous prévenir que la facture __REF__ ne semble "
        "pas avoir été payée.\n\n__ONLINE_PAYMENT_TEXT_AND_URL__\n\n__(Sincerely)__\n\n"
        "__SENDEREMAIL_SIGNATURE__"
    )
    taken = replace_all(text)
    assert "__" not in taken
    assert check(taken) == ()
    assert "[[si societe.lien_paiement]]" in taken


@given(st.text(alphabet="_AREF()[]é \n", max_size=60))
def test_what_is_found_stands_where_it_is_said_to(text):
    for found in find(text):
        assert text[found.start :].startswith(found.name)
    assert isinstance(replace_all(text), str)
