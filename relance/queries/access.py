"""How a person proves who they are, and where they are logged in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db.models import (
    BooleanField,
    Exists,
    ExpressionWrapper,
    OuterRef,
    Q,
    QuerySet,
)

from relance.models import Company, SecondFactor, User
from relance.rules.devices import Device, device
from relance.rules.permissions import Role

Kind = Authenticator.Type
# What proves who one is; recovery codes only stand in for one of these.
FACTORS = (Kind.TOTP, Kind.WEBAUTHN)


@dataclass(frozen=True, kw_only=True)
class Key:
    """A security key, by the name that its owner gave it."""

    pk: int
    name: str
    added_at: datetime
    used_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class Factors:
    """What somebody set up beside their password."""

    app_since: datetime | None
    app_used_at: datetime | None
    keys: list[Key]
    # None: there are none at all.
    codes_left: int | None

    @property
    def any(self) -> bool:
        return self.app_since is not None or bool(self.keys)


@dataclass(frozen=True, kw_only=True)
class Place:
    """A browser in which somebody is logged in."""

    pk: int
    device: Device
    ip: str
    since: datetime
    seen: datetime
    current: bool


def with_duty() -> QuerySet[User]:
    """Return the users, each with ``must_set_up``: the company asks them for a
    second factor that they have not set up yet. One query for the whole, since
    every page asks it of whoever opens it."""
    own = Authenticator.objects.filter(user=OuterRef("pk"), type__in=FACTORS)
    of_all = Company.objects.filter(second_factor=SecondFactor.EVERYBODY)
    of_some = Company.objects.filter(second_factor=SecondFactor.ADMINISTRATORS)
    asked = Q(Exists(of_all)) | Q(Exists(of_some), role=Role.ADMIN.value)
    return User.objects.annotate(
        must_set_up=ExpressionWrapper(
            asked & ~Q(Exists(own)), output_field=BooleanField()
        )
    )


def must_set_up_factor(user: User) -> bool:
    """Say the same of one person, as it is now."""
    found = with_duty().filter(pk=user.pk)
    return any(getattr(one, "must_set_up", False) for one in found)


def with_factor() -> set[int]:
    """Return the ids of those who have a second factor."""
    found = Authenticator.objects.filter(type__in=FACTORS)
    return set(found.values_list("user_id", flat=True))


def factors(user: User) -> Factors:
    """Return what somebody set up beside their password."""
    found = list(Authenticator.objects.filter(user=user).order_by("created_at", "pk"))
    app = next((one for one in found if one.type == Kind.TOTP), None)
    codes = next((one for one in found if one.type == Kind.RECOVERY_CODES), None)
    return Factors(
        app_since=app.created_at if app else None,
        app_used_at=app.last_used_at if app else None,
        keys=[
            Key(
                pk=one.pk,
                name=str(one),
                added_at=one.created_at,
                used_at=one.last_used_at,
            )
            for one in found
            if one.type == Kind.WEBAUTHN
        ],
        codes_left=len(codes.wrap().get_unused_codes()) if codes else None,
    )


def places(user: User, *, key: str, now: datetime) -> list[Place]:
    """Return where somebody is logged in, here (the session ``key``) first."""
    found = {one.session_key: one for one in UserSession.objects.filter(user=user)}
    alive = Session.objects.filter(session_key__in=found, expire_date__gt=now)
    keys = set(alive.values_list("session_key", flat=True))
    known = [
        Place(
            pk=one.pk,
            device=device(one.user_agent),
            ip=one.ip,
            since=one.created_at,
            seen=one.last_seen_at,
            current=one.session_key == key,
        )
        for one in found.values()
        if one.session_key in keys
    ]
    return sorted(known, key=lambda one: (not one.current, -one.seen.timestamp()))
