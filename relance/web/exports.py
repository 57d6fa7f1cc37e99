"""Lists as CSV files that a spreadsheet opens as they are, and safely."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, tzinfo
from decimal import Decimal
from itertools import batched
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponseBase, StreamingHttpResponse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import get_language, override, pgettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from relance.gateways import wording
from relance.models import Proposal
from relance.queries import customers as customer_queries
from relance.queries import invoices as invoice_queries
from relance.queries import payments as payment_queries
from relance.queries import postings as posting_queries
from relance.queries.worklist import Criteria, worklist
from relance.rules.permissions import Action
from relance.rules.reason_data import reason_from_data
from relance.services import proposals as proposals_service
from relance.services.short_reasons import in_short
from relance.web.access import may
from relance.web.http import WebRequest
from relance.web.invoice_filters import asked

type Cell = str | int | Decimal | date | None

# A cell that begins so is a formula to a spreadsheet, whoever typed it.
FORMULA = ("=", "+", "-", "@", "\t", "\r")
# Rows read at once: few queries, little memory.
CHUNK = 500
# Tells spreadsheets that the file is UTF-8.
BYTE_ORDER_MARK = "\ufeff"


@require_GET
@may(Action.EXPORT)
def invoices(request: WebRequest) -> HttpResponseBase:
    """Return the invoices of the list as it is filtered, all its pages."""
    today = timezone.localdate()
    criteria = asked(request.GET, today=today)
    found = invoice_queries.listed(criteria, today=today)
    header = [
        _("Invoice"),
        _("Kind"),
        _("Code"),
        _("Customer"),
        _("Invoice date"),
        _("Due date"),
        _("Days late"),
        _("Total incl. VAT"),
        _("Balance"),
        _("Currency"),
        _("State"),
        _("Last level"),
        _("Paid on"),
    ]
    rows = (
        (
            row.invoice.number,
            row.invoice.get_kind_display(),
            row.invoice.customer.code,
            row.invoice.customer.name,
            row.invoice.issued_on,
            row.invoice.due_date,
            row.days_late or None,
            row.invoice.total,
            row.invoice.balance,
            row.invoice.currency,
            row.invoice.get_state_display(),
            row.last.name if row.last else None,
            row.invoice.paid_on,
        )
        for part in batched(_read(found), CHUNK)
        for row in invoice_queries.rows(part, today=today)
    )
    return _answer(_("invoices"), header, rows)


@require_GET
@may(Action.EXPORT)
def customers(request: WebRequest) -> HttpResponseBase:
    """Return the customers of the list as it is filtered, all its pages."""
    today = timezone.localdate()
    found = customer_queries.listed(
        words=request.GET.get("q", ""),
        owing=request.GET.get("which") == "owing",
        tag=customer_queries.tag_of(request.GET.get("tag", "")),
        sort=request.GET.get("sort", "name"),
        today=today,
    )
    header = [
        _("Code"),
        _("Name"),
        _("Type"),
        _("Address"),
        _("Postcode"),
        _("Town"),
        _("Country"),
        _("E-mail"),
        _("SIREN"),
        _("Late invoices"),
        _("Left to pay (€)"),
        pgettext("customers", "Tags"),
    ]
    rows = (
        (
            row.customer.code,
            row.customer.name,
            row.customer.get_regime_display(),
            row.customer.address,
            row.customer.postcode,
            row.customer.city,
            row.customer.country,
            row.customer.email,
            row.customer.siren,
            row.late,
            row.owed,
            ", ".join(tag.name for tag in row.customer.tags.all()),
        )
        for part in batched(_read(found), CHUNK)
        for row in customer_queries.rows(part, today=today)
    )
    return _answer(_("customers"), header, rows)


@require_GET
@may(Action.EXPORT)
def payments(request: WebRequest) -> HttpResponseBase:
    """Return the payments of the list as it is filtered, all its pages."""
    today = timezone.localdate()
    criteria = payment_queries.Criteria.from_query(request.GET)
    found = payment_queries.listed(criteria, today=today)
    header = [
        _("Received on"),
        _("Code"),
        _("Customer"),
        _("Method"),
        _("Reference"),
        _("Amount"),
        _("Currency"),
        _("Note"),
        _("After a reminder"),
    ]
    rows = (
        (
            row.received_on,
            row.customer.code,
            row.customer.name,
            row.get_method_display(),
            row.reference,
            row.amount,
            row.currency,
            row.note,
            collected.get(row.pk),
        )
        for part in batched(_read(found), CHUNK)
        for collected in [payment_queries.brought_in(part, criteria, today=today)]
        for row in part
    )
    return _answer(_("payments"), header, rows)


@require_GET
@may(Action.EXPORT)
def proposals(request: WebRequest) -> HttpResponseBase:
    """Return the lines of *Relance massive* as they are filtered, all its pages."""
    today = timezone.localdate()
    proposals_service.refresh(today=today)
    found = worklist(Criteria.from_query(request.GET), today=today)
    header = [
        _("Code"),
        _("Customer"),
        _("Invoice"),
        _("Due date"),
        _("Days late"),
        _("Total incl. VAT"),
        _("Balance"),
        _("Currency"),
        _("Last level"),
        _("Last reminder"),
        _("Planned for"),
        _("Level"),
        _("How"),
        _("Against"),
        _("Chosen by"),
        _("Note"),
    ]
    return _answer(_("mass-reminders"), header, map(_proposal, _read(found)))


@require_GET
@may(Action.EXPORT)
def postings(request: WebRequest) -> HttpResponseBase:
    """Return the letters of *Envois postaux* as they are filtered, all its pages."""
    criteria = posting_queries.Criteria.from_query(request.GET)
    found = posting_queries.letters(criteria).values_list("pk", flat=True)
    header = [
        _("Letter"),
        _("Level"),
        _("How"),
        _("Code"),
        _("Customer"),
        _("Invoices"),
        _("Made on"),
        _("Posted on"),
        _("Registered number"),
        _("First presented on"),
        _("Delivered on"),
        _("Returned on"),
        _("Why it came back"),
    ]
    rows = (
        _letter(row)
        for part in batched(_read(found), CHUNK)
        for row in posting_queries.rows(part)
    )
    return _answer(_("postings"), header, rows)


def _letter(row: posting_queries.Row) -> Sequence[Cell]:
    reminder, posting = row.reminder, row.posting
    made: tuple[Cell, ...] = (
        reminder.reference,
        reminder.level_name,
        reminder.get_channel_display(),
        reminder.customer.code,
        reminder.customer.name,
        ", ".join(line.invoice.number for line in reminder.lines.all()),
        reminder.made_on,
    )
    if posting is None:
        return (*made, None, None, None, None, None, None)
    return (
        *made,
        posting.posted_on,
        row.number,
        posting.presented_on,
        posting.delivered_on,
        posting.returned_on,
        posting.get_return_reason_display(),
    )


def _proposal(row: Proposal) -> Sequence[Cell]:
    invoice, last = row.invoice, row.last
    against = [
        in_short(reason_from_data(data), currency=invoice.currency)
        for data in row.reasons
    ]
    return (
        row.customer.code,
        row.customer.name,
        invoice.number,
        invoice.due_date,
        max(invoice.days_late(on=timezone.localdate()), 0) or None,
        invoice.total,
        invoice.balance,
        invoice.currency,
        last.level_name if last else None,
        last.made_on if last else None,
        last.next_on if last else None,
        str(row.level_that_counts or ""),
        row.get_channel_display(),
        ", ".join(against),
        str(row.chosen_by or ""),
        row.note,
    )


def _read(found: QuerySet[Any]) -> Iterator[Any]:
    """Read row by row: a long list takes no memory."""
    return found.iterator(chunk_size=CHUNK)


def _answer(
    name: str, header: Sequence[str], rows: Iterable[Sequence[Cell]]
) -> HttpResponseBase:
    """Return the rows as they are read, under a name with today's date."""
    language, zone = get_language() or "fr", timezone.get_current_timezone()
    lines = csv_lines(header, rows, french=language.startswith("fr"))
    response = StreamingHttpResponse(
        _as_asked(lines, language, zone), content_type="text/csv; charset=utf-8"
    )
    file = f"{name}-{timezone.localdate():%Y-%m-%d}.csv"
    response["Content-Disposition"] = content_disposition_header(True, file) or ""
    return response


