"""The program's own settings, on throw-away data and with cheap durability."""

import os
import tempfile
from pathlib import Path

# Each test process has its own folder, gone with it: runs never meet.
_KEPT = tempfile.TemporaryDirectory(prefix="relance-test-", ignore_cleanup_errors=True)
_FOLDER = Path(_KEPT.name)
os.environ["RELANCE_DATA"] = str(_FOLDER)
os.environ.setdefault("RELANCE_HTTPS", "false")

from relance.settings import *  # noqa: E402, F403
from relance.settings import DATABASES  # noqa: E402

if "sqlite" in str(DATABASES["default"]["ENGINE"]):
    # A file, not memory: threads of the live server need connections of their own.
    DATABASES["default"]["TEST"] = {"NAME": str(_FOLDER / "test.sqlite3")}
    DATABASES["default"]["OPTIONS"] |= {
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;"
    }

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

# Never the queue of the server that lends its database.
HUEY = {
    "name": "relance",
    "immediate": False,
    "huey_class": "huey.SqliteHuey",
    "filename": str(_FOLDER / "queue.sqlite3"),
    "consumer": {"workers": 1, "worker_type": "thread", "max_delay": 0.5},
}
