"""Every automatic field a text may hold: what it means, when it may be used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from relance.rules.regimes import Regime


def _(words: str) -> str:
    """Mark words for the translators; the fronts word them."""
    return words


class Kind(StrEnum):
    """What a field prints; a block stands alone on its line."""

    TEXT = "text"
    MONEY = "money"
    DATE = "date"
    NUMBER = "number"
    BLOCK = "block"


@dataclass(frozen=True, kw_only=True)
class Field:
    """A field: its meaning is a msgid, shown in the user's language."""

    name: str
    group: str
    meaning: str
    kind: Kind
    single: bool = True
    grouped: bool = True
    forbidden: frozenset[Regime] = frozenset()


# Neither penalties nor the 40 € exist for those (C. com. L441-10 binds
# professionals; recovery costs stay with the creditor, CPCE L111-8).
NO_PENALTIES = frozenset({Regime.B2C, Regime.NON_PRO})
_NOT_CONSUMERS = frozenset({Regime.B2B, Regime.PUBLIC})

GROUPS: Mapping[str, str] = {
    "societe": _("Your company"),
    "signataire": _("Signatory"),
    "client": _("Customer"),
    "facture": _("Invoice"),
    "lot": _("Invoices together"),
    "penalites": _("Penalties and indemnity"),
    "delai": _("Dates and deadline"),
    "relance": _("Reminder"),
    "consommateur": _("Consumers"),
    "blocs": _("Tables and blocks"),
}

