"""Configuration: the company, the rules of reminders, the people."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from relance.queries.company import company
from relance.rules.permissions import Action
from relance.services import company as service
from relance.web.access import may
from relance.web.company_forms import (
    CompanyForm,
    RulesForm,
    company_data,
    initial_company,
)
from relance.web.forms import refused_on
from relance.web.http import WebRequest
from relance.web.local_time import forget_zone


@require_http_methods(["GET", "POST"])
@may(Action.CONFIGURE)
def configuration(request: WebRequest) -> HttpResponse:
    """Show and save who claims: what is printed on each letter."""
    saved = company()
    form = CompanyForm(request.POST or None, initial=initial_company(saved))
    if request.method == "POST" and form.is_valid():
        data = company_data(saved, **form.cleaned_data)
        with refused_on(form):
            service.save_company(data, by=request.user, now=timezone.now())
            forget_zone()
            messages.success(request, _("The configuration is saved."))
            return redirect("configuration")
    status = 422 if request.method == "POST" else 200
    context = {"form": form, "missing": service.missing_for_formal_notice()}
    return render(request, "relance/configuration/company.html", context, status=status)


@require_http_methods(["GET", "POST"])
@may(Action.CONFIGURE)
def rules(request: WebRequest) -> HttpResponse:
    """Show and save the choices that apply to all reminders."""
    saved = company()
    form = RulesForm(request.POST or None, initial=initial_company(saved))
    if request.method == "POST" and form.is_valid():
        data = company_data(saved, **form.cleaned_data)
        with refused_on(form):
            service.save_company(data, by=request.user, now=timezone.now())
            messages.success(request, _("The configuration is saved."))
            return redirect("configuration-rules")
    status = 422 if request.method == "POST" else 200
    warning = service.floor_warning(saved.contract_rate, today=timezone.localdate())
    context = {"form": form, "floor_warning": warning}
    return render(request, "relance/configuration/rules.html", context, status=status)
