"""A real Chromium on the real pages: what the person who keeps the books does."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any, NamedTuple

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Page,
    Response,
    expect,
    sync_playwright,
)
from pytest_django.live_server_helper import LiveServer

from relance.models import Customer, Invoice, Reminder, User
from relance.rules.permissions import Role
from tests import make
from tests.conftest import chromium

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
]

# Milliseconds after which something never comes: a busy machine takes its time.
PATIENCE = 30_000
expect.set_options(timeout=PATIENCE)

# What the console calls an error, and is how the pages work: 422 is a form sent
# back; a request is dropped for a later one (``hx-sync``), which htmx says twice.
# One that fails says ``htmx:sendError`` or ``htmx:timeout`` beside ``afterRequest``.
EXPECTED = ("status of 422", "htmx:sendAbort", "htmx:afterRequest")


class Screen(NamedTuple):
    """A browser on the site, and all that went wrong in it."""

    page: Page
    troubles: list[str]


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    # Playwright's loop runs in this thread, where the tests read the database.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        yield found
        found.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def open_screen(
    browser: Browser, live_server: LiveServer
) -> Iterator[Callable[..., Screen]]:
    """Open a browser: ``open_screen(user)``, with any option of a context."""
    opened: list[BrowserContext] = []

    def opener(user: User | None = None, **options: Any) -> Screen:
        context = browser.new_context(
            base_url=live_server.url, locale="fr-FR", **options
        )
        context.set_default_timeout(PATIENCE)
        opened.append(context)
        if user is not None:
            context.add_cookies([_session(user, live_server.url)])
        page = context.new_page()
        return Screen(page, _watch(page))

    yield opener
    for context in opened:
        for page in context.pages:
            # A request still answered would meet the emptying of the tables.
            page.wait_for_load_state("networkidle")
        context.close()


@pytest.fixture
def claire(transactional_db: None) -> User:
    """She keeps the books of a company that is all set up."""
    make.company()
    return make.user(email="claire@ateliers-vauban.example")


@pytest.fixture
def screen(claire: User, open_screen: Callable[..., Screen]) -> Iterator[Screen]:
    """Claire's browser; nothing may have gone wrong in it when the test ends."""
    shown = open_screen(claire)
    yield shown
    assert shown.troubles == []


@pytest.fixture
def page(screen: Screen) -> Page:
    return screen.page


@pytest.fixture
def boss(claire: User) -> User:
    return make.user(role=Role.ADMIN.value, name="Dora Blanc")


def late_invoice(of: Customer | None = None, **values: Any) -> Invoice:
    """An invoice of 1 200,00 € that is fifty days late on the day of the test."""
    due = timezone.localdate() - timedelta(days=50)
    dates = {"due_date": due, "issued_on": due - timedelta(days=30)}
    return make.invoice(of, **(dates | values))


def pdf_of(page: Page, reminder: Reminder) -> bytes:
    """Download the letter that the reminder's card offers to print."""
    link = page.get_by_role("link", name="Ouvrir le courrier à imprimer")
    assert reminder.document is not None
    assert link.get_attribute("href") == reminder.document.get_absolute_url()
    answer = page.request.get(str(link.get_attribute("href")))
    assert answer.headers["content-type"] == "application/pdf"
    return answer.body()


def _session(user: User, url: str) -> Any:
    client = Client()
    client.force_login(user)
    name = settings.SESSION_COOKIE_NAME
    return {"name": name, "value": client.cookies[name].value, "url": url}


def _watch(page: Page) -> list[str]:
    """Return a list that fills with console errors and refused requests.

    A breach of the content security policy is a console error too.
    """
    troubles: list[str] = []

    def answered(response: Response) -> None:
        if response.status >= 400 and response.status != 422:
            troubles.append(f"{response.status} {response.url}")

    def said(message: Any) -> None:
        expected = any(words in message.text for words in EXPECTED)
        if message.type == "error" and not expected:
            troubles.append(f"{page.url}: {message.text}")

    page.on("console", said)
    page.on("pageerror", lambda error: troubles.append(f"{page.url}: {error}"))
    page.on("response", answered)
    return troubles
