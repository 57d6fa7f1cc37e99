"""Logging in, and what a person sees of their own account."""

from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.utils import is_mfa_enabled
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from relance.web.access import login_needed, public
from relance.web.http import WebRequest


class ClosedDoor(DefaultAccountAdapter):  # type: ignore[misc]  # allauth is untyped
    """Accounts are made by an administrator, never by a visitor."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False


@require_safe
@login_needed
def account(request: WebRequest) -> HttpResponse:
    """Show who is logged in, and lead to the password and the second factor."""
    second_factor = is_mfa_enabled(request.user)
    return render(request, "account/account.html", {"second_factor": second_factor})


@public
def closed(request: WebRequest, rest: str = "") -> HttpResponse:
    """Answer 404 in place of the account pages that we do not offer."""
    raise Http404
