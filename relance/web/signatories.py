"""Those who sign letters."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from relance.gateways.storage import CorruptFile, MissingFile
from relance.models import Signatory
from relance.rules.permissions import Action
from relance.services import documents
from relance.services import signatories as service
from relance.web.access import may
from relance.web.forms import refused_on
from relance.web.http import WebRequest
from relance.web.stationery import picture_address
from relance.web.stationery_forms import SignatoryForm

PAGE = "relance/stationery/signatory.html"


@require_http_methods(["GET", "POST"])
@may(Action.CONFIGURE)
def new(request: WebRequest) -> HttpResponse:
    """Add somebody who signs."""
    form = SignatoryForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        with refused_on(form):
            service.add_signatory(form.as_data(), by=request.user, now=timezone.now())
            messages.success(request, _("The signatory is added."))
            return redirect("stationery")
    status = 422 if request.method == "POST" else 200
    return render(request, PAGE, {"form": form}, status=status)


@require_http_methods(["GET", "POST"])
@may(Action.CONFIGURE)
def edit(request: WebRequest, pk: int) -> HttpResponse:
    """Change who signs, the picture of the signature, and which letters."""
    found = get_object_or_404(Signatory.objects.select_related("signature"), pk=pk)
    form = SignatoryForm(initial=SignatoryForm.initial_of(found))
    if request.method == "POST":
        form = SignatoryForm(request.POST, request.FILES)
        if form.is_valid():
            with refused_on(form):
                service.edit_signatory(
                    found, form.as_data(), by=request.user, now=timezone.now()
                )
                messages.success(request, _("The signatory is changed."))
                return redirect("stationery")
    context = {"form": form, "signatory": found, "picture": _picture(found)}
    status = 422 if request.method == "POST" else 200
    return render(request, PAGE, context, status=status)


def _picture(signatory: Signatory) -> str:
    if signatory.signature is None:
        return ""
    try:
        return picture_address(documents.read(signatory.signature))
    except (MissingFile, CorruptFile):
        return ""
