"""The forms of procedures: built, changed, copied, deleted."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from relance.models import Level, Procedure
from relance.queries.company import company
from relance.rules.permissions import Action
from relance.services import procedures as service
from relance.services import simulations
from relance.services.refusal import Refused
from relance.web.access import may
from relance.web.forms import refused_on
from relance.web.http import WebRequest
from relance.web.level_forms import ProcedureForm
from relance.web.simulation_view import SimulationView
from relance.web.simulator import ExampleForm, initial_example

EXAMPLE = "example"


@require_http_methods(["GET", "POST"])
@may(Action.CONFIGURE)
def new(request: WebRequest) -> HttpResponse:
    """Build a procedure."""
    form = _form(request, None)
    if request.POST.get("do") == "simulate":
        return _simulated(request, form, None)
    if request.method == "POST" and form.is_valid():
        with refused_on(form):
            service.add_procedure(form.as_data(), by=request.user, now=timezone.now())
            messages.success(request, _("The procedure is added."))
            return redirect("levels")
    return _page(request, form, None)


@require_http_methods(["GET", "POST"])
@may(Action.CONFIGURE)
def edit(request: WebRequest, pk: int) -> HttpResponse:
    """Change a procedure."""
    found = _or_404(pk)
    form = _form(request, found)
    if request.POST.get("do") == "simulate":
        return _simulated(request, form, found)
    if request.method == "POST" and form.is_valid():
        with refused_on(form):
            service.edit_procedure(
                found, form.as_data(), by=request.user, now=timezone.now()
            )
            messages.success(
                request,
                _("The procedure is saved: what is proposed follows it from now on."),
            )
            return redirect("levels")
    return _page(request, form, found)


@require_POST
@may(Action.CONFIGURE)
def copy(request: WebRequest, pk: int) -> HttpResponse:
    """Copy a procedure, and open the copy."""
    try:
        made = service.copy_procedure(_or_404(pk), by=request.user, now=timezone.now())
    except Refused as refused:
        messages.error(request, refused.message)
        return redirect("levels")
    messages.success(request, _("This is the copy: it is for nobody yet."))
    return redirect("procedure-edit", made.pk)


@require_POST
@may(Action.CONFIGURE)
def delete(request: WebRequest, pk: int) -> HttpResponse:
    """Delete a procedure that nobody follows."""
    found = _or_404(pk)
    try:
        service.delete_procedure(found, by=request.user, now=timezone.now())
    except Refused as refused:
        messages.error(request, refused.message)
    else:
        messages.success(request, _("“%(name)s” is deleted.") % {"name": found})
    return redirect("levels")


def _or_404(pk: int) -> Procedure:
    return get_object_or_404(Procedure.objects.prefetch_related("steps__level"), pk=pk)


def _form(request: WebRequest, found: Procedure | None) -> ProcedureForm:
    return ProcedureForm(
        request.POST or None,
        initial=ProcedureForm.initial_of(found) if found else {},
        levels=list(Level.objects.order_by("rank")),
        general_delay=company().general_delay,
    )


def _simulated(
    request: WebRequest, form: ProcedureForm, found: Procedure | None
) -> HttpResponse:
    """Show what an invoice would go through with what is typed, saved or not."""
    example = ExampleForm(request.POST, prefix=EXAMPLE)
    if form.is_valid() and example.is_valid():
        with refused_on(form):
            outcome = simulations.of_example(
                example.as_example(), steps=service.check_steps(form.as_data().steps)
            )
            shown = SimulationView(outcome)
            return _page(
                request, form, found, example=example, simulation=shown, status=200
            )
    return _page(request, form, found, example=example)


def _page(
    request: WebRequest,
    form: ProcedureForm,
    found: Procedure | None,
    *,
    example: ExampleForm | None = None,
    simulation: SimulationView | None = None,
    status: int | None = None,
) -> HttpResponse:
    context = {
        "form": form,
        "procedure": found,
        "example": example or ExampleForm(prefix=EXAMPLE, initial=_example(found)),
        "simulation": simulation,
    }
    usual = 422 if request.method == "POST" else 200
    return render(
        request, "relance/procedures/form.html", context, status=status or usual
    )


def _example(found: Procedure | None) -> dict[str, object]:
    """The procedure's own type of customer, and an amount that comes to it."""
    initial = initial_example()
    if found is not None and found.regime:
        initial["regime"] = found.regime
    if found is not None and found.amount_from is not None:
        initial["amount"] = f"{found.amount_from:.2f}".replace(".", ",")
    return initial
