"""What ``relance doctor`` and the page *État* look at: each answer in words."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.db import DatabaseError, connection
from django.utils.translation import gettext as _

from relance.gateways.typesetter import Letter, TypesettingError, letters_pdf
from relance.models import Channel, Company, MailAccount, Rate
from relance.queries.rates import doubtful_rates
from relance.queries.readiness import steps_without_text
from relance.queries.stationery import signatories, stationery
from relance.rules.rates import HalfYear
from relance.services import heartbeat
from relance.services.company import floor_warning
from relance.services.preparing import pending_migrations

ENOUGH_SPACE = 500 * 1024 * 1024


class Health(StrEnum):
    FINE = "fine"
    NOTE = "note"  # works, but worth knowing
    MEND = "mend"  # something will not work until it is mended


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing looked at: its name, how it is, and what to do about it."""

    name: str
    health: Health
    words: str


def checkup(*, now: datetime, today: date) -> list[Finding]:
    """Look at everything; a database that does not answer hides only its own part."""
    found = [*_machine(), _letters()]
    try:
        connection.ensure_connection()
    except DatabaseError as error:
        return [*found, _mend(_("Database"), str(error).strip())]
    pending = pending_migrations()
    if pending:
        words = _("It must be brought up to date: run “relance setup”.")
        return [*found, _mend(_("Database"), words)]
    found.append(_fine(_("Database"), _database_words()))
    return [*found, *_contents(now=now, today=today)]


