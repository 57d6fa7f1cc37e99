"""The imports that were made: what each brought, and undoing one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from relance.models import ImportBatch
from relance.queries import spreadsheets as queries
from relance.rules.permissions import Action
from relance.services import batches as service
from relance.services.refusal import Refused
from relance.services.spreadsheet_decisions import Status
from relance.services.spreadsheet_layout import layout_from_data
from relance.services.spreadsheet_reports import report_from_data
from relance.web.access import may
from relance.web.http import WebRequest
from relance.web.spreadsheet_rows import COUNTED, STATUSES, heads, shown

PAGE = 50
# Rows shown on the card of an import.
FIRST = 20


@require_GET
@may(Action.VIEW)
def batches(request: WebRequest) -> HttpResponse:
    """List the imports, the newest first."""
    page = Paginator(queries.batches(), PAGE).get_page(request.GET.get("page"))
    rows = [(batch, counted(batch.counts)) for batch in page]
    context = {"page": page, "rows": rows}
    return render(request, "relance/batches/list.html", context)


def counted(counts: Mapping[str, int]) -> list[tuple[str | Promise, int, str]]:
    """Return what came of the rows of a file, those that occur; an import of another
    shape says nothing here."""
    return [
        (COUNTED[status], counts[status.value], STATUSES[status][1])
        for status in Status
        if counts.get(status.value)
    ]


@require_GET
@may(Action.VIEW)
def batch(request: WebRequest, pk: int) -> HttpResponse:
    """Show what an import brought, and what keeps it from being undone."""
    found = get_object_or_404(queries.batches(), pk=pk)
    may_edit = request.user.may(Action.EDIT_LEDGER)
    done = found.state == ImportBatch.State.DONE
    context = {
        "batch": found,
        "counts": counted(found.counts),
        "created": queries.created_by(found),
        "invoices": queries.invoices_of(found, most=FIRST),
        "customers": queries.customers_of(found, most=FIRST),
        "payments": queries.payments_of(found, most=FIRST),
        "may_edit": may_edit,
        "blockers": service.blockers(found) if done and may_edit else [],
        "file": None,
    } | _rows(found)
    return render(request, "relance/batches/detail.html", context)


def _rows(found: ImportBatch) -> dict[str, Any]:
    """Return the rows of its spreadsheet that are to be looked at."""
    file = queries.spreadsheets().filter(batch=found).first()
    if file is None:
        return {}
    layout, report = layout_from_data(file.layout), report_from_data(file.report)
    return {
        "file": file,
        "heads": heads(layout),
        "rows": shown(report.faulty, layout),
    }


@require_POST
@may(Action.EDIT_LEDGER)
def undo(request: WebRequest, pk: int) -> HttpResponse:
    """Take an import back, whole."""
    found = get_object_or_404(ImportBatch, pk=pk)
    try:
        service.undo(found, by=request.user, now=timezone.now())
    except Refused as refused:
        messages.error(request, refused.message)
    else:
        messages.success(request, _("Import undone: everything is as before it."))
    return redirect("batch", pk)
