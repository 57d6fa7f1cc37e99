"""Forgotten passwords, and where a link leads: its reader chooses one, once."""

from __future__ import annotations

from allauth.core import ratelimit
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from relance import jobs
from relance.models import AccessLink
from relance.queries.company import mail_account
from relance.services import access_links as service
from relance.services.access_links import LinkRefused
from relance.web.access import public
from relance.web.forms import refused_on
from relance.web.http import WebRequest, site
from relance.web.user_forms import ForgottenForm, NewPasswordForm


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
@never_cache
@public
def choose_password(request: WebRequest, secret: str) -> HttpResponse:
    """Show the form of a good link; save the password and lead to the login."""
    now = timezone.now()
    try:
        link = service.find_link(secret, now=now)
        form = NewPasswordForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            with refused_on(form):
                service.use_link(secret, form.cleaned_data["password"], now=now)
                messages.success(request, _("Your password is saved: log in with it."))
                return redirect("account_login")
    except LinkRefused as refused:
        return _refused(request, refused)
    context = {"form": form, "person": link.user, "invited": _is_invitation(link)}
    status = 422 if request.method == "POST" else 200
    return render(request, "account/choose_password.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@public
def password_forgotten(request: WebRequest) -> HttpResponse:
    """Have a link sent, where there is a mail account; else say who can help.

    Known or not, an address gets the same answer.
    """
    template = "account/password_forgotten.html"
    if mail_account() is None:
        return render(request, template)
    form = ForgottenForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        status = 422 if request.method == "POST" else 200
        return render(request, template, {"form": form}, status=status)
    email = form.cleaned_data["email"].lower()
    if not ratelimit.consume(request, action="reset_password", key=email):
        return render(request, "429.html", status=429)
    service.ask_link(email, site=site(request), now=timezone.now())
    jobs.send_access_links()
    return render(request, template, {"asked": email})


def _refused(request: WebRequest, refused: LinkRefused) -> HttpResponse:
    context = {"why": refused.message}
    return render(request, "account/link_refused.html", context, status=410)


def _is_invitation(link: AccessLink) -> bool:
    return link.purpose == AccessLink.Purpose.INVITATION
