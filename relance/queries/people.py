"""Who logs in, and how their access stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from allauth.mfa.models import Authenticator

from relance.models import AccessLink, User

# What proves who one is; recovery codes only replace one of these.
FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


@dataclass(frozen=True, kw_only=True)
class Person:
    """A user as the list shows them."""

    user: User
    has_second_factor: bool
    # Until when the invitation is good; none: there is none, or it is too old.
    invited_until: datetime | None


def people(*, now: datetime) -> list[Person]:
    """Return everybody, those who may log in first, by name."""
    with_factor = set(
        Authenticator.objects.filter(type__in=FACTORS).values_list("user_id", flat=True)
    )
    open_links = AccessLink.objects.filter(
        purpose=AccessLink.Purpose.INVITATION,
        used_at=None,
        withdrawn_at=None,
        expires_at__gt=now,
    )
    until = dict(open_links.values_list("user_id", "expires_at"))
    return [
        Person(
            user=user,
            has_second_factor=user.pk in with_factor,
            invited_until=until.get(user.pk),
        )
        for user in User.objects.order_by("-is_active", "name", "pk")
    ]
