"""Which invoices a receipt pays: proposed with its reasons, never settled by itself.

In order of proof: the invoice's number in the words of the transfer, the customer's
own reference, the account that paid before, the payer's name, the amount alone.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from itertools import combinations, islice

ZERO = Decimal(0)
# Groups of letters and digits that a number may be cut into by a bank.
_LONGEST = 6
# Sums of invoices that are tried for one receipt; past them it is for a person.
_TRIES = 5_000
_AT_ONCE = 4
_GROUPS = re.compile(r"[A-Z]+|[0-9]+")
# Words of a company's name that tell nothing about which one it is.
_COMMON = frozenset(
    word
    for words in (
        "SA SAS SASU SARL EURL EARL SCI SNC SCOP GMBH LTD LLC BV AG",
        "ETS ETABLISSEMENTS STE SOCIETE ENTREPRISE MONSIEUR MADAME M MME MR",
        "ET DE DU DES LA LE LES L D VIR VIREMENT SEPA RECU INST",
    )
    for word in words.split()
)


class Why(StrEnum):
    """What a proposal rests on, and what speaks against being sure of it."""

    NUMBER = "number"
    REFERENCE = "reference"
    KNOWN_ACCOUNT = "known_account"
    PAYER_NAME = "payer_name"
    AMOUNT = "amount"
    # The amount is the balance, or the sum of the balances.
    EXACT = "exact"
    PARTIAL = "partial"
    TOO_MUCH = "too_much"
    # Others would do as well.
    AMBIGUOUS = "ambiguous"


@dataclass(frozen=True, kw_only=True)
class OpenInvoice:
    """What is still to be paid of an invoice."""

    pk: int
    number: str
    customer: int
    currency: str
    balance: Decimal
    due_date: date
    reference: str = ""


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """Money that came in, as the bank tells it."""

    pk: int
    booked_on: date
    amount: Decimal
    currency: str
    words: str
    payer: str = ""
    payer_iban: str = ""


@dataclass(frozen=True, kw_only=True)
class Match:
    """What a receipt is proposed to pay. ``shares`` never exceed the receipt; what is
    left of it stays the customer's. *Sure*: a number and the exact amount, or an
    account that is known and one invoice of that very amount."""

    receipt: int
    customer: int | None
    shares: tuple[tuple[int, Decimal], ...] = ()
    why: tuple[Why, ...] = ()

    @property
    def sure(self) -> bool:
        if Why.AMBIGUOUS in self.why or Why.EXACT not in self.why:
            return False
        return Why.NUMBER in self.why or Why.KNOWN_ACCOUNT in self.why


def match(
    receipts: Iterable[Receipt],
    invoices: Sequence[OpenInvoice],
    *,
    accounts: Mapping[str, int],
    names: Mapping[int, str],
) -> list[Match]:
    """Return one proposal a receipt, in their order.

    ``accounts``: the customer of each IBAN that paid before; ``names``: of customers.
    An invoice that one receipt surely pays is no longer open to the next.
    """
    ledger = _Ledger(invoices, names)
    found = []
    for receipt in receipts:
        proposal = _match(receipt, ledger, accounts)
        if proposal.sure:
            for pk, amount in proposal.shares:
                ledger.left[pk] -= amount
        found.append(proposal)
    return found


def plain_groups(text: str) -> list[str]:
    """Return the runs of letters and of digits, without accents and in capitals."""
    letters = unicodedata.normalize("NFKD", text.upper())
    bare = "".join(char for char in letters if not unicodedata.combining(char))
    return _GROUPS.findall(bare)


def name_key(name: str) -> tuple[str, ...]:
    """Return the words that tell a name from others, in order."""
    return tuple(word for word in plain_groups(name) if word not in _COMMON)


@dataclass
class _Ledger:
    invoices: Sequence[OpenInvoice]
    names: Mapping[int, str]
    by_pk: dict[int, OpenInvoice] = field(init=False)
    left: dict[int, Decimal] = field(init=False)
    by_number: dict[str, list[int]] = field(init=False)
    by_reference: dict[str, list[int]] = field(init=False)
    by_customer: dict[int, list[int]] = field(init=False)
    by_amount: dict[tuple[str, Decimal], list[int]] = field(init=False)
    by_name: dict[tuple[str, ...], list[int]] = field(init=False)

    def __post_init__(self) -> None:
        self.by_pk = {invoice.pk: invoice for invoice in self.invoices}
        self.left = {invoice.pk: invoice.balance for invoice in self.invoices}
        numbers, references = defaultdict(list), defaultdict(list)
        customers, amounts = defaultdict(list), defaultdict(list)
        for invoice in sorted(
            self.invoices, key=lambda one: (one.due_date, one.number)
        ):
            for key in _keys(invoice.number):
                numbers[key].append(invoice.pk)
            for key in _keys(invoice.reference):
                references[key].append(invoice.pk)
            customers[invoice.customer].append(invoice.pk)
            amounts[invoice.currency, invoice.balance].append(invoice.pk)
        self.by_number, self.by_reference = dict(numbers), dict(references)
        self.by_customer, self.by_amount = dict(customers), dict(amounts)
        owners = defaultdict(list)
        for customer in customers:
            if name := name_key(self.names.get(customer, "")):
                owners[name].append(customer)
        self.by_name = dict(owners)

    def open(self, pks: Iterable[int], receipt: Receipt) -> list[int]:
        """Return those that something is left to pay of, in the same currency."""
        return [
            pk
            for pk in dict.fromkeys(pks)
            if self.left[pk] > 0 and self.by_pk[pk].currency == receipt.currency
        ]


def _keys(number: str) -> set[str]:
    """Return how a number may be written: as it is, and without leading zeros. One
    too short to tell it from a date or an amount has none."""
    groups = plain_groups(number)
    whole = "".join(groups)
    digits = sum(len(group) for group in groups if group.isdigit())
    if digits < 2 or len(whole) < (5 if whole.isdigit() else 4):
        return set()
    return {whole, ".".join(_bare(group) for group in groups)}


def _bare(group: str) -> str:
    return group.lstrip("0") or "0" if group.isdigit() else group


def _parts(text: str) -> Iterator[str]:
    """Yield every run of groups of a text, written in both ways."""
    groups = plain_groups(text)
    bare = [_bare(group) for group in groups]
    for start in range(len(groups)):
        for end in range(start + 1, min(start + _LONGEST, len(groups)) + 1):
            yield "".join(groups[start:end])
            yield ".".join(bare[start:end])


def _match(receipt: Receipt, ledger: _Ledger, accounts: Mapping[str, int]) -> Match:
    if receipt.amount <= 0:
        return Match(receipt=receipt.pk, customer=None)
    parts = set(_parts(receipt.words))
    payer = accounts.get(receipt.payer_iban)
    if payer is None and (named := _named(receipt, ledger)) is not None:
        payer, known = named, Why.PAYER_NAME
    else:
        known = Why.KNOWN_ACCOUNT
    for index, why in (
        (ledger.by_number, Why.NUMBER),
        (ledger.by_reference, Why.REFERENCE),
    ):
        told = ledger.open(
            (pk for part in parts for pk in index.get(part, ())), receipt
        )
        if told:
            return _pay(receipt, ledger, told, why, payer)
    if payer is not None:
        theirs = ledger.open(ledger.by_customer.get(payer, ()), receipt)
        return _pay_some(receipt, ledger, theirs, known, payer)
    alike = ledger.open(
        ledger.by_amount.get((receipt.currency, receipt.amount), ()), receipt
    )
    if len(alike) == 1:
        [pk] = alike
        owner = ledger.by_pk[pk].customer
        return _proposal(receipt, ledger, [pk], [Why.AMOUNT, Why.EXACT], owner)
    return Match(receipt=receipt.pk, customer=None)


def _named(receipt: Receipt, ledger: _Ledger) -> int | None:
    """Return the only customer whose name the bank tells, whole."""
    for text in (receipt.payer, receipt.words):
        words = name_key(text)
        found = {
            customer
            for start in range(len(words))
            for end in range(start + 1, min(start + _LONGEST, len(words)) + 1)
            for customer in ledger.by_name.get(words[start:end], ())
        }
        if len(found) == 1:
            return found.pop()
    return None


def _pay(
    receipt: Receipt, ledger: _Ledger, told: list[int], why: Why, payer: int | None
) -> Match:
    """Pay the invoices that the words name."""
    owners = {ledger.by_pk[pk].customer for pk in told}
    if payer in owners:
        told = [pk for pk in told if ledger.by_pk[pk].customer == payer]
        owners = {payer}
    if len(owners) > 1:
        # Two customers' numbers are alike: only one of them may be of that amount.
        exact = [pk for pk in told if ledger.left[pk] == receipt.amount]
        if len(exact) != 1:
            return Match(receipt=receipt.pk, customer=None, why=(why, Why.AMBIGUOUS))
        told = exact
        owners = {ledger.by_pk[pk].customer for pk in told}
    [owner] = owners
    reasons = [why, _fit(sum((ledger.left[pk] for pk in told), ZERO), receipt.amount)]
    if payer is not None and payer != owner:
        # Somebody else pays: said, since it is often right and sometimes not.
        reasons.append(Why.AMBIGUOUS)
    return _proposal(receipt, ledger, told, reasons, owner)


def _pay_some(
    receipt: Receipt, ledger: _Ledger, theirs: list[int], why: Why, payer: int
) -> Match:
    """Pay, of one customer's invoices, those that make up the amount."""
    sums = list(islice(_sums(ledger, theirs, receipt.amount), 2))
    if sums:
        reasons = [why, Why.EXACT, *([Why.AMBIGUOUS] if len(sums) > 1 else [])]
        return _proposal(receipt, ledger, sums[0], reasons, payer)
    total = sum((ledger.left[pk] for pk in theirs), ZERO)
    reasons = [why, _fit(total, receipt.amount)]
    return _proposal(receipt, ledger, theirs, reasons, payer)


