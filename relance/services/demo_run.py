"""The demonstration's mass reminder: a hundred and twenty, letters and e-mails."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from pathlib import Path

from django.utils.translation import gettext as _

from relance.models import Proposal, Run, User
from relance.queries.worklist import Criteria, worklist
from relance.services import printing, proposals, run_work, runs
from relance.services.proposals import How
from relance.services.touching import touch_all

REMINDERS = 120


def mass_run(*, by: User, now: datetime, today: date) -> Run:
    """Tick the largest late invoices as each customer prefers, approve, make all.

    The smaller ones stay to be reminded, for whoever tries the screen.
    """
    proposals.refresh(today=today)
    everything = Criteria(which="unpaid")
    proposals.tick_all(everything, How.NONE, by=by, now=now, today=today)
    ready = worklist(Criteria(which="today"), today=today)
    amounts = sorted((row.invoice.balance for row in ready), reverse=True)
    largest = Criteria(which="today", min_amount=amounts[:REMINDERS][-1])
    proposals.tick_all(largest, How.PREFERRED, by=by, now=now, today=today)
    run = runs.approve(
        key=uuid.uuid5(uuid.NAMESPACE_OID, "demo run"),
        by=by,
        now=now,
        today=today,
        grouped=False,
        confirmed=True,
    )
    while run_work.work(run.pk, now=now, today=today):
        pass
    runs.finish_if_done(run.pk, now)
    printing.build_print_file(run.pk, now=now)
    # The ticks taken away above were nobody's choice.
    Proposal.objects.filter(chosen_by=by).update(chosen_by=None, chosen_at=None)
    touch_all()
    run.refresh_from_db()
    return run


def print_file(run: Run) -> Path:
    """Return where the letters of the run lie, ready to print."""
    path = printing.print_path(run)
    if path is None:
        raise FileNotFoundError(run.print_trouble or _("There is no print file."))
    return path
