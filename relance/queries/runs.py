"""Runs as people watch them: how far, how long still, what must be mended."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.db.models import Count, Max, Min, Q, QuerySet

from relance.models import Channel, OutboxMessage, Reminder, ReminderLine, Run, RunLine
from relance.queries.company import mail_account
from relance.rules.escalation import Code

# The pace is that of the last reminders only: a run may have been stopped for hours.
PACE = timedelta(minutes=2)
# Troubles shown at once; the table of lines has them all.
SHOWN = 30

_LINE, _MADE, _MAIL = RunLine.State, Reminder.State, OutboxMessage.State


class Stage(StrEnum):
    """Where a run is, as people are told."""

    APPROVED = "approved"
    WORKING = "working"
    # Stopped, while the reminders already begun are still being made.
    STOPPING = "stopping"
    STOPPED = "stopped"
    # All is made; e-mails are ready and have not left yet.
    READY = "ready"
    DONE = "done"
    CANCELLED = "cancelled"


class Group(StrEnum):
    """Where the lines of a run are; each is a filter of their table."""

    WAITING = "waiting"
    BEING_MADE = "being_made"
    LETTERS = "letters"
    REGISTERED = "registered"
    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"
    UNCERTAIN = "uncertain"
    CANCELLED = "cancelled"
    LEFT_OUT = "left_out"
    SET_APART = "set_apart"


_REMINDER = "reminder_line__reminder__"


def _made_as(channel: Channel) -> Q:
    states = (_MADE.MADE, _MADE.POSTED)
    return Q(**{f"{_REMINDER}channel": channel.value, f"{_REMINDER}state__in": states})


def _e_mail(state: Reminder.State) -> Q:
    return Q(**{f"{_REMINDER}channel": Channel.EMAIL, f"{_REMINDER}state": state})


_MADE_LINE = Q(state=_LINE.MADE)
# Cancelled after it was made: by somebody, or since something had changed.
_WITHDRAWN = _MADE_LINE & Q(**{f"{_REMINDER}state": _MADE.CANCELLED})
_BY_THE_RULE = Q(**{f"{_REMINDER}cancelled_by__isnull": True})
# Somebody gave up what was left of the run.
_GIVEN_UP = Q(state=_LINE.LEFT_OUT, cause="run_cancelled")
_UNCLAIMED = Q(state=_LINE.WAITING, reminder_line__isnull=True)

GROUPS: dict[Group, Q] = {
    Group.WAITING: _UNCLAIMED,
    Group.BEING_MADE: Q(state=_LINE.WAITING, reminder_line__isnull=False),
    Group.LETTERS: _MADE_LINE & _made_as(Channel.LETTER),
    Group.REGISTERED: _MADE_LINE & _made_as(Channel.REGISTERED),
    Group.QUEUED: _MADE_LINE & _e_mail(_MADE.QUEUED),
    Group.SENT: _MADE_LINE & _e_mail(_MADE.SENT),
    Group.FAILED: _MADE_LINE & _e_mail(_MADE.FAILED),
    Group.UNCERTAIN: _MADE_LINE & _e_mail(_MADE.UNCERTAIN),
    Group.CANCELLED: _WITHDRAWN & ~_BY_THE_RULE | _GIVEN_UP,
    Group.LEFT_OUT: _WITHDRAWN & _BY_THE_RULE | Q(state=_LINE.LEFT_OUT) & ~_GIVEN_UP,
    Group.SET_APART: Q(state=_LINE.SET_APART),
}

# Nothing more happens to these by itself.
_UNDER_WAY = (Group.WAITING, Group.BEING_MADE, Group.QUEUED)


# What somebody should look at, the most urgent first.
NOT_REMINDED = (
    Group.UNCERTAIN,
    Group.FAILED,
    Group.SET_APART,
    Group.LEFT_OUT,
)
# What has reached the customer, or is ready to be printed.
_REMINDED = (Group.LETTERS, Group.REGISTERED, Group.SENT)
# Beside the channels: e-mails made and not sent.
_READY = "ready"


class Mend(StrEnum):
    """Where somebody mends what kept a line from being reminded."""

    CUSTOMER = "customer"
    CONFIGURATION = "configuration"
    RATES = "rates"
    INVOICE = "invoice"
    MESSAGE = "message"


_MENDED_AT: dict[str, Mend] = {
    Code.NO_EMAIL.value: Mend.CUSTOMER,
    Code.NO_ADDRESS.value: Mend.CUSTOMER,
    Code.RECIPIENT_CHANGED.value: Mend.CUSTOMER,
    Code.RATE_MISSING.value: Mend.RATES,
    Code.TEXT_MISSING.value: Mend.CONFIGURATION,
    Code.ELEMENT_MISSING.value: Mend.CONFIGURATION,
    "no_procedure": Mend.CONFIGURATION,
}


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """A line that was not reminded, or whose e-mail needs a decision."""

    line: RunLine
    why: str
    cause: str
    mend: Mend
    message: OutboxMessage | None = None


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far a run is, counted in invoices."""

    run: Run
    counts: Counter[Group]
    # Letters and e-mails, which are fewer where invoices are grouped.
    letters: int
    registered: int
    emails: int
    # Of these e-mails, how many have not left yet.
    ready: int
    # When nothing of it waited any more; none while something does.
    ended_at: datetime | None
    seconds_left: int | None
    troubles: tuple[Trouble, ...]
    # One of the e-mails that the server would not have, to be tried again.
    postponed: OutboxMessage | None
    # Whether e-mails can leave at all.
    has_account: bool

    @property
    def total(self) -> int:
        return self.counts.total()

    @property
    def done(self) -> int:
        """Invoices to which nothing more happens by itself."""
        return self.total - sum(self.counts[group] for group in _UNDER_WAY)

    @property
    def to_make(self) -> int:
        """Invoices whose letter or e-mail is still to be made."""
        return self.counts[Group.WAITING] + self.counts[Group.BEING_MADE]

    @property
    def percent(self) -> int:
        return 100 * self.done // self.total if self.total else 100

    @property
    def under_way(self) -> int:
        """Invoices to which something still happens by itself."""
        return self.total - self.done

    @property
    def reminded(self) -> int:
        """Invoices whose letter is made or whose e-mail has left."""
        return sum(self.counts[group] for group in _REMINDED)

    @property
    def to_decide(self) -> int:
        """Invoices that somebody must look at."""
        return sum(self.counts[group] for group in NOT_REMINDED)

    @property
    def hidden(self) -> int:
        """Troubles that are not among those shown."""
        return self.to_decide - len(self.troubles)

    @property
    def leaving(self) -> bool:
        """All is made, and e-mails are still to leave."""
        return self.stage == Stage.READY

    @property
    def stage(self) -> Stage:
        return stage_of(
            self.run,
            being_made=self.counts[Group.BEING_MADE],
            ready=self.counts[Group.QUEUED],
        )

    @property
    def making(self) -> bool:
        return self.run.state in (Run.State.APPROVED, Run.State.WORKING)

    @property
    def stopping(self) -> bool:
        return self.stage == Stage.STOPPING

    @property
    def may_be_stopped(self) -> bool:
        """Something of it is still to be made, or to leave."""
        return self.making or self.leaving

    @property
    def at_work(self) -> bool:
        """Something changes by itself: a page that shows it looks again."""
        printing = (
            not self.making
            and bool(self.letters)
            and not (self.run.print_file or self.run.print_trouble)
        )
        sending = self.leaving and self.has_account
        return self.making or self.stopping or printing or sending


