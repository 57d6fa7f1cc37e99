"""What customers still owe by a ledger of accounts: lettering followed by its sums.

Only sums are trusted: the case of a letter or a star says nothing sure. A letter is
used again by other customers, other accounts, other years: lines that it joins are
closed together where they add up to zero.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from itertools import groupby

from relance.rules.entries import (
    COLLECTIVE,
    FOLLOWED,
    MONEY_ACCOUNTS,
    SALES_ACCOUNTS,
    EntryLine,
    Kind,
    Nature,
    kind_of,
    names_a_document,
    nature_of,
)

ZERO = Decimal(0)
type EntryKey = tuple[str, str, date]


@dataclass(frozen=True, kw_only=True)
class Mark:
    """What tells a line from all others, in this file and in next month's: numbers
    of entries change when they are validated, these do not."""

    customer: str
    piece: str
    day: date
    amount: Decimal
    # Among those that say the same, in the order of the file.
    rank: int = 0

    def __str__(self) -> str:
        said = (self.customer, self.piece, self.day, f"{self.amount:.2f}", self.rank)
        return "\0".join(map(str, said))


@dataclass(frozen=True, kw_only=True)
class Item:
    """Something open: owed by the customer when positive, to them when negative.

    ``left`` is what remains of ``amount`` once a partial lettering is taken off,
    ``part_on`` the day of the last line that was, ``by`` the marks of all.
    """

    kind: Kind
    mark: Mark
    place: int
    entry: str
    journal: str
    label: str
    amount: Decimal
    left: Decimal
    due_date: date | None = None
    letter: str = ""
    part_on: date | None = None
    by: tuple[Mark, ...] = ()
    foreign: Decimal | None = None
    currency: str = ""


@dataclass(frozen=True, kw_only=True)
class Settled:
    """What lettered lines settled, with the marks of these."""

    kind: Kind
    mark: Mark
    letter: str
    settled_on: date
    by: tuple[Mark, ...]


@dataclass(frozen=True, kw_only=True)
class Account:
    """A customer of the ledger. ``collective``: the account of all, without a name."""

    key: str
    name: str
    balance: Decimal
    collective: bool = False


@dataclass(frozen=True, kw_only=True)
class Ledger:
    """What a ledger says of its customers."""

    lines: int
    entries: int
    first_on: date | None
    last_on: date | None
    accounts: tuple[Account, ...]
    items: tuple[Item, ...]
    settled: tuple[Settled, ...]

    @property
    def balance(self) -> Decimal:
        """The balance of the customers' accounts, added up line by line."""
        return sum((account.balance for account in self.accounts), ZERO)

    @property
    def open_total(self) -> Decimal:
        """The control total: what is open, added up item by item."""
        return sum((item.left for item in self.items), ZERO)

    @property
    def difference(self) -> Decimal:
        return self.balance - self.open_total


def read(lines: Iterable[EntryLine]) -> Ledger:
    """Return the open items of a ledger; its lines are read once and not kept."""
    book = _Book()
    for line in lines:
        book.add(line)
    items: list[Item] = []
    settled: list[Settled] = []
    for group in _groups(book.kept):
        _sort_out(group, book, items, settled)
    return Ledger(
        lines=book.lines,
        entries=len(book.accounts_of),
        first_on=book.first_on,
        last_on=book.last_on,
        accounts=tuple(book.customers()),
        items=tuple(sorted(_joined(items), key=lambda item: item.place)),
        settled=tuple(sorted(settled, key=lambda one: str(one.mark))),
    )


@dataclass
class _Book:
    lines: int = 0
    first_on: date | None = None
    last_on: date | None = None
    kept: list[EntryLine] = field(default_factory=list)
    marks: dict[int, Mark] = field(default_factory=dict)
    # 1: an account of sales, 2: of money.
    accounts_of: dict[EntryKey, int] = field(default_factory=dict)
    seen: Counter[Mark] = field(default_factory=Counter)
    # Who uses a reference in opening entries: a reference shared names no invoice.
    openings: defaultdict[str, set[str]] = field(
        default_factory=lambda: defaultdict(set)
    )

    def add(self, line: EntryLine) -> None:
        self.lines += 1
        key = (line.journal, line.entry, line.booked_on)
        has = self.accounts_of.get(key, 0)
        if line.account.startswith(SALES_ACCOUNTS):
            has |= 1
        elif line.account.startswith(MONEY_ACCOUNTS):
            has |= 2
        self.accounts_of[key] = has
        day = line.booked_on
        self.first_on = min(self.first_on or day, day)
        self.last_on = max(self.last_on or day, day)
        if not line.account.startswith(FOLLOWED) or not line.amount:
            return
        self.kept.append(line)
        mark = Mark(
            customer=line.customer, piece=line.piece, day=line.day, amount=line.amount
        )
        self.marks[line.place] = replace(mark, rank=self.seen[mark])
        self.seen[mark] += 1
        if self._opens(line):
            self.openings[line.piece].add(line.customer)

    def _opens(self, line: EntryLine) -> bool:
        nature = nature_of(
            line.journal, line.journal_label, has_sales=False, has_money=False
        )
        return nature == Nature.OPENING

    def kind(self, line: EntryLine) -> Kind:
        has = self.accounts_of[line.journal, line.entry, line.booked_on]
        nature = nature_of(
            line.journal,
            line.journal_label,
            has_sales=bool(has & 1),
            has_money=bool(has & 2),
        )
        own = len(self.openings[line.piece]) < 2
        detailed = own and names_a_document(line.piece, line.entry)
        return kind_of(line, nature, has_detail=detailed)

    def customers(self) -> Iterator[Account]:
        by_key: defaultdict[str, list[EntryLine]] = defaultdict(list)
        for line in self.kept:
            by_key[line.customer].append(line)
        for key, theirs in sorted(by_key.items()):
            names = (line.auxiliary_label or line.account_label for line in theirs)
            nobody = not any(line.auxiliary for line in theirs)
            yield Account(
                key=key,
                name=next(filter(None, names), key),
                balance=sum((line.amount for line in theirs), ZERO),
                collective=nobody and COLLECTIVE.fullmatch(key) is not None,
            )


