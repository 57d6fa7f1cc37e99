"""What surrounds every page: the menu as data, the company, the other language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from relance.models.users import User
from relance.queries.shell import Around, around
from relance.rules.permissions import Action
from relance.web import configuration_menu, imports_menu
from relance.web.help_pages import page_of
from relance.web.tabs import Section, Tab, tabs


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A line of the menu. ``covers``: first words of the URL names that light it."""

    url_name: str
    label: str | Promise
    icon: str = ""
    covers: tuple[str, ...] = ()
    needs: Action = Action.VIEW
    inside: tuple[Entry, ...] = ()

    def lights_for(self, url_name: str) -> bool:
        return url_name == self.url_name or url_name.split("-")[0] in self.covers


MENU = (
    Entry(url_name="dashboard", label=_("Dashboard"), icon="house"),
    Entry(
        url_name="reminders",
        label=_("Reminders"),
        icon="bell",
        covers=("reminder", "approvals", "approval"),
        inside=(
            Entry(
                url_name="reminder-new", label=_("New reminder"), needs=Action.REMIND
            ),
            Entry(url_name="postings", label=_("Postings"), covers=("posting",)),
            Entry(url_name="penalty-calculator", label=_("Penalty calculator")),
            Entry(url_name="simulator", label=_("Simulator")),
        ),
    ),
    Entry(
        url_name="proposals",
        label=_("Mass reminders"),
        icon="layers",
        covers=("proposal", "run"),
    ),
    Entry(
        url_name="invoices",
        label=_("Invoices"),
        icon="file-text",
        covers=("invoice",),
        inside=(Entry(url_name="payments", label=_("Payments"), covers=("payment",)),),
    ),
    Entry(
        url_name="customers",
        label=_("Customers"),
        icon="users",
        covers=("customer", "contact"),
    ),
    Entry(
        url_name="imports",
        label=_("Imports and bank"),
        icon="database",
        covers=(
            "import",
            "duplicates",
            "duplicate",
            "spreadsheets",
            "spreadsheet",
            "batches",
            "batch",
            "takeover",
        ),
        inside=(
            Entry(url_name="receipts", label=_("Bank"), covers=("receipt", "pending")),
        ),
    ),
    Entry(
        url_name="outbox",
        label=_("Outgoing tray"),
        icon="send",
        covers=("outbox", "message"),
    ),
    Entry(
        url_name="configuration",
        label=_("Configuration"),
        icon="settings",
        covers=(
            "configuration",
            "company",
            "level",
            "levels",
            "text",
            "texts",
            "procedure",
            "user",
            "users",
        ),
        needs=Action.CONFIGURE,
    ),
)


@dataclass(frozen=True, kw_only=True)
class Line:
    """A menu entry as one person sees it on one page."""

    url: str
    label: str | Promise
    icon: str
    nested: bool
    current: bool
    count: int


class Shell:
    """Worked out only when a template asks, so that fragments cost nothing."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    @property
    def company(self) -> str:
        return self._around.company

    @property
    def run(self) -> int | None:
        """The id of a mass reminder that is not finished."""
        return self._around.run

    @property
    def past_unknown(self) -> bool:
        """Whether nobody has said yet what was reminded before Relance."""
        return self._around.past_unknown

    @cached_property
    def menu(self) -> list[Line]:
        user = self._request.user
        if not isinstance(user, User):
            return []
        lit = lit_entry(self._url_name)
        return [
            Line(
                url=reverse(entry.url_name),
                label=entry.label,
                icon=entry.icon,
                nested=nested,
                current=entry is lit,
                count=self._around.waiting.get(entry.url_name, 0),
            )
            for entry, nested in _entries()
            if user.may(entry.needs)
        ]

    @property
    def may_configure(self) -> bool:
        """Whether links to the configuration lead anywhere."""
        user = self._request.user
        return isinstance(user, User) and user.may(Action.CONFIGURE)

    @property
    def configuration(self) -> list[Tab]:
        """The tabs of the configuration's pages."""
        return self._tabs(configuration_menu.SECTIONS)

    @property
    def imports(self) -> list[Tab]:
        """The tabs of the pages by which data comes in."""
        return self._tabs(imports_menu.SECTIONS)

    def _tabs(self, sections: Sequence[Section]) -> list[Tab]:
        user = self._request.user
        return tabs(sections, user, self._url_name) if isinstance(user, User) else []

    @property
    def help(self) -> str:
        """The address of the page that explains this screen, empty if none does."""
        name = page_of(self._url_name)
        if not name or not isinstance(self._request.user, User):
            return ""
        query = urlencode({"from": self._request.get_full_path()})
        return f"{reverse('help-page', args=[name])}?{query}"

    @cached_property
    def _around(self) -> Around:
        return around()

    @property
    def other_language(self) -> tuple[str, str]:
        """The code and the own name of the language that the switch leads to."""
        current = get_language()
        return next(
            (code, name) for code, name in settings.LANGUAGES if code != current
        )

    @property
    def _url_name(self) -> str:
        match = self._request.resolver_match
        return (match.url_name if match else None) or ""


def lit_entry(url_name: str) -> Entry | None:
    """Return the menu entry of a page: its own, else that of its noun."""
    entries = [entry for entry, _nested in _entries()]
    own = (entry for entry in entries if entry.url_name == url_name)
    noun = (entry for entry in entries if entry.lights_for(url_name))
    return next(own, None) or next(noun, None)


def shell(request: HttpRequest) -> dict[str, Any]:
    """Give templates ``shell``; nothing is read before they use it."""
    return {"shell": Shell(request)}


def _entries() -> list[tuple[Entry, bool]]:
    return [(entry, entry is not top) for top in MENU for entry in (top, *top.inside)]
