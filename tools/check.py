"""Every check of ``make check``, one after the other; all are run, any may fail."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent

CHECKS = {
    "style": ["ruff", "check", "--quiet", "."],
    "format": ["ruff", "format", "--check", "--quiet", "."],
    "types": ["mypy", "--no-error-summary"],
    "layers": ["lint-imports"],
    "templates": ["djlint", "--lint", "--quiet", "relance/templates"],
    "settings": ["python", "manage.py", "check", "--fail-level", "WARNING"],
    "migrations": ["python", "manage.py", "makemigrations", "--check", "--dry-run"],
    "French": ["python", "tools/messages.py"],
}


def main() -> int:
    failed = [name for name, command in CHECKS.items() if not passes(name, command)]
    if failed:
        say(f"failed: {', '.join(failed)}")
    return 1 if failed else 0


def passes(name: str, command: list[str]) -> bool:
    """Run one check; its output is shown only when it fails."""
    program, *rest = command
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as data:
        done = subprocess.run(  # noqa: S603
            [str(BIN / program), *rest],
            cwd=ROOT,
            env={**os.environ, "RELANCE_DATA": data, "DATABASE_URL": ""},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
    seconds = time.monotonic() - started
    fine = done.returncode == 0
    say(f"{'✓' if fine else '✗'} {name:<12} {seconds:5.1f} s")
    if not fine:
        say(done.stdout)
    return fine


def say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
