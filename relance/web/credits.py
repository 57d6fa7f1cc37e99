"""Setting a credit note against the invoices that it settles."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from relance.rules.permissions import Action
from relance.services import payments as service
from relance.web import invoices
from relance.web.access import may
from relance.web.credit_forms import CreditForm
from relance.web.forms import refused_on
from relance.web.http import WebRequest
from relance.web.needless import warn_of_letters


@require_POST
@may(Action.EDIT_LEDGER)
def allocate(request: WebRequest, pk: int) -> HttpResponse:
    """Set a part of a credit note against an invoice of the same customer."""
    credit = invoices.invoice_or_404(pk)
    form = CreditForm(request.POST, credit=credit)
    if form.is_valid():
        with refused_on(form):
            share = form.share()
            service.allocate(credit, share, by=request.user, now=timezone.now())
            messages.success(request, _("The credit note is set against the invoice."))
            warn_of_letters(request, [share.invoice.pk])
            return redirect("invoice-payments", credit.pk)
    return invoices.settlement(request, credit, credit_form=form, status=422)
