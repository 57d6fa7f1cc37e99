"""Bring the database to what this version needs, with a copy put aside first."""

from __future__ import annotations

import sqlite3
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from relance.services.defaults import install_defaults


def pending_migrations() -> list[str]:
    """Return the names of the migrations that this database still lacks."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _back in plan]


def is_embedded() -> bool:
    """Say whether the database is the SQLite file of the data folder."""
    return connection.vendor == "sqlite"


def prepare(*, now: datetime) -> Path | None:
    """Migrate, make the cache table, install the defaults; safe to repeat.

    Returns the copy made before an embedded database that was in use was changed.
    """
    copy = None
    if pending_migrations():
        copy = _put_aside(now) if is_embedded() and _in_use() else None
        call_command("migrate", interactive=False, verbosity=0)
    call_command("createcachetable", verbosity=0)
    install_defaults(now=now)
    return copy


def _in_use() -> bool:
    return "django_migrations" in connection.introspection.table_names()


def _put_aside(now: datetime) -> Path:
    folder = Path(settings.DATA) / "backups"
    folder.mkdir(exist_ok=True)
    copy = folder / f"before-update-{now:%Y%m%d-%H%M%S}.sqlite3"
    source = sqlite3.connect(str(connection.settings_dict["NAME"]))
    target = sqlite3.connect(copy)
    try:
        # The file alone would miss what is still in the write-ahead log.
        source.backup(target)
    finally:
        target.close()
        source.close()
    return copy
