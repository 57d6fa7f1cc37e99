"""Pages that stand side by side under tabs: the page as data, and as one sees it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise

from relance.models.users import User
from relance.rules.permissions import Action


@dataclass(frozen=True, kw_only=True)
class Section:
    """A page under a tab. ``covers``: other URL names that light its tab."""

    url_name: str
    label: str | Promise
    needs: Action = Action.CONFIGURE
    covers: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Tab:
    """A section as one person sees it on one page."""

    url: str
    label: str | Promise
    current: bool


def tabs(sections: Sequence[Section], user: User, url_name: str) -> list[Tab]:
    """Return the pages that this person may open."""
    return [
        Tab(
            url=reverse(section.url_name),
            label=section.label,
            current=url_name in (section.url_name, *section.covers),
        )
        for section in sections
        if user.may(section.needs)
    ]