def _machine() -> Iterator[Finding]:
    version = ".".join(map(str, sys.version_info[:3]))
    yield _fine(_("Python"), version)
    folder = Path(settings.DATA)
    if os.access(folder, os.W_OK):
        yield _fine(_("Data folder"), str(folder))
    else:
        words = _("%(folder)s cannot be written to: give it to the user of Relance.")
        yield _mend(_("Data folder"), words % {"folder": folder})
    free = shutil.disk_usage(folder).free
    said = _("%(size)s MB free") % {"size": free // 1024**2}
    if free < ENOUGH_SPACE:
        words = _("%(size)s. Make room before the next large run.") % {"size": said}
        yield _mend(_("Disk"), words)
    else:
        yield _fine(_("Disk"), said)
    try:
        ZoneInfo(settings.TIME_ZONE)
        yield _fine(_("Time zone"), settings.TIME_ZONE)
    except ZoneInfoNotFoundError:
        words = _("%(zone)s is unknown here: install the package tzdata.")
        yield _mend(_("Time zone"), words % {"zone": settings.TIME_ZONE})


def _letters() -> Finding:
    # Accents, the euro, another script: the fonts are there and Typst draws them.
    letter = Letter(
        reference="RL-0",
        sender=("Relance",),
        address=("Éditions Ωmega", "75002 PARIS"),
        place_and_date="Paris",
        subject="1 234,56 €",
        body=(),
    )
    made = letters_pdf([letter])[0]
    if isinstance(made, TypesettingError):
        return _mend(_("Letters"), str(made))
    return _fine(_("Letters"), _("a letter was made, with its fonts"))


def _database_words() -> str:
    if connection.vendor == "sqlite":
        return _("SQLite, in the data folder")
    return "PostgreSQL"


def _contents(*, now: datetime, today: date) -> Iterator[Finding]:
    ours = Company.objects.first()
    if ours is None:
        yield _mend(_("Company"), _("Nothing is set up yet: run “relance setup”."))
    else:
        yield from of_company(ours)
        yield from of_texts()
        yield from of_layout()
    yield from of_rates(today)
    if MailAccount.objects.exists():
        yield _fine(_("E-mail"), str(MailAccount.objects.get()))
    else:
        words = _("No account: e-mails stay in the outgoing tray, nothing leaves.")
        yield _note(_("E-mail"), words)
    if heartbeat.is_alive(now=now):
        yield _fine(_("Background work"), _("at work"))
    else:
        words = _("Not running: start “relance serve”, or “relance worker”.")
        yield _note(_("Background work"), words)


# What the law wants on a formal notice, by the field that holds it.
NEEDED: dict[str, Callable[[], str]] = {
    "name": lambda: _("company name"),
    "legal_form": lambda: _("legal form"),
    "siren": lambda: _("SIREN"),
    "address": lambda: _("address"),
    "postcode": lambda: _("postcode"),
    "city": lambda: _("town"),
    "iban": lambda: _("IBAN"),
}


def of_company(ours: Company) -> Iterator[Finding]:
    """Say whether the company gave all that a formal notice needs."""
    missing = [say() for field, say in NEEDED.items() if not getattr(ours, field)]
    main = signatories().main
    if main is None:
        missing.append(_("signatory"))
    elif not main.position:
        missing.append(_("signatory's position"))
    if missing:
        words = _("Formal notices are refused until this is given: %(what)s.")
        yield _mend(_("Company"), words % {"what": ", ".join(missing)})
    else:
        yield _fine(_("Company"), ours.name)


def of_layout() -> Iterator[Finding]:
    """Say whether the company's own page layout, if it has one, sets its letters."""
    paper = stationery()
    if paper.template is None:
        return
    name = _("Page layout of letters")
    if paper.template_trouble:
        words = _("Yours failed, and ours was used: %(why)s")
        yield _mend(name, words % {"why": paper.template_trouble})
    else:
        yield _fine(name, _("your own"))


def of_texts() -> Iterator[Finding]:
    """Say whether every level has its texts."""
    missing = [
        f"{step.level} ({channel.label}, {step.procedure})"
        for channel in (Channel.LETTER, Channel.EMAIL)
        for step in steps_without_text(channel)
        .select_related("level", "procedure")
        .order_by("level__rank", "procedure__name")
    ]
    if missing:
        words = _("Missing: %(what)s. Nothing is sent in its place.")
        yield _mend(_("Texts"), words % {"what": ", ".join(missing)})
    else:
        yield _fine(_("Texts"), _("one for each level and channel"))


def of_rates(today: date) -> Iterator[Finding]:
    """Say of each half-year in use whether its rates are known and verified."""
    doubts = doubtful_rates(today=today)
    for half_year in dict.fromkeys(doubt.half_year for doubt in doubts):
        name = _("Rates of %(half_year)s") % {"half_year": half_year}
        here = [doubt for doubt in doubts if doubt.half_year == half_year]
        missing = [Rate.Kind(one.kind.value).label for one in here if one.missing]
        if missing:
            words = _("Missing: %(what)s. Enter it in Configuration.")
            yield _mend(name, words % {"what": ", ".join(map(str, missing))})
        else:
            words = _("Not verified yet: compare them with the official publication.")
            yield _note(name, words)
    if not doubts:
        name = _("Rates of %(half_year)s") % {"half_year": HalfYear.of(today)}
        yield _fine(name, _("known and verified"))


def of_contract_rate(ours: Company, today: date) -> Iterator[Finding]:
    """Say whether the rate of the terms of sale is valid, or what is then claimed."""
    warning = floor_warning(ours.contract_rate, today=today)
    if not warning:
        return
    name = _("Penalty rate of your terms of sale")
    if ours.below_floor:
        said = Company.BelowFloor(ours.below_floor).label
        yield _note(name, f"{warning} {str(said).capitalize()}.")
    else:
        say = _("Say in Configuration › Rules what you claim then.")
        yield _mend(name, f"{warning} {say}")


def _fine(name: str, words: str) -> Finding:
    return Finding(name=name, health=Health.FINE, words=words)


def _note(name: str, words: str) -> Finding:
    return Finding(name=name, health=Health.NOTE, words=words)


def _mend(name: str, words: str) -> Finding:
    return Finding(name=name, health=Health.MEND, words=words)
