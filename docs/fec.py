"""A small ledger of accounts (FEC) for the picture of its page."""

from __future__ import annotations

HEADER = (
    "JournalCode|JournalLib|EcritureNum|EcritureDate|CompteNum|CompteLib|CompAuxNum|"
    "CompAuxLib|PieceRef|PieceDate|EcritureLib|Debit|Credit|EcritureLet|DateLet|"
    "ValidDate|Montantdevise|Idevise"
)
NAME = "812345676FEC20261231.txt"
# Who, the invoice, its amount, what was received of it and the words of that.
SALES = (
    ("Boulangerie Périn", 480, 0, ""),
    ("Garage Lefèvre", 617, 617, "VIR GARAGE LEFEVRE FA2608-102"),
    ("Hôtel du Parc", 754, 0, ""),
    ("Mairie de Saint-Rémy", 891, 200, "VIREMENT"),
    ("Cabinet Roche & Associés", 1028, 0, ""),
    ("Menuiserie Blanchard", 1165, 500, "VIR MENUISERIE BLANCHARD FA2608-106"),
)


def ledger() -> bytes:
    """Return the file."""
    rows = [HEADER]
    for rank, (name, owed, paid, words) in enumerate(SALES, start=1):
        who, piece, day = f"C1{rank:02}|{name}", f"FA2608-10{rank}", f"202608{9 + rank}"
        rows += _entry(
            "VE|Ventes", f"V{rank}|{day}", who, piece, owed, f"Facture {piece}"
        )
        old = f"FA2607-09{rank}"
        rows += _entry("VE|Ventes", f"W{rank}|{day}", who, old, 900, "Facture", "AB")
        rows += _entry(
            "BQ|Banque", f"C{rank}|20261015", who, "CHQ", -900, "Chèque", "AB"
        )
        if paid:
            number = f"B{rank}|20261102"
            rows += _entry("BQ|Banque", number, who, f"VIR{rank}", -paid, words)
    return ("\r\n".join(rows) + "\r\n").encode("cp1252")


def _entry(
    journal: str,
    number: str,
    who: str,
    piece: str,
    amount: int,
    words: str,
    letter: str = "",
) -> list[str]:
    """Return the customer's line and the other one; a payment is negative."""
    day = number.split("|")[1]
    debit, credit = f"{max(amount, 0)},00", f"{max(-amount, 0)},00"
    start, said = f"{journal}|{number}", f"{piece}|{day}|{words}"
    other = "706000|Ventes" if amount > 0 else "512000|Banque"
    lettered = f"{letter}|{day if letter else ''}"
    return [
        f"{start}|411000|Clients|{who}|{said}|{debit}|{credit}|{lettered}|{day}||",
        f"{start}|{other}|||{said}|{credit}|{debit}|||{day}||",
    ]