def progress(run: Run, now: datetime) -> Progress:
    """Return how far a run is, in a fixed number of queries."""
    counts = _counts(run)
    made = _made(run)
    return Progress(
        run=run,
        counts=counts,
        letters=made[Channel.LETTER],
        registered=made[Channel.REGISTERED],
        emails=made[Channel.EMAIL],
        ready=made[_READY],
        ended_at=_ended_at(run, counts),
        seconds_left=_seconds_left(run, counts, now=now),
        troubles=tuple(_troubles(run)),
        postponed=_postponed(run) if counts[Group.QUEUED] else None,
        has_account=mail_account() is not None,
    )


def stage_of(run: Run, *, being_made: int, ready: int) -> Stage:
    """Return where a run is; ``being_made``, ``ready``: how many of its invoices are
    being made into reminders, and how many have an e-mail that has not left."""
    if run.state == Run.State.STOPPED and being_made:
        return Stage.STOPPING
    if run.state == Run.State.DONE and ready:
        return Stage.READY
    return Stage(run.state)


def lines(run: Run, group: Group | None = None) -> QuerySet[RunLine]:
    """Return the lines of a run, or those of one group, ready to show."""
    found = run.lines.select_related(
        "invoice",
        "customer",
        "level",
        "reminder_line__reminder__message",
        "reminder_line__reminder__document",
    )
    return found if group is None else found.filter(GROUPS[group])


