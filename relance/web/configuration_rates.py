"""Configuration: the published rates that penalties are computed with."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from relance.models import Rate
from relance.rules.permissions import Action
from relance.services import rates as service
from relance.web.access import may
from relance.web.company_forms import RateForm
from relance.web.forms import refused_on
from relance.web.http import WebRequest


@require_http_methods(["GET", "POST"])
@may(Action.CONFIGURE)
def rates(request: WebRequest) -> HttpResponse:
    """List the rates; enter a published one."""
    form = RateForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refused_on(form):
            service.add_rate(
                service.RateData(**form.cleaned_data),
                by=request.user,
                now=timezone.now(),
            )
            messages.success(request, _("The rate is entered."))
            return redirect("configuration-rates")
    status = 422 if request.method == "POST" else 200
    found = Rate.objects.order_by("-half_year", "kind")
    context = {"form": form, "rates": found}
    return render(request, "relance/configuration/rates.html", context, status=status)


@require_POST
@may(Action.CONFIGURE)
def verify_rate(request: WebRequest, pk: int) -> HttpResponse:
    """Say that a rate was checked against its source."""
    found = get_object_or_404(Rate, pk=pk)
    service.verify_rate(found, by=request.user, now=timezone.now())
    messages.success(request, _("The rate is marked as verified."))
    return redirect("configuration-rates")
