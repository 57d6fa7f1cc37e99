"""What made the limitation period of an invoice start anew: recorded, undone."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from relance.models import InterruptingEvent
from relance.rules.permissions import Action
from relance.services import limitation as service
from relance.web import invoices
from relance.web.access import may
from relance.web.forms import refused_on
from relance.web.http import WebRequest
from relance.web.limitation_forms import InterruptionForm, undo_form


@require_POST
@may(Action.EDIT_LEDGER)
def interrupt(request: WebRequest, pk: int) -> HttpResponse:
    """Record what made the limitation period start anew."""
    found = invoices.invoice_or_404(pk)
    form = InterruptionForm(request.POST, request.FILES, regime=found.customer.regime)
    if form.is_valid():
        with refused_on(form):
            service.record_interruption(
                found,
                form.as_data(),
                file=form.proof_file(),
                by=request.user,
                now=timezone.now(),
            )
            messages.success(request, _("The event is recorded."))
            return redirect(found)
    return invoices.card(request, found, interruption_form=form, status=422)


@require_POST
@may(Action.EDIT_LEDGER)
def undo(request: WebRequest, pk: int) -> HttpResponse:
    """Say that an event was recorded by mistake."""
    event = get_object_or_404(InterruptingEvent, pk=pk)
    found, form = invoices.invoice_or_404(event.invoice_id), undo_form(pk, request.POST)
    if form.is_valid():
        with refused_on(form):
            why = form.cleaned_data["why"]
            service.undo_interruption(event, why, by=request.user, now=timezone.now())
            messages.success(request, _("The event no longer counts."))
            return redirect(found)
    return invoices.card(request, found, undone={pk: form}, status=422)