def _made(run: Run) -> Counter[str]:
    """Count what was made by channel, and apart what of it has not left."""
    made: Counter[str] = Counter()
    found = Reminder.objects.filter(run=run).exclude(
        state__in=(_MADE.BEING_MADE, _MADE.CANCELLED)
    )
    by_state = found.order_by().values_list("channel", "state")
    for channel, state, number in by_state.annotate(n=Count("pk")):
        made[channel] += number
        if state == _MADE.QUEUED:
            made[_READY] += number
    return made


def _ended_at(run: Run, counts: Counter[Group]) -> datetime | None:
    if run.finished_at is None or any(counts[group] for group in _UNDER_WAY):
        return None
    if run.state != Run.State.DONE or not counts[Group.SENT]:
        return run.finished_at
    found = OutboxMessage.objects.filter(reminder__run=run)
    left: datetime | None = found.aggregate(last=Max("sent_at"))["last"]
    return max(run.finished_at, left or run.finished_at)


def _counts(run: Run) -> Counter[Group]:
    counted = run.lines.aggregate(
        **{
            group.value: Count("pk", filter=condition)
            for group, condition in GROUPS.items()
        }
    )
    return Counter({Group(name): number for name, number in counted.items()})


def _seconds_left(run: Run, counts: Counter[Group], *, now: datetime) -> int | None:
    """Return how long the lines still to be made take, ``None`` when unknown."""
    left = counts[Group.WAITING] + counts[Group.BEING_MADE]
    if run.state not in (Run.State.APPROVED, Run.State.WORKING) or not left:
        return None
    recent = ReminderLine.objects.filter(
        reminder__run=run, reminder__made_at__gte=now - PACE
    ).exclude(reminder__state=_MADE.BEING_MADE)
    seen = recent.aggregate(first=Min("reminder__made_at"), number=Count("pk"))
    if not seen["number"]:
        return None
    elapsed: timedelta = now - seen["first"]
    number: int = seen["number"]
    return round(left * elapsed.total_seconds() / number)


def _postponed(run: Run) -> OutboxMessage | None:
    queued = OutboxMessage.objects.filter(reminder__run=run, state=_MAIL.QUEUED)
    put_off = queued.exclude(attempts=0, answer="")
    return put_off.order_by("not_before").first()


def _troubles(run: Run) -> list[Trouble]:
    """Return the first lines that need somebody, the most urgent first."""
    found: list[Trouble] = []
    for group in NOT_REMINDED:
        found += [_trouble(line) for line in lines(run, group)[: SHOWN - len(found)]]
    return found


def _trouble(line: RunLine) -> Trouble:
    if line.state != _LINE.MADE:
        mend = _MENDED_AT.get(line.cause, Mend.INVOICE)
        return Trouble(line=line, why=line.why, cause=line.cause, mend=mend)
    reminder = line.reminder_line.reminder
    if reminder.state == _MADE.CANCELLED:
        why = reminder.cancel_reason
        return Trouble(line=line, why=why, cause="cancelled", mend=Mend.INVOICE)
    message = reminder.message
    return Trouble(
        line=line,
        why=message.answer,
        cause=message.state,
        mend=Mend.MESSAGE,
        message=message,
    )
