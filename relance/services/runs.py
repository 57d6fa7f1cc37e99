"""Runs (*relances massives*): approved with one button, stopped, taken up again."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Count, Max, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from relance.models import (
    Channel,
    Company,
    OutboxMessage,
    Proposal,
    Reminder,
    Run,
    RunLine,
    User,
)
from relance.queries.ticked import fingerprint
from relance.services import history, outbox, printing, proposals, run_lines, run_words
from relance.services.history import About
from relance.services.refusal import Refused
from relance.services.touching import touch

State = Run.State

# Somebody who approved less than this ago has "just" done so.
JUST_NOW = timedelta(minutes=30)


def approve(
    *,
    key: uuid.UUID,
    by: User | None,
    now: datetime,
    today: date,
    grouped: bool,
    confirmed: bool,
    expected: int | None = None,
    shown: str = "",
) -> Run:
    """Take over every ticked proposal that may still be reminded, and return the
    run; nothing is made yet, and the ticks are gone.

    The same key returns the run it made the first time. ``grouped``: one reminder
    for the invoices of a customer, unless the customer's card says otherwise.
    ``expected``: how many *invoices* were ticked on the screen approved; ``shown``:
    their fingerprint (queries.ticked).

    Raises Refused, with nothing changed, while nobody has said what was reminded
    before Relance; when nothing is ticked (it names the run of whoever was faster,
    if that run holds just what was shown); on the field "expected" when the
    number is another one by now; on "confirmed" when there are formal notices and
    nobody confirmed them.
    """
    with transaction.atomic():
        # Of two clicks at once the second waits here, then finds the first's run.
        ours = Company.objects.select_for_update().get()
        made = Run.objects.filter(request_key=key).first()
        if made is not None:
            return made
        if ours.takeover_answered_at is None:
            raise Refused(_not_answered())
        _lock_ticked()
        proposals.refresh(today=today)
        allowed = [row for row in _ticked() if run_lines.is_allowed(row)]
        if not allowed:
            raise Refused(_nothing_words(shown, now=now))
        _check(allowed, confirmed=confirmed, expected=expected)
        run = Run.objects.create(
            number=_next_number(),
            request_key=key,
            grouped=grouped,
            approved_by=by,
            approved_at=now,
            made_on=today,
        )
        lines = run_lines.lines_of(run, allowed, today=today)
        RunLine.objects.bulk_create(lines)
        _untick(allowed)
        _record(run, "run.approved", _approved_words(run, lines), by=by, at=now)
    return run


def stop(run: Run, *, by: User | None, now: datetime) -> Run:
    """Keep what has not left from leaving: lines wait, so do queued e-mails.

    A chunk being made at this instant is finished, and the run is said to be
    stopping until then; an e-mail already being handed to the server leaves.
    """
    with transaction.atomic():
        found = _locked(run)
        queued = found.state == State.DONE and _queued(found).exists()
        if found.state not in (State.APPROVED, State.WORKING) and not queued:
            raise Refused(
                _ended_words(found) or _("This mass reminder is already stopped.")
            )
        found.state, found.stopped_by, found.stopped_at = State.STOPPED, by, now
        found.save(update_fields=["state", "stopped_by", "stopped_at"])
        words = _("Mass reminder %(run)s stopped.") % {"run": found.reference}
        _record(run, "run.stopped", words, by=by, at=now)
    return found


def resume(run: Run, *, by: User | None, now: datetime) -> Run:
    """Let a stopped run go on where it was."""
    with transaction.atomic():
        found = _locked(run)
        if found.state != State.STOPPED:
            raise Refused(
                _ended_words(found) or _("This mass reminder is already at work.")
            )
        found.state, found.stopped_by, found.stopped_at = State.APPROVED, None, None
        found.save(update_fields=["state", "stopped_by", "stopped_at"])
        printing.forget_print(found.pk)
        words = _("Mass reminder %(run)s taken up again.") % {"run": found.reference}
        _record(run, "run.resumed", words, by=by, at=now)
    return found


def cancel(run: Run, *, by: User | None, now: datetime) -> Run:
    """End a run that is stopped, or that has made nothing yet.

    Lines that wait are left out, e-mails that have not left are cancelled. Letters
    already made stay: each can be cancelled until it is posted.
    """
    why = _("The mass reminder was cancelled.")
    with transaction.atomic():
        found = _locked(run)
        untouched = found.state == State.APPROVED and not found.reminders.exists()
        if found.state != State.STOPPED and not untouched:
            raise Refused(
                _ended_words(found)
                or _("This mass reminder is at work: stop it first.")
            )
        found.state, found.finished_at = State.CANCELLED, now
        found.save(update_fields=["state", "finished_at"])
        # One that a worker is making at this instant is no longer recorded.
        found.reminders.filter(state=Reminder.State.BEING_MADE).update(
            state=Reminder.State.CANCELLED,
            cancelled_by=by,
            cancelled_at=now,
            cancel_reason=why,
        )
        waiting = found.lines.filter(state=RunLine.State.WAITING)
        touch(set(waiting.values_list("customer", flat=True)))
        left = waiting.update(
            state=RunLine.State.LEFT_OUT, cause="run_cancelled", why=why
        )
        emails = sum(
            _cancelled(message, why, by=by, now=now) for message in _queued(found)
        )
        words = _(
            "Mass reminder %(run)s cancelled; given up: %(invoices)s not made yet, "
            "%(emails)s not sent."
        )
        said = {
            "run": found.reference,
            "invoices": run_words.invoices(left),
            "emails": run_words.sendings(emails=emails),
        }
        _record(run, "run.cancelled", words % said, by=by, at=now)
    return found


def finish_if_done(run_id: int, now: datetime) -> bool:
    """Mark a run as finished when none of its lines waits any more; say whether it
    was done just now. Its e-mails may still be on their way."""
    with transaction.atomic():
        run = Run.objects.select_for_update().get(pk=run_id)
        if run.state not in (State.APPROVED, State.WORKING):
            return False
        counts = Counter(
            dict(run.lines.values_list("state").annotate(n=Count("pk")).order_by())
        )
        if counts[RunLine.State.WAITING]:
            return False
        run.state, run.finished_at, run.trouble = State.DONE, now, ""
        run.save(update_fields=["state", "finished_at", "trouble"])
        # One made while it was stopped lacks what came after.
        printing.forget_print(run.pk)
        # What was left out is proposed again, with its reason.
        out = run.lines.exclude(state=RunLine.State.MADE)
        touch(set(out.values_list("customer", flat=True)))
        ready = run.lines.filter(
            state=RunLine.State.MADE,
            reminder_line__reminder__state=Reminder.State.QUEUED,
        ).count()
        if ready:
            words = _("Mass reminder %(run)s made: %(outcome)s.")
        else:
            words = _("Mass reminder %(run)s finished: %(outcome)s.")
        outcome = run_words.outcome(counts, ready=ready)
        words %= {"run": run.reference, "outcome": outcome}
        _record(run, "run.finished", words, by=None, at=now)
    return True


def to_take_up(*, idle_since: datetime) -> list[int]:
    """Return the unfinished runs on which nobody has worked since this instant."""
    busy = Reminder.objects.filter(run__isnull=False, made_at__gte=idle_since)
    return list(
        Run.objects.filter(
            state__in=(State.APPROVED, State.WORKING), approved_at__lt=idle_since
        )
        .exclude(pk__in=busy.values("run"))
        .order_by("number")
        .values_list("pk", flat=True)
    )


def _lock_ticked() -> None:
    """Wait for whatever is touching a ticked row: it is then decided again."""
    ticked = Proposal.objects.ticked().select_for_update().order_by("pk")
    list(ticked.values_list("pk"))


def _ticked() -> list[Proposal]:
    return list(
        Proposal.objects.ticked()
        .select_related("invoice", "customer", "level", "chosen_level")
        .order_by(
            "customer__sorted_name", "customer", "invoice__due_date", "invoice__number"
        )
    )


def _check(rows: Sequence[Proposal], *, confirmed: bool, expected: int | None) -> None:
    if expected is not None and expected != len(rows):
        words = ngettext(
            "There were %(before)s invoices on the screen; %(now)s is ticked now. Look "
            "again, then approve.",
            "There were %(before)s invoices on the screen; %(now)s are ticked now. "
            "Look again, then approve.",
            len(rows),
        )
        said = {"before": expected, "now": len(rows)}
        raise Refused(words % said, field="expected")
    notices = sum(run_lines.is_notice(row) for row in rows)
    if notices and not confirmed:
        words = ngettext(
            "There is %(count)s formal notice: look at it and confirm it.",
            "There are %(count)s formal notices: look at their list and confirm them.",
            notices,
        )
        raise Refused(words % {"count": notices}, field="confirmed")


def _not_answered() -> str:
    return _(
        "First say what was already reminded before Relance: nobody receives a first "
        "reminder twice. The page “Past reminders” asks it; “Nothing to take over” is "
        "an answer."
    )


def _nothing_words(shown: str, *, now: datetime) -> str:
    if not shown:
        return _("Nothing is ticked. Tick what is to be reminded, then approve.")
    recent = Run.objects.filter(approved_at__gte=now - JUST_NOW)
    for run in recent.select_related("approved_by").order_by("-number"):
        if fingerprint(run.lines.values_list("invoice", flat=True)) == shown:
            words = _("Nothing is ticked any more: %(who)s has just approved %(run)s.")
            who = str(run.approved_by) if run.approved_by else _("somebody")
            return words % {"who": who, "run": run.reference}
    return _(
        "Nothing was launched: what was shown is no longer ticked, or may not be "
        "reminded."
    )


def _untick(rows: Sequence[Proposal]) -> None:
    Proposal.objects.filter(pk__in=[row.pk for row in rows]).update(
        channel="",
        chosen_level=None,
        note="",
        next_on=None,
        overrides={},
        chosen_by=None,
        chosen_at=None,
        stale=True,
    )


def _approved_words(run: Run, lines: Sequence[RunLine]) -> str:
    by_channel = Counter(
        channel for channel, _group in {(line.channel, line.group) for line in lines}
    )
    words = _("Mass reminder %(run)s approved: %(invoices)s (%(sendings)s).")
    return words % {
        "run": run.reference,
        "invoices": run_words.invoices(len(lines)),
        "sendings": run_words.sendings(
            letters=by_channel[Channel.LETTER],
            registered=by_channel[Channel.REGISTERED],
            emails=by_channel[Channel.EMAIL],
        ),
    }


def _next_number() -> int:
    last = Run.objects.aggregate(last=Max("number"))["last"]
    return (last or 0) + 1


def _locked(run: Run) -> Run:
    # A worker that is claiming lines of the run holds the company too.
    Company.objects.select_for_update().get()
    return Run.objects.select_for_update().get(pk=run.pk)


def _ended_words(run: Run) -> str:
    """Say why a run is past stopping, going on or being cancelled; empty: it is
    not."""
    if run.state == State.DONE:
        return _("This mass reminder is finished, and nothing of it waits.")
    if run.state == State.CANCELLED:
        return _("This mass reminder is cancelled.")
    return ""


def _queued(run: Run) -> QuerySet[OutboxMessage]:
    return OutboxMessage.objects.filter(
        reminder__run=run, state=OutboxMessage.State.QUEUED
    ).select_related("reminder__customer")


def _cancelled(
    message: OutboxMessage, why: str, *, by: User | None, now: datetime
) -> bool:
    # Claimed at this very instant, it leaves.
    with suppress(Refused):
        outbox.cancel_message(message, by=by, now=now, reason=why.rstrip("."))
        return True
    return False


def _record(
    run: Run, action: str, words: str, *, by: User | None, at: datetime
) -> None:
    history.record(action, words, about=About(run=run), by=by, at=at)
