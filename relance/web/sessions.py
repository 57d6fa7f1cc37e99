"""How long one stays logged in, and when each device was last used."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _

from relance.models import User
from relance.services import sessions

# A day of work, however busy. Four hours without a click end it too: that limit is
# the session's own age, in the settings.
LONGEST = timedelta(hours=14)
# Writing at each click that somebody is there would cost each click a commit.
BETWEEN_NOTES = timedelta(minutes=5)

_BEGAN, _SEEN = "began", "seen"


def followed_session(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """End a session that is too old; note now and then that another is in use.

    The note also moves the session's own end further away.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if isinstance(request.user, User) and request.user.is_authenticated:
            _follow(request, request.user)
        return get_response(request)

    return middleware


def begin(request: HttpRequest) -> None:
    """Let the day of work of this session begin now."""
    request.session[_BEGAN] = request.session[_SEEN] = timezone.now().timestamp()


def _follow(request: HttpRequest, user: User) -> None:
    now, session = timezone.now(), request.session
    began = session.get(_BEGAN)
    if began is None:
        # It was not opened at our door: by the first set-up, for example.
        begin(request)
        UserSession.objects.create_from_request(request)
    elif now.timestamp() - began > LONGEST.total_seconds():
        logout(request)
        messages.info(request, _("You were logged in for a whole day: log in again."))
    elif now.timestamp() - session.get(_SEEN, 0) > BETWEEN_NOTES.total_seconds():
        session[_SEEN] = now.timestamp()
        sessions.seen(user, session.session_key or "", now=now)
