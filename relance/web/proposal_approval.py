"""Before the button: what will happen in numbers, and what one must have looked at."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from relance import jobs
from relance.models import Run
from relance.queries.company import mail_account
from relance.queries.freshness import freshness
from relance.queries.ticked import ticked_fingerprint, ticked_notices
from relance.rules.permissions import Action
from relance.services import proposals, runs
from relance.services.refusal import Refused
from relance.web.access import may
from relance.web.forms import new_key, refused_on
from relance.web.http import WebRequest
from relance.web.proposal_bar import Bar, is_grouped, read_bar

# Formal notices shown one by one; the list of ticked lines has them all.
LISTED = 200


class ApprovalForm(forms.Form):
    """The button's key, what the screen said, and the boxes that were ticked."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    expected = forms.IntegerField(widget=forms.HiddenInput, min_value=1)
    # Which invoices these were, to tell who was faster from who unticked them.
    shown = forms.CharField(widget=forms.HiddenInput, max_length=64, required=False)
    grouped = forms.BooleanField(widget=forms.HiddenInput, required=False)
    confirmed = forms.BooleanField(
        label=gettext_lazy("I have checked these formal notices"), required=False
    )
    late_payments = forms.BooleanField(
        label=gettext_lazy("I remind although the latest payments are not entered"),
        required=False,
    )


@require_http_methods(["GET", "POST"])
@may(Action.REMIND)
def approve(request: WebRequest) -> HttpResponse:
    """Show what the ticked lines will do; the button there does it, once."""
    if request.method == "GET":
        proposals.refresh(today=timezone.localdate())
        return _confirm(request)
    form = ApprovalForm(request.POST)
    if form.is_valid():
        with refused_on(form):
            run = _approved(request, form.cleaned_data)
            jobs.start_run(run)
            return redirect(run)
    return _confirm(request, form)


def _approved(request: WebRequest, values: Mapping[str, Any]) -> Run:
    """Approve what is ticked, or raise Refused in words."""
    now, today = timezone.now(), timezone.localdate()
    done = Run.objects.filter(request_key=values["key"]).first()
    if done is not None:
        # A second click, or the page sent again.
        return done
    if freshness(today=today, now=now).stale and not values["late_payments"]:
        words = _("Tick this box, or enter the payments.")
        raise Refused(words, field="late_payments")
    return runs.approve(
        key=values["key"],
        by=request.user,
        now=now,
        today=today,
        grouped=values["grouped"],
        confirmed=values["confirmed"],
        expected=values["expected"],
        shown=values["shown"],
    )


def _confirm(request: WebRequest, sent: ApprovalForm | None = None) -> HttpResponse:
    """Show the numbers as they are now, with what was refused above them."""
    today = timezone.localdate()
    bar = read_bar(grouped=is_grouped(request), today=today)
    if not bar.invoices:
        messages.error(request, _nothing_ticked(sent))
        return redirect("proposals")
    notices = ticked_notices()
    context = {
        "bar": bar,
        "form": _form(bar, sent),
        "refusal": _refusal(sent),
        "notices": notices[:LISTED],
        "more_notices": max(bar.notices - LISTED, 0),
        "fresh": freshness(today=today, now=timezone.now()),
        "has_account": mail_account() is not None,
        "may_configure": request.user.may(Action.CONFIGURE),
    }
    template = "relance/proposals/confirm.html"
    return render(request, template, context, status=200 if sent is None else 422)


def _form(bar: Bar, sent: ApprovalForm | None) -> ApprovalForm:
    """Return the form for these numbers. Boxes ticked for others are ticked anew."""
    numbers = {
        "expected": bar.invoices,
        "shown": ticked_fingerprint(),
        "grouped": bar.grouped,
    }
    if sent is None or "expected" in sent.errors:
        return ApprovalForm(initial=numbers | {"key": new_key()})
    said = {name: str(value) for name, value in numbers.items()}
    sent.data = dict(sent.data.items()) | said
    return sent


def _refusal(sent: ApprovalForm | None) -> str:
    if sent is None:
        return ""
    errors = [*sent.errors.get("expected", []), *sent.non_field_errors()]
    return " ".join(str(error) for error in errors)


def _nothing_ticked(sent: ApprovalForm | None) -> str:
    said = _refusal(sent)
    return said or _("Nothing is ticked: tick what is to be reminded first.")
