"""Commands as a user runs them: a process of its own, on a folder of its own."""

import os
import subprocess
import sys

import pytest

RELANCE = [sys.executable, "-c", "from relance.cli import main; main()"]


@pytest.fixture
def folder(tmp_path):
    """An empty installation: nothing but the place where it will be."""
    return tmp_path / "data"


@pytest.fixture
def relance(folder):
    """Run a command to its end; its exit code, output and errors are kept."""

    def run(*words):
        return subprocess.run(
            [*RELANCE, *words],
            env=environment(folder),
            cwd=folder.parent,
            capture_output=True,
            text=True,
            # Only that nothing hangs: a busy machine may take its time.
            timeout=300,
            check=False,
        )

    return run


def environment(folder):
    kept = {k: v for k, v in os.environ.items() if k != "DATABASE_URL"}
    return kept | {
        "RELANCE_DATA": str(folder),
        "DJANGO_SETTINGS_MODULE": "relance.settings",
        "PYTHONUNBUFFERED": "1",
    }
