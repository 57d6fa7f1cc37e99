"""*Papier à lettres*: how letters look, with a sample beside the form."""

from __future__ import annotations

import base64

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from relance.gateways.look import LETTER
from relance.models import Signatory, Stationery
from relance.queries.stationery import stationery as saved_paper
from relance.rules.contrast import is_colour
from relance.rules.permissions import Action
from relance.services import look
from relance.services import stationery as service
from relance.web.access import may
from relance.web.forms import refused_on
from relance.web.http import WebRequest
from relance.web.stationery_forms import StationeryForm, TemplateForm

PAGE = "relance/stationery/page.html"


@require_http_methods(["GET", "POST"])
@may(Action.CONFIGURE)
def stationery(request: WebRequest) -> HttpResponse:
    """Show the letter paper with a sample; save it, or only show what it would be."""
    if request.method == "GET":
        return _page(request)
    form = StationeryForm(request.POST, request.FILES)
    only_shown = request.POST.get("do") == "preview"
    if form.is_valid() and not only_shown:
        with refused_on(form):
            service.save_stationery(form.as_data(), by=request.user, now=timezone.now())
            messages.success(request, _("The letter paper is saved."))
            return redirect("stationery")
    sample = _sample(form)
    # htmx leaves alone what is answered with an error.
    status = 422 if form.errors and not request.htmx else 200
    if only_shown and request.htmx:
        context = {"form": form, "sample": sample, "contrast": _contrast(form)}
        return render(request, f"{PAGE}#sample", context)
    return _page(request, form=form, sample=sample, status=status)


@require_POST
@may(Action.CONFIGURE)
def reset(request: WebRequest) -> HttpResponse:
    """Go back to the look that is shipped."""
    service.reset_stationery(by=request.user, now=timezone.now())
    messages.success(request, _("The letter paper is as it was shipped."))
    return redirect("stationery")


@require_POST
@may(Action.CONFIGURE)
def template(request: WebRequest) -> HttpResponse:
    """Use an own letter.typ, or go back to ours."""
    now = timezone.now()
    if request.POST.get("do") == "shipped":
        service.use_shipped_template(by=request.user, now=now)
        messages.success(request, _("Letters are back to the page layout of Relance."))
        return redirect("stationery")
    form = TemplateForm(request.POST, request.FILES)
    if form.is_valid():
        data = form.cleaned_data["template"].read(service.LARGEST_TEMPLATE + 1)
        with refused_on(form):
            service.use_template(data, by=request.user, now=now)
            messages.success(request, _("Letters now have their own page layout."))
            return redirect("stationery")
    return _page(request, template_form=form, status=422)


@require_GET
@may(Action.CONFIGURE)
def template_file(request: WebRequest) -> HttpResponse:
    """Return the layout in use, or with ``?shipped`` ours, to start from."""
    text = "" if "shipped" in request.GET else look.current_look().template
    response = HttpResponse(
        text or service.shipped_template(), content_type="text/plain; charset=utf-8"
    )
    response["Content-Disposition"] = f'attachment; filename="{LETTER}"'
    return response


def _page(
    request: WebRequest,
    *,
    form: StationeryForm | None = None,
    template_form: TemplateForm | None = None,
    sample: str = "",
    status: int = 200,
) -> HttpResponse:
    paper = saved_paper()
    shown = form or StationeryForm(initial=StationeryForm.initial_of(paper))
    signatories = Signatory.objects.select_related("signature")
    context = {
        "paper": paper,
        "form": shown,
        "template_form": template_form or TemplateForm(),
        "contrast": _contrast(shown) or service.contrast_words(paper.accent),
        "logo": _logo_address(paper),
        "signatories": signatories.prefetch_related("levels"),
        "sample": sample or picture_address(service.saved_sample()),
    }
    return render(request, PAGE, context, status=status)


def _sample(form: StationeryForm) -> str:
    """Return the picture of a sample on the paper of the form; empty, with the
    reason on the form, when something in it is wrong."""
    address = ""
    if form.is_valid():
        with refused_on(form):
            address = picture_address(service.preview(form.as_data()))
    return address


def _contrast(form: StationeryForm) -> str:
    colour = getattr(form, "cleaned_data", {}).get("accent", "").lower()
    if "accent" in form.errors or not is_colour(colour):
        return ""
    return service.contrast_words(colour)


def _logo_address(paper: Stationery) -> str:
    found = look.logo_of(paper)
    if found is None or paper.logo is None:
        return ""
    return picture_address(found.data, media_type=paper.logo.media_type)


def picture_address(data: bytes, *, media_type: str = "image/png") -> str:
    """Return a picture as an address that holds it: nobody else can ask for it."""
    return f"data:{media_type};base64,{base64.b64encode(data).decode()}"
