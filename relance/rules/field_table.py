"""Every automatic field a text may hold: what it means, when it may be used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from relance.rules.regimes import Regime


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
    "societe": "Your company",
    "signataire": "Signatory",
    "client": "Customer",
    "facture": "Invoice",
    "lot": "Invoices together",
    "penalites": "Penalties and indemnity",
    "delai": "Dates and deadline",
    "relance": "Reminder",
    "consommateur": "Consumers",
    "blocs": "Tables and blocks",
}

_ROWS: tuple[tuple[str, str, str, Kind], ...] = (
    ("societe", "societe.nom", "Name of your company", Kind.TEXT),
    ("societe", "societe.adresse", "Address of your company, on one line", Kind.TEXT),
    ("societe", "societe.siren", "SIREN number of your company", Kind.TEXT),
    ("societe", "societe.mentions", "Legal line of your company", Kind.TEXT),
    ("societe", "societe.iban", "IBAN of your company", Kind.TEXT),
    ("societe", "societe.bic", "BIC of your company", Kind.TEXT),
    ("societe", "societe.telephone", "Telephone of your company", Kind.TEXT),
    ("societe", "societe.email", "E-mail address of your company", Kind.TEXT),
    ("societe", "societe.email_rgpd", "E-mail address for personal data", Kind.TEXT),
    ("societe", "societe.lien_paiement", "Link for paying online", Kind.TEXT),
    ("signataire", "signataire.nom", "Name of the signatory", Kind.TEXT),
    ("signataire", "signataire.fonction", "Position of the signatory", Kind.TEXT),
    ("client", "client.nom", "Name of the customer", Kind.TEXT),
    ("client", "client.code", "Customer code", Kind.TEXT),
    ("client", "client.adresse_bloc", "Address of the customer", Kind.TEXT),
    ("client", "client.civilite", "Form of address, with its comma", Kind.TEXT),
    ("client", "client.code_service", "Service code of a public body", Kind.TEXT),
    ("facture", "facture.numero", "Invoice number", Kind.TEXT),
    ("facture", "facture.date", "Date of the invoice", Kind.DATE),
    ("facture", "facture.echeance", "Due date of the invoice", Kind.DATE),
    ("facture", "facture.total_ttc", "Total including VAT", Kind.MONEY),
    ("facture", "facture.deja_regle", "Already paid; empty when nothing", Kind.MONEY),
    ("facture", "facture.reste_a_payer", "Balance of the invoice", Kind.MONEY),
    ("facture", "facture.jours_retard", "Days overdue, as a number", Kind.NUMBER),
    ("facture", "facture.jours_retard_mots", "Days overdue: 55 days", Kind.TEXT),
    ("facture", "facture.reference_client", "The customer’s own reference", Kind.TEXT),
    ("facture", "facture.objet", "Subject of the invoice", Kind.TEXT),
    ("lot", "lot.nombre", "Number of invoices", Kind.NUMBER),
    ("lot", "lot.deja_regle", "Already paid on all; empty when nothing", Kind.MONEY),
    ("lot", "lot.reste_a_payer", "Balance of all the invoices", Kind.MONEY),
    ("penalites", "penalites.montant", "Penalties up to the day computed", Kind.MONEY),
    ("penalites", "penalites.taux", "Yearly rate of the penalties", Kind.TEXT),
    ("penalites", "penalites.date_calcul", "Day penalties are computed to", Kind.DATE),
    (
        "penalites",
        "penalites.arretees",
        "Day the computation had to stop at, for want of a rate; else empty",
        Kind.DATE,
    ),
    ("penalites", "penalites.par_jour", "Penalties per further day", Kind.MONEY),
    ("penalites", "penalites.base_legale", "Legal basis of the penalties", Kind.TEXT),
    ("penalites", "penalites.base_legale_de", "Legal basis, after “of”", Kind.TEXT),
    ("penalites", "indemnite.unitaire", "Fixed indemnity per invoice", Kind.MONEY),
    ("penalites", "indemnite.montant", "Fixed indemnity, all invoices", Kind.MONEY),
    ("penalites", "total.exigible", "Total payable", Kind.MONEY),
    ("delai", "delai_jours", "Days given to pay", Kind.NUMBER),
    ("delai", "date_limite", "Last day to pay", Kind.DATE),
    ("delai", "date_lettre", "Date of the letter", Kind.DATE),
    ("delai", "lieu", "Place of the letter", Kind.TEXT),
    ("relance", "relance.niveau", "Rank of the level", Kind.NUMBER),
    ("relance", "relance.reference", "Number of this reminder", Kind.TEXT),
    ("relance", "relance.precedente_date", "Date of the last reminder", Kind.DATE),
    (
        "relance",
        "relance.precedentes",
        "The earlier reminders: our reminders of 14 October and 4 November",
        Kind.TEXT,
    ),
    ("relance", "envoi.mode", "How it is sent: registered letter…", Kind.TEXT),
    (
        "relance",
        "envoi.recommande",
        "“yes” for a registered letter; else empty",
        Kind.TEXT,
    ),
    (
        "relance",
        "envoi.courrier_joint",
        "“yes” when the e-mail carries the letter; else empty",
        Kind.TEXT,
    ),
    ("consommateur", "interets.taux_legal", "Legal rate; empty if unknown", Kind.TEXT),
    ("consommateur", "mediateur.nom", "Consumer mediator", Kind.TEXT),
    ("consommateur", "mediateur.coordonnees", "Contact of the mediator", Kind.TEXT),
    ("blocs", "tableau.factures", "Table of the invoices", Kind.BLOCK),
    ("blocs", "tableau.sommes", "Sums that make up the total payable", Kind.BLOCK),
    ("blocs", "coordonnees_bancaires", "Bank details and reference", Kind.BLOCK),
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
