"""The lines of a ledger of accounts (FEC, art. A47 A-1 LPF), and what each tells."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache

# Accounts of the French general plan: customers, doubtful ones, advances and credit
# notes still to issue. 418 (not invoiced yet) is no debt that may be reminded.
CUSTOMERS, DOUBTFUL, ADVANCES = "411", "416", "419"
FOLLOWED = (CUSTOMERS, DOUBTFUL, ADVANCES)
SALES_ACCOUNTS = ("70", "4457")
MONEY_ACCOUNTS = ("51", "53", "58")
# All customers together: without an auxiliary account, nobody in particular.
COLLECTIVE = re.compile(r"41[16]0*")

_OPENING_CODES = re.compile(r"A-?N(OUV)?|RAN|ANO|OUV|REPORT|BAL")
_OPENING_WORDS = re.compile(r"A ?-?NOUVEAU|OUVERTURE|REPORT A")
_SALES_JOURNAL = re.compile(r"(VE|VT|FAC).*")
_SALES_WORDS = re.compile(r"VENTE|FACTUR|SALES")
_MONEY_JOURNAL = re.compile(r"(BQ|BNQ|BN|BAN|CA|CS|TR|EN).*")
_MONEY_WORDS = re.compile(r"BANQUE|CAISSE|ENCAISS|TRESOR|REGLEMENT|BANK")
_NO_DOCUMENT = re.compile(r"(AN|RAN|A.?NOUV|SOLDE|OUV|REPORT|REPRISE).*")


class Kind(StrEnum):
    """What an open item of a customer is."""

    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"
    PAYMENT = "payment"
    # A balance carried over in one sum: which invoices it is made of is lost.
    CARRIED_OVER = "carried_over"
    ADVANCE = "advance"
    DOUBTFUL = "doubtful"
    # Neither sold nor received: a person says what it is.
    OTHER = "other"


class Nature(StrEnum):
    """What the entry of a line is about."""

    OPENING = "opening"
    SALE = "sale"
    MONEY = "money"
    # A sale paid at once, in one entry.
    BOTH = "both"
    OTHER = "other"


@dataclass(frozen=True, kw_only=True, slots=True)
class EntryLine:
    """A line of the ledger; a debit is positive, a credit negative.

    ``place`` is its line in the file. ``foreign`` and ``currency`` are empty in the
    currency of the accounts.
    """

    place: int
    journal: str
    entry: str
    booked_on: date
    account: str
    amount: Decimal
    journal_label: str = ""
    account_label: str = ""
    auxiliary: str = ""
    auxiliary_label: str = ""
    piece: str = ""
    piece_date: date | None = None
    label: str = ""
    letter: str = ""
    lettered_on: date | None = None
    due_date: date | None = None
    foreign: Decimal | None = None
    currency: str = ""

    @property
    def customer(self) -> str:
        """The customer's key: the auxiliary account, else the account itself."""
        return self.auxiliary or self.account

    @property
    def day(self) -> date:
        """The day of the document."""
        return self.piece_date or self.booked_on


@lru_cache(maxsize=10_000)
def nature_of(journal: str, label: str, *, has_sales: bool, has_money: bool) -> Nature:
    """Say what an entry is about, from its accounts first, then its journal: some
    programs give each line an entry of its own."""
    code, words = _plain(journal), _plain(label)
    if _OPENING_CODES.fullmatch(code) or _OPENING_WORDS.search(words):
        return Nature.OPENING
    if has_sales:
        return Nature.BOTH if has_money else Nature.SALE
    if has_money:
        return Nature.MONEY
    if _SALES_WORDS.search(words) or _SALES_JOURNAL.fullmatch(code):
        return Nature.SALE
    if _MONEY_WORDS.search(words) or _MONEY_JOURNAL.fullmatch(code):
        return Nature.MONEY
    return Nature.OTHER


def kind_of(line: EntryLine, nature: Nature, *, has_detail: bool) -> Kind:
    """Say what a customer's line is. ``has_detail``: its document is its own."""
    if line.account.startswith(ADVANCES):
        return Kind.ADVANCE
    if line.account.startswith(DOUBTFUL):
        return Kind.DOUBTFUL
    owed = line.amount > 0
    match nature:
        case Nature.OPENING if not has_detail:
            return Kind.CARRIED_OVER
        case Nature.OPENING:
            return Kind.INVOICE if owed else Kind.PAYMENT
        case Nature.SALE:
            return Kind.INVOICE if owed else Kind.CREDIT_NOTE
        case Nature.BOTH:
            return Kind.INVOICE if owed else Kind.PAYMENT
        case Nature.MONEY if not owed:
            return Kind.PAYMENT
    return Kind.OTHER


def names_a_document(piece: str, entry: str) -> bool:
    """Say whether the reference of an opening line may be an invoice's number."""
    return bool(piece) and piece != entry and not _NO_DOCUMENT.fullmatch(_plain(piece))


def _plain(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text.upper().strip())
    return "".join(char for char in letters if not unicodedata.combining(char))