_ROWS: tuple[tuple[str, str, str, Kind], ...] = (
    ("societe", "societe.nom", _("Name of your company"), Kind.TEXT),
    (
        "societe",
        "societe.adresse",
        _("Address of your company, on one line"),
        Kind.TEXT,
    ),
    ("societe", "societe.siren", _("SIREN number of your company"), Kind.TEXT),
    ("societe", "societe.mentions", _("Legal line of your company"), Kind.TEXT),
    ("societe", "societe.iban", _("IBAN of your company"), Kind.TEXT),
    ("societe", "societe.bic", _("BIC of your company"), Kind.TEXT),
    ("societe", "societe.telephone", _("Telephone of your company"), Kind.TEXT),
    ("societe", "societe.email", _("E-mail address of your company"), Kind.TEXT),
    ("societe", "societe.email_rgpd", _("E-mail address for personal data"), Kind.TEXT),
    ("societe", "societe.lien_paiement", _("Link for paying online"), Kind.TEXT),
    ("signataire", "signataire.nom", _("Name of the signatory"), Kind.TEXT),
    ("signataire", "signataire.fonction", _("Position of the signatory"), Kind.TEXT),
    ("client", "client.nom", _("Name of the customer"), Kind.TEXT),
    ("client", "client.code", _("Customer code"), Kind.TEXT),
    ("client", "client.adresse_bloc", _("Address of the customer"), Kind.TEXT),
    ("client", "client.civilite", _("Form of address, with its comma"), Kind.TEXT),
    ("client", "client.code_service", _("Service code of a public body"), Kind.TEXT),
    ("facture", "facture.numero", _("Invoice number"), Kind.TEXT),
    ("facture", "facture.date", _("Date of the invoice"), Kind.DATE),
    ("facture", "facture.echeance", _("Due date of the invoice"), Kind.DATE),
    ("facture", "facture.total_ttc", _("Total including VAT"), Kind.MONEY),
    (
        "facture",
        "facture.deja_regle",
        _("Already paid; empty when nothing"),
        Kind.MONEY,
    ),
    ("facture", "facture.reste_a_payer", _("Balance of the invoice"), Kind.MONEY),
    ("facture", "facture.jours_retard", _("Days overdue, as a number"), Kind.NUMBER),
    ("facture", "facture.jours_retard_mots", _("Days overdue: 55 days"), Kind.TEXT),
    (
        "facture",
        "facture.reference_client",
        _("The customer’s own reference"),
        Kind.TEXT,
    ),
    ("facture", "facture.objet", _("Subject of the invoice"), Kind.TEXT),
    ("lot", "lot.nombre", _("Number of invoices"), Kind.NUMBER),
    ("lot", "lot.deja_regle", _("Already paid on all; empty when nothing"), Kind.MONEY),
    ("lot", "lot.reste_a_payer", _("Balance of all the invoices"), Kind.MONEY),
    (
        "penalites",
        "penalites.montant",
        _("Penalties up to the day computed"),
        Kind.MONEY,
    ),
    ("penalites", "penalites.taux", _("Yearly rate of the penalties"), Kind.TEXT),
    (
        "penalites",
        "penalites.date_calcul",
        _("Day penalties are computed to"),
        Kind.DATE,
    ),
    (
        "penalites",
        "penalites.arretees",
        _("Day the computation had to stop at, for want of a rate; else empty"),
        Kind.DATE,
    ),
    ("penalites", "penalites.par_jour", _("Penalties per further day"), Kind.MONEY),
    (
        "penalites",
        "penalites.base_legale",
        _("Legal basis of the penalties"),
        Kind.TEXT,
    ),
    ("penalites", "penalites.base_legale_de", _("Legal basis, after “of”"), Kind.TEXT),
    ("penalites", "indemnite.unitaire", _("Fixed indemnity per invoice"), Kind.MONEY),
    ("penalites", "indemnite.montant", _("Fixed indemnity, all invoices"), Kind.MONEY),
    ("penalites", "total.exigible", _("Total payable"), Kind.MONEY),
    ("delai", "delai_jours", _("Days given to pay"), Kind.NUMBER),
    ("delai", "date_limite", _("Last day to pay"), Kind.DATE),
    ("delai", "date_lettre", _("Date of the letter"), Kind.DATE),
    ("delai", "lieu", _("Place of the letter"), Kind.TEXT),
    ("relance", "relance.niveau", _("Rank of the level"), Kind.NUMBER),
    ("relance", "relance.reference", _("Number of this reminder"), Kind.TEXT),
    (
        "relance",
        "relance.precedente_date",
        _("Date of the last reminder; of several invoices, the last about all of them"),
        Kind.DATE,
    ),
    (
        "relance",
        "relance.precedentes",
        _(
            "The earlier reminders: our reminders of 14 October and 4 November; of"
            " several invoices, those about all of them, else empty"
        ),
        Kind.TEXT,
    ),
    ("relance", "envoi.mode", _("How it is sent: registered letter…"), Kind.TEXT),
    (
        "relance",
        "envoi.recommande",
        _("“yes” for a registered letter; else empty"),
        Kind.TEXT,
    ),
    (
        "relance",
        "envoi.courrier_joint",
        _("“yes” when the e-mail carries the letter; else empty"),
        Kind.TEXT,
    ),
    (
        "consommateur",
        "interets.taux_legal",
        _("Legal rate; empty if unknown"),
        Kind.TEXT,
    ),
    ("consommateur", "mediateur.nom", _("Consumer mediator"), Kind.TEXT),
    ("consommateur", "mediateur.coordonnees", _("Contact of the mediator"), Kind.TEXT),
    ("blocs", "tableau.factures", _("Table of the invoices"), Kind.BLOCK),
    ("blocs", "tableau.sommes", _("Sums that make up the total payable"), Kind.BLOCK),
    ("blocs", "coordonnees_bancaires", _("Bank details and reference"), Kind.BLOCK),
)


def _forbidden(name: str) -> frozenset[Regime]:
    if name.startswith(("penalites.", "indemnite.")):
        return NO_PENALTIES
    # Mediation and interest at the legal rate are not for professionals.
    if name.startswith("mediateur."):
        return frozenset(Regime) - {Regime.B2C}
    return _NOT_CONSUMERS if name.startswith("interets.") else frozenset()


FIELDS: Mapping[str, Field] = {
    name: Field(
        name=name,
        group=group,
        meaning=meaning,
        kind=kind,
        single=not name.startswith("lot."),
        grouped=not name.startswith("facture."),
        forbidden=_forbidden(name),
    )
    for group, name, meaning, kind in _ROWS
}
