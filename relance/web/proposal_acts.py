"""What one does from a line: payment announced, pause, dispute, a call noted."""

from __future__ import annotations

from datetime import date

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from relance.gateways import wording
from relance.models import Hold, Proposal
from relance.rules.permissions import Action
from relance.services import approvals, holds, reminders
from relance.services.refusal import Refused
from relance.web.access import may
from relance.web.forms import refused_on
from relance.web.holds import ended_words
from relance.web.http import WebRequest
from relance.web.proposal_forms import HOLDS, CallForm, HoldForm, sent_form
from relance.web.proposal_rows import Said
from relance.web.proposals import answer, back_to_list, page

DONE = {
    "promise": lambda: _("Payment announced: reminders of this invoice rest."),
    "pause": lambda: _("Reminders of this invoice are suspended."),
    "dispute": lambda: _("Disputed: reminders of this invoice rest."),
    "agreement": lambda: _("The agreement is asked for."),
}


@require_POST
@may(Action.HOLD)
def hold(request: WebRequest, pk: int, what: str) -> HttpResponse:
    """Let the reminders of one invoice rest, from its line."""
    if what not in HOLDS:
        raise Http404
    found, form = _found(pk), sent_form(what, pk, request.POST)
    if isinstance(form, HoldForm) and form.is_valid():
        now, today = timezone.now(), timezone.localdate()
        with refused_on(form):
            data = form.as_data(today)
            made = holds.hold(found.invoice, data, by=request.user, now=now)
            return _done(request, pk, Said(done=DONE[what](), hold=made.pk))
    return _sent_back(request, pk, what, form)


@require_POST
@may(Action.HOLD)
def end_hold(request: WebRequest, pk: int, held: int) -> HttpResponse:
    """Take back the hold that was just made, from its line."""
    running = get_object_or_404(Hold, pk=held, invoice=_found(pk).invoice)
    try:
        holds.end_hold(running, by=request.user, now=timezone.now())
    except Refused as refused:
        return _done(request, pk, Said(refusal=refused.message))
    words = ended_words(running, today=timezone.localdate())
    return _done(request, pk, Said(done=words))


@require_POST
@may(Action.REMIND)
def call(request: WebRequest, pk: int) -> HttpResponse:
    """Note a call about one invoice, from its line."""
    found, form = _found(pk), sent_form("call", pk, request.POST)
    if isinstance(form, CallForm) and form.is_valid():
        with refused_on(form):
            made = reminders.take_note(
                found.invoice,
                form.as_note(),
                key=form.cleaned_data["key"],
                by=request.user,
                now=timezone.now(),
                today=timezone.localdate(),
            )
            return _done(request, pk, Said(done=_call_words(made.next_on)))
    return _sent_back(request, pk, "call", form)


@require_POST
@may(Action.REMIND)
def agreement(request: WebRequest, pk: int) -> HttpResponse:
    """Ask a second person to agree to the level of one invoice, from its line."""
    found, form = _found(pk), sent_form("agreement", pk, request.POST)
    level = found.level_that_counts
    if level is not None and form.is_valid():
        with refused_on(form):
            approvals.ask(
                found.invoice,
                level,
                form.cleaned_data["note"],
                by=request.user,
                now=timezone.now(),
            )
            return _done(request, pk, Said(done=DONE["agreement"]()))
    return _sent_back(request, pk, "agreement", form)


def _call_words(next_on: date | None) -> str:
    if next_on is None:
        return _("The call is noted.")
    day = wording.short_date(next_on)
    return _("The call is noted; nothing is proposed before %(day)s.") % {"day": day}


def _done(request: WebRequest, pk: int, said: Said) -> HttpResponse:
    if request.htmx:
        return answer(request, [pk], said={pk: said})
    if said.refusal:
        messages.error(request, said.refusal)
    else:
        messages.success(request, said.done)
    return redirect(back_to_list(request, pk))


def _sent_back(request: WebRequest, pk: int, what: str, form: Form) -> HttpResponse:
    said = {pk: Said(sent_back={what: form})}
    if request.htmx:
        return answer(request, [pk], opened=[pk], said=said, status=422)
    return page(request, said=said, status=422)


def _found(pk: int) -> Proposal:
    found = Proposal.objects.select_related(
        "invoice__customer", "level", "chosen_level"
    )
    return get_object_or_404(found, pk=pk)
