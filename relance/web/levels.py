"""Levels and procedures: the page of all of them, and the forms of levels."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from relance.models import Level
from relance.queries import levels as queries
from relance.queries.company import company
from relance.rules.permissions import Action
from relance.services import company as company_service
from relance.services import levels as service
from relance.services.refusal import Refused
from relance.web.access import may
from relance.web.company_forms import ThresholdsForm, company_data, initial_company
from relance.web.forms import refused_on
from relance.web.http import WebRequest
from relance.web.level_forms import LevelForm, NewLevelForm
from relance.web.procedure_words import summaries


@require_GET
@may(Action.CONFIGURE)
def levels(request: WebRequest) -> HttpResponse:
    """Show the levels, the procedures, the thresholds."""
    return _page(request, ThresholdsForm(initial=initial_company(company())))


@require_http_methods(["GET", "POST"])
@may(Action.CONFIGURE)
def thresholds(request: WebRequest) -> HttpResponse:
    """Save what holds whatever the procedure."""
    if request.method == "GET":
        return redirect("levels")
    form = ThresholdsForm(request.POST)
    if form.is_valid():
        data = company_data(company(), **form.cleaned_data)
        with refused_on(form):
            company_service.save_company(data, by=request.user, now=timezone.now())
            messages.success(request, _("The thresholds are saved."))
            return redirect("levels")
    return _page(request, form, status=422)


@require_http_methods(["GET", "POST"])
@may(Action.CONFIGURE)
def new(request: WebRequest) -> HttpResponse:
    """Add a level."""
    form = NewLevelForm(request.POST or None, initial=_proposed())
    if request.method == "POST" and form.is_valid():
        with refused_on(form):
            made = service.add_level(
                form.as_data(),
                after=form.cleaned_data["after"],
                texts_of=form.cleaned_data["texts_of"],
                by=request.user,
                now=timezone.now(),
            )
            words = _("“%(level)s” is added. Tick it now in your procedures.")
            messages.success(request, words % {"level": made})
            return redirect("levels")
    status = 422 if request.method == "POST" else 200
    return render(request, "relance/levels/form.html", {"form": form}, status=status)


@require_http_methods(["GET", "POST"])
@may(Action.CONFIGURE)
def edit(request: WebRequest, pk: int) -> HttpResponse:
    """Change a level."""
    found = get_object_or_404(Level, pk=pk)
    form = LevelForm(request.POST or None, initial=LevelForm.initial_of(found))
    if request.method == "POST" and form.is_valid():
        with refused_on(form):
            service.edit_level(
                found, form.as_data(), by=request.user, now=timezone.now()
            )
            messages.success(request, _("The level is saved."))
            return redirect("levels")
    status = 422 if request.method == "POST" else 200
    context = {"form": form, "level": found, "used": service.is_used(found)}
    return render(request, "relance/levels/form.html", context, status=status)


@require_POST
@may(Action.CONFIGURE)
def move(request: WebRequest, pk: int) -> HttpResponse:
    """Put a level one place earlier or later."""
    found = get_object_or_404(Level, pk=pk)
    up = request.POST.get("to") == "up"
    try:
        service.move_level(found, up=up, by=request.user, now=timezone.now())
    except Refused as refused:
        messages.error(request, refused.message)
    return redirect("levels")


@require_POST
@may(Action.CONFIGURE)
def switch(request: WebRequest, pk: int) -> HttpResponse:
    """Switch a level on or off."""
    found = get_object_or_404(Level, pk=pk)
    active = request.POST.get("active") == "yes"
    service.switch_level(found, active=active, by=request.user, now=timezone.now())
    words = (
        _("“%(level)s” is switched on.")
        if active
        else _("“%(level)s” is switched off: it is proposed no more.")
    )
    messages.success(request, words % {"level": found})
    return redirect("levels")


@require_POST
@may(Action.CONFIGURE)
def delete(request: WebRequest, pk: int) -> HttpResponse:
    """Delete a level that was never used."""
    found = get_object_or_404(Level, pk=pk)
    try:
        service.delete_level(found, by=request.user, now=timezone.now())
    except Refused as refused:
        messages.error(request, refused.message)
        return redirect("level-edit", pk)
    messages.success(request, _("“%(level)s” is deleted.") % {"level": found})
    return redirect("levels")


def _proposed() -> dict[str, object]:
    """A new level most often comes before the formal notice."""
    before = Level.objects.filter(kind=Level.Kind.REMINDER).order_by("rank").last()
    return {
        "after": before,
        "texts_of": before,
        "stamp": before.stamp if before else "",
    }


def _page(
    request: WebRequest, form: ThresholdsForm, *, status: int = 200
) -> HttpResponse:
    context = {
        "levels": queries.levels(),
        "procedures": summaries(),
        "form": form,
        "alone": queries.approvers() < 2,
    }
    return render(request, "relance/levels/page.html", context, status=status)
