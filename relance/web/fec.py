"""*FEC*: a ledger of accounts dropped, checked, brought in."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from relance import jobs
from relance.gateways.fec_content import MAX_FILE, WARNINGS, Warn
from relance.models import Customer, FecAccount, FecFile
from relance.queries import fec as queries
from relance.queries.fec import Part
from relance.rules.permissions import Action
from relance.services import fec, fec_choices, fec_reading, fec_work, heartbeat
from relance.services.refusal import Refused
from relance.web.access import may
from relance.web.fec_rows import rows_of
from relance.web.http import WebRequest

PAGE = 50
# Read while the person waits; what is larger, in the background.
AT_ONCE = 2 * 1024 * 1024
LABELS = {
    Part.CUSTOMERS: gettext_lazy("Customers"),
    Part.INVOICES: gettext_lazy("Unpaid invoices"),
    Part.PAYMENTS: gettext_lazy("Payments not lettered"),
    Part.SETTLED: gettext_lazy("Settled since"),
    Part.APART: gettext_lazy("To decide"),
    Part.REFUSED: gettext_lazy("Refused"),
}


class FecForm(forms.Form):
    """The file to read."""

    upload = forms.FileField(label=gettext_lazy("FEC file"))

    def clean_upload(self) -> UploadedFile[Any]:
        file: UploadedFile[Any] = self.cleaned_data["upload"]
        if (file.size or 0) > MAX_FILE:
            limit = MAX_FILE // 1024 // 1024
            raise forms.ValidationError(
                _("The file is larger than %(limit)s MB.") % {"limit": limit}
            )
        return file


@require_http_methods(["GET", "POST"])
@may(Action.EDIT_LEDGER)
def files(request: WebRequest) -> HttpResponse:
    """Show the drop zone and the files received; receive one."""
    form = FecForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        upload = form.cleaned_data["upload"]
        now, name = timezone.now(), upload.name or ""
        try:
            found = fec.receive(name, upload.read(), by=request.user, now=now)
        except Refused as refused:
            form.add_error("upload", refused.message)
        else:
            _read(found)
            return redirect("fec-file", found.pk)
    page = Paginator(queries.files(), PAGE).get_page(request.GET.get("page"))
    status = 422 if request.method == "POST" else 200
    context = {"form": form, "page": page}
    return render(request, "relance/fec/list.html", context, status=status)


def _read(found: FecFile) -> None:
    if found.document.size <= AT_ONCE:
        fec_reading.read(found.pk, now=timezone.now())
    else:
        jobs.start_fec(found)


@require_GET
@may(Action.EDIT_LEDGER)
def file(request: WebRequest, pk: int) -> HttpResponse:
    """Show what a file holds and what would be done; or how far it is."""
    found = get_object_or_404(queries.files(), pk=pk)
    if request.htmx and not found.is_at_work:
        # What is to be seen now is another page.
        where = reverse("fec-file", args=[pk])
        return HttpResponse(status=204, headers={"HX-Redirect": where})
    if found.is_at_work:
        context: dict[str, Any] = {
            "file": found,
            "progress": queries.done(found),
            "alive": heartbeat.is_alive(now=timezone.now()),
        }
        template = "relance/fec/working.html"
        return render(
            request, f"{template}#watched" if request.htmx else template, context
        )
    return render(request, "relance/fec/detail.html", _shown(request, found))


def _shown(request: WebRequest, found: FecFile) -> dict[str, Any]:
    figures = queries.figures(found)
    asked = request.GET.get("part", "")
    full = [part for part in Part if figures.counts[part]]
    part = Part(asked) if asked in full else next(iter(full[1:] or full), Part.INVOICES)
    listed = (
        queries.accounts(found)
        if part == Part.CUSTOMERS
        else queries.items(found, part)
    )
    page = Paginator(listed, PAGE).get_page(request.GET.get("page"))
    rows = rows_of(found, part, list(page))
    return {
        "file": found,
        "figures": figures,
        "part": part,
        "chips": [(one, LABELS[one], figures.counts[one]) for one in full],
        "page": page,
        "rows": rows,
        "has_states": part != Part.CUSTOMERS and any(row.says for row in rows),
        "warnings": [_(WARNINGS[Warn(code)]) for code in found.warnings],
        "to_check": found.state == FecFile.State.READY,
        "import_words": _import_words(figures),
    }


def _import_words(figures: queries.Figures) -> str:
    """Say on the button what it does."""
    n, p = figures.invoices, figures.payments
    invoices = ngettext("%(n)s invoice", "%(n)s invoices", n) % {"n": n}
    payments = ngettext("%(n)s payment", "%(n)s payments", p) % {"n": p}
    if n and p:
        said = {"invoices": invoices, "payments": payments}
        return _("Import %(invoices)s and %(payments)s") % said
    if n or p:
        return _("Import %(what)s") % {"what": invoices if n else payments}
    words = ngettext("Settle %(n)s invoice", "Settle %(n)s invoices", figures.settled)
    return words % {"n": figures.settled}


@require_POST
@may(Action.EDIT_LEDGER)
def keep(request: WebRequest, pk: int) -> HttpResponse:
    """Keep what was ticked on the page shown."""
    found = get_object_or_404(FecFile, pk=pk)
    try:
        _keep(request, found)
    except Refused as refused:
        messages.error(request, refused.message)
    else:
        messages.success(request, _("Your choices are kept; nothing is imported yet."))
    part, page = request.POST.get("part", ""), request.POST.get("page", "1")
    where = reverse("fec-file", args=[pk])
    return redirect(f"{where}?part={part}&page={page}" if part in set(Part) else where)


def _keep(request: WebRequest, found: FecFile) -> None:
    """Keep the ticks of one page; what is not shown stays as it was."""
    shown, ticked = _numbers(request, "shown"), _numbers(request, "take")
    match request.POST.get("part"):
        case Part.CUSTOMERS:
            fec_choices.keep_accounts(found, shown, ticked)
        case Part.PAYMENTS:
            fec_choices.keep_items(found, shown, ticked)
            fec_choices.keep_matches(found, shown, _numbers(request, "match"))
        case Part.INVOICES | Part.SETTLED | Part.APART:
            fec_choices.keep_items(found, shown, ticked)


def _numbers(request: WebRequest, name: str) -> list[int]:
    return [int(value) for value in request.POST.getlist(name) if value.isdecimal()]


@require_POST
@may(Action.EDIT_LEDGER)
def start(request: WebRequest, pk: int) -> HttpResponse:
    """Bring in what is ticked; the ticks of the page shown count."""
    found = get_object_or_404(FecFile, pk=pk)
    try:
        if found.state == FecFile.State.READY:
            _keep(request, found)
        started = fec.start(found, by=request.user, now=timezone.now())
    except Refused as refused:
        messages.error(request, refused.message)
        return redirect("fec-file", pk)
    if fec_work.work(started.pk, now=timezone.now()):
        jobs.start_fec(started)
    return redirect("fec-file", pk)


@require_POST
@may(Action.EDIT_LEDGER)
def drop(request: WebRequest, pk: int) -> HttpResponse:
    """Give up a file that was not imported."""
    found = get_object_or_404(FecFile, pk=pk)
    try:
        fec.drop(found, by=request.user, now=timezone.now())
    except Refused as refused:
        messages.error(request, refused.message)
        return redirect("fec-file", pk)
    messages.success(request, _("The file is given up: nothing of it was imported."))
    return redirect("fec")


@require_http_methods(["GET", "POST"])
@may(Action.EDIT_LEDGER)
def customer(request: WebRequest, pk: int) -> HttpResponse:
    """Say who a customer of the ledger is here."""
    account = get_object_or_404(FecAccount.objects.select_related("file"), pk=pk)
    where = f"{reverse('fec-file', args=[account.file_id])}?part={Part.CUSTOMERS}"
    if request.method == "GET":
        words = request.GET.get("q", "")
        found = queries.customers_like(words, account)
        page = Paginator(found, PAGE).get_page(request.GET.get("page"))
        context = {"account": account, "page": page, "q": words, "where": where}
        return render(request, "relance/fec/customer.html", context)
    chosen = request.POST.get("customer", "")
    known = get_object_or_404(Customer, pk=chosen) if chosen.isdecimal() else None
    try:
        fec_choices.choose_customer(account, known)
    except Refused as refused:
        messages.error(request, refused.message)
    return redirect(where)
