"""Imports and bank: the connection to Dolibarr and its synchronisations."""

from __future__ import annotations

import json

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from relance import jobs
from relance.queries import dolibarr as queries
from relance.queries.dolibarr_writes import written
from relance.rules.permissions import Action
from relance.services import dolibarr_connection, dolibarr_hints, dolibarr_sync
from relance.services.dolibarr_connection import Finding
from relance.services.refusal import Refused
from relance.web.access import may, public
from relance.web.dolibarr_forms import ConnectionForm
from relance.web.forms import refused_on
from relance.web.http import WebRequest

TEMPLATE = "relance/dolibarr/page.html"
# What a webhook tells of one invoice is far less; anything larger is none.
LARGEST = 4 * 1024 * 1024


@require_GET
@may(Action.EDIT_LEDGER)
def dolibarr(request: WebRequest) -> HttpResponse:
    """Show the connection, how far a synchronisation is, and the latest ones."""
    if request.htmx:
        return render(request, f"{TEMPLATE}#watched", _watched())
    form = ConnectionForm(initial=ConnectionForm.initial_of(queries.connection()))
    return _page(request, form)


@require_POST
@may(Action.CONFIGURE)
def save(request: WebRequest) -> HttpResponse:
    """Save the connection, and try it at once."""
    form, now = ConnectionForm(request.POST), timezone.now()
    if form.is_valid():
        with refused_on(form):
            saved = dolibarr_connection.save_connection(
                form.as_data(), by=request.user, now=now
            )
            findings = dolibarr_connection.try_connection(saved, now=now)
            messages.success(request, _("The connection is saved."))
            shown = ConnectionForm(initial=ConnectionForm.initial_of(saved))
            return _page(request, shown, findings=findings)
    return _page(request, form, status=422)


@require_POST
@may(Action.CONFIGURE)
def attempt(request: WebRequest) -> HttpResponse:
    """Try the saved connection and say what works and what is missing."""
    connection = queries.connection()
    if connection is None:
        messages.error(request, _("Enter the address and the key of Dolibarr first."))
        return redirect("dolibarr")
    findings = dolibarr_connection.try_connection(connection, now=timezone.now())
    form = ConnectionForm(initial=ConnectionForm.initial_of(connection))
    return _page(request, form, findings=findings)


@require_POST
@may(Action.CONFIGURE)
def remove(request: WebRequest) -> HttpResponse:
    """Forget the connection; what came from Dolibarr stays."""
    dolibarr_connection.remove_connection(by=request.user, now=timezone.now())
    messages.success(request, _("The connection is removed; its invoices stay here."))
    return redirect("dolibarr")


@require_POST
@may(Action.EDIT_LEDGER)
def synchronise(request: WebRequest) -> HttpResponse:
    """Begin a synchronisation in the background, or go on with a stopped one."""
    full = "full" in request.POST
    try:
        sync = dolibarr_sync.start(full=full, by=request.user, now=timezone.now())
    except Refused as refused:
        messages.error(request, refused.message)
    else:
        jobs.start_sync(sync)
    return redirect("dolibarr")


@csrf_exempt
@require_POST
@public
def webhook(request: WebRequest, secret: str) -> HttpResponse:
    """Note what Dolibarr says has changed, and answer at once: it waits for us.

    Nothing that it says is believed: what it names is read again.
    """
    if not dolibarr_hints.is_secret(secret):
        raise Http404
    if int(request.headers.get("Content-Length") or 0) <= LARGEST:
        try:
            told = json.loads(request.body)
        except (ValueError, RecursionError):
            told = None
        if dolibarr_hints.note(told, now=timezone.now()):
            jobs.start_reading_hints()
    return HttpResponse(status=204)


def _page(
    request: WebRequest,
    form: ConnectionForm,
    *,
    findings: tuple[Finding, ...] = (),
    status: int = 200,
) -> HttpResponse:
    context = _watched() | {
        "form": form,
        "findings": findings,
        "syncs": queries.syncs(),
        "webhook": _webhook_address(request),
        "written": written(),
        "may_configure": request.user.may(Action.CONFIGURE),
    }
    return render(request, TEMPLATE, context, status=status)


def _watched() -> dict[str, object]:
    return {"connection": queries.connection(), "progress": queries.progress()}


def _webhook_address(request: WebRequest) -> str:
    connection = queries.connection()
    if connection is None:
        return ""
    path = reverse("dolibarr-webhook", args=[connection.webhook_secret])
    return request.build_absolute_uri(path)
