"""What a crash, or a full disk, left half done."""

from __future__ import annotations

from datetime import date, datetime

from django.db.models import Q

from relance.models import Reminder
from relance.services import outbox, reminders, run_work
from relance.services.preparing import is_embedded


def after_restart(
    *, before: datetime, patience: datetime, now: datetime, today: date
) -> None:
    """Finish at once what the workers that ran ``before`` left; safe to repeat.

    An e-mail that was leaving is shown as *perhaps sent*. Where other machines may
    be sending (a shared database), only one older than ``patience`` is.
    """
    older_than = before if is_embedded() else min(before, patience)
    outbox.settle_interrupted(now=now, older_than=older_than)
    finish_interrupted(older_than=before, now=now, today=today)


def finish_interrupted(*, older_than: datetime, now: datetime, today: date) -> None:
    """Finish the reminders left *being made* since before ``older_than``; those of
    a run that could keep no file are tried whatever their age.

    Raises OSError when files still cannot be kept: they stay as they are.
    """
    left = Reminder.objects.filter(state=Reminder.State.BEING_MADE, run__isnull=False)
    left = left.filter(Q(made_at__lt=older_than) | ~Q(run__trouble=""))
    for run_id, trouble in set(left.values_list("run", "run__trouble")):
        _finish(run_id, older_than=now if trouble else older_than, now=now, today=today)
    reminders.finish_interrupted(older_than=older_than, now=now, today=today)


def _finish(run_id: int, *, older_than: datetime, now: datetime, today: date) -> None:
    before: list[int] = []
    while left := run_work.left_being_made(run_id, older_than=older_than):
        if left == before:
            return
        run_work.make(run_id, left, now=now, today=today)
        before = left
