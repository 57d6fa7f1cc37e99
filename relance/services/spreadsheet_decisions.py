"""What becomes of a row: decided the same way when it is checked and when it is
written."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from relance.models import Customer, ImportBatch, Invoice, Payment, User
from relance.models.money import ZERO
from relance.services.spreadsheet_customers import Known
from relance.services.spreadsheet_records import Record


class Status(StrEnum):
    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    CONFLICT = "conflict"
    REFUSED = "refused"
    LEFT_OUT = "left_out"


@dataclass(kw_only=True, slots=True)
class Decision:
    """A row and what is to be done for it."""

    record: Record
    status: Status
    customer: Known | None = None
    # To be created or changed; what is known, where nothing is.
    invoice: Invoice | None = None
    row: Customer | None = None
    payment: Payment | None = None
    # Columns that change, and what they said.
    before: dict[str, object] = field(default_factory=dict)
    # To be recorded as already paid, and on which day.
    paid: Decimal = ZERO
    paid_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class Maker:
    """In whose name rows are written, by which import, when."""

    batch: ImportBatch
    by: User | None
    now: datetime
    today: date


def refused(record: Record) -> Decision:
    return Decision(record=record, status=Status.REFUSED)


def left_out(record: Record) -> Decision:
    return Decision(record=record, status=Status.LEFT_OUT)
