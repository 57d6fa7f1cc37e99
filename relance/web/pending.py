"""*En attente dans Dolibarr*: what the bank told of and Dolibarr has not recorded."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from relance.models import PendingPayment
from relance.queries import pending as queries
from relance.rules.permissions import Action
from relance.services import pending as service
from relance.services.refusal import Refused
from relance.web.access import may
from relance.web.http import WebRequest
from relance.web.invoice_forms import WhyForm

PAGE = 50


@require_GET
@may(Action.VIEW)
def pending_payments(request: WebRequest) -> HttpResponse:
    """List what is waited for, the oldest first; then what no longer is."""
    return _list(request)


@require_POST
@may(Action.EDIT_LEDGER)
def give_up(request: WebRequest, pk: int) -> HttpResponse:
    """Wait for a payment no longer, and say why."""
    found, form = get_object_or_404(PendingPayment, pk=pk), WhyForm(request.POST)
    if not form.is_valid():
        return _list(request, refused=(pk, form), status=422)
    try:
        why = form.cleaned_data["why"]
        service.give_up(found, why, by=request.user, now=timezone.now())
    except Refused as refused:
        messages.error(request, refused.message)
    else:
        messages.success(request, _("This payment is no longer waited for."))
    return redirect("pending")


def _list(
    request: WebRequest,
    *,
    refused: tuple[int, WhyForm] | None = None,
    status: int = 200,
) -> HttpResponse:
    which = "ended" if request.GET.get("which") == "ended" else "waiting"
    found = queries.listed(holding=which == "waiting")
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    wrong, form = refused or (0, WhyForm())
    context = {
        "page": page,
        "rows": [
            (
                row,
                form if row.pk == wrong else WhyForm(auto_id=f"why-{row.pk}"),
            )
            for row in page
        ],
        "wrong": wrong,
        "which": which,
        "counts": queries.counts(),
        "today": timezone.localdate(),
        "may_edit": request.user.may(Action.EDIT_LEDGER),
    }
    return render(request, "relance/receipts/pending.html", context, status=status)
