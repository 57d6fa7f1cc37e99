"""Where somebody is logged in: followed, and ended one by one or all together."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import transaction

from relance.models import User


def seen(user: User, key: str, *, now: datetime) -> None:
    """Write down that this session was just used."""
    UserSession.objects.filter(user=user, session_key=key).update(last_seen_at=now)


def renamed(before: str, after: str) -> None:
    """Follow a session that was given another key."""
    UserSession.objects.filter(session_key=before).update(session_key=after)


def end_one(user: User, pk: int) -> bool:
    """End one of one's own sessions; say whether there was such a one."""
    return _end(UserSession.objects.filter(user=user, pk=pk)) > 0


def end_all(user: User, *, but: str = "") -> int:
    """End all the sessions of a person, ``but`` the one with this key."""
    return _end(UserSession.objects.filter(user=user).exclude(session_key=but))


@transaction.atomic
def _end(found: Iterable[UserSession]) -> int:
    keys = [session.session_key for session in found]
    Session.objects.filter(session_key__in=keys).delete()
    UserSession.objects.filter(session_key__in=keys).delete()
    return len(keys)
