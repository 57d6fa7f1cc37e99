"""The cast of every test, and the days on which they play.

Alice reminds, Bob only reads, Charlie is a stranger (logged in, no role), Dora
administers. A page or an action is right when it is right for all four.
"""

from __future__ import annotations

import os
import shutil
from datetime import UTC, date, datetime

import pytest

from relance.models import User
from relance.rules.permissions import Role

TODAY = date(2026, 11, 24)
NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


def chromium() -> str | None:
    """Return the Chromium that browser tests drive; Playwright downloads none."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return os.environ.get("CHROMIUM") or next(
        filter(None, map(shutil.which, names)), None
    )


def pytest_report_header() -> str:
    found = chromium()
    if found:
        return f"browser tests: run in {found}"
    return "browser tests: SKIPPED, no Chromium found (install it, or set CHROMIUM=…)"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if chromium():
        return
    skip = pytest.mark.skip(reason="no Chromium found")
    for item in items:
        if "browser" in item.keywords:
            item.add_marker(skip)


def _person(name: str, role: str) -> User:
    return User.objects.create_user(
        f"{name.split()[0].lower()}@example.org",
        "correct horse battery",
        name=name,
        role=role,
    )


@pytest.fixture
def alice(db: None) -> User:
    """She reminds: the person who keeps the books."""
    return _person("Alice Martin", Role.REMINDERS.value)


@pytest.fixture
def bob(db: None) -> User:
    """He only reads."""
    return _person("Bob Leroy", Role.READER.value)


@pytest.fixture
def charlie(db: None) -> User:
    """A stranger: logged in, with no role."""
    return _person("Charlie Petit", "")


@pytest.fixture
def dora(db: None) -> User:
    """She administers."""
    return _person("Dora Blanc", Role.ADMIN.value)
