"""``relance worker``: the schedule and the tasks."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from typing import Any, cast

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from huey.contrib.djhuey import HUEY

# Also registers the tasks and the schedule.
from relance import jobs
from relance.management.terminal import Exit, Stop, TerminalCommand
from relance.services import heartbeat
from relance.services.preparing import pending_migrations


class Command(TerminalCommand):
    summary = "Do the background work alone, beside another web server"
    example = "relance worker"

    def options(self, parser: argparse.ArgumentParser) -> None:
        # For “relance serve”: the worker ends with the one who started it, even
        # when that one was killed.
        parser.add_argument(
            "--until-input-closes", action="store_true", help=argparse.SUPPRESS
        )

    def run(self, *, until_input_closes: bool, **options: Any) -> Exit:
        if pending_migrations():
            words = _("The database is not ready yet. Run “relance setup” first.")
            raise Stop(words, code=Exit.NOT_SET_UP)
        heartbeat.beat(now=timezone.now())
        jobs.start_working()
        if until_input_closes:
            threading.Thread(target=_stop_when_input_closes, daemon=True).start()
        else:
            self.console.print(_("The worker is at work. Ctrl-C stops it."))
        # A stop lets the running task end; both signals are the same wish.
        choices: dict[str, Any] = dict(cast(Any, settings.HUEY["consumer"]))
        consumer = HUEY.create_consumer(
            **choices, graceful_signal="TERM", shutdown_timeout=20
        )
        consumer.run()
        return Exit.DONE


def _stop_when_input_closes() -> None:
    sys.stdin.buffer.read()
    signal.raise_signal(signal.SIGTERM)
