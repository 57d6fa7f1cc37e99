"""Who logs in, and how their access stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from relance.models import AccessLink, User
from relance.queries.access import with_factor


@dataclass(frozen=True, kw_only=True)
class Person:
    """A user as the list shows them."""

    user: User
    has_second_factor: bool
    # Until when the invitation is good; none: there is none, or it is too old.
    invited_until: datetime | None


def people(*, now: datetime) -> list[Person]:
    """Return everybody, those who may log in first, by name."""
    proving = with_factor()
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
            has_second_factor=user.pk in proving,
            invited_until=until.get(user.pk),
        )
        for user in User.objects.order_by("-is_active", "name", "pk")
    ]
