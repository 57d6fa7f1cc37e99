"""All the texts in one file: taken away, brought back after a look at what changes."""

from __future__ import annotations

import base64
import binascii

from django import forms
from django.contrib import messages
from django.core.files.base import File
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_POST

from relance.gateways.text_archive import MAX_BYTES
from relance.rules.permissions import Action
from relance.rules.text_diff import Line, compare
from relance.services import text_files as service
from relance.services.refusal import Refused
from relance.services.text_files import Fate, PlannedText
from relance.web.access import may
from relance.web.forms import refused_on
from relance.web.http import WebRequest

TEMPLATE = "relance/texts/import.html"


class ImportForm(forms.Form):
    """The file to bring back."""

    upload = forms.FileField(
        label=gettext_lazy("ZIP file of texts"),
        widget=forms.FileInput(attrs={"accept": ".zip,application/zip"}),
    )


@require_GET
@may(Action.EDIT_TEXTS)
def export(request: WebRequest) -> HttpResponse:
    """Give all the texts in use as one ZIP."""
    name = f"relance-textes-{timezone.localdate():%Y-%m-%d}.zip"
    answer = HttpResponse(service.export_texts(), content_type="application/zip")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@require_POST
@may(Action.EDIT_TEXTS)
def preview(request: WebRequest) -> HttpResponse:
    """Show what taking a file would change; nothing is written yet."""
    form = ImportForm(request.POST, request.FILES)
    if form.is_valid():
        with refused_on(form):
            data = _bounded(form.cleaned_data["upload"])
            plan = service.plan_import(data)
            context: dict[str, object] = {
                "shown": [Shown(one) for one in plan],
                "file": base64.b64encode(data).decode(),
                "counts": _counts(plan),
                "form": ImportForm(),
            }
            return render(request, TEMPLATE, context)
    return render(request, TEMPLATE, {"form": form}, status=422)


@require_POST
@may(Action.EDIT_TEXTS)
def take(request: WebRequest) -> HttpResponse:
    """Put the ticked texts of a file in use."""
    try:
        data = base64.b64decode(request.POST.get("file", ""), validate=True)
        made = service.import_texts(
            data,
            names=request.POST.getlist("take"),
            by=request.user,
            now=timezone.now(),
        )
    except (Refused, binascii.Error, ValueError):
        messages.error(request, _("The file was lost on the way: choose it again."))
        return redirect("texts")
    words = ngettext(
        "%(count)s text is in use from this file.",
        "%(count)s texts are in use from this file.",
        len(made),
    )
    messages.success(request, words % {"count": len(made)})
    return redirect("texts")


class Shown:
    """A file of the import, with what it changes."""

    def __init__(self, planned: PlannedText) -> None:
        self.planned = planned
        self.lines: tuple[Line, ...] = ()
        if planned.data is None or planned.fate not in (Fate.NEW, Fate.CHANGED):
            return
        used, data = planned.used, planned.data
        self.lines = (
            *compare(used.subject if used else "", data.subject),
            *compare(used.body if used else "", data.body),
        )


def _bounded(upload: File[bytes]) -> bytes:
    """Read no more than may be, whatever was sent."""
    data: bytes = upload.read(MAX_BYTES + 1)
    return data


def _counts(plan: list[PlannedText]) -> dict[str, int]:
    return {
        fate.value: sum(one.fate == fate for one in plan)
        for fate in (Fate.ERROR, Fate.NEW, Fate.CHANGED, Fate.SAME)
    }
