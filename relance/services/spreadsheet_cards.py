"""Customers of a spreadsheet: new, changed where the file says otherwise, or the
same."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from relance.models import Customer, ImportChange
from relance.rules.spreadsheet_targets import Target
from relance.services import history
from relance.services.history import About, Entry
from relance.services.ledger_bulk import BATCH
from relance.services.spreadsheet_customers import Customers, Known, details
from relance.services.spreadsheet_decisions import (
    Decision,
    Maker,
    Status,
    left_out,
    refused,
)
from relance.services.spreadsheet_records import Record, Trouble
from relance.services.spreadsheet_writing import change_of

_LABELS = {
    column.name: column.verbose_name for column in Customer._meta.concrete_fields
}
_WHERE = frozenset({"address", "postcode", "city", "country"})


class Cards:
    """Decides for the rows of a file, in their order."""

    def __init__(self, customers: Customers) -> None:
        self._customers = customers
        self._seen: dict[int, tuple[str, ...]] = {}

    def remember(self, records: Sequence[Record]) -> None:
        """Keep in mind rows that were imported before a worker was interrupted."""
        for record in records:
            known = None if record.is_total else self._customers.find(record)
            if known is not None:
                self._seen.setdefault(id(known), record.row.cells)

    def decide(self, records: Sequence[Record]) -> list[Decision]:
        """Return what becomes of each row; its problems are added to it."""
        found = [
            (record, None if record.is_total else self._customers.find_or_new(record))
            for record in records
        ]
        keys = {known.pk for _record, known in found if known and known.pk}
        rows = Customer.objects.in_bulk(list(keys))
        return [self._decision(record, known, rows) for record, known in found]

    def _decision(
        self, record: Record, known: Known | None, rows: dict[int, Customer]
    ) -> Decision:
        if record.is_total:
            return left_out(record)
        if record.stopped or known is None:
            return refused(record)
        again = id(known) in self._seen
        if self._seen.setdefault(id(known), record.row.cells) != record.row.cells:
            record.warn(Trouble.CUSTOMER_TWICE, Target.NAME, known.name)
            return refused(record)
        if known.new is not None:
            status = Status.UNCHANGED if again else Status.CREATED
            return Decision(record=record, status=status, customer=known)
        row = rows.get(known.pk or 0)
        before = _changed(record, row) if row is not None else {}
        return Decision(
            record=record,
            status=Status.UPDATED if before else Status.UNCHANGED,
            customer=known,
            row=row,
            before=before,
        )


def _changed(record: Record, row: Customer) -> dict[str, object]:
    """Bring a customer to what its row says; return what it said before. What the row
    leaves empty stays."""
    said = details(record)
    if record.text(Target.NAME):
        said["name"] = record.text(Target.NAME)[:200]
    before: dict[str, object] = {}
    for name, value in said.items():
        if getattr(row, name) != value:
            before[name] = getattr(row, name)
            setattr(row, name, value)
    if _WHERE & set(before) and row.address_refused_on is not None:
        # A corrected address may receive letters again.
        before["address_refused_on"] = row.address_refused_on
        row.address_refused_on = None
    return before


def write_changes(decisions: Sequence[Decision], maker: Maker) -> None:
    """Change the customers that a file says otherwise, with their history."""
    changed = [one for one in decisions if one.before and one.row is not None]
    rows = {one.row.pk: one.row for one in changed if one.row is not None}
    if not rows:
        return
    names = {name for one in changed for name in one.before}
    Customer.objects.bulk_update(rows.values(), sorted(names), batch_size=BATCH)
    kept, entries = [], []
    words = _("Customer %(name)s changed by an import: %(what)s.")
    for one in changed:
        if one.row is None:
            continue
        kept.append(change_of(maker, "customer", one.row, one.before))
        what = ", ".join(str(_LABELS[name]) for name in one.before)
        entries.append(
            Entry(
                action="customer.changed",
                words=words % {"name": one.row.name, "what": what},
                about=About(customer=one.row),
                by=maker.by,
            )
        )
    ImportChange.objects.bulk_create(kept, batch_size=BATCH)
    history.record_many(entries, at=maker.now)
