"""The print room on screen: the file of a run, its options, the window test."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import IO

from django import forms
from django.contrib import messages
from django.http import FileResponse, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from relance import jobs
from relance.models import Run
from relance.rules.permissions import Action
from relance.services import covers
from relance.services import printing as service
from relance.services.refusal import Refused
from relance.web.access import may
from relance.web.http import WebRequest

PDF = "application/pdf"


class PrintForm(forms.Form):
    """How the letters follow each other."""

    order = forms.ChoiceField(
        label=gettext_lazy("Order"), choices=Run.PrintOrder.choices
    )
    duplex = forms.BooleanField(
        label=gettext_lazy("Printed on both sides: each letter starts on a front"),
        required=False,
    )
    cover = forms.BooleanField(
        label=gettext_lazy("Cover sheet with the list and a box to sign"),
        required=False,
    )


def print_form(run: Run) -> PrintForm:
    """Return the form as the run has it."""
    initial = {
        "order": run.print_order,
        "duplex": run.print_duplex,
        "cover": run.print_cover,
    }
    return PrintForm(initial=initial)


@require_GET
@may(Action.VIEW)
def print_file(request: WebRequest, pk: int) -> HttpResponseBase:
    """Return the print file of a run; ``?from=12`` or ``?from=R-00431``: its letters
    from that one on."""
    run = get_object_or_404(Run, pk=pk)
    if first := request.GET.get("from", "").strip():
        return _from(request, run, first)
    path = service.print_path(run)
    if path is None:
        messages.warning(request, _("The print file is not ready: it is being made."))
        return redirect("run", pk)
    return _pdf(path.open("rb"), f"Relances_{run.reference}_{run.made_on:%Y-%m-%d}.pdf")


@require_POST
@may(Action.REMIND)
def options(request: WebRequest, pk: int) -> HttpResponse:
    """Keep the order and the layout; the file is made again."""
    run, form = get_object_or_404(Run, pk=pk), PrintForm(request.POST)
    if form.is_valid():
        chosen = form.cleaned_data
        service.choose_print(run, **chosen, by=request.user, now=timezone.now())
        jobs.start_print(run)
        messages.success(request, _("The print file is being made again."))
    else:
        messages.error(request, _("Choose one of the orders."))
    return redirect("run", pk)


@require_GET
@may(Action.VIEW)
def registered(request: WebRequest, pk: int) -> HttpResponseBase:
    """Return the registered letters of a run, each a file of its own, in a ZIP."""
    run = get_object_or_404(Run, pk=pk)
    file = tempfile.TemporaryFile()  # noqa: SIM115 (the response closes it)
    try:
        service.write_registered(run, file)
    except Refused as refused:
        file.close()
        messages.error(request, refused.message)
        return redirect("run", pk)
    file.seek(0)
    words = _("Registered-letters")
    name = f"{words}_{run.reference}_{run.made_on:%Y-%m-%d}.zip"
    return FileResponse(file, as_attachment=True, filename=name)


@require_GET
@may(Action.VIEW)
def window(request: WebRequest) -> HttpResponse:
    """Return the page that shows whether the address stands in the window."""
    response = HttpResponse(covers.window_test(), content_type=PDF)
    name = _("Window-test")
    response["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    return response


def _from(request: WebRequest, run: Run, first: str) -> HttpResponseBase:
    with tempfile.TemporaryDirectory(prefix="relance-print-") as folder:
        path = Path(folder) / "letters.pdf"
        try:
            service.print_from(run, first, path)
        except Refused as refused:
            messages.error(request, refused.message)
            return redirect("run", run.pk)
        # Windows removes no folder with a file in it that is still being sent.
        file = tempfile.TemporaryFile()  # noqa: SIM115 (the response closes it)
        with path.open("rb") as made:
            shutil.copyfileobj(made, file)
    file.seek(0)
    from_there = _("from-%(first)s") % {"first": first}
    return _pdf(file, f"Relances_{run.reference}_{from_there}.pdf")


def _pdf(file: IO[bytes], name: str) -> FileResponse:
    return FileResponse(file, filename=name, content_type=PDF)
