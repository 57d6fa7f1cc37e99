"""A ledger of accounts read and brought in without anybody looking: what is proposed
as sure is taken, what is for a person to decide is left out and counted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from relance.models import FecFile, FecItem, User
from relance.models.money import ZERO
from relance.services import fec, fec_reading, fec_work
from relance.services.refusal import Refused

State = FecItem.State


@dataclass(frozen=True, kw_only=True)
class FecResult:
    """A file, in words and figures."""

    file: str
    error: str = ""
    balance: Decimal = ZERO
    difference: Decimal = ZERO
    imported: int = 0
    customers: int = 0
    known: int = 0
    left_out: int = 0
    refused: tuple[str, ...] = ()

    def as_data(self) -> dict[str, object]:
        """Return what ``relance import --json`` prints; amounts as text."""
        return {
            "file": self.file,
            "status": "refused" if self.error else "ledger",
            "balance": f"{self.balance:.2f}",
            "difference": f"{self.difference:.2f}",
            "imported": self.imported,
            "customers": self.customers,
            "known": self.known,
            "left_out": self.left_out,
            "refused": list(self.refused),
            "error": self.error or None,
        }


def import_fec(
    name: str,
    data: bytes,
    *,
    by: User | None,
    now: datetime,
    tell: Callable[[int], None] = lambda count: None,
) -> FecResult:
    """Bring a whole file in; ``tell`` hears after each chunk how many items wait."""
    try:
        file = fec.receive(name, data, by=by, now=now)
    except Refused as refused:
        return FecResult(file=name, error=refused.message)
    file = fec_reading.read(file.pk, now=now)
    if file.state == FecFile.State.REFUSED:
        return FecResult(file=name, error=file.error)
    waiting = fec.to_import(file).filter(wanted=True)
    if waiting.exists():
        fec.start(file, by=by, now=now)
        while fec_work.work(file.pk, now=now):
            tell(waiting.count())
    return _result(name, file)


def _result(name: str, file: FecFile) -> FecResult:
    states = [item.state for item in file.items.only("state")]
    refused = file.items.filter(state=State.REFUSED).select_related("account")
    return FecResult(
        file=name,
        balance=file.balance,
        difference=file.balance - file.open_total,
        imported=states.count(State.DONE),
        customers=file.accounts.filter(
            customer__batch=FecFile.objects.get(pk=file.pk).batch_id or 0
        ).count(),
        known=states.count(State.KNOWN),
        left_out=states.count(State.LEFT_OUT) + states.count(State.WAITING),
        refused=tuple(f"{item.number}: {item.why}" for item in refused),
    )
