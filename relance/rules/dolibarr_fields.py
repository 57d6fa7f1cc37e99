"""The variables of Dolibarr's texts, and the automatic fields that say the same.

The list is that of Dolibarr 20 to 24 for invoices (``FormMail`` and
``getCommonSubstitutionArray``), measured on running instances.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from relance.rules.field_table import FIELDS

# Variables, translations such as __(Hello)__, constants such as __[MAIN_…]__.
VARIABLE = re.compile(
    r"__(?:[A-Z][A-Za-z0-9_]*?|\([^()\n]{1,60}\)|\[[A-Za-z0-9_]{1,60}\])__"
)


@dataclass(frozen=True, kw_only=True)
class Found:
    """A variable in a text, where it begins, and what to write instead (if known)."""

    name: str
    start: int
    instead: str = ""


# What is written instead in the text of one invoice.
_ONE_INVOICE: Mapping[str, str] = {
    "REF": "{facture.numero}",
    "REF_CLIENT": "{facture.reference_client}",
    "REFCLIENT": "{facture.reference_client}",
    "DATE_YMD": "{facture.date}",
    "DATE_YMD_TEXT": "{facture.date}",
    "DATE_DUE_YMD": "{facture.echeance}",
    "DATE_DUE_YMD_TEXT": "{facture.echeance}",
    "AMOUNT": "{facture.total_ttc}",
    "AMOUNT_FORMATTED": "{facture.total_ttc}",
    "AMOUNT_FORMATED": "{facture.total_ttc}",
    "AMOUNT_MULTICURRENCY": "{facture.total_ttc}",
    "TOTAL_TTC": "{facture.total_ttc}",
    "AMOUNT_REMAIN": "{facture.reste_a_payer}",
    "AMOUNT_REMAIN_FORMATTED": "{facture.reste_a_payer}",
    "AMOUNT_REMAIN_FORMATED": "{facture.reste_a_payer}",
}
# In the text of several: an invoice alone has no field there, the sums have.
_SEVERAL: Mapping[str, str] = {
    "AMOUNT_REMAIN": "{lot.reste_a_payer}",
    "AMOUNT_REMAIN_FORMATTED": "{lot.reste_a_payer}",
    "AMOUNT_REMAIN_FORMATED": "{lot.reste_a_payer}",
}
_ALWAYS: Mapping[str, str] = {
    "THIRDPARTY_NAME": "{client.nom}",
    "THIRDPARTY_CODE_CLIENT": "{client.code}",
    "THIRDPARTY_ADDRESS": "{client.adresse_bloc}",
    "MYCOMPANY_NAME": "{societe.nom}",
    "MYCOMPANY_EMAIL": "{societe.email}",
    "MYCOMPANY_PHONE": "{societe.telephone}",
    "MYCOMPANY_ADDRESS": "{societe.adresse}",
    "MYCOMPANY_FULLADDRESS": "{societe.adresse}",
    "MYCOMPANY_TOWN": "{lieu}",
    "MYCOMPANY_PROFID1": "{societe.siren}",
    "ONLINE_PAYMENT_URL": "{societe.lien_paiement}",
    "USER_FULLNAME": "{signataire.nom}",
    "USER_SIGNATURE": "{signataire.nom}",
    "SENDEREMAIL_SIGNATURE": "{signataire.nom}",
    "USER_JOB": "{signataire.fonction}",
    "USER_EMAIL": "{societe.email}",
    "USER_PHONE": "{societe.telephone}",
    "USER_PHONEPRO": "{societe.telephone}",
    "NOW_TMS_YMD": "{date_lettre}",
    "[MAIN_INFO_SOCIETE_NOM]": "{societe.nom}",
    "[MAIN_INFO_SOCIETE_MAIL]": "{societe.email}",
    "[MAIN_INFO_SOCIETE_TEL]": "{societe.telephone}",
    "[MAIN_INFO_SIREN]": "{societe.siren}",
}
_PHRASES: Mapping[str, Mapping[str, str]] = {
    "fr": {
        "(Hello)": "Bonjour,",
        "(Sincerely)": "Cordialement,",
        "ONLINE_PAYMENT_TEXT_AND_URL": (
            "[[si societe.lien_paiement]]Vous pouvez payer en ligne : "
            "{societe.lien_paiement}[[fin]]"
        ),
    },
    "en": {
        "(Hello)": "Hello,",
        "(Sincerely)": "Kind regards,",
        "ONLINE_PAYMENT_TEXT_AND_URL": (
            "[[si societe.lien_paiement]]You can pay online: "
            "{societe.lien_paiement}[[fin]]"
        ),
    },
}


def find(text: str, *, grouped: bool = False, language: str = "fr") -> Iterator[Found]:
    """Yield the variables of a text in reading order, unknown ones included."""
    for found in VARIABLE.finditer(text):
        instead = _instead(found.group()[2:-2], grouped=grouped, language=language)
        yield Found(name=found.group(), start=found.start(), instead=instead)


def replace_all(text: str, *, grouped: bool = False, language: str = "fr") -> str:
    """Return the text with every variable that has an equivalent replaced by it;
    the others stay as they are, to be seen."""

    def instead(found: re.Match[str]) -> str:
        name = found.group()[2:-2]
        return _instead(name, grouped=grouped, language=language) or found.group()

    return VARIABLE.sub(instead, text)


def field_of(instead: str) -> str:
    """Return the field that a replacement consists of; empty for words."""
    name = instead.removeprefix("{").removesuffix("}")
    return name if name in FIELDS else ""


def _instead(name: str, *, grouped: bool, language: str) -> str:
    own = _SEVERAL if grouped else _ONE_INVOICE
    words = _PHRASES.get(language, _PHRASES["fr"])
    return own.get(name) or _ALWAYS.get(name) or words.get(name, "")
