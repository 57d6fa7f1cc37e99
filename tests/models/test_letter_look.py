"""A database from before the letter paper: nothing of the company form is lost."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def migrated(data: Path, *to: str) -> sqlite3.Connection:
    environment = {
        name: value for name, value in os.environ.items() if name != "DATABASE_URL"
    }
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "relance", *to, "-v0"],
        cwd=ROOT,
        env=environment
        | {"RELANCE_DATA": str(data), "DJANGO_SETTINGS_MODULE": "relance.settings"},
        check=True,
    )
    [database] = [path for path in data.glob("*.sqlite3") if "queue" not in path.name]
    return sqlite3.connect(database)


def test_the_window_and_who_signs_move_to_their_own_tables(tmp_path: Path) -> None:
    old = migrated(tmp_path, "0004_texts")
    columns = {
        name: kind
        for _, name, kind, *_ in old.execute("PRAGMA table_info(relance_company)")
    }
    values = {
        name: "" if "char" in kind or kind == "TEXT" else 0
        for name, kind in (columns.items())
    }
    values |= {
        "id": 1,
        "name": "Durand",
        "window_x": 2.5,
        "window_y": -1,
        "fold_marks": 0,
    }
    values |= {"signatory_name": "Ann", "signatory_title": "Gérante"}
    names = ", ".join(values)
    marks = ", ".join("?" * len(values))
    with old:
        old.execute(
            f"INSERT INTO relance_company ({names}) VALUES ({marks})",
            list(values.values()),
        )
    old.close()

    new = migrated(tmp_path)
    paper = new.execute(
        "SELECT window_x, window_y, fold_marks, accent FROM relance_stationery"
    ).fetchall()
    signs = new.execute(
        "SELECT name, position, is_main, active FROM relance_signatory"
    ).fetchall()
    new.close()
    assert paper == [(2.5, -1, 0, "#0f5c6e")]
    assert signs == [("Ann", "Gérante", 1, 1)]
