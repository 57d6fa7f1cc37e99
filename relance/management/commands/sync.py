"""``relance sync dolibarr``: bring ours in line with what is there."""

from __future__ import annotations

import argparse
import sys
from datetime import date, datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from relance.management.terminal import Exit, Stop, TerminalCommand, acting_user
from relance.models import DolibarrSync
from relance.queries import dolibarr as queries
from relance.rules.permissions import Action
from relance.services import dolibarr_connection, dolibarr_sync
from relance.services.dolibarr_connection import ConnectionData
from relance.services.preparing import prepare

COUNTS = (
    "invoices_created",
    "invoices_updated",
    "invoices_unchanged",
    "customers_created",
    "customers_updated",
    "contacts_created",
    "contacts_updated",
    "contacts_removed",
    "pdfs",
)


class Command(TerminalCommand):
    summary = "Read customers, invoices and payments from Dolibarr"
    example = "relance sync dolibarr --url https://example.com/dolibarr --key …"
    prints_json = True

    def options(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("source", choices=["dolibarr"], help=_("what to read"))
        parser.add_argument(
            "--url", help=_("its address, kept from then on (else the one that is)")
        )
        parser.add_argument(
            "--key", help=_("the key of its API, kept with the address")
        )
        parser.add_argument(
            "--full",
            action="store_true",
            help=_("read everything again, not only what changed"),
        )
        parser.add_argument(
            "--by", metavar="EMAIL", help=_("the user in whose name it is done")
        )

    def run(
        self, *, url: str, key: str, full: bool, by: str, json: bool, **options: Any
    ) -> Exit:
        now = timezone.now()
        prepare(now=now)
        user = acting_user(by, Action.CONFIGURE if url else Action.EDIT_LEDGER)
        if key and not url:
            raise Stop(_("Give the address with the key: --url."), code=Exit.USAGE)
        if url:
            data = ConnectionData(address=url, key=key or "")
            saved = dolibarr_connection.save_connection(data, by=user, now=now)
            dolibarr_connection.try_connection(saved, now=now)
        begun = dolibarr_sync.start(full=full, by=user, now=now)
        done = _followed(begun, quiet=json)
        failed = done.state == DolibarrSync.State.FAILED
        if json:
            self.answer(_as_data(done))
        elif failed:
            raise Stop(done.error)
        else:
            self._show(done)
        return Exit.PARTLY if failed or done.warnings else Exit.DONE

    def _show(self, sync: DolibarrSync) -> None:
        counts = sync.counts
        words = _(
            "%(created)s invoices taken over, %(updated)s updated, %(same)s as before; "
            "%(customers)s new customers."
        ) % {
            "created": counts.get("invoices_created", 0),
            "updated": counts.get("invoices_updated", 0),
            "same": counts.get("invoices_unchanged", 0),
            "customers": counts.get("customers_created", 0),
        }
        self.console.print(words)
        for warning in sync.warnings:
            self.console.print(f"[yellow]{escape(warning)}[/yellow]")


def _followed(sync: DolibarrSync, *, quiet: bool) -> DolibarrSync:
    """Work it through, with a bar on the error output of a terminal."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[count]}"),
        TimeElapsedColumn(),
    )
    console = Console(file=sys.stderr)
    hidden = quiet or not console.is_terminal
    with Progress(*columns, console=console, disable=hidden, transient=True) as bar:
        task = bar.add_task("Dolibarr", total=100, count="")

        def tell(at: DolibarrSync) -> None:
            count = f"{at.done} / {at.total}" if at.total else f"{at.done}"
            bar.update(
                task,
                completed=queries.Progress(at).percent,
                description=at.get_stage_display(),
                count=count,
            )

        return dolibarr_sync.work_through(sync, clock=_clock, told=tell)


def _clock() -> tuple[datetime, date]:
    return timezone.now(), timezone.localdate()


def _as_data(sync: DolibarrSync) -> dict[str, object]:
    return {
        "state": str(sync.state),
        "full": sync.full,
        **{name: sync.counts.get(name, 0) for name in COUNTS},
        "warnings": sync.warnings,
        "error": sync.error or None,
    }
