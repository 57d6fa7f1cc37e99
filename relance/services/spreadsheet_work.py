"""A spreadsheet at work: checked as a whole, then written chunk by chunk.

Each chunk is decided again under lock and committed with how far it goes: a crash
loses nothing and repeats nothing. Reading is one pass; rows that are done are read
again only to be remembered.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from itertools import batched
from typing import Protocol

from django.db import transaction
from django.utils.translation import gettext as _

from relance.gateways import spreadsheet
from relance.gateways.spreadsheet import SENTENCES, SpreadsheetError
from relance.gateways.storage import CorruptFile, MissingFile
from relance.models import Company, ImportBatch, Spreadsheet
from relance.rules.spreadsheet_targets import Kind
from relance.services import documents, history
from relance.services.clock import Clock
from relance.services.history import About
from relance.services.receipts import keep_statements
from relance.services.refusal import Refused
from relance.services.spreadsheet_balances import Balances
from relance.services.spreadsheet_cards import Cards, write_changes
from relance.services.spreadsheet_customers import Customers
from relance.services.spreadsheet_decisions import Decision, Maker, Status
from relance.services.spreadsheet_invoices import Invoices
from relance.services.spreadsheet_layout import Layout, layout_from_data
from relance.services.spreadsheet_payments import Payments
from relance.services.spreadsheet_records import Record, records
from relance.services.spreadsheet_reports import Report, report_from_data
from relance.services.spreadsheet_statements import Lines
from relance.services.spreadsheet_words import result_words
from relance.services.spreadsheet_writing import (
    write_customers,
    write_invoices,
    write_payments,
)

# About half a second of work: others have their turn between.
CHUNK = 2000

_WRITTEN = (Status.CREATED, Status.UPDATED)

# Told how many rows are done, and of how many where that is known.
type Tell = Callable[[int, int], None]


def _silent(_done: int, _total: int) -> None:
    pass


class Decider(Protocol):
    """What decides for the rows of a kind of file."""

    def decide(self, records: Sequence[Record], /) -> list[Decision]: ...

    def remember(self, records: Sequence[Record], /) -> None: ...


def _decider(layout: Layout, *, today: date, lock: bool) -> Decider:
    customers = Customers()
    if layout.kind == Kind.CUSTOMERS:
        return Cards(customers)
    if layout.kind == Kind.PAYMENTS:
        return Payments(layout, customers, today=today, lock=lock)
    if layout.kind == Kind.AGED_BALANCE:
        return Balances(layout, customers, today=today, lock=lock)
    return Invoices(layout, customers, today=today, lock=lock)


def check(
    spreadsheet_id: int, *, clock: Clock, today: date, tell: Tell = _silent
) -> None:
    """Find what would become of each row; nothing is written but the report."""
    found = Spreadsheet.objects.select_related("document").get(pk=spreadsheet_id)
    if found.state != Spreadsheet.State.CHECKING:
        return
    layout = layout_from_data(found.layout)
    try:
        report = _checked(found, layout, clock=clock, today=today, tell=tell)
    except (SpreadsheetError, MissingFile, CorruptFile) as error:
        _stop(found, _why(error), clock=clock)
        return
    # What was chosen meanwhile starts a check of its own.
    Spreadsheet.objects.filter(
        pk=found.pk, state=Spreadsheet.State.CHECKING, layout=found.layout
    ).update(
        state=Spreadsheet.State.CHECKED,
        report=report.as_data(),
        rows_total=found.rows_done,
        rows_done=0,
        trouble="",
        touched_at=clock(),
    )


def _checked(
    found: Spreadsheet, layout: Layout, *, clock: Clock, today: date, tell: Tell
) -> Report:
    book = spreadsheet.opened(documents.read(found.document))
    report = Report()
    if layout.kind == Kind.STATEMENT:
        rows = list(records(book, layout))
        report.add(Lines(layout).decide(rows))
        found.rows_done = rows[-1].row.number if rows else 0
        return report
    decider = _decider(layout, today=today, lock=False)
    for chunk in batched(records(book, layout), CHUNK):
        decisions = decider.decide(chunk)
        report.customers += new_customers(decisions)
        report.payments += sum(one.paid > 0 for one in decisions)
        report.add(decisions)
        found.rows_done = chunk[-1].row.number
        Spreadsheet.objects.filter(pk=found.pk).update(
            rows_done=found.rows_done, touched_at=clock()
        )
        tell(found.rows_done, 0)
    return report


def new_customers(decisions: Sequence[Decision]) -> int:
    """Count the customers that rows bring, each once in its file."""
    count = 0
    for one in decisions:
        known = one.customer if one.status in _WRITTEN else None
        if known is not None and known.new is not None and known.pk is None:
            # Counted: it is new for this row, and known for those that follow.
            known.pk = -1
            count += 1
    return count


def work(
    spreadsheet_id: int, *, clock: Clock, today: date, tell: Tell = _silent
) -> None:
    """Import what was approved, from where it was left to the end."""
    found = Spreadsheet.objects.select_related("document", "batch__made_by").get(
        pk=spreadsheet_id
    )
    if found.state != Spreadsheet.State.IMPORTING:
        return
    layout = layout_from_data(found.layout)
    try:
        if layout.kind == Kind.STATEMENT:
            _keep_statement(found, layout, now=clock())
        else:
            _import(found, layout, clock=clock, today=today, tell=tell)
    except (SpreadsheetError, MissingFile, CorruptFile, Refused) as error:
        _stop(found, _why(error), clock=clock)


def _import(
    found: Spreadsheet, layout: Layout, *, clock: Clock, today: date, tell: Tell
) -> None:
    book = spreadsheet.opened(documents.read(found.document))
    decider = _decider(layout, today=today, lock=True)
    for chunk in batched(records(book, layout), CHUNK):
        last = chunk[-1].row.number
        if last <= found.rows_done:
            with transaction.atomic():
                decider.remember(chunk)
            continue
        if not _write(found, decider, chunk, now=clock(), today=today):
            # Another worker went on with it.
            return
        found.rows_done = last
        tell(last, found.rows_total)
    _finish(found.pk, now=clock())


@transaction.atomic
def _write(
    found: Spreadsheet,
    decider: Decider,
    chunk: Sequence[Record],
    *,
    now: datetime,
    today: date,
) -> bool:
    """Write one chunk, if nobody else did."""
    # Imports take turns, chunk by chunk.
    Company.objects.select_for_update(no_key=True).first()
    locked = Spreadsheet.objects.select_for_update(of=("self",)).get(pk=found.pk)
    at_work = locked.state == Spreadsheet.State.IMPORTING
    if not at_work or locked.rows_done != found.rows_done or found.batch is None:
        return False
    maker = Maker(batch=found.batch, by=found.batch.made_by, now=now, today=today)
    decisions = decider.decide(chunk)
    report = report_from_data(locked.report)
    report.customers += write_customers(decisions, maker)
    if isinstance(decider, Payments):
        report.payments += write_payments(decisions, maker)
    elif isinstance(decider, Cards):
        write_changes(decisions, maker)
    else:
        report.payments += write_invoices(decisions, maker)
    report.add(decisions)
    locked.report, locked.rows_done = report.as_data(), chunk[-1].row.number
    locked.touched_at = now
    locked.save(update_fields=["report", "rows_done", "touched_at"])
    return True


@transaction.atomic
def _finish(spreadsheet_id: int, *, now: datetime) -> None:
    locked = Spreadsheet.objects.select_for_update(of=("self",)).get(pk=spreadsheet_id)
    batch = locked.batch
    if locked.state != Spreadsheet.State.IMPORTING or batch is None:
        return
    report = report_from_data(locked.report)
    locked.state, locked.touched_at, locked.trouble = Spreadsheet.State.DONE, now, ""
    locked.save(update_fields=["state", "touched_at", "trouble"])
    batch.state = ImportBatch.State.DONE
    batch.counts = {
        **{status.value: count for status, count in report.statuses.items()},
        "customers": report.customers,
        "payments": report.payments,
    }
    batch.save(update_fields=["state", "counts"])
    words = _("File %(file)s imported: %(result)s.") % {
        "file": batch.file_name,
        "result": result_words(Kind(locked.kind), report),
    }
    history.record("import.done", words, about=About(), by=batch.made_by, at=now)


@transaction.atomic
def _keep_statement(found: Spreadsheet, layout: Layout, *, now: datetime) -> None:
    locked = Spreadsheet.objects.select_for_update(of=("self",)).get(pk=found.pk)
    if locked.state != Spreadsheet.State.IMPORTING:
        return
    data = documents.read(found.document)
    rows = list(records(spreadsheet.opened(data), layout))
    statement = Lines(layout).statement(rows)
    report = Report()
    report.add(Lines(layout).decide(rows))
    name = found.document.name
    keep_statements(name, data, [statement], by=found.made_by, now=now)
    locked.report, locked.state = report.as_data(), Spreadsheet.State.DONE
    locked.rows_done, locked.touched_at = locked.rows_total, now
    locked.save(update_fields=["report", "state", "rows_done", "touched_at"])


def _stop(found: Spreadsheet, why: str, *, clock: Clock) -> None:
    """Give a file back to the person who chose, with what is wrong."""
    Spreadsheet.objects.filter(pk=found.pk).update(
        state=Spreadsheet.State.CHOOSING, trouble=why, touched_at=clock()
    )


def _why(error: Exception) -> str:
    if isinstance(error, SpreadsheetError):
        return _(SENTENCES[error.reason]) % error.values
    if isinstance(error, Refused):
        return error.message
    return _("The file is no longer in the store: drop it again.")


def to_take_up(*, idle_since: datetime) -> list[Spreadsheet]:
    """Return the spreadsheets that a crash left half done."""
    return list(
        Spreadsheet.objects.filter(
            state__in=(Spreadsheet.State.CHECKING, Spreadsheet.State.IMPORTING),
            touched_at__lt=idle_since,
        )
    )
