"""What a formal notice must say, and which of it a text or its values lack."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from enum import StrEnum

from relance.rules.fields import (
    FIELDS,
    NO_PENALTIES,
    Kind,
    TextError,
    fields_used,
    resolve,
)
from relance.rules.regimes import Regime


class Element(StrEnum):
    """The elements of a formal notice (C. civ. 1344 and what courts expect)."""

    NOTICE_WORDS = "notice_words"
    DEMAND = "demand"
    INVOICES = "invoices"
    SUMS = "sums"
    DEADLINE = "deadline"
    BANK_DETAILS = "bank_details"
    CONSEQUENCE = "consequence"
    LEGAL_EFFECT = "legal_effect"
    PENALTY_BASIS = "penalty_basis"
    DISPUTE_CONTACT = "dispute_contact"
    COMPANY_NAME = "company_name"
    COMPANY_ADDRESS = "company_address"
    COMPANY_SIREN = "company_siren"
    CUSTOMER_NAME = "customer_name"
    CUSTOMER_ADDRESS = "customer_address"
    SIGNATORY = "signatory"
    PLACE_AND_DATE = "place_and_date"
    SENDING_MODE = "sending_mode"
    READABLE_TEXT = "readable_text"


# Words a text must hold, in French or in English; spaces may be no-break ones.
_WORDS: Mapping[Element, re.Pattern[str]] = {
    Element.NOTICE_WORDS: re.compile(r"mise en demeure|formal notice"),
    Element.DEMAND: re.compile(r"vous mettons en demeure|give you formal notice"),
    Element.CONSEQUENCE: re.compile(
        r"procédure|justice|juridiction|mandatement d.office"
        r"|legal action|legal proceedings|court"
    ),
    Element.DISPUTE_CONTACT: re.compile(r"contest|désaccord|disput|disagree"),
}
# Values that must not be empty; one of several is enough where several stand.
_VALUES: Mapping[Element, tuple[str, ...]] = {
    Element.BANK_DETAILS: ("societe.iban",),
    Element.DEADLINE: ("date_limite",),
    Element.COMPANY_NAME: ("societe.nom",),
    Element.COMPANY_ADDRESS: ("societe.adresse",),
    Element.COMPANY_SIREN: ("societe.siren",),
    Element.CUSTOMER_NAME: ("client.nom",),
    Element.CUSTOMER_ADDRESS: ("client.adresse_bloc",),
    Element.SIGNATORY: ("signataire.nom",),
    Element.DISPUTE_CONTACT: ("societe.telephone", "societe.email", "societe.adresse"),
    Element.SENDING_MODE: ("envoi.mode",),
}


def missing_elements(
    text: str, values: Mapping[str, str], *, regime: Regime, grouped: bool = False
) -> tuple[Element, ...]:
    """Return the elements absent from a formal notice, in the order of the law's list.

    ``text`` is subject and body as written, fields in place; ``values`` are those of
    the letter. The page itself prints sender, recipient, place, date and signatory:
    for those the values are enough.
    """
    try:
        body = resolve(text, values, regime=regime)
    except TextError:
        return (Element.READABLE_TEXT,)
    # A company may choose not to claim them; then there is nothing to found.
    claimed = values.get("penalites.montant", "") != "" and regime not in NO_PENALTIES
    missing = set(_missing_words(body, claims_penalties=claimed))
    missing |= set(_missing_values(values))
    missing |= set(
        _missing_fields(fields_used(body), claims_penalties=claimed, grouped=grouped)
    )
    return tuple(element for element in Element if element in missing)


# What may be absent from a real case: a notice must be whole without it.
_MAY_BE_EMPTY = frozenset(
    {
        "facture.deja_regle",
        "lot.deja_regle",
        "facture.objet",
        "facture.reference_client",
        "relance.precedentes",
        "relance.precedente_date",
        "envoi.recommande",
        "envoi.courrier_joint",
        "interets.taux_legal",
        "mediateur.nom",
        "mediateur.coordonnees",
        "penalites.arretees",
        "penalites.par_jour",
        "signataire.fonction",
        "societe.lien_paiement",
    }
)
_SAMPLES = {Kind.MONEY: "100,00 €", Kind.NUMBER: "3"}


def missing_from_text(
    text: str, *, regime: Regime, grouped: bool = False
) -> tuple[Element, ...]:
    """Return the elements that the text itself lacks, whatever the letter: all that
    the company, the customer and the invoice give is taken as given."""
    full = {name: _SAMPLES.get(known.kind, "x") for name, known in FIELDS.items()}
    missing: set[Element] = set()
    for values in (full, full | dict.fromkeys(_MAY_BE_EMPTY, "")):
        missing |= set(missing_elements(text, values, regime=regime, grouped=grouped))
    return tuple(element for element in Element if element in missing)


def is_demand(text: str) -> bool:
    """Say whether a text gives formal notice, whatever its level is called."""
    words = re.sub(r"[\s*_]+", " ", text).casefold()
    return _WORDS[Element.DEMAND].search(words) is not None


def names_notice(subject: str) -> bool:
    """Say whether a subject has the words of a formal notice."""
    words = re.sub(r"[\s*_]+", " ", subject).casefold()
    return _WORDS[Element.NOTICE_WORDS].search(words) is not None


def _missing_words(body: str, *, claims_penalties: bool) -> Iterator[Element]:
    words = re.sub(r"[\s*_]+", " ", body).casefold()
    for element, pattern in _WORDS.items():
        if not pattern.search(words):
            yield element
    if "1344" not in words:
        yield Element.LEGAL_EFFECT
    named = {"penalites.base_legale", "penalites.base_legale_de"} & fields_used(body)
    based = named or "441-10" in words or "2192" in words
    if claims_penalties and not based:
        yield Element.PENALTY_BASIS


def _missing_values(values: Mapping[str, str]) -> Iterator[Element]:
    for element, names in _VALUES.items():
        if not any(values.get(name, "").strip() for name in names):
            yield element
    if not all(values.get(name, "").strip() for name in ("lieu", "date_lettre")):
        yield Element.PLACE_AND_DATE


def _missing_fields(
    used: frozenset[str], *, claims_penalties: bool, grouped: bool
) -> Iterator[Element]:
    one_by_one = {"facture.numero", "facture.date", "facture.echeance"} <= used
    if "tableau.factures" not in used and (grouped or not one_by_one):
        yield Element.INVOICES
    balance = "lot.reste_a_payer" if grouped else "facture.reste_a_payer"
    split = {balance}
    if claims_penalties:
        split |= {"penalites.montant", "indemnite.montant", "total.exigible"}
    if "tableau.sommes" not in used and not split <= used:
        yield Element.SUMS
    if "date_limite" not in used:
        yield Element.DEADLINE
    if not used & {"coordonnees_bancaires", "societe.iban"}:
        yield Element.BANK_DETAILS
