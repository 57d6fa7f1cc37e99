"""``relance demo``: a made-up company to try everything on."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connections
from django.utils import timezone
from django.utils.translation import gettext as _

from relance.management.terminal import Exit, Stop, TerminalCommand
from relance.services import demo
from relance.services.preparing import is_embedded, prepare


class Command(TerminalCommand):
    summary = "Build a made-up company and open it in the browser"
    example = "relance demo --no-serve"
    prints_json = True

    def options(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "--no-serve", action="store_true", help=_("build it and end")
        )
        parser.add_argument(
            "--port", type=int, default=8000, help=_("port to listen on")
        )

    def run(self, *, no_serve: bool, port: int, json: bool, **options: Any) -> Exit:
        if not is_embedded():
            words = _("The demonstration never touches a PostgreSQL database.")
            raise Stop(words, code=Exit.USAGE)
        connections.close_all()
        demo.claim_folder(Path(settings.DATA))
        now = timezone.now()
        prepare(now=now)
        say = (lambda words: None) if json else self.console.print
        made = demo.build(now=now, today=timezone.localdate(), say=say)
        if json:
            self.answer(_data(made))
        else:
            self._summary(made, port=port)
        if not no_serve:
            call_command("serve", port=port)
        return Exit.DONE

    def _summary(self, made: demo.Demo, *, port: int) -> None:
        here = f"http://127.0.0.1:{port}"
        lines = (
            "",
            _("Ateliers Vauban is ready:"),
            _(
                "  %(customers)s customers, %(invoices)s invoices (%(imported)s from "
                "e-invoices), %(reminders)s reminders"
            ),
            _("  a letter with its stamped invoice: %(letter_file)s"),
            _("  an e-mail with its invoice: %(email_file)s"),
            _("  (nothing leaves: it waits in the tray, %(tray)s)"),
            _("  a mass reminder of %(lines)s, letters and e-mails: %(run_page)s"),
            _("  its print file: %(print_file)s (%(print_pages)s pages)"),
            "",
            _("Open %(here)s – log in: %(login)s, password: %(password)s"),
        )
        said = vars(made) | {
            "here": here,
            "tray": f"{here}/envois/{made.email.message.pk}/",
            "lines": made.run.lines.count(),
            "run_page": f"{here}{made.run.get_absolute_url()}",
            "print_pages": made.run.print_pages,
            "login": demo.EMAIL,
            "password": demo.PASSWORD,
        }
        for line in lines:
            self.console.print(line % said)


def _data(made: demo.Demo) -> dict[str, object]:
    return {
        "customers": made.customers,
        "invoices": made.invoices,
        "imported": made.imported,
        "reminders": made.reminders,
        "letter": str(made.letter_file),
        "email": str(made.email_file),
        "run": made.run.reference,
        "print_file": str(made.print_file),
        "login": demo.EMAIL,
        "password": demo.PASSWORD,
    }
