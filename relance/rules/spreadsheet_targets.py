"""What the columns of a spreadsheet may be, and the names that programs give them.

The names come from the exports of French programs: Sage, EBP, Ciel, Cegid, Pennylane,
Dolibarr, and from the FEC (art. A47 A-1 LPF).
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    """What a spreadsheet lists."""

    INVOICES = "invoices"
    PAYMENTS = "payments"
    CUSTOMERS = "customers"
    AGED_BALANCE = "aged_balance"
    STATEMENT = "statement"


class Target(StrEnum):
    """What a column says."""

    CODE = "code"
    NAME = "name"
    SIREN = "siren"
    SIRET = "siret"
    VAT_NUMBER = "vat_number"
    EMAIL = "email"
    PHONE = "phone"
    ADDRESS = "address"
    ADDRESS_MORE = "address_more"
    POSTCODE = "postcode"
    CITY = "city"
    COUNTRY = "country"
    TERMS = "payment_terms"
    NUMBER = "number"
    DOCUMENT_KIND = "kind"
    CORRECTS = "corrects"
    ISSUED_ON = "issued_on"
    DUE_DATE = "due_date"
    TOTAL = "total"
    PAID = "paid"
    PAID_ON = "paid_on"
    BALANCE = "balance"
    CURRENCY = "currency"
    MODE = "payment_mode"
    CUSTOMER_REFERENCE = "customer_reference"
    SUBJECT = "subject"
    DAY = "day"
    AMOUNT = "amount"
    DEBIT = "debit"
    CREDIT = "credit"
    REFERENCE = "reference"
    LABEL = "label"
    PAYER = "payer"
    PAYER_IBAN = "payer_iban"
    NOT_DUE = "not_due"
    LATE_1 = "late_1"
    LATE_31 = "late_31"
    LATE_61 = "late_61"
    LATE_91 = "late_91"
    LATE_OVER_90 = "late_over_90"
    LATE_OVER_120 = "late_over_120"


# Days late of the youngest debt in each column of an aged balance.
BUCKETS: Final = {
    Target.NOT_DUE: 0,
    Target.LATE_1: 1,
    Target.LATE_31: 31,
    Target.LATE_61: 61,
    Target.LATE_91: 91,
    Target.LATE_OVER_90: 91,
    Target.LATE_OVER_120: 121,
}
DAYS: Final = frozenset({Target.ISSUED_ON, Target.DUE_DATE, Target.PAID_ON, Target.DAY})
AMOUNTS: Final = frozenset(
    {
        Target.TOTAL, Target.PAID, Target.BALANCE, Target.AMOUNT, Target.DEBIT,
        Target.CREDIT, *BUCKETS,
    }
)  # fmt: skip
# Any of these says who the customer is.
IDENTITY: Final = (
    Target.CODE, Target.NAME, Target.SIREN, Target.SIRET, Target.VAT_NUMBER,
)  # fmt: skip

_CUSTOMER: Final[dict[Target, str]] = {
    Target.CODE: "code client|code tiers|compte tiers|compte auxiliaire|compauxnum|"
    "numero client|compte client|tiers|code|customer code|customer id|compte|"
    "account|reference client",
    Target.NAME: "client|nom|raison sociale|intitule|nom tiers|nom client|compauxlib|"
    "libelle tiers|intitule compte|societe|denomination|customer|customer name|name|"
    "company|raison sociale client|intitule client",
    Target.SIREN: "siren|numero siren",
    Target.SIRET: "siret|numero siret",
    Target.VAT_NUMBER: "tva intracommunautaire|numero tva|tva intra|"
    "numero tva intracommunautaire|vat number|vat|identifiant tva|code tva intra",
    Target.EMAIL: "email|e mail|mail|courriel|adresse mail|adresse email|"
    "adresse electronique|email address",
    Target.PHONE: "telephone|tel|numero telephone|phone|telephone fixe|mobile|portable",
    Target.ADDRESS: "adresse|adresse 1|rue|voie|address|street|adresse1|"
    "adresse facturation|address line 1",
    Target.ADDRESS_MORE: "adresse 2|complement adresse|complement|adresse2|"
    "address line 2|adresse suite",
    Target.POSTCODE: "code postal|cp|postcode|zip|zip code|postal code",
    Target.CITY: "ville|commune|localite|city|town",
    Target.COUNTRY: "pays|code pays|country",
    Target.TERMS: "conditions reglement|delai reglement|conditions paiement|"
    "delai paiement|payment terms|mode conditions reglement",
}
_INVOICE: Final[dict[Target, str]] = {
    Target.NUMBER: "numero facture|facture|numero|numero piece|piece|reference|"
    "ref piece|reference piece|pieceref|numero document|document|invoice|"
    "invoice number|numero de la facture|reference facture|ref facture|ref|number",
    Target.DOCUMENT_KIND: "type|type piece|nature|type document|kind|type facture|"
    "nature piece",
    Target.CORRECTS: "facture origine|facture liee|avoir sur facture|"
    "facture concernee|original invoice",
    Target.ISSUED_ON: "date facture|date piece|date|date emission|piecedate|"
    "invoice date|date facturation|date document|emise le|emis le|facture le|"
    "issue date|date creation|emission",
    Target.DUE_DATE: "echeance|date echeance|date limite reglement|a payer le|due date|"
    "date limite paiement|a payer avant|date exigibilite|date reglement prevue|due|"
    "date limite",
    Target.TOTAL: "montant ttc|ttc|total ttc|montant|total|debit|amount|"
    "montant facture|total incl vat|montant total|total facture|montant total ttc|"
    "prix ttc|net payer ttc|total toutes taxes",
    Target.PAID: "regle|deja regle|paye|encaisse|acompte|credit|montant regle|"
    "montant paye|deja paye|paid|amount paid|total regle|deja encaisse|"
    "montant encaisse",
    Target.PAID_ON: "date reglement|date paiement|regle le|paye le|paid on|"
    "payment date|date encaissement",
    Target.BALANCE: "reste payer|reste du|solde|solde du|restant du|net payer|"
    "balance|outstanding|reste|montant du|reste regler|solde restant|amount due|"
    "solde ttc|restant|open amount|reste encaisser|solde facture",
    Target.CURRENCY: "devise|monnaie|currency|code devise|idevise",
    Target.MODE: "mode reglement|mode paiement|moyen paiement|payment method|"
    "moyen reglement|reglement|mode",
    Target.CUSTOMER_REFERENCE: "reference commande|numero commande|bon commande|"
    "commande|ref client|votre reference|po number|customer reference|"
    "reference client",
    Target.SUBJECT: "objet|libelle|description|designation|subject|affaire|chantier|"
    "libelle ecriture|ecriturelib",
}
_PAYMENT: Final[dict[Target, str]] = {
    Target.NUMBER: "numero facture|facture|piece|numero piece|facture reglee|invoice|"
    "invoice number|reference facture|ref facture|pieceref|factures",
    Target.DAY: "date reglement|date paiement|date encaissement|date|payment date|"
    "date valeur|regle le|paye le|encaisse le|recu le|date operation|received on",
    Target.AMOUNT: "montant regle|montant reglement|montant paye|montant|amount|"
    "montant encaisse|credit|reglement|encaissement|regle|paye|montant paiement|"
    "amount paid|payment amount|total",
    Target.MODE: "mode reglement|mode paiement|moyen paiement|mode|type reglement|"
    "payment method|method|moyen reglement|type paiement",
    Target.REFERENCE: "reference|reference reglement|numero cheque|libelle|"
    "reference paiement|reference virement|numero reglement|numero|ref|"
    "payment reference|numero remise",
    Target.CURRENCY: _INVOICE[Target.CURRENCY],
}
_STATEMENT: Final[dict[Target, str]] = {
    Target.DAY: "date|date operation|date comptable|date comptabilisation|"
    "date transaction|booking date|date ecriture|date mouvement|completed date|"
    "date execution|operation",
    Target.LABEL: "libelle|libelle operation|description|intitule|label|details|"
    "libelle simplifie|operation|nature operation|motif|wording|libelle complet|"
    "detail|informations complementaires",
    Target.DEBIT: "debit|montant debit|debit euros|sortie|depenses|debits|withdrawal",
    Target.CREDIT: "credit|montant credit|credit euros|entree|recettes|credits|deposit",
    Target.AMOUNT: "montant|amount|montant euros|montant operation|valeur|"
    "montant total",
    Target.PAYER: "emetteur|donneur ordre|contrepartie|tiers|nom contrepartie|payer|"
    "counterparty|nom emetteur|debiteur|nom donneur ordre|beneficiaire emetteur",
    Target.PAYER_IBAN: "iban|iban contrepartie|iban emetteur|compte contrepartie|"
    "counterparty iban|iban donneur ordre",
    Target.REFERENCE: "reference|reference operation|numero operation|ref|"
    "reference client|end to end|informations|reference virement|ref operation",
    Target.CURRENCY: _INVOICE[Target.CURRENCY],
}

SYNONYMS: Final[dict[Kind, dict[Target, str]]] = {
    Kind.INVOICES: _INVOICE | _CUSTOMER,
    Kind.PAYMENTS: _PAYMENT
    | {target: _CUSTOMER[target] for target in IDENTITY},
    Kind.CUSTOMERS: _CUSTOMER,
    Kind.AGED_BALANCE: {
        **{target: _CUSTOMER[target] for target in IDENTITY},
        **dict.fromkeys(BUCKETS, ""),
        Target.TOTAL: "total|solde|total du|solde total|encours|balance|total solde",
        Target.CURRENCY: _INVOICE[Target.CURRENCY],
    },
    Kind.STATEMENT: _STATEMENT,
}  # fmt: skip
# One column of each group at least.
REQUIRED: Final[dict[Kind, tuple[tuple[Target, ...], ...]]] = {
    Kind.INVOICES: (
        (Target.NUMBER,),
        (Target.ISSUED_ON,),
        (Target.TOTAL, Target.BALANCE),
        IDENTITY,
    ),
    Kind.PAYMENTS: ((Target.DAY,), (Target.AMOUNT,), (Target.NUMBER, *IDENTITY)),
    Kind.CUSTOMERS: ((Target.NAME, Target.CODE),),
    Kind.AGED_BALANCE: (IDENTITY, tuple(BUCKETS)),
    Kind.STATEMENT: ((Target.DAY,), (Target.AMOUNT, Target.CREDIT)),
}