def _as_asked(lines: Iterator[str], language: str, zone: tzinfo) -> Iterator[str]:
    """Read each line in the language and zone of the page that asked for it: the
    server reads them once the view, and the middleware around it, are done."""
    while True:
        # Never left open between two lines: the thread may serve somebody else.
        with override(language), timezone.override(zone):
            line = next(lines, None)
        if line is None:
            return
        yield line


def csv_lines(
    header: Sequence[str], rows: Iterable[Sequence[Cell]], *, french: bool
) -> Iterator[str]:
    """Return the lines of a CSV file: ``;`` and decimal commas in French.

    Text that a spreadsheet would run as a formula gets an apostrophe before it.
    """
    writer = csv.writer(_Echo(), delimiter=";" if french else ",")
    yield BYTE_ORDER_MARK + writer.writerow(header)
    for row in rows:
        yield writer.writerow([_cell(value, french=french) for value in row])


class _Echo:
    """Gives back what the csv module writes, one line at a time."""

    def write(self, line: str) -> str:
        return line


def _cell(value: Cell, *, french: bool) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal):
        written = f"{value:.2f}"
        return written.replace(".", ",") if french else written
    if isinstance(value, date):
        return wording.short_date(value)
    text = str(value)
    return f"'{text}" if text.startswith(FORMULA) else text
