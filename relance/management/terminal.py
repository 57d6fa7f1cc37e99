"""The frame of every command: options, --json, exit codes, errors in words."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from enum import IntEnum
from typing import Any, ClassVar

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError
from django.utils import timezone
from django.utils.translation import gettext as _
from rich.console import Console

from relance.models import User
from relance.queries.company import NotSetUp
from relance.queries.local_time import company_zone
from relance.rules.permissions import Action
from relance.services.refusal import Refused


class Exit(IntEnum):
    """What a script that calls us may rely on."""

    DONE = 0
    PARTLY = 1  # done, but something was refused or must be mended
    USAGE = 2  # the command was not understood: nothing was done
    NOT_SET_UP = 3  # ``relance setup`` comes first


class Stop(CommandError):
    """End the command with a sentence for the user, on the error output."""

    def __init__(self, message: str, *, code: Exit = Exit.PARTLY) -> None:
        super().__init__(message, returncode=code.value)


class TerminalCommand(BaseCommand):
    """A ``relance`` command.

    A subclass writes ``summary`` (an English msgid), ``example``, ``options`` and
    ``run``. With ``prints_json`` it has ``--json``: ``run`` then calls ``answer``
    and prints nothing else.
    """

    summary: ClassVar[str]
    example: ClassVar[str]
    prints_json: ClassVar[bool] = False

    # Django's own checks take longer than our commands; ``make check`` runs them.
    requires_system_checks = ()
    suppressed_base_arguments = {  # noqa: RUF012
        "--version",
        "--verbosity",
        "--settings",
        "--pythonpath",
        "--traceback",
        "--no-color",
        "--force-color",
        "--skip-checks",
    }

    def options(self, parser: argparse.ArgumentParser) -> None:
        """Add the options of this command."""

    def run(self, *args: Any, **options: Any) -> Exit:
        """Do the work and say how it ended; options come by name."""
        raise NotImplementedError

    @property
    def console(self) -> Console:
        """The terminal: colours and tables when it is one, plain text in a pipe."""
        return Console(file=sys.stdout, highlight=False, soft_wrap=True)

    def answer(self, value: Any) -> None:
        """Print the JSON that ``--json`` promises; dates and amounts as text."""
        text = json.dumps(value, ensure_ascii=False, indent=2, default=str)
        sys.stdout.write(text + "\n")

    def create_parser(
        self, prog_name: str, subcommand: str, **kwargs: Any
    ) -> CommandParser:
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        parser.prog = f"relance {subcommand}"
        parser.description = _(self.summary)
        parser.epilog = _("Example: %(command)s") % {"command": self.example}
        return parser

    def add_arguments(self, parser: CommandParser) -> None:
        self.options(parser)
        if self.prints_json:
            words = _("answer in JSON, for a program")
            parser.add_argument("--json", action="store_true", help=words)

    def run_from_argv(self, argv: list[str]) -> None:
        # Wrong usage then ends here, with words and code 2, instead of an exception.
        self._called_from_command_line = True
        parser = self.create_parser(argv[0], argv[1])
        options = vars(parser.parse_args(argv[2:]))
        options.pop("args", None)
        try:
            ended = in_words(lambda: self.run(**self._own(options)))
        except Stop as stop:
            sys.stderr.write(f"{stop}\n")
            raise SystemExit(stop.returncode) from None
        except KeyboardInterrupt:
            raise SystemExit(130) from None
        raise SystemExit(int(ended))

    def handle(self, *args: Any, **options: Any) -> None:
        """Run from ``call_command``: raise Stop, or exit with a code that is not 0."""
        ended = in_words(lambda: self.run(**self._own(options)))
        if ended:
            raise SystemExit(int(ended))

    def _own(self, options: dict[str, Any]) -> dict[str, Any]:
        django = {name.strip("-").replace("-", "_") for name in _DJANGO_OPTIONS}
        return {name: value for name, value in options.items() if name not in django}


_DJANGO_OPTIONS = (
    *TerminalCommand.suppressed_base_arguments,
    "--stdout",
    "--stderr",
)


def in_words(work: Callable[[], Exit]) -> Exit:
    """Return what the work answers; raise Stop where it was refused or could not be."""
    try:
        # Every "today" below is the company's.
        with timezone.override(company_zone()):
            return work()
    except Refused as refused:
        raise Stop(refused.message, code=Exit.PARTLY) from refused
    except NotSetUp as missing:
        words = _("Nothing is set up yet. Run “relance setup” first.")
        raise Stop(words, code=Exit.NOT_SET_UP) from missing
    except DatabaseError as error:
        if "no such table" in str(error) or "does not exist" in str(error):
            words = _("The database is not ready yet. Run “relance setup” first.")
            raise Stop(words, code=Exit.NOT_SET_UP) from error
        words = _("The database does not answer: %(reason)s") % {"reason": error}
        raise Stop(words, code=Exit.NOT_SET_UP) from error


def acting_user(email: str | None, action: Action) -> User | None:
    """Return the user whom ``--by`` names, who must be allowed to do this on the
    pages too; ``None`` without it: whoever holds the machine. Raises Stop."""
    user = named_user(email) if email else None
    if user is not None and not user.may(action):
        words = _("%(name)s may not do this: ask an administrator for the right.")
        raise Stop(words % {"name": user})
    return user


def named_user(email: str) -> User:
    """Return the user who has this address; raise Stop."""
    found = User.objects.filter(email=email.lower(), is_active=True).first()
    if found is None:
        words = _("Nobody has the address %(email)s.") % {"email": email}
        raise Stop(words, code=Exit.USAGE)
    return found
