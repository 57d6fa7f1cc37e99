"""What runs in the background: tasks of one to three lines, and the schedule.

A task is never the only memory of work to do: rows are, and the schedule takes up
each minute what they still ask for. A lost task is therefore harmless.
"""

from __future__ import annotations

from django.utils import timezone
from huey import crontab
from huey.contrib.djhuey import db_periodic_task

from relance.services import heartbeat


@db_periodic_task(crontab(minute="*"))  # type: ignore[untyped-decorator]
def every_minute() -> None:
    heartbeat.beat(now=timezone.now())
