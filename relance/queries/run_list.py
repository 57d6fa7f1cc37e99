"""The list of runs, each counted as its own page counts it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.db.models import Count, QuerySet

from relance.models import Reminder, ReminderLine, Run, RunLine
from relance.queries.runs import Stage, stage_of

_LINE, _MADE = RunLine.State, Reminder.State


@dataclass(frozen=True, kw_only=True)
class Row:
    """A run in the list, its invoices counted: each is in one of the four numbers."""

    run: Run
    stage: Stage
    reminded: int
    # Still to be made, or ready and still to leave.
    waiting: int
    # Somebody decided so.
    cancelled: int
    # Somebody must look at them.
    to_decide: int

    @property
    def total(self) -> int:
        return self.reminded + self.waiting + self.cancelled + self.to_decide


def runs() -> QuerySet[Run]:
    """Return all runs, the newest first."""
    return Run.objects.select_related("approved_by")


def rows(shown: Sequence[Run]) -> list[Row]:
    """Return the runs of a page with their counts, in three queries."""
    lines = _by_state(RunLine.objects.filter(run__in=shown))
    given_up = _by_state(
        RunLine.objects.filter(
            run__in=[run for run in shown if run.state == Run.State.CANCELLED],
            state=_LINE.LEFT_OUT,
            cause="run_cancelled",
        )
    )
    others = _by_reminder(shown)
    return [
        _row(run, lines[run.pk], given_up[run.pk].total(), others[run.pk])
        for run in shown
    ]


def _row(
    run: Run, lines: Counter[str], given_up: int, others: Counter[tuple[str, bool]]
) -> Row:
    """Count a run; ``others``: its lines that were made, and yet neither are letters
    nor have left, by state and by whether nobody cancelled them."""
    ready = others[_MADE.QUEUED, True]
    by_hand = others[_MADE.CANCELLED, False]
    made = sum(number for (state, _), number in others.items() if state in _NOT_DONE)
    out = lines[_LINE.LEFT_OUT] + lines[_LINE.SET_APART] - given_up
    return Row(
        run=run,
        stage=stage_of(run, being_made=others[_MADE.BEING_MADE, True], ready=ready),
        reminded=lines[_LINE.MADE] - made,
        waiting=lines[_LINE.WAITING] + ready,
        cancelled=given_up + by_hand,
        to_decide=out + made - ready - by_hand,
    )


# Made, and yet the customer is not reminded by it.
_NOT_DONE = (_MADE.QUEUED, _MADE.FAILED, _MADE.UNCERTAIN, _MADE.CANCELLED)


def _by_state(found: QuerySet[RunLine]) -> defaultdict[int, Counter[str]]:
    counted: defaultdict[int, Counter[str]] = defaultdict(Counter)
    by_state = found.order_by().values_list("run", "state").annotate(n=Count("pk"))
    for pk, state, number in by_state:
        counted[pk][state] = number
    return counted


def _by_reminder(
    shown: Sequence[Run],
) -> defaultdict[int, Counter[tuple[str, bool]]]:
    counted: defaultdict[int, Counter[tuple[str, bool]]] = defaultdict(Counter)
    for pk, line, state, somebody, number in _reminders(shown):
        # One that could not be made is cancelled too; its line says why.
        if line == _LINE.MADE or state == _MADE.BEING_MADE:
            counted[pk][state, somebody is None] += number
    return counted


def _reminders(shown: Sequence[Run]) -> Iterator[tuple[int, str, str, int | None, int]]:
    found = ReminderLine.objects.filter(
        reminder__run__in=shown,
        reminder__state__in=(*_NOT_DONE, _MADE.BEING_MADE),
        run_line__isnull=False,
    )
    yield from (
        found.order_by()
        .values_list(
            "reminder__run",
            "run_line__state",
            "reminder__state",
            "reminder__cancelled_by",
        )
        .annotate(n=Count("pk"))
    )
