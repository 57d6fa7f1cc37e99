"""Logging in, and what a person sees and changes of their own account."""

from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.app_settings import REAUTHENTICATION_TIMEOUT
from allauth.account.authentication import get_authentication_records
from allauth.core import ratelimit
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST
from django.views.i18n import set_language

from relance.models import User
from relance.queries import access
from relance.services import second_factor, sessions, users
from relance.web.access import login_needed, public
from relance.web.forms import refused_on
from relance.web.http import WebRequest
from relance.web.second_factor import keys_work
from relance.web.sessions import begin
from relance.web.user_forms import OneselfForm, OwnPasswordForm


class ClosedDoor(DefaultAccountAdapter):  # type: ignore[misc]  # allauth is untyped
    """Accounts are made by an administrator, never by a visitor."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def login(self, request: HttpRequest, user: User) -> None:
        super().login(request, user)
        begin(request)

    def post_login(
        self, request: HttpRequest, user: User, **rest: object
    ) -> HttpResponse:
        """Go on in the language of whoever came in."""
        response: HttpResponse = super().post_login(request, user, **rest)
        _speak(response, user.language)
        return response

    def is_reauthentication_required(self, *, app: str, **rest: object) -> bool:
        """Do not ask who one is from somebody who has just said it, by logging in."""
        request = self.request
        records = get_authentication_records(request, request.user)
        since = timezone.now().timestamp() - REAUTHENTICATION_TIMEOUT
        if any(record["at"] > since for record in records):
            return False
        return bool(super().is_reauthentication_required(app=app, **rest))

    def send_notification_mail(
        self, template_prefix: str, user: User, *_rest: object, **_more: object
    ) -> None:
        """Keep in the history what allauth would send an e-mail about."""
        what = template_prefix.rpartition("/")[2]
        second_factor.happened(what, user, now=timezone.now())


@require_http_methods(["GET", "HEAD", "POST"])
@login_needed
def account(request: WebRequest) -> HttpResponse:
    """Show one's own account whole; save one's name and language."""
    form = OneselfForm(request.POST or None, initial=_oneself(request.user))
    if request.method == "POST" and form.is_valid():
        with refused_on(form):
            user = users.edit_oneself(
                request.user, **form.cleaned_data, now=timezone.now()
            )
            with translation.override(user.language):
                messages.success(request, _("Your account is changed."))
            return _speak(redirect("account"), user.language)
    return _account(request, form=form)


@sensitive_post_parameters()
@require_POST
@login_needed
def password(request: WebRequest) -> HttpResponse:
    """Change one's own password; the other devices have to log in again."""
    if not ratelimit.consume(request, action="change_password"):
        return render(request, "429.html", status=429)
    form = OwnPasswordForm(request.POST)
    if form.is_valid():
        before = request.session.session_key or ""
        with refused_on(form):
            users.change_password(
                request.user,
                form.cleaned_data["old"],
                form.cleaned_data["password"],
                keep=before,
                now=timezone.now(),
            )
            update_session_auth_hash(request, request.user)
            sessions.renamed(before, request.session.session_key or "")
            words = _("Your password is changed, and your other devices logged out.")
            messages.success(request, words)
            return redirect("account")
    return _account(request, password_form=form)


@require_POST
@login_needed
def end_session(request: WebRequest, pk: int) -> HttpResponse:
    """Log one of one's own devices out."""
    if not sessions.end_one(request.user, pk):
        raise Http404
    messages.success(request, _("This device is logged out."))
    return redirect("account")


@require_POST
@login_needed
def end_sessions(request: WebRequest) -> HttpResponse:
    """Log all of one's devices out but this one."""
    sessions.end_all(request.user, but=request.session.session_key or "")
    messages.success(request, _("Your other devices are logged out."))
    return redirect("account")


@public
def language(request: WebRequest) -> HttpResponse:
    """Change the language of the screens; somebody logged in finds it again."""
    if request.method == "POST" and request.user.is_authenticated:
        users.choose_language(request.user, request.POST.get("language", ""))
    return set_language(request)


@public
def closed(request: WebRequest, rest: str = "") -> HttpResponse:
    """Answer 404 in place of the account pages that we do not offer."""
    raise Http404


@login_needed
def to_account(request: WebRequest) -> HttpResponse:
    """Lead to the second factor on the account page, where allauth has its own."""
    return redirect("/account/#second-factor")


def _account(request: WebRequest, **forms: object) -> HttpResponse:
    user, now = request.user, timezone.now()
    context = {
        "form": OneselfForm(initial=_oneself(user)),
        "password_form": OwnPasswordForm(),
        "factors": access.factors(user),
        "must_set_up": access.must_set_up_factor(user),
        "keys_work": keys_work(request),
        "places": access.places(user, key=request.session.session_key or "", now=now),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "account/account.html", context | forms, status=status)


def _oneself(user: User) -> dict[str, object]:
    spoken = user.language or translation.get_language()
    return {"name": user.name, "language": spoken}


def _speak(response: HttpResponse, code: str) -> HttpResponse:
    if code:
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            code,
            samesite="Lax",
            secure=settings.SESSION_COOKIE_SECURE,
        )
    return response
