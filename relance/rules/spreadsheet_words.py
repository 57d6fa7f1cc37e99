"""The words of cells: what kind of invoice, how it is paid, in which currency."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from typing import Final

_KINDS: Final = (
    # Dolibarr exports numbers (llx_facture.type).
    ("credit_note", ("avoir", "av", "credit", "note de credit", "2", "a")),
    ("deposit", ("acompte", "ac", "deposit", "down payment", "3")),
    ("replacement", ("rectificative", "remplacement", "replacement", "corrected", "1")),
    (
        "invoice",
        ("facture", "fact", "fa", "fc", "fac", "f", "invoice", "standard", "vente",
         "vt", "ve", "0", "solde"),
    ),
)  # fmt: skip
_MODES: Final = (
    ("direct_debit", ("prelevement", "prlv", "prlvt", "direct debit", "sdd", "prel")),
    ("transfer", ("virement", "vir", "vrt", "transfer", "sct", "wire", "bank")),
    ("cheque", ("cheque", "chq", "che", "check", "ch")),
    ("card", ("carte", "cb", "card", "tpe", "stripe", "paypal")),
    ("cash", ("espece", "especes", "esp", "cash", "liquide")),
    ("factored", ("affacturage", "affacture", "factor", "factoring", "factored")),
    ("other", ("lcr", "traite", "effet", "billet", "boe", "autre", "other", "divers")),
)
_SYMBOLS: Final = {"€": "EUR", "$": "USD", "£": "GBP", "EURO": "EUR", "EUROS": "EUR"}


def invoice_kind(text: str) -> str:
    """Return what kind of invoice the words name, empty when they name none."""
    return _named(text, _KINDS)


def payment_mode(text: str) -> str:
    """Return how it is paid, empty when the words do not say."""
    return _named(text, _MODES)


def currency_code(text: str) -> str:
    """Return three letters, or the text as it is."""
    said = text.strip().upper()
    return _SYMBOLS.get(said, said)


def _named(text: str, table: tuple[tuple[str, tuple[str, ...]], ...]) -> str:
    bare = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(char for char in bare if unicodedata.category(char) != "Mn")
    words = re.findall(r"[a-z]+|\d+", bare)
    whole = " ".join(words)
    for name, starts in table:
        for start in starts:
            if whole == start or (len(start) > 3 and start in whole):
                return name
            if words and len(start) > 1 and start.isalpha() and words[0] == start:
                return name
    return ""


def paid_and_total(
    *, total: Decimal | None, paid: Decimal | None, balance: Decimal | None
) -> tuple[Decimal, Decimal] | None:
    """Return the total and what of it was paid, of the amounts that a row says; none
    when they do not add up. A balance alone is an invoice of that amount."""
    zero = Decimal(0)
    if total is None:
        if balance is None:
            return None
        return balance + (paid or zero), paid or zero
    if balance is None:
        known = paid or zero
    elif paid is None:
        known = total - balance
    elif total - paid != balance:
        return None
    else:
        known = paid
    return total, known
