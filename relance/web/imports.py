"""Bringing e-invoices in: drop them on the page, see what became of each."""

from __future__ import annotations

from collections import Counter

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from relance.rules.permissions import Action
from relance.services.imports import ImportResult, Status, import_files
from relance.web.access import may
from relance.web.http import WebRequest

# What one person drops at once; more goes in several times, or by the terminal.
MOST_MEGABYTES = 64
# What needs a look comes first.
ORDER = (
    Status.REFUSED,
    Status.CONFLICT,
    Status.UPDATED,
    Status.IMPORTED,
    Status.UNCHANGED,
)


class SeveralFiles(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files at once, none of them empty of name."""

    widget = SeveralFiles

    def clean(self, data: object, initial: object = None) -> object:
        given = data if isinstance(data, list) else [data]
        files = [file for file in given if isinstance(file, UploadedFile)]
        if not files:
            raise forms.ValidationError(_("Choose at least one file."))
        if sum(file.size or 0 for file in files) > MOST_MEGABYTES * 1024 * 1024:
            raise forms.ValidationError(
                _("These files are too large together: at most %(limit)s MB at once."),
                params={"limit": MOST_MEGABYTES},
            )
        return files


class ImportForm(forms.Form):
    """The files to bring in."""

    uploads = FilesField(label=_("Files"))


@require_http_methods(["GET", "POST"])
@may(Action.EDIT_LEDGER)
def imports(request: WebRequest) -> HttpResponse:
    """Show the drop zone, and the result of what was dropped."""
    if request.method == "GET":
        return render(request, "relance/imports/page.html", {"form": ImportForm()})
    form = ImportForm(request.POST, request.FILES)
    if not form.is_valid():
        refused = {"form": form}
        return render(request, "relance/imports/page.html", refused, status=422)
    files = ((file.name, file.read()) for file in form.cleaned_data["uploads"])
    results = import_files(files, by=request.user, now=timezone.now())
    results.sort(key=lambda result: ORDER.index(result.status))
    context: dict[str, object] = {
        "form": ImportForm(),
        "results": results,
        "counts": _counts(results),
    }
    return render(request, "relance/imports/page.html", context)


def _counts(results: list[ImportResult]) -> dict[str, int]:
    counted = Counter(result.status.value for result in results)
    return {status.value: counted[status.value] for status in Status}
