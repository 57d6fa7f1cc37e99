"""A FEC as programs write it: the lines of two customers, and rows made to measure."""

from __future__ import annotations

from collections.abc import Sequence

HEADER = (
    "JournalCode|JournalLib|EcritureNum|EcritureDate|CompteNum|CompteLib|CompAuxNum|"
    "CompAuxLib|PieceRef|PieceDate|EcritureLib|Debit|Credit|EcritureLet|DateLet|"
    "ValidDate|Montantdevise|Idevise"
)
_END = "20260930||"
ROWS = (
    "VE|Ventes|1|20260901|411000|Clients|C001|Dupont SARL|FA2609-001|20260901|"
    f"Facture FA2609-001|1200,00|0,00|AA|20261005|{_END}",
    "VE|Ventes|1|20260901|706000|Prestations|||FA2609-001|20260901|"
    f"Facture FA2609-001|0,00|1000,00|||{_END}",
    "VE|Ventes|1|20260901|445710|TVA collectée|||FA2609-001|20260901|"
    f"Facture FA2609-001|0,00|200,00|||{_END}",
    "BQ|Banque|2|20261005|512000|Banque|||VIR051026|20261005|"
    f"VIR DUPONT|1200,00|0,00|||{_END}",
    "BQ|Banque|2|20261005|411000|Clients|C001|Dupont SARL|VIR051026|20261005|"
    f"VIR DUPONT|0,00|1200,00|AA|20261005|{_END}",
    "VE|Ventes|3|20260915|411000|Clients|C002|Martin SAS|FA2609-002|20260915|"
    f"Facture FA2609-002|3600,00|0,00|||{_END}",
    "VE|Ventes|3|20260915|706000|Prestations|||FA2609-002|20260915|"
    f"Facture FA2609-002|0,00|3000,00|||{_END}",
    "VE|Ventes|3|20260915|445710|TVA collectée|||FA2609-002|20260915|"
    f"Facture FA2609-002|0,00|600,00|||{_END}",
    "BQ|Banque|4|20261020|512000|Banque|||VIR201026|20261020|"
    f"MARTIN ACOMPTE FA2609-002|1000,00|0,00|||{_END}",
    "BQ|Banque|4|20261020|411000|Clients|C002|Martin SAS|VIR201026|20261020|"
    f"MARTIN ACOMPTE FA2609-002|0,00|1000,00|||{_END}",
)
NAME = "812345676FEC20261231.txt"


def fec(rows: Sequence[str] = ROWS, *, separator: str = "|", end: str = "\r\n") -> str:
    """Return the text of a file."""
    return end.join((HEADER, *rows)).replace("|", separator) + end


def sale(
    piece: str,
    amount: int,
    *,
    who: str = "C002|Martin SAS",
    day: str = "20260901",
    letter: str = "",
    entry: str = "",
) -> list[str]:
    """Return the two lines of a sale without VAT; of a credit note when negative."""
    number = entry or f"V{piece}"
    debit, credit = (amount, 0) if amount > 0 else (0, -amount)
    start, said = f"VE|Ventes|{number}|{day}", f"{piece}|{day}|Facture {piece}"
    lettered = f"{letter}|{day if letter else ''}"
    return [
        f"{start}|411000|Clients|{who}|{said}|{debit},00|{credit},00|{lettered}|{_END}",
        f"{start}|706000|Ventes|||{said}|{credit},00|{debit},00|||{_END}",
    ]


def payment(
    piece: str,
    amount: int,
    *,
    who: str = "C002|Martin SAS",
    day: str = "20261020",
    letter: str = "",
    label: str = "VIREMENT",
) -> list[str]:
    """Return the two lines of money received."""
    start, said = f"BQ|Banque|B{piece}|{day}", f"{piece}|{day}|{label}"
    lettered = f"{letter}|{day if letter else ''}"
    return [
        f"{start}|512000|Banque|||{said}|{amount},00|0,00|||{_END}",
        f"{start}|411000|Clients|{who}|{said}|0,00|{amount},00|{lettered}|{_END}",
    ]
