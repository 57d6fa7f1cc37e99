"""What became of a file that was dropped, in words."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from relance.models import Invoice
from relance.services.refusal import Refused


class Status(StrEnum):
    """What became of a file."""

    IMPORTED = "imported"
    UNCHANGED = "unchanged"
    UPDATED = "updated"
    CONFLICT = "conflict"
    REFUSED = "refused"


@dataclass(frozen=True, kw_only=True)
class ImportResult:
    """One file, in words: what it was and what became of it."""

    file: str
    status: Status
    invoice: Invoice | None = None
    error: str = ""
    warnings: tuple[str, ...] = ()

    def as_data(self) -> dict[str, object]:
        """Return what ``relance import --json`` prints: dates ISO, amounts as text."""
        found = self.invoice
        return {
            "file": self.file,
            "status": self.status.value,
            "number": found.number if found else None,
            "kind": str(found.kind) if found else None,
            "issued_on": found.issued_on.isoformat() if found else None,
            "due_date": found.due_date.isoformat() if found else None,
            "total": f"{found.total:.2f}" if found else None,
            "balance": f"{found.balance:.2f}" if found else None,
            "currency": found.currency if found else None,
            "customer": found.customer.name if found else None,
            "error": self.error or None,
        }


class Conflict(Refused):
    """The file says something else of an invoice on which others things rest."""