def _sums(ledger: _Ledger, pks: Sequence[int], amount: Decimal) -> Iterator[list[int]]:
    """Yield invoices that add up to an amount: one, all, then few, the oldest first."""
    whole = list(pks)
    tried = 0
    if len(whole) > _AT_ONCE and sum(ledger.left[pk] for pk in whole) == amount:
        yield whole
    for count in range(1, min(_AT_ONCE, len(whole)) + 1):
        for some in combinations(whole, count):
            tried += 1
            if tried > _TRIES:
                return
            if sum(ledger.left[pk] for pk in some) == amount:
                yield list(some)


def _fit(total: Decimal, amount: Decimal) -> Why:
    if amount == total:
        return Why.EXACT
    return Why.PARTIAL if amount < total else Why.TOO_MUCH


def _proposal(
    receipt: Receipt,
    ledger: _Ledger,
    pks: Iterable[int],
    why: Sequence[Why],
    customer: int,
) -> Match:
    """Share the receipt between invoices, the oldest first."""
    rest, shares = receipt.amount, []
    order = sorted(
        pks, key=lambda pk: (ledger.by_pk[pk].due_date, ledger.by_pk[pk].number)
    )
    for pk in order:
        share = min(rest, ledger.left[pk])
        if share > 0:
            shares.append((pk, share))
            rest -= share
    return Match(
        receipt=receipt.pk, customer=customer, shares=tuple(shares), why=tuple(why)
    )
