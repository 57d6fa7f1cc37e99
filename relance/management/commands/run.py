"""``relance run``: a mass reminder from a terminal, from the proposals to the end."""

from __future__ import annotations

import argparse
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from rich.markup import escape
from rich.progress import Progress

from relance import jobs
from relance.management import run_report as report
from relance.management.terminal import Exit, Stop, TerminalCommand, acting_user
from relance.models import Run
from relance.queries import run_list
from relance.queries import runs as queries
from relance.queries.company import company, mail_account
from relance.queries.runs import Group
from relance.queries.ticked import fingerprint
from relance.queries.worklist import Criteria, totals, worklist
from relance.rules.permissions import Action
from relance.services import (
    delivery,
    printing,
    proposals,
    recovery,
    run_words,
    run_work,
    runs,
)
from relance.services.proposals import How
from relance.services.refusal import Refused

# Runs that “status” lists.
LISTED = 20

ACTIONS = ("propose", "show", "approve", "status", "stop", "resume")

_YES = {"y", "yes", "o", "oui"}


class Command(TerminalCommand):
    summary = "Remind many invoices at once: choose, approve, watch"
    example = "relance run propose --how preferred"
    prints_json = True

    def options(self, parser: argparse.ArgumentParser) -> None:
        option = parser.add_argument
        option("action", choices=ACTIONS, help=_("what to do"))
        option("number", nargs="?", type=int, help=_("number of the mass reminder"))
        option(
            "--how",
            choices=[how.value for how in How],
            default=How.PREFERRED.value,
            help=_("propose: how those to be reminded today are ticked"),
        )
        option("--yes", action="store_true", help=_("approve: ask nothing"))
        option(
            "--formal-notices",
            action="store_true",
            help=_("approve: formal notices too, after you looked at their list"),
        )
        option(
            "--grouped",
            action=argparse.BooleanOptionalAction,
            help=_("approve: one letter for the invoices of a customer"),
        )
        option("--by", metavar="EMAIL", help=_("the user in whose name it is done"))
        option(
            "--no-wait",
            action="store_true",
            help=_("approve: leave the work to the background"),
        )

    def run(self, *, action: str, **options: Any) -> Exit:
        company()
        options["user"] = acting_user(options["by"], Action.REMIND)
        actions: Mapping[str, Callable[[dict[str, Any]], Exit]] = {
            "propose": self._propose,
            "show": self._show,
            "approve": self._approve,
            "status": self._status,
            "stop": self._stop,
            "resume": self._resume,
        }
        return actions[action](options)

    def _propose(self, options: dict[str, Any]) -> Exit:
        now, today = timezone.now(), timezone.localdate()
        proposals.refresh(today=today)
        ticked = proposals.tick_all(
            Criteria(which="today"),
            How(options["how"]),
            by=options["user"],
            now=now,
            today=today,
        )
        if not options["json"]:
            words = _("Ticked: %(ticked)s. Left as they were: %(left)s.")
            said = {"ticked": ticked.ticked, "left": ticked.left}
            self.console.print(words % said)
        return self._show(options)

    def _show(self, options: dict[str, Any]) -> Exit:
        today = timezone.localdate()
        proposals.refresh(today=today)
        rows = list(worklist(Criteria(which="ticked"), today=today))
        if options["json"]:
            summed = [vars(total) for total in totals()]
            ticked = [report.ticked_data(row, today=today) for row in rows]
            self.answer({"ticked": ticked, "totals": summed})
            return Exit.DONE
        if not rows:
            words = _("Nothing is ticked. “relance run propose” ticks what is due.")
            self.console.print(words)
            return Exit.DONE
        self.console.print(report.ticked_table(rows))
        for total in totals():
            self.console.print(report.total_words(total))
        return Exit.DONE

    def _approve(self, options: dict[str, Any]) -> Exit:
        today = timezone.localdate()
        proposals.refresh(today=today)
        rows = list(worklist(Criteria(which="ticked"), today=today))
        if rows and not options["yes"]:
            self._ask(len(rows), options)
        grouped = options["grouped"]
        try:
            run = runs.approve(
                key=uuid.uuid4(),
                by=options["user"],
                now=timezone.now(),
                today=today,
                grouped=company().group_by_customer if grouped is None else grouped,
                confirmed=options["formal_notices"],
                expected=len(rows) if rows else None,
                shown=fingerprint(row.invoice_id for row in rows) if rows else "",
            )
        except Refused as refused:
            if refused.field != "confirmed":
                raise
            words = _("%(why)s Then add --formal-notices.") % {"why": refused.message}
            raise Stop(words) from refused
        if options["no_wait"]:
            jobs.start_run(run)
            return self._tell(run, options)
        return self._work(run, options)

    def _ask(self, invoices: int, options: dict[str, Any]) -> None:
        if options["json"] or not self.console.is_terminal:
            raise Stop(_("Add --yes to approve without a question."), code=Exit.USAGE)
        for total in totals():
            self.console.print(report.total_words(total))
        words = _("Approve %(invoices)s? [y/N]")
        words %= {"invoices": run_words.invoices(invoices)}
        if self.console.input(f"{escape(words)} ").strip().lower() not in _YES:
            raise Stop(_("Nothing was approved."))

    def _work(self, run: Run, options: dict[str, Any]) -> Exit:
        """Make everything here, then hand the e-mails over."""
        with report.bar(self.console, quiet=options["json"]) as bar:
            try:
                self._make(run, bar)
                printing.build_print_file(run.pk, now=timezone.now())
                self._deliver(run, bar)
            except OSError as error:
                words = _(
                    "The files cannot be kept on the disk: %(why)s. What was made is "
                    "kept; go on later with “relance run resume %(number)s”."
                )
                why = error.strerror or str(error)
                said = {"why": why, "number": run.number}
                raise Stop(words % said) from error
        return self._tell(run, options)

    def _make(self, run: Run, bar: Progress) -> None:
        total = run.lines.count()
        task = bar.add_task(escape(run.reference), total=total)
        now = timezone.now()
        recovery.finish_interrupted(older_than=now, now=now, today=timezone.localdate())
        while run_work.work(run.pk, now=timezone.now(), today=timezone.localdate()):
            left = queries.progress(run, timezone.now()).to_make
            bar.update(task, completed=total - left)
        runs.finish_if_done(run.pk, timezone.now())
        bar.update(task, completed=total)

    def _deliver(self, run: Run, bar: Progress) -> None:
        waiting = queries.progress(run, timezone.now()).counts[Group.QUEUED]
        if not waiting or mail_account() is None:
            return
        task = bar.add_task(_("E-mails"), total=waiting)
        while delivery.deliver_some(timezone.now):
            left = queries.progress(run, timezone.now()).counts[Group.QUEUED]
            bar.update(task, completed=waiting - left)
        left = queries.progress(run, timezone.now()).counts[Group.QUEUED]
        bar.update(task, completed=waiting - left)

    def _status(self, options: dict[str, Any]) -> Exit:
        if options["number"] is not None:
            return self._tell(_found(options), options)
        rows = run_list.rows(list(run_list.runs()[:LISTED]))
        if options["json"]:
            self.answer([report.run_data(row) for row in rows])
        elif rows:
            self.console.print(report.runs_table(rows))
        else:
            self.console.print(_("There is no mass reminder yet."))
        return Exit.DONE

    def _stop(self, options: dict[str, Any]) -> Exit:
        run = runs.stop(_found(options), by=options["user"], now=timezone.now())
        return self._tell(run, options)

    def _resume(self, options: dict[str, Any]) -> Exit:
        run = _found(options)
        # One that is at work, or was left so by a crash, simply goes on here.
        if run.state not in (Run.State.APPROVED, Run.State.WORKING):
            run = runs.resume(run, by=options["user"], now=timezone.now())
        if options["no_wait"]:
            jobs.start_run(run)
            return self._tell(run, options)
        return self._work(run, options)

    def _tell(self, run: Run, options: dict[str, Any]) -> Exit:
        """Say how far a run is, and what must be mended."""
        run.refresh_from_db()
        progress = queries.progress(run, timezone.now())
        if options["json"]:
            self.answer(report.progress_data(progress))
        else:
            for line in report.progress_words(progress):
                self.console.print(line)
        return Exit.PARTLY if progress.to_decide or run.trouble else Exit.DONE


def _found(options: Mapping[str, Any]) -> Run:
    number = options["number"]
    if number is None:
        words = _("Which one? “relance run status” shows their numbers.")
        raise Stop(words, code=Exit.USAGE)
    found = Run.objects.filter(number=number).first()
    if found is None:
        words = _("There is no mass reminder with the number %(number)s.")
        raise Stop(words % {"number": number}, code=Exit.USAGE)
    return found
