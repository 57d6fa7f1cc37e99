"""Configuration: the account that customers pay to."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from relance.models import HistoryEntry
from relance.queries.company import company
from relance.rules.permissions import Action
from relance.services import company as service
from relance.web.access import may
from relance.web.company_forms import GuardedBankForm
from relance.web.forms import refused_on
from relance.web.http import WebRequest


@require_http_methods(["GET", "POST"])
@may(Action.CONFIGURE)
def bank(request: WebRequest) -> HttpResponse:
    """Show the bank details; change them, after asking the password again."""
    saved = company()
    initial = {"iban": saved.iban, "bic": saved.bic}
    form = GuardedBankForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        given = request.user.check_password(form.cleaned_data["password"])
        with refused_on(form):
            service.change_bank(
                form.as_data(),
                password_given=given,
                by=request.user,
                now=timezone.now(),
            )
            messages.success(request, _("The bank details are changed."))
            return redirect("configuration-bank")
    status = 422 if request.method == "POST" else 200
    changes = HistoryEntry.objects.filter(action="company.bank_changed")[:3]
    context = {"form": form, "bank_changes": changes}
    return render(request, "relance/configuration/bank.html", context, status=status)
