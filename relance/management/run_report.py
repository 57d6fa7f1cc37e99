"""What ``relance run`` prints: tables, sentences, the bar, and the same as data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Table

from relance.gateways import wording
from relance.models import Proposal
from relance.queries import runs as queries
from relance.queries.run_list import Row
from relance.queries.worklist import Totals
from relance.services import run_words


def ticked_table(rows: Sequence[Proposal]) -> Table:
    """Return the ticked invoices, a row each."""
    table = _table(_("Invoice"), _("Customer"), _("Due date"), _("Level"), _("How"))
    table.add_column(_("Balance"), justify="right")
    for row in rows:
        invoice = row.invoice
        table.add_row(
            escape(invoice.number),
            escape(row.customer.name),
            wording.short_date(invoice.due_date),
            escape(str(row.level_that_counts or "")),
            row.get_channel_display(),
            wording.money(invoice.balance, currency=invoice.currency, language="fr"),
        )
    return table


def ticked_data(row: Proposal, *, today: date) -> dict[str, object]:
    """Return a ticked invoice as ``--json`` prints it."""
    invoice, level = row.invoice, row.level_that_counts
    return {
        "invoice": invoice.number,
        "customer": row.customer.name,
        "due_date": invoice.due_date.isoformat(),
        "days_late": max(invoice.days_late(on=today), 0),
        "balance": f"{invoice.balance:.2f}",
        "currency": invoice.currency,
        "level": level.name if level else None,
        "formal_notice": level is not None and level.is_formal_notice,
        "channel": row.channel,
        "note": row.note,
        "next_on": row.next_on,
        "chosen_by": row.chosen_by.email if row.chosen_by else None,
    }


def total_words(total: Totals) -> str:
    """Say what the ticked invoices of one currency are."""
    amount = wording.money(total.amount, currency=total.currency, language="fr")
    words = f"{run_words.invoices(total.invoices)}, {amount}: "
    words += run_words.sendings(
        letters=total.letters, registered=total.registered, emails=total.emails
    )
    if total.formal_notices:
        notices = ngettext(
            "%(count)s formal notice", "%(count)s formal notices", total.formal_notices
        )
        words += ", " + notices % {"count": total.formal_notices}
    return words


def runs_table(rows: Sequence[Row]) -> Table:
    """Return the list of runs, a row each."""
    table = _table(_("Number"), _("Approved on"), _("State"))
    for title in (_("Invoices"), _("Reminded"), _("Waiting")):
        table.add_column(title, justify="right")
    for row in rows:
        approved = timezone.localtime(row.run.approved_at)
        table.add_row(
            row.run.reference,
            f"{wording.short_date(approved)} {approved:%H:%M}",
            run_words.stage(row.stage),
            str(row.total),
            str(row.reminded),
            str(row.waiting),
        )
    return table


def run_data(row: Row) -> dict[str, object]:
    """Return a run of the list as ``--json`` prints it."""
    run = row.run
    return {
        "number": run.number,
        "reference": run.reference,
        "state": run.state,
        "approved_at": run.approved_at.isoformat(),
        "approved_by": run.approved_by.email if run.approved_by else None,
        "invoices": row.total,
        "made": row.reminded,
        "waiting": row.waiting,
        "cancelled": row.cancelled,
        "not_made": row.to_decide,
    }


def progress_words(progress: queries.Progress) -> Iterator[str]:
    """Yield the lines that say how far a run is, and what must be mended."""
    run = progress.run
    state = {"run": run.reference, "state": run_words.stage(progress.stage)}
    yield _("%(run)s: %(state)s") % state
    words = _("%(done)s of %(total)s invoices; made: %(sendings)s")
    yield words % {
        "done": progress.done,
        "total": progress.total,
        "sendings": _sendings(progress),
    }
    for trouble in progress.troubles:
        number = escape(trouble.line.invoice.number)
        yield f"[red]✗[/red] {number}: {escape(trouble.why)}"
    if progress.hidden:
        yield _("and %(count)s others") % {"count": progress.hidden}
    for said in (run.trouble, run.print_trouble):
        if said:
            yield f"[red]✗[/red] {escape(said)}"


def progress_data(progress: queries.Progress) -> dict[str, object]:
    """Return how far a run is as ``--json`` prints it."""
    run = progress.run
    return {
        "number": run.number,
        "reference": run.reference,
        "state": run.state,
        "total": progress.total,
        "done": progress.done,
        "counts": {group.value: progress.counts[group] for group in queries.Group},
        "letters": progress.letters,
        "registered": progress.registered,
        "emails": progress.emails,
        "trouble": run.trouble,
        "print_trouble": run.print_trouble,
        "troubles": [
            {
                "invoice": trouble.line.invoice.number,
                "cause": trouble.cause,
                "why": trouble.why,
            }
            for trouble in progress.troubles
        ],
    }


def bar(console: Console, *, quiet: bool) -> Progress:
    """Return a progress bar; in a pipe, or quiet, it shows nothing."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
        disable=quiet or not console.is_terminal,
    )


def _sendings(progress: queries.Progress) -> str:
    return run_words.sendings(
        letters=progress.letters,
        registered=progress.registered,
        emails=progress.emails - progress.ready,
        ready=progress.ready,
    )


def _table(*titles: str) -> Table:
    table = Table(box=None, pad_edge=False)
    for title in titles:
        table.add_column(title)
    return table
