"""The cast of every test, and the days on which they play.

Alice reminds, Bob only reads, Charlie is a stranger (logged in, no role), Dora
administers. A page or an action is right when it is right for all four.
"""

from __future__ import annotations

import os
import shutil
from datetime import UTC, date, datetime

import pytest
from django.db import connection
from django.test import TransactionTestCase

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


def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> None:
    if connection.vendor == "postgresql":
        # The others (rules, parsers, commands on a folder of their own) would only
        # say the same again.
        asking = [item for item in items if _asks_the_database(item)]
        kept = set(asking)
        others = [item for item in items if item not in kept]
        config.hook.pytest_deselected(items=others)
        items[:] = asking
    if chromium():
        return
    skip = pytest.mark.skip(reason="no Chromium found")
    for item in items:
        if "browser" in item.keywords:
            item.add_marker(skip)


def _asks_the_database(item: pytest.Item) -> bool:
    """Say whether a test uses the database of the settings, which is the server's."""
    if item.get_closest_marker("django_db") is not None:
        return True
    of_django = isinstance(item, pytest.Function) and issubclass(
        item.cls or object, TransactionTestCase
    )
    fixtures = getattr(item, "fixturenames", ())
    return of_django or not {"db", "transactional_db"}.isdisjoint(fixtures)


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
