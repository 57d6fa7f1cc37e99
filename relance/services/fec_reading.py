"""A ledger of accounts read: its open items beside what is known here."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from relance.gateways import fec as gateway
from relance.gateways.fec_content import FecError
from relance.models import FecAccount, FecFile, FecItem
from relance.rules import matching, open_items
from relance.rules.entries import Kind
from relance.rules.matching import OpenInvoice, Receipt, Why
from relance.rules.open_items import Item, Ledger, Mark, Settled
from relance.services import documents
from relance.services.fec import in_words
from relance.services.fec_known import Known
from relance.services.fec_people import recognised

State = FecFile.State
# A person says what the others are.
_ASKED = (Kind.CARRIED_OVER, Kind.DOUBTFUL, Kind.OTHER)


def read(pk: int, *, now: datetime) -> FecFile:
    """Read a file that was received, once; what is wrong with it is written on it."""
    file = FecFile.objects.select_related("document").get(pk=pk)
    if file.state != State.READING:
        return file
    FecFile.objects.filter(pk=pk).update(worked_at=now)
    try:
        opened = gateway.opened(documents.read(file.document), file.name)
        ledger = open_items.read(opened.lines())
    except FecError as error:
        file.state, file.error = State.REFUSED, in_words(error)
        file.save(update_fields=["state", "error"])
        return file
    _write_down(file, ledger)
    return file


@transaction.atomic
def _write_down(file: FecFile, ledger: Ledger) -> None:
    # Of two readers the second finds it done.
    locked = FecFile.objects.select_for_update().get(pk=file.pk)
    if locked.state != State.READING:
        file.state = locked.state
        return
    accounts = FecAccount.objects.bulk_create(
        recognised(file, ledger.accounts), batch_size=500
    )
    by_key = {account.key: account for account in accounts}
    items = _rows(file, ledger, by_key)
    settled = _settled(file, ledger.settled, by_key)
    known = Known(items, settled)
    for row in items:
        known.recognise(row)
    items += known.settled(settled, items)
    items += known.vanished(file, items, last_on=ledger.last_on)
    _propose(items)
    FecItem.objects.bulk_create(items, batch_size=500)
    file.state = State.READY
    file.first_on, file.last_on = ledger.first_on, ledger.last_on
    file.lines, file.entries = ledger.lines, ledger.entries
    file.settled = sum(one.kind == Kind.INVOICE for one in ledger.settled)
    file.balance, file.open_total = ledger.balance, ledger.open_total
    file.save()


def sign(mark: Mark) -> str:
    """Return what is kept of a mark."""
    return hashlib.sha256(str(mark).encode()).hexdigest()


def _rows(
    file: FecFile, ledger: Ledger, accounts: Mapping[str, FecAccount]
) -> list[FecItem]:
    numbers = _numbers(ledger.items)
    return [
        FecItem(
            file=file,
            account=accounts[item.mark.customer],
            kind=item.kind.value,
            mark=sign(item.mark),
            number=numbers[item.mark],
            day=item.mark.day,
            due_date=item.due_date,
            label=item.label,
            place=item.place,
            amount=item.amount if item.foreign is None else item.foreign,
            left=item.left if item.foreign is None else item.foreign,
            currency=item.currency or "EUR",
            letter=item.letter[:40],
            settled_on=item.part_on,
            by=_by(item.by),
            wanted=item.kind not in _ASKED,
        )
        for item in ledger.items
    ]


def _settled(
    file: FecFile, found: Sequence[Settled], accounts: Mapping[str, FecAccount]
) -> list[FecItem]:
    return [
        FecItem(
            file=file,
            account=accounts[one.mark.customer],
            kind=FecItem.Kind.SETTLED,
            mark=sign(one.mark),
            number=one.mark.piece[:60],
            day=one.mark.day,
            amount=one.mark.amount,
            left=Decimal(0),
            letter=one.letter[:40],
            settled_on=one.settled_on,
            by=_by(one.by),
        )
        for one in found
    ]


def _by(marks: Sequence[Mark]) -> list[list[str]]:
    return [[sign(one), one.day.isoformat(), f"{-one.amount:.2f}"] for one in marks]


def _numbers(items: Sequence[Item]) -> dict[Mark, str]:
    """Return the number of each item: its document's, with the customer's account
    where others have the same, after its entry where it has none."""
    pieces = Counter(item.mark.piece for item in items)
    numbers = {}
    for item in items:
        piece, entry = item.mark.piece, f"{item.journal}-{item.entry}"
        if not piece:
            numbers[item.mark] = entry[:60]
        elif pieces[piece] == 1:
            numbers[item.mark] = piece[:60]
        else:
            numbers[item.mark] = f"{piece[:40]} {item.mark.customer[:19]}"
    return numbers


def _propose(items: Sequence[FecItem]) -> None:
    """Write on each payment which open invoices of its customer it would settle: by
    its document, the number in its words, its amount."""
    owed = [item for item in items if item.kind == FecItem.Kind.INVOICE]
    paid = [
        item
        for item in items
        if item.kind in (FecItem.Kind.PAYMENT, FecItem.Kind.ADVANCE)
        and item.state == FecItem.State.WAITING
        and item.left < 0
    ]
    found = matching.match(
        [
            Receipt(
                pk=place,
                booked_on=item.day,
                amount=-item.left,
                currency=item.currency,
                words=f"{item.number} {item.label}",
                payer_iban=str(_owner(item)),
            )
            for place, item in enumerate(paid)
        ],
        [
            OpenInvoice(
                pk=place,
                number=item.number,
                customer=_owner(item),
                currency=item.currency,
                balance=item.left,
                due_date=item.due_date or item.day,
            )
            for place, item in enumerate(owed)
        ],
        accounts={str(_owner(item)): _owner(item) for item in items},
        names={},
    )
    for item, match in zip(paid, found, strict=True):
        # A number of somebody else's invoice is theirs to look at, not settled here.
        if match.customer != _owner(item) or Why.AMBIGUOUS in match.why:
            continue
        item.shares = [[owed[pk].mark, f"{part:.2f}"] for pk, part in match.shares]
        item.reasons = [why.value for why in match.why]
        item.matched = match.sure or Why.NUMBER in match.why


def _owner(item: FecItem) -> int:
    return item.account_id or 0
