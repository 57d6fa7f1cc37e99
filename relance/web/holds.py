"""Suspending reminders and taking them up again."""

from __future__ import annotations

from datetime import date

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from relance.models import Customer, Hold
from relance.rules.permissions import Action
from relance.services import holds as service
from relance.services.refusal import Refused
from relance.web import customers, invoices
from relance.web.access import may
from relance.web.forms import refused_on
from relance.web.http import WebRequest
from relance.web.invoice_forms import HoldForm


@require_POST
@may(Action.HOLD)
def on_invoice(request: WebRequest, pk: int) -> HttpResponse:
    """Suspend the reminders of one invoice."""
    found, form = invoices.invoice_or_404(pk), HoldForm(request.POST)
    if form.is_valid():
        with refused_on(form):
            service.hold(found, form.as_data(), by=request.user, now=timezone.now())
            messages.success(request, _("Reminders of this invoice are suspended."))
            return redirect(found)
    return invoices.card(request, found, hold_form=form, status=422)


@require_POST
@may(Action.HOLD)
def on_customer(request: WebRequest, pk: int) -> HttpResponse:
    """Suspend the reminders of all a customer's invoices."""
    found, form = get_object_or_404(Customer, pk=pk), HoldForm(request.POST)
    if form.is_valid():
        with refused_on(form):
            service.hold(found, form.as_data(), by=request.user, now=timezone.now())
            messages.success(request, _("Reminders of this customer are suspended."))
            return redirect(found)
    return customers.card(request, found, hold_form=form, status=422)


@require_POST
@may(Action.HOLD)
def end(request: WebRequest, pk: int) -> HttpResponse:
    """Take reminders up again."""
    found = get_object_or_404(Hold.objects.select_related("customer", "invoice"), pk=pk)
    try:
        service.end_hold(found, by=request.user, now=timezone.now())
    except Refused as refused:
        messages.error(request, refused.message)
    else:
        messages.success(request, ended_words(found, today=timezone.localdate()))
    return redirect(found.held)


def ended_words(ended: Hold, *, today: date) -> str:
    """Say that reminders are taken up again, or what else still holds them."""
    customer = ended.customer or (ended.invoice and ended.invoice.customer)
    others = Hold.objects.running(on=today).filter(
        Q(invoice=ended.invoice_id, invoice__isnull=False) | Q(customer=customer)
    )
    reasons = dict.fromkeys(other.get_reason_display() for other in others)
    if not reasons:
        return _("Reminders are taken up again.")
    words = _("Ended; reminders still rest: %(reasons)s.")
    return words % {"reasons": ", ".join(reasons)}
