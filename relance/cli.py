"""The ``relance`` program: lists our commands, runs them, helps with a wrong name."""

from __future__ import annotations

import atexit
import difflib
import gettext
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

# One line each, in the order in which a newcomer meets them (English msgids).
COMMANDS = {
    "demo": "Build a made-up company and open it in the browser",
    "setup": "Prepare the database, the company and the first administrator",
    "serve": "Open Relance on this machine: pages and background work",
    "worker": "Do the background work alone, beside another web server",
    "bank": "Read bank statements and say what they settle",
    "import": "Read e-invoices and their statuses, ledgers (FEC) and spreadsheets",
    "invoices": "List invoices: those unpaid, those late, with their totals",
    "sync": "Read customers, invoices and payments from Dolibarr",
    "remind": "Remind one unpaid invoice, by letter or by e-mail",
    "run": "Remind many invoices at once: choose, approve, watch",
    "penalty": "Compute late payment penalties, step by step",
    "access": "Make a link to choose a new password, for who is locked out",
    "doctor": "Check this installation and say what to mend",
}


def main(arguments: list[str] | None = None) -> None:
    """Run one command and end with its exit code; 2 when its name is unknown."""
    given = sys.argv[1:] if arguments is None else arguments
    name = given[0] if given else "--help"
    if name in {"-h", "--help", "help"}:
        sys.stdout.write(overview())
        return
    if name == "--version":
        from importlib.metadata import version

        sys.stdout.write(f"relance {version('relance')}\n")
        return
    if name == "demo":
        # Before the settings are read: the demonstration has a folder of its own.
        os.environ.setdefault("RELANCE_DATA", "data-demo")
    if name == "penalty" or {"-h", "--help"} & set(given):
        _leave_nothing_behind()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "relance.settings")
    if name not in COMMANDS and name not in _django_commands():
        sys.stderr.write(unknown(name))
        raise SystemExit(2)

    from django.core.management import execute_from_command_line

    execute_from_command_line(["relance", *given])


def _leave_nothing_behind() -> None:
    """Reading the settings makes the data folder: give one that ends with the
    process to what needs none, unless there is one already."""
    if "RELANCE_DATA" not in os.environ and not Path("data").exists():
        folder = tempfile.TemporaryDirectory(prefix="relance-")
        atexit.register(folder.cleanup)
        os.environ["RELANCE_DATA"] = folder.name


def overview() -> str:
    """Return the help of the whole program."""
    say = words()
    lines = [
        say("Relance follows up unpaid invoices."),
        "",
        say("Usage: relance COMMAND [OPTIONS]"),
        "",
        *(f"  {name:<8} {say(line)}" for name, line in COMMANDS.items()),
        "",
        say("Details and an example: relance COMMAND --help"),
        say("Example: %(command)s") % {"command": "relance import factures/*.pdf"},
        "",
    ]
    return "\n".join(lines)


def unknown(name: str) -> str:
    """Return what to tell somebody who asked for a command that does not exist."""
    say = words()
    lines = [say("There is no command “%(name)s”.") % {"name": name}]
    near = difflib.get_close_matches(name, COMMANDS, n=1, cutoff=0.5)
    if near:
        lines.append(say("Did you mean “%(name)s”?") % {"name": f"relance {near[0]}"})
    lines.append(say("All the commands: relance --help"))
    return "\n".join([*lines, ""])


def words() -> Callable[[str], str]:
    """Return the translator into French, the default language.

    Read by the standard library: Django's settings make a data folder, and asking
    for help should leave nothing behind.
    """
    folder = Path(__file__).resolve().parent / "locale"
    catalogue = gettext.translation("django", folder, ["fr"], fallback=True)
    return catalogue.gettext


def _django_commands() -> set[str]:
    # Found by their files: reading the settings would make a data folder.
    from django.core import management
    from django.core.management import find_commands

    own = Path(__file__).resolve().parent / "management"
    folders = (Path(management.__file__).parent, own)
    return {name for folder in folders for name in find_commands(str(folder))}
