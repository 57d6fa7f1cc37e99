"""A run at work: its lines become reminders, chunk after chunk.

Each chunk is claimed (committed), made with no transaction open, and recorded
(committed). A crash loses nothing: what was claimed is *being made* and is finished
later, what was not is still *waiting*.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from relance.models import Channel, Company, Reminder, ReminderLine, Run, RunLine
from relance.rules.escalation import Code, Reason
from relance.services import drafts, live_balances, making, reminders
from relance.services.drafts import Draft, Part, Wish
from relance.services.live_balances import Live
from relance.services.reasons import in_words
from relance.services.touching import touch

# Reading what is known costs as much for a hundred as for ten; about a second of
# work, after which others may have their turn.
CHUNK = 100

# What somebody mends, then reminds again; anything else has simply changed.
_TO_MEND = frozenset(
    {
        Code.NO_ADDRESS,
        Code.NO_EMAIL,
        Code.TEXT_MISSING,
        Code.ELEMENT_MISSING,
        Code.RATE_MISSING,
    }
)


@dataclass(frozen=True, kw_only=True)
class _Group:
    """The lines of a run that are to be one reminder."""

    lines: tuple[RunLine, ...]

    @property
    def wish(self) -> Wish:
        return wish_of(self.lines)

    def without(self, bad: Sequence[RunLine]) -> _Group:
        return _Group(lines=tuple(line for line in self.lines if line not in bad))


def wish_of(lines: Sequence[RunLine]) -> Wish:
    """Return what lines with the same group number ask for, as one reminder."""
    first, *others = lines
    return Wish(
        invoice=first.invoice,
        channel=Channel(first.channel),
        level=first.level,
        note="\n".join(dict.fromkeys(line.note for line in lines if line.note)),
        next_on=max((line.next_on for line in lines if line.next_on), default=None),
        overrides=_part(first).overrides,
        others=tuple(_part(line) for line in others),
    )


def work(run_id: int, *, now: datetime, today: date) -> bool:
    """Make one chunk of a run; say whether there is more to do.

    Each line becomes part of one reminder, or is *left out* (what changed since it
    was approved) or *set apart* (what somebody must mend), with its reason. Safe
    from several workers at once: a line is claimed once. Raises OSError when files
    cannot be kept; the run says so, and the same lines are made by a later call. The
    same when Dolibarr does not say what is left to pay and the run is to wait for it.
    """
    live = live_balances.read_again(_next_invoices(run_id), now=now, today=today)
    if live.waits:
        Run.objects.filter(pk=run_id).update(trouble=live.wait_words)
        return False
    claimed = _claim(run_id, now=now, today=today)
    if claimed is None:
        return False
    if claimed:
        make(run_id, claimed, live=live, now=now, today=today)
    else:
        Run.objects.filter(pk=run_id).exclude(trouble="").update(trouble="")
    return True


def make(
    run_id: int,
    reminder_ids: Sequence[int],
    *,
    live: Live | None = None,
    now: datetime,
    today: date,
) -> None:
    """Make reminders of a run that are *being made*: just claimed, or left so by a
    crash. What the disk refuses is written on the run."""
    if live is None:
        live = live_balances.of_reminders(reminder_ids, now=now, today=today)
    if live.waits:
        Run.objects.filter(pk=run_id).update(trouble=live.wait_words)
        return
    try:
        making.finish_many(reminder_ids, live=live, now=now, today=today)
    except OSError as error:
        words = _("The files cannot be kept on the disk: %(why)s.")
        why = error.strerror or str(error)
        Run.objects.filter(pk=run_id).update(trouble=words % {"why": why})
        raise
    Run.objects.filter(pk=run_id).exclude(trouble="").update(trouble="")
    if live.trouble:
        live_balances.say_on_lines(reminder_ids, live)


def left_being_made(run_id: int, *, older_than: datetime) -> list[int]:
    """Return the reminders of a run that a crash left *being made*."""
    return list(
        Reminder.objects.filter(
            run=run_id, state=Reminder.State.BEING_MADE, made_at__lt=older_than
        )
        .order_by("number")
        .values_list("pk", flat=True)[:CHUNK]
    )


@transaction.atomic
def _claim(run_id: int, *, now: datetime, today: date) -> list[int] | None:
    """Decide again under lock, and write the reminders of a chunk down; return
    their ids, ``None`` when no line waits any more or the run was stopped."""
    # Numbers follow each other, and of two workers the second waits here.
    Company.objects.select_for_update().get()
    run = Run.objects.select_related("approved_by").get(pk=run_id)
    if run.state not in (Run.State.APPROVED, Run.State.WORKING):
        return None
    groups = _next_groups(run)
    if not groups:
        return None
    if run.state == Run.State.APPROVED:
        Run.objects.filter(pk=run.pk).update(
            state=Run.State.WORKING,
            started_at=F("started_at") if run.started_at else now,
        )
    return _written(run, groups, now=now, today=today)


def _next_lines(run_id: int) -> QuerySet[RunLine]:
    waiting = RunLine.objects.filter(
        run=run_id, state=RunLine.State.WAITING, reminder_line__isnull=True
    )
    numbers = waiting.order_by("group").values_list("group", flat=True).distinct()
    return waiting.filter(group__in=list(numbers[:CHUNK]))


def _next_invoices(run_id: int) -> list[int]:
    """Return the invoices of the next chunk, unless the run is at rest."""
    at_work = (Run.State.APPROVED, Run.State.WORKING)
    lines = _next_lines(run_id).filter(run__state__in=at_work)
    return list(lines.values_list("invoice", flat=True))


def _next_groups(run: Run) -> list[_Group]:
    lines = list(
        _next_lines(run.pk).select_related("level").order_by("group", "position")
    )
    invoices = reminders.locked_invoices(line.invoice_id for line in lines)
    groups: dict[int, list[RunLine]] = {}
    for line in lines:
        line.invoice = invoices[line.invoice_id]
        groups.setdefault(line.group, []).append(line)
    return [_Group(lines=tuple(found)) for found in groups.values()]


def _written(
    run: Run, groups: Sequence[_Group], *, now: datetime, today: date
) -> list[int]:
    while groups:
        ready: list[tuple[_Group, Draft]] = []
        left: list[_Group] = []
        found = drafts.drafts([group.wish for group in groups], today=today)
        for group, draft in zip(groups, found, strict=True):
            out = _out(group, draft)
            _put_out(out)
            if not out and draft is not None:
                ready.append((group, draft))
            if len(out) < len(group.lines):
                left.append(group.without([line for line, _reason in out]))
        if len(ready) == len(groups):
            return _save(run, ready, now=now)
        # All are looked at again: what comes off one letter of a customer, and off
        # no other, depends on which of them are left.
        groups = left
    return []


def _out(
    group: _Group, draft: Draft | None
) -> list[tuple[RunLine, tuple[Reason, ...] | None]]:
    """Return the lines that cannot be part of the reminder, with what stands
    against them; ``None``: there is no procedure."""
    if draft is None:
        return [(line, None) for line in group.lines]
    out: list[tuple[RunLine, tuple[Reason, ...] | None]] = [
        (line, item.in_the_way)
        for line, item in zip(group.lines, draft.items, strict=True)
        if item.in_the_way
    ]
    if not out and draft.in_the_way:
        return [(line, draft.in_the_way) for line in group.lines]
    return out


def _put_out(out: Sequence[tuple[RunLine, tuple[Reason, ...] | None]]) -> None:
    for line, reasons in out:
        if reasons is None:
            line.state, line.cause = RunLine.State.SET_APART, "no_procedure"
            line.why = _("No level is active for this type of customer.")
        else:
            to_mend = reasons[0].code in _TO_MEND
            line.state = RunLine.State.SET_APART if to_mend else RunLine.State.LEFT_OUT
            line.cause = reasons[0].code.value
            line.why = " ".join(
                in_words(one, currency=line.invoice.currency) for one in reasons
            )
    RunLine.objects.bulk_update(
        [line for line, _reasons in out], ["state", "cause", "why"]
    )


def _save(
    run: Run, ready: Sequence[tuple[_Group, Draft]], *, now: datetime
) -> list[int]:
    number = reminders.next_number()
    rows: list[Reminder] = []
    lines: list[list[ReminderLine]] = []
    for offset, (group, draft) in enumerate(ready):
        reminder, covered = reminders.as_rows(
            draft,
            number=number + offset,
            key=_key(run, group),
            by=run.approved_by,
            now=now,
        )
        reminder.run = run
        for covering, line in zip(covered, group.lines, strict=True):
            covering.run_line = line
        rows.append(reminder)
        lines.append(covered)
    saved = Reminder.objects.bulk_create(rows)
    for reminder, covered in zip(saved, lines, strict=True):
        for covering in covered:
            covering.reminder = reminder
    ReminderLine.objects.bulk_create(line for covered in lines for line in covered)
    touch(reminder.customer_id for reminder in saved)
    return [reminder.pk for reminder in saved]


def _key(run: Run, group: _Group) -> uuid.UUID:
    """Return the request key of a group: the same whoever claims it."""
    return uuid.uuid5(run.request_key, str(group.lines[0].pk))


def _part(line: RunLine) -> Part:
    return Part(
        invoice=line.invoice,
        level=line.level,
        overrides={Code(code): why for code, why in line.overrides.items()},
    )