def _groups(kept: Iterable[EntryLine]) -> Iterator[list[EntryLine]]:
    """Yield the lines that are looked at together: one by one without a letter."""
    lettered: defaultdict[tuple[str, str], list[EntryLine]] = defaultdict(list)
    for line in kept:
        if line.letter:
            lettered[line.customer, line.letter].append(line)
        else:
            yield [line]
    for group in lettered.values():
        yield from _closed_first(
            group, (lambda line: line.account, lambda line: str(line.lettered_on))
        )


def _closed_first(
    group: list[EntryLine], ways: Sequence[Callable[[EntryLine], str]]
) -> Iterator[list[EntryLine]]:
    """Split a group that does not add up: by account, then by date, taking out each
    part that does. What remains of an account is a partial lettering."""
    if not ways or _sum(group) == ZERO:
        yield group
        return
    way, *others = ways
    rest: list[EntryLine] = []
    for _value, part in groupby(sorted(group, key=way), key=way):
        found = list(part)
        if _sum(found) == ZERO:
            yield found
        elif others:
            yield from _closed_first(found, others)
        else:
            rest += found
    if rest:
        yield sorted(rest, key=lambda line: line.place)


def _sum(lines: Iterable[EntryLine]) -> Decimal:
    return sum((line.amount for line in lines), ZERO)


def _sort_out(
    group: list[EntryLine], book: _Book, items: list[Item], settled: list[Settled]
) -> None:
    left = _lettered(group) if len(group) > 1 else {}
    takers = [line for line in group if line.amount < 0]
    last = max((line.booked_on for line in takers), default=group[-1].booked_on)
    for line in group:
        kind, remaining = book.kind(line), left.get(line.place, line.amount)
        if remaining:
            item = _item(line, kind, book)
            if remaining != line.amount:
                by = tuple(book.marks[one.place] for one in takers)
                item = replace(item, left=remaining, part_on=last, by=by, foreign=None)
            items.append(item)
        elif line.amount > 0:
            settled.append(
                Settled(
                    kind=kind,
                    mark=book.marks[line.place],
                    letter=line.letter,
                    settled_on=last if takers else line.lettered_on or last,
                    by=tuple(book.marks[one.place] for one in takers),
                )
            )


def _item(line: EntryLine, kind: Kind, book: _Book) -> Item:
    return Item(
        kind=kind,
        mark=book.marks[line.place],
        place=line.place,
        entry=line.entry,
        journal=line.journal,
        label=line.label,
        amount=line.amount,
        left=line.amount,
        due_date=line.due_date,
        letter=line.letter,
        foreign=line.foreign,
        currency=line.currency,
    )


def _lettered(group: Sequence[EntryLine]) -> Mapping[int, Decimal]:
    """Return what is left of each line of a group, by its place: what has the same
    document first, then the oldest."""
    left = {line.place: line.amount for line in group}
    if _sum(group) == ZERO:
        return dict.fromkeys(left, ZERO)
    order = sorted(group, key=lambda line: (line.day, line.place))
    by_document: defaultdict[str, list[EntryLine]] = defaultdict(list)
    for line in order:
        by_document[line.piece].append(line)
    for together in (*by_document.values(), order):
        _set_off(together, left)
    return left


def _set_off(lines: Sequence[EntryLine], left: dict[int, Decimal]) -> None:
    """Take credits off debits, in their order."""
    debits = iter([line.place for line in lines if line.amount > 0])
    debit = next(debits, None)
    for credit in (line.place for line in lines if line.amount < 0):
        while debit is not None and left[credit]:
            part = min(left[debit], -left[credit])
            left[debit] -= part
            left[credit] += part
            if not left[debit]:
                debit = next(debits, None)


def _joined(items: Iterable[Item]) -> Iterator[Item]:
    """Make one invoice of the lines that say the same document, in several parts."""
    whole: dict[tuple[object, ...], Item] = {}
    for item in items:
        mark = item.mark
        if item.kind not in (Kind.INVOICE, Kind.CREDIT_NOTE) or not mark.piece:
            yield item
            continue
        key = (item.kind, mark.customer, mark.piece, mark.day, item.currency)
        known = whole.get(key)
        whole[key] = item if known is None else _together(known, item)
    yield from whole.values()


def _together(one: Item, other: Item) -> Item:
    first, second = sorted((one, other), key=lambda item: item.place)
    foreign = (
        first.foreign + second.foreign
        if first.foreign is not None and second.foreign is not None
        else None
    )
    return replace(
        first,
        mark=replace(first.mark, amount=one.amount + other.amount, rank=0),
        amount=one.amount + other.amount,
        left=one.left + other.left,
        # The debt is due as a whole when its last part is.
        due_date=max(filter(None, (one.due_date, other.due_date)), default=None),
        part_on=max(filter(None, (one.part_on, other.part_on)), default=None),
        by=(*one.by, *other.by),
        letter=one.letter or other.letter,
        foreign=foreign,
    )
