"""The role that each view declares, checked before it runs.

A view without one of these decorators is found by a test that walks every URL.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, Protocol, cast

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache

from relance.queries.access import must_set_up_factor
from relance.rules.permissions import ACTIONS, Action, Role, includes
from relance.web.http import WebRequest

PUBLIC = "public"
LOGIN = "login"


class DeclaredView[**P](Protocol):
    """A view that says who may call it: "public", "login", or the least role."""

    required_role: str

    def __call__(
        self, request: WebRequest, /, *args: P.args, **kwargs: P.kwargs
    ) -> HttpResponseBase: ...


type View[**P] = Callable[Concatenate[WebRequest, P], HttpResponseBase]


def public[**P](view: View[P]) -> DeclaredView[P]:
    """Let everybody in, logged in or not."""
    declared = cast(DeclaredView[P], view)
    declared.required_role = PUBLIC
    return declared


def login_needed[**P](view: View[P]) -> DeclaredView[P]:
    """Let in whoever is logged in, a stranger included."""
    return _guarded(view, LOGIN)


def role_required[**P](role: Role) -> Callable[[View[P]], DeclaredView[P]]:
    """Let in who has this role or a higher one.

    Anonymous: the login page, then back. Stranger: a page that says whom to ask,
    with status 403. A role that is too low: the 403 page.
    """
    return lambda view: _guarded(view, role.value)


def may[**P](action: Action) -> Callable[[View[P]], DeclaredView[P]]:
    """Let in who may do this action; the role is read from the table of rules."""
    return role_required(ACTIONS[action])


def _guarded[**P](view: View[P], needed: str) -> DeclaredView[P]:
    @wraps(view)
    def guarded(
        request: WebRequest, /, *args: P.args, **kwargs: P.kwargs
    ) -> HttpResponseBase:
        refusal = _refusal(request, needed)
        return view(request, *args, **kwargs) if refusal is None else refusal

    # What one person saw must not come back with the browser's "back" button
    # after logging out.
    declared = cast(DeclaredView[P], never_cache(guarded))
    declared.required_role = needed
    return declared


def _refusal(request: WebRequest, needed: str) -> HttpResponseBase | None:
    user = request.user
    if not user.is_authenticated or not user.is_active:
        return _to_login(request)
    if needed == LOGIN:
        return None
    # Read with the person by web/backend.py; a test may have made them otherwise.
    must = getattr(user, "must_set_up", None)
    if must_set_up_factor(user) if must is None else must:
        # The account page says why, and everything to set one up is on it.
        return _whole_page(request, reverse("account"))
    if includes(user.role, needed):
        return None
    if not user.role:
        return render(request, "relance/stranger.html", status=403)
    raise PermissionDenied


def _to_login(request: WebRequest) -> HttpResponse:
    response = redirect_to_login(request.get_full_path())
    if request.htmx:
        # A login page inside a fragment would be a riddle: load it whole, and
        # come back to the page that the person was looking at.
        shown = request.htmx.current_url_abs_path or "/"
        return _whole_page(request, redirect_to_login(shown)["Location"])
    return response


def _whole_page(request: WebRequest, location: str) -> HttpResponse:
    if request.htmx:
        return HttpResponse(status=204, headers={"HX-Redirect": location})
    return redirect(location)
