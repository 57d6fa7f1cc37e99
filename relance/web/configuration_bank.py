"""Configuration: the account that customers pay to, and its changes."""

from __future__ import annotations

from collections.abc import Callable

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from relance import jobs
from relance.models import Announcement, BankChange
from relance.queries.company import company, company_on
from relance.rules.permissions import Action
from relance.services import announcements
from relance.services import bank_changes as service
from relance.services.refusal import Refused
from relance.web.access import may
from relance.web.bank_forms import BankChangeForm, PasswordForm, RefusalForm
from relance.web.forms import refused_on
from relance.web.http import WebRequest


@require_http_methods(["GET", "POST"])
@may(Action.CONFIGURE)
def bank(request: WebRequest) -> HttpResponse:
    """Show the account and its changes; ask for another one."""
    if request.method == "GET":
        return _page(request)
    form = BankChangeForm(request.POST)
    if form.is_valid():
        with refused_on(form):
            change = service.ask_change(
                form.as_data(),
                password_given=_is_theirs(request, form),
                by=request.user,
                now=timezone.now(),
                today=timezone.localdate(),
            )
            return _done(request, _WORDS[BankChange.State(change.state)]())
    return _page(request, form=form, status=422)


@require_POST
@may(Action.CONFIGURE)
def agree(request: WebRequest, pk: int) -> HttpResponse:
    """Agree to what another administrator asked for."""
    found, form = get_object_or_404(BankChange, pk=pk), PasswordForm(request.POST)
    if form.is_valid():
        with refused_on(form):
            change = service.agree(
                found,
                password_given=_is_theirs(request, form),
                by=request.user,
                now=timezone.now(),
                today=timezone.localdate(),
            )
            return _done(request, _WORDS[BankChange.State(change.state)]())
    return _refused(request, form, agree_form=form)


@require_POST
@may(Action.CONFIGURE)
def refuse(request: WebRequest, pk: int) -> HttpResponse:
    """Refuse what another administrator asked for."""
    found, form = get_object_or_404(BankChange, pk=pk), RefusalForm(request.POST)
    if form.is_valid():
        with refused_on(form):
            why = form.cleaned_data["why"]
            service.refuse(found, why, by=request.user, now=timezone.now())
            return _done(request, _("Refused: the account stays as it is."))
    return _refused(request, form, refuse_form=form)


@require_POST
@may(Action.CONFIGURE)
def give_up(request: WebRequest, pk: int) -> HttpResponse:
    """Give up a change that is not in use yet."""
    found = get_object_or_404(BankChange, pk=pk)
    try:
        service.give_up(found, by=request.user, now=timezone.now())
    except Refused as refused:
        messages.error(request, refused.message)
        return redirect("configuration-bank")
    return _done(request, _("Given up: the account stays as it is."))


@require_POST
@may(Action.CONFIGURE)
def read(request: WebRequest, pk: int) -> HttpResponse:
    """No longer show an announcement that one has read."""
    found = get_object_or_404(Announcement, pk=pk, user=request.user)
    announcements.mark_read(found, by=request.user, now=timezone.now())
    return redirect("dashboard")


_WORDS: dict[BankChange.State, Callable[[], str]] = {
    BankChange.State.WAITING: lambda: _(
        "Asked for: another administrator must now agree. All of them are told."
    ),
    BankChange.State.AGREED: lambda: _(
        "Agreed: letters have the new account from its day on."
    ),
    BankChange.State.APPLIED: lambda: _("The new account is in use."),
}


def _done(request: WebRequest, words: str) -> HttpResponse:
    jobs.tell_administrators.enqueue()
    messages.success(request, words)
    return redirect("configuration-bank")


def _refused(request: WebRequest, form: forms.Form, **shown: object) -> HttpResponse:
    """Show what is wrong on its field, or above a page that no longer has the form:
    somebody else decided meanwhile."""
    for words in form.non_field_errors():
        messages.error(request, str(words))
        return redirect("configuration-bank")
    return _page(request, status=422, **shown)


def _is_theirs(request: WebRequest, form: PasswordForm) -> bool:
    return request.user.check_password(form.cleaned_data["password"])


def _page(request: WebRequest, *, status: int = 200, **shown: object) -> HttpResponse:
    today = timezone.localdate()
    changes = BankChange.objects.select_related("asked_by", "decided_by")
    waiting = changes.filter(state__in=("waiting", "agreed")).first()
    context = {
        "company": company_on(today) or company(),
        "change": waiting,
        "may_decide": waiting is not None
        and waiting.state == BankChange.State.WAITING
        and waiting.asked_by_id != request.user.pk,
        "changes": changes.exclude(state__in=("waiting", "agreed"))[:20],
        "form": BankChangeForm(initial={"starts_on": today}),
        "agree_form": PasswordForm(auto_id="agree-%s"),
        "refuse_form": RefusalForm(),
    }
    return render(
        request, "relance/configuration/bank.html", context | shown, status=status
    )
