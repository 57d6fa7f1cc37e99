"""What runs in the background: tasks of one to three lines, and the schedule.

A task is never the only memory of work to do: rows are, and the schedule takes up
each minute what they still ask for. A lost task is therefore harmless.
"""

from __future__ import annotations

from datetime import timedelta

from django.tasks import task
from django.utils import timezone
from huey import crontab
from huey.contrib.djhuey import db_periodic_task

from relance.models import OutboxMessage, Reminder
from relance.services import delivery, heartbeat, outbox, reminders

# The slowest mail server has answered by then.
INTERRUPTED = timedelta(hours=1)
# A page that takes longer than this was interrupted.
SLOWEST_PAGE = timedelta(minutes=5)


def after_reminder(reminder: Reminder) -> None:
    """Let its e-mail, if it is one, leave as soon as the pause to cancel is over."""
    message = OutboxMessage.objects.filter(reminder=reminder).first()
    if message:
        later = deliver_message.using(run_after=message.not_before)
        later.enqueue(message_id=message.pk)


@task
def deliver_message(message_id: int) -> None:
    delivery.deliver(message_id, now=timezone.now())


@db_periodic_task(crontab(minute="*"))  # type: ignore[untyped-decorator]
def say_alive() -> None:
    heartbeat.beat(now=timezone.now())


@db_periodic_task(crontab(minute="*"))  # type: ignore[untyped-decorator]
def finish_what_was_interrupted() -> None:
    now, today = timezone.now(), timezone.localdate()
    reminders.finish_interrupted(older_than=now - SLOWEST_PAGE, now=now, today=today)


@db_periodic_task(crontab(minute="*"))  # type: ignore[untyped-decorator]
def deliver_what_waits() -> None:
    now = timezone.now()
    outbox.settle_interrupted(now=now, older_than=now - INTERRUPTED)
    delivery.deliver_all(now)
