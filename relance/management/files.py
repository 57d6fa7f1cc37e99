"""The files that a command is given: read one by one, those that are absent told."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from django.utils.translation import gettext as _
from rich.console import Console
from rich.progress import Progress


def files_option(parser: argparse.ArgumentParser, *, words: str) -> None:
    """Add the files and ``--by`` to a command that reads files."""
    parser.add_argument("files", nargs="+", metavar="FILE", type=Path, help=words)
    parser.add_argument(
        "--by", metavar="EMAIL", help=_("the user in whose name it is done")
    )


def read_files(paths: Sequence[Path]) -> Iterator[tuple[str, bytes]]:
    """Yield each file with its name, those of a folder in order; a bar on the error
    output says how many are done."""
    console = Console(file=sys.stderr)
    files = [found for path in paths for found in _files(path)]
    with Progress(
        console=console, transient=True, disable=not console.is_terminal
    ) as bar:
        for path in bar.track(files, description=_("Files")):
            yield str(path), path.read_bytes()


def _files(path: Path) -> list[Path]:
    if path.is_dir():
        return sorted(found for found in path.rglob("*") if found.is_file())
    return [path] if path.exists() else []


def absent(paths: Sequence[Path]) -> Iterator[tuple[str, str]]:
    """Yield the files that are not there, and say so."""
    for path in paths:
        if not path.exists():
            yield str(path), _("There is no such file.")
