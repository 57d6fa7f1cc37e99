"""People who log in: invited, given a role, deactivated; their links made again."""

from __future__ import annotations

from allauth.core import ratelimit
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from relance.models import User
from relance.queries.access import factors
from relance.queries.company import company, mail_account
from relance.queries.people import people
from relance.rules.permissions import Action
from relance.services import access_links, second_factor
from relance.services import users as service
from relance.services.access_links import Handed
from relance.services.refusal import Refused
from relance.web.access import may
from relance.web.forms import refused_on
from relance.web.http import WebRequest, site
from relance.web.permission_table import permission_table
from relance.web.user_forms import ConfirmForm, RequiredFactorForm, UserForm


@require_GET
@may(Action.MANAGE_USERS)
def users(request: WebRequest) -> HttpResponse:
    """List the people who log in, and who is invited to."""
    return _list(request)


@require_POST
@may(Action.MANAGE_USERS)
def require_factor(request: WebRequest) -> HttpResponse:
    """Choose who must have a second factor."""
    form = RequiredFactorForm(request.POST)
    if form.is_valid():
        with refused_on(form):
            choice = form.cleaned_data["second_factor"]
            second_factor.require(choice, by=request.user, now=timezone.now())
            messages.success(request, _("The configuration is saved."))
            return redirect("users")
    return _list(request, form=form)


@require_http_methods(["GET", "POST"])
@may(Action.MANAGE_USERS)
def invite(request: WebRequest) -> HttpResponse:
    """Invite somebody: they choose their own password by a link."""
    form = UserForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refused_on(form):
            handed = access_links.invite(
                form.as_data(), site=site(request), by=request.user, now=timezone.now()
            )
            return _handed(request, handed)
    return _form(request, form)


@require_http_methods(["GET", "POST"])
@may(Action.MANAGE_USERS)
def edit(request: WebRequest, pk: int) -> HttpResponse:
    """Change a user's name, address, role, language, or whether they may log in."""
    person = get_object_or_404(User, pk=pk)
    form = UserForm(request.POST or None, person=person)
    if request.method == "POST" and form.is_valid():
        with refused_on(form):
            data = form.as_data()
            service.edit_user(person, data, by=request.user, now=timezone.now())
            messages.success(request, _("The user is changed."))
            return redirect("users")
    return _form(request, form)


@require_POST
@may(Action.MANAGE_USERS)
def link(request: WebRequest, pk: int) -> HttpResponse:
    """Send a person a new link to choose a password, or show it to hand over."""
    person = get_object_or_404(User, pk=pk)
    try:
        handed = access_links.give_link(
            person, site=site(request), by=request.user, now=timezone.now()
        )
    except Refused as refused:
        messages.error(request, refused.message)
        return redirect("user-edit", pk)
    return _handed(request, handed)


@require_POST
@may(Action.MANAGE_USERS)
def withdraw(request: WebRequest, pk: int) -> HttpResponse:
    """Take back an invitation that was not accepted."""
    person = get_object_or_404(User, pk=pk)
    try:
        access_links.withdraw_invitation(person, by=request.user, now=timezone.now())
    except Refused as refused:
        messages.error(request, refused.message)
        return redirect("user-edit", pk)
    messages.success(request, _("The invitation is withdrawn: its link opens nothing."))
    return redirect("users")


@require_POST
@may(Action.MANAGE_USERS)
def remove_factor(request: WebRequest, pk: int) -> HttpResponse:
    """Remove the second factor of somebody who lost it, the password asked again."""
    person = get_object_or_404(User, pk=pk)
    if not ratelimit.consume(request, action="reauthenticate"):
        return render(request, "429.html", status=429)
    confirm = ConfirmForm(request.POST)
    if confirm.is_valid():
        given = request.user.check_password(confirm.cleaned_data["password"])
        with refused_on(confirm):
            second_factor.remove(
                person, password_given=given, by=request.user, now=timezone.now()
            )
            words = _("%(name)s now logs in with the password alone.")
            messages.success(request, words % {"name": person})
            return redirect("user-edit", pk)
    return _form(request, UserForm(person=person), confirm=confirm)


def _list(request: WebRequest, **forms: object) -> HttpResponse:
    required = company().second_factor
    context = {
        "people": people(now=timezone.now()),
        "form": RequiredFactorForm(initial={"second_factor": required}),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "relance/users/list.html", context | forms, status=status)


def _form(request: WebRequest, form: UserForm, **forms: object) -> HttpResponse:
    person = form.person
    context = {
        "form": form,
        "person": person,
        "factors": factors(person) if person else None,
        "confirm": ConfirmForm(),
        "permissions": permission_table(),
        "by_mail": mail_account() is not None,
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "relance/users/form.html", context | forms, status=status)


def _handed(request: WebRequest, handed: Handed) -> HttpResponse:
    """Say that the link left; else show it, once."""
    if not handed.sent_to:
        return render(request, "relance/users/link.html", {"handed": handed})
    words = _("The link left for %(email)s.") % {"email": handed.sent_to}
    messages.success(request, words)
    return redirect("users")
