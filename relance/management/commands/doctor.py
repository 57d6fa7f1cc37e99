"""``relance doctor``: is everything here that the work needs?"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from rich.markup import escape

from relance.management.terminal import Exit, TerminalCommand
from relance.services.checkup import Health, checkup

SIGNS = {
    Health.FINE: "[green]✓[/green]",
    Health.NOTE: "[yellow]•[/yellow]",
    Health.MEND: "[red]✗[/red]",
}


class Command(TerminalCommand):
    summary = "Check this installation and say what to mend"
    example = "relance doctor --json"
    prints_json = True

    def run(self, *, json: bool, **options: Any) -> Exit:
        findings = checkup(now=timezone.now(), today=timezone.localdate())
        ill = sum(finding.health == Health.MEND for finding in findings)
        if json:
            self.answer([asdict(finding) for finding in findings])
        else:
            for finding in findings:
                line = escape(f"{finding.name:<22} {finding.words}")
                self.console.print(f"{SIGNS[finding.health]} {line}")
            words = _("To mend: %(number)s.") if ill else _("All is well.")
            self.console.print("\n" + words % {"number": ill})
        return Exit.PARTLY if ill else Exit.DONE
