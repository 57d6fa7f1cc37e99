"""*Tableur*: a file dropped, its columns chosen, its rows looked at, then imported."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from relance import jobs
from relance.models import Spreadsheet, SpreadsheetProfile
from relance.queries import spreadsheets as queries
from relance.rules.permissions import Action
from relance.rules.spreadsheet_targets import Kind
from relance.services import heartbeat, spreadsheet_work
from relance.services import spreadsheets as service
from relance.services.refusal import Refused
from relance.services.spreadsheet_layout import layout_from_data
from relance.services.spreadsheet_reports import report_from_data
from relance.services.spreadsheet_words import things
from relance.web.access import may
from relance.web.http import WebRequest
from relance.web.spreadsheet_forms import ColumnsForm, DropForm, ProfileForm
from relance.web.spreadsheet_rows import figures, heads, shown, troubles

# Read and written while the person waits; what is larger, in the background.
AT_ONCE = 200 * 1024
FOLDER = "relance/spreadsheets"


@require_http_methods(["GET", "POST"])
@may(Action.EDIT_LEDGER)
def spreadsheets(request: WebRequest) -> HttpResponse:
    """Show the drop zone and the files on the way; receive one."""
    form = DropForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        upload = form.cleaned_data["upload"]
        try:
            found = service.drop(
                upload.name or "", upload.read(), by=request.user, now=timezone.now()
            )
        except Refused as refused:
            form.add_error("upload", refused.message)
        else:
            return redirect("spreadsheet-columns", found.pk)
    context = {
        "form": form,
        "files": queries.on_the_way(),
        "profiles": queries.profiles(),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, f"{FOLDER}/list.html", context, status=status)


@require_http_methods(["GET", "POST"])
@may(Action.EDIT_LEDGER)
def columns(request: WebRequest, pk: int) -> HttpResponse:
    """Say what the file lists and which column says what."""
    found = _found(pk)
    if found.state in (Spreadsheet.State.IMPORTING, Spreadsheet.State.DONE):
        return redirect("spreadsheet", pk)
    try:
        reading = service.reading(found)
    except Refused as refused:
        messages.error(request, refused.message)
        return redirect("spreadsheets")
    form = ColumnsForm(request.POST or None, reading=reading)
    if request.method == "POST":
        answer = _chosen(request, found, form)
        if answer is not None:
            return answer
    context = {
        "file": found,
        "form": form,
        "reading": reading,
        "profiles": queries.profiles(),
        "before": queries.imported_before(found.document.sha256),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, f"{FOLDER}/columns.html", context, status=status)


def _chosen(
    request: WebRequest, found: Spreadsheet, form: ColumnsForm
) -> HttpResponse | None:
    """Keep what was chosen; return the next page, none when something is missing."""
    valid = form.is_valid()
    if "again" in request.POST or form.is_another_reading():
        now = timezone.now()
        try:
            service.reread(found, form.reshaped(), now=now)
        except Refused as refused:
            form.add_error(None, refused.message)
            return None
        return redirect("spreadsheet-columns", found.pk)
    if not valid:
        return None
    try:
        chosen = service.choose(found, form.layout(), now=timezone.now())
    except Refused as refused:
        form.add_error(
            refused.field if refused.field in form.fields else None, refused.message
        )
        return None
    _go_on(chosen)
    return redirect("spreadsheet", found.pk)


def _go_on(found: Spreadsheet) -> None:
    if found.document.size > AT_ONCE:
        jobs.start_spreadsheet(found)
        return
    step = (
        spreadsheet_work.work
        if found.state == Spreadsheet.State.IMPORTING
        else spreadsheet_work.check
    )
    step(found.pk, clock=timezone.now, today=timezone.localdate())


@require_GET
@may(Action.EDIT_LEDGER)
def spreadsheet(request: WebRequest, pk: int) -> HttpResponse:
    """Show what would become of the rows, how far they are, or where they went."""
    found = _found(pk)
    if found.at_work:
        return _working(request, found)
    if request.htmx and request.htmx.target == "watched":
        # What is to be seen now is another page.
        where = reverse("spreadsheet", args=[pk])
        return HttpResponse(status=204, headers={"HX-Redirect": where})
    if found.state == Spreadsheet.State.CHOOSING:
        if found.trouble:
            messages.error(request, found.trouble)
        return redirect("spreadsheet-columns", pk)
    if found.state == Spreadsheet.State.DONE:
        if found.batch is None:
            return redirect("receipts")
        return redirect("batch", found.batch.pk)
    return render(request, f"{FOLDER}/checked.html", _checked(request, found))


def _working(request: WebRequest, found: Spreadsheet) -> HttpResponse:
    importing = found.state == Spreadsheet.State.IMPORTING
    total = found.rows_total if importing else 0
    context = {
        "file": found,
        "importing": importing,
        "total": total,
        "percent": min(100 * found.rows_done // total, 100) if total else 0,
        "alive": heartbeat.is_alive(now=timezone.now()),
    }
    template = f"{FOLDER}/working.html"
    part = f"{template}#watched" if request.htmx else template
    return render(request, part, context)


def _checked(request: WebRequest, found: Spreadsheet) -> dict[str, Any]:
    report, layout = report_from_data(found.report), layout_from_data(found.layout)
    faulty = request.GET.get("rows") == "faulty" and bool(report.faulty)
    lines = report.faulty if faulty else report.first
    kind = Kind(found.kind)
    return {
        "file": found,
        "report": report,
        "figures": figures(report),
        "troubles": troubles(report),
        "heads": heads(layout),
        "rows": shown(lines, layout),
        "faulty": faulty,
        "faulty_count": len(report.faulty),
        "what": things(kind, report.to_write),
        "customers": things(Kind.CUSTOMERS, report.customers),
        "payments": things(Kind.PAYMENTS, report.payments),
        "profile_form": ProfileForm(),
    }


@require_POST
@may(Action.EDIT_LEDGER)
def start(request: WebRequest, pk: int) -> HttpResponse:
    """Import what was looked at."""
    found = _found(pk)
    try:
        started = service.start(found, by=request.user, now=timezone.now())
    except Refused as refused:
        messages.error(request, refused.message)
    else:
        if started.state == Spreadsheet.State.IMPORTING:
            _go_on(started)
    return redirect("spreadsheet", pk)


@require_POST
@may(Action.EDIT_LEDGER)
def discard(request: WebRequest, pk: int) -> HttpResponse:
    """Forget a file that was not imported."""
    try:
        service.discard(_found(pk))
    except Refused as refused:
        messages.error(request, refused.message)
    else:
        messages.success(request, _("File set aside: nothing of it was imported."))
    return redirect("spreadsheets")


@require_POST
@may(Action.EDIT_LEDGER)
def save_profile(request: WebRequest, pk: int) -> HttpResponse:
    """Keep the choice of columns under a name."""
    form = ProfileForm(request.POST)
    name = form.cleaned_data["name"] if form.is_valid() else ""
    now = timezone.now()
    try:
        saved = service.save_profile(_found(pk), name, by=request.user, now=now)
    except Refused as refused:
        messages.error(request, refused.message)
    else:
        words = _("Profile “%(name)s” kept: it is offered for the same columns.")
        messages.success(request, words % {"name": saved.name})
    return redirect("spreadsheet", pk)


@require_POST
@may(Action.EDIT_LEDGER)
def use_profile(request: WebRequest, pk: int) -> HttpResponse:
    """Take the choices of a profile over."""
    key = request.POST.get("profile", "")
    rows = SpreadsheetProfile.objects.all()
    profile = get_object_or_404(rows, pk=int(key) if key.isdecimal() else 0)
    try:
        service.apply_profile(_found(pk), profile, now=timezone.now())
    except Refused as refused:
        messages.error(request, refused.message)
    return redirect("spreadsheet-columns", pk)


@require_POST
@may(Action.EDIT_LEDGER)
def remove_profile(request: WebRequest, pk: int) -> HttpResponse:
    """Forget a profile."""
    service.remove_profile(get_object_or_404(SpreadsheetProfile, pk=pk))
    messages.success(request, _("Profile removed."))
    return redirect("spreadsheets")


def _found(pk: int) -> Spreadsheet:
    return get_object_or_404(queries.spreadsheets(), pk=pk)
