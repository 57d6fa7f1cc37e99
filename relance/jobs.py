"""What runs in the background: tasks of one to three lines, and the schedule.

A task is never the only memory of work to do: rows are, and the schedule takes up
each minute what they still ask for. A lost task is therefore harmless. A run is made
a chunk at a time, each chunk a task: what is asked meanwhile has its turn between.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.tasks import task
from django.utils import timezone
from huey import crontab
from huey.api import Task
from huey.contrib.djhuey import db_periodic_task, pre_execute

from relance.models import (
    DolibarrSync,
    FecFile,
    OutboxMessage,
    Reminder,
    Run,
    Spreadsheet,
)
from relance.queries.local_time import company_zone
from relance.services import (
    access_links,
    announcements,
    bank_changes,
    delivery,
    dolibarr_hints,
    dolibarr_sync,
    dolibarr_writing,
    fec,
    fec_reading,
    fec_work,
    heartbeat,
    outbox,
    printing,
    recovery,
    runs,
    spreadsheet_work,
)
from relance.services.run_work import work

# The slowest mail server has answered by then.
INTERRUPTED = timedelta(hours=1)
# Pages that take longer than this were interrupted.
SLOWEST_PAGE = timedelta(minutes=5)
# Dolibarr may take its time for a page.
SLOWEST_STEP = timedelta(minutes=5)
# Nobody works on a run that made nothing for so long.
IDLE = timedelta(minutes=1)


def after_reminder(reminder: Reminder) -> None:
    """Let its e-mail, if it is one, leave as soon as the pause to cancel is over."""
    message = OutboxMessage.objects.filter(reminder=reminder).first()
    if message:
        later = deliver_message.using(run_after=message.not_before)
        later.enqueue(message_id=message.pk)


def start_run(run: Run) -> None:
    """Let the workers make what was approved, or taken up again."""
    work_on_run.enqueue(run_id=run.pk)


def start_print(run: Run) -> None:
    """Have the print file of a run made anew, as one has just chosen it."""
    build_print.enqueue(run_id=run.pk)


def start_fec(file: FecFile) -> None:
    """Read a ledger that was received, or bring in one that was checked."""
    work_on_fec.enqueue(fec_id=file.pk)


def start_spreadsheet(found: Spreadsheet) -> None:
    """Check a large spreadsheet, or import one that was approved."""
    work_on_spreadsheet.enqueue(spreadsheet_id=found.pk)


def send_access_links() -> None:
    """Send the links to choose a password that people at the door asked for."""
    write_access_links.enqueue()


def start_sync(sync: DolibarrSync) -> None:
    """Let a worker read Dolibarr, step after step."""
    work_on_sync.enqueue(sync_id=sync.pk)


def start_reading_hints() -> None:
    """Read again what Dolibarr has just said has changed."""
    read_hints.enqueue()


def start_writing() -> None:
    """Write in Dolibarr what waits for it."""
    write_next.enqueue()


def start_working() -> None:
    """At the start of a worker: take up at once what another one left half done."""
    after_restart.enqueue(before=timezone.now().isoformat())


@pre_execute()  # type: ignore[untyped-decorator]
def in_company_time(_task: Task) -> None:
    """Have the task that begins in this thread read its clock as the company does."""
    timezone.activate(company_zone())


@task
def deliver_message(message_id: int) -> None:
    delivery.deliver(message_id, now=timezone.now())


@task
def deliver_next() -> None:
    if delivery.deliver_some(timezone.now):
        deliver_next.enqueue()


@task
def work_on_run(run_id: int) -> None:
    more = work(run_id, now=timezone.now(), today=timezone.localdate())
    (work_on_run if more else end_run).enqueue(run_id=run_id)


@task
def end_run(run_id: int) -> None:
    runs.finish_if_done(run_id, timezone.now())
    deliver_next.enqueue()
    _build_prints()


@task
def build_print(run_id: int) -> None:
    printing.build_print_file(run_id, now=timezone.now())


@task
def work_on_fec(fec_id: int) -> None:
    fec_reading.read(fec_id, now=timezone.now())
    if fec_work.work(fec_id, now=timezone.now()):
        work_on_fec.enqueue(fec_id=fec_id)


@task
def work_on_spreadsheet(spreadsheet_id: int) -> None:
    today = timezone.localdate()
    spreadsheet_work.check(spreadsheet_id, clock=timezone.now, today=today)
    spreadsheet_work.work(spreadsheet_id, clock=timezone.now, today=today)


@task
def write_access_links() -> None:
    access_links.write_asked(now=timezone.now())


@task
def work_on_sync(sync_id: int) -> None:
    if dolibarr_sync.step(sync_id, now=timezone.now(), today=timezone.localdate()):
        work_on_sync.enqueue(sync_id=sync_id)


@task
def read_hints() -> None:
    if dolibarr_hints.read_noted(now=timezone.now(), today=timezone.localdate()):
        read_hints.enqueue()


@task
def write_next() -> None:
    if dolibarr_writing.write_waiting(clock=timezone.now):
        write_next.enqueue()


@task
def tell_administrators() -> None:
    announcements.deliver(timezone.now())


@task
def after_restart(before: str) -> None:
    now, today = timezone.now(), timezone.localdate()
    recovery.after_restart(
        before=datetime.fromisoformat(before),
        patience=now - INTERRUPTED,
        now=now,
        today=today,
    )
    _go_on(idle_since=now)
    _go_on_with_syncs(idle_since=now)


@db_periodic_task(crontab(minute="*"))  # type: ignore[untyped-decorator]
def say_alive() -> None:
    heartbeat.beat(now=timezone.now())


@db_periodic_task(crontab(minute="*"))  # type: ignore[untyped-decorator]
def finish_what_was_interrupted() -> None:
    now, today = timezone.now(), timezone.localdate()
    recovery.finish_interrupted(older_than=now - SLOWEST_PAGE, now=now, today=today)


@db_periodic_task(crontab(minute="*"))  # type: ignore[untyped-decorator]
def go_on_with_runs() -> None:
    _go_on(idle_since=timezone.now() - IDLE)


@db_periodic_task(crontab(minute="*"))  # type: ignore[untyped-decorator]
def deliver_what_waits() -> None:
    now = timezone.now()
    outbox.settle_interrupted(now=now, older_than=now - INTERRUPTED)
    deliver_next.enqueue()


@db_periodic_task(crontab(minute="*"))  # type: ignore[untyped-decorator]
def write_access_links_asked_for() -> None:
    access_links.write_asked(now=timezone.now())


@db_periodic_task(crontab(minute="*"))  # type: ignore[untyped-decorator]
def write_in_dolibarr() -> None:
    dolibarr_writing.note_due(now=timezone.now())
    write_next.enqueue()


@db_periodic_task(crontab(minute="*"))  # type: ignore[untyped-decorator]
def change_the_account() -> None:
    bank_changes.apply_due(now=timezone.now(), today=timezone.localdate())
    tell_administrators.enqueue()


@db_periodic_task(crontab(minute="*"))  # type: ignore[untyped-decorator]
def synchronise() -> None:
    now = timezone.now()
    if due := dolibarr_sync.start_if_due(now=now):
        start_sync(due)
    _go_on_with_syncs(idle_since=now - SLOWEST_STEP)
    start_reading_hints()


def _go_on_with_syncs(*, idle_since: datetime) -> None:
    for sync_id in dolibarr_sync.to_take_up(idle_since=idle_since):
        work_on_sync.enqueue(sync_id=sync_id)


def _go_on(*, idle_since: datetime) -> None:
    for run_id in runs.to_take_up(idle_since=idle_since):
        work_on_run.enqueue(run_id=run_id)
    for fec_id in fec.to_take_up(idle_since=idle_since):
        work_on_fec.enqueue(fec_id=fec_id)
    for found in spreadsheet_work.to_take_up(idle_since=idle_since):
        work_on_spreadsheet.enqueue(spreadsheet_id=found.pk)
    _build_prints()


def _build_prints() -> None:
    printing.tidy_prints(now=timezone.now())
    for run_id in printing.prints_to_build():
        build_print.enqueue(run_id=run_id)
