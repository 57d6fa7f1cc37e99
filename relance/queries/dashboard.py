"""The dashboard: what waits for somebody, what the figures are, what happened."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from relance.models import (
    Channel,
    Company,
    DolibarrConnection,
    HistoryEntry,
    Invoice,
    Level,
    OutboxMessage,
    Reminder,
    Run,
    RunLine,
)
from relance.models.money import sum_of
from relance.queries import approvals, attention, invoices, postings
from relance.queries.company import NotSetUp
from relance.queries.counting import count_of
from relance.queries.freshness import known_columns, known_until
from relance.queries.readiness import steps_without_text
from relance.queries.runs import Stage, stage_of
from relance.queries.worklist import Criteria, worklist
from relance.rules.calendar import working_days_since

# A row set apart longer ago than this no longer asks for attention.
SET_APART_DAYS = 30
# Payment delays are those of the last year.
DELAY_DAYS = 365
ACTIVITIES = 10


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """How many things wait for somebody, each counted as its list counts them."""

    company: Company
    uncertain: int
    failed: int
    # Formal notices are among the letters.
    letters_to_post: int
    notices_to_post: int
    # Nothing is owed of these any more: they should not leave.
    letters_needless: int
    notices_over: int
    holds_ending: int
    promises_broken: int
    limitations_near: int
    # Agreements that nobody gave or refused yet.
    approvals: int
    runs: int
    # To Dolibarr: one at most.
    connections: int
    # Steps without a text, rates of today missing or not verified.
    texts_missing: int
    # Receipts of the bank that nobody matched yet.
    receipts: int
    # Until when payments are known.
    known_until: date | None

    def is_stale(self, *, today: date) -> bool:
        """Say whether payments are known less far than the company wants: the
        answer of ``queries.freshness``, without its sums."""
        if self.known_until is None:
            return True
        days = working_days_since(self.known_until, today=today)
        return days > self.company.payments_stale_after


@dataclass(frozen=True, kw_only=True)
class ToRemind:
    """What is to be reminded today in one currency."""

    currency: str
    count: int
    balance: Decimal


def waiting(*, today: date) -> Waiting:
    """Count what waits, in two queries; the proposals are up to date.

    Raises NotSetUp when there is no company yet.
    """
    near = attention.limitation_near(today=today)
    to_post = postings.letters(postings.Criteria(which="to_post"))
    messages = OutboxMessage.objects.all()
    counted = {
        "uncertain": messages.filter(state=OutboxMessage.State.UNCERTAIN),
        "failed": messages.filter(state=OutboxMessage.State.FAILED),
        "letters_to_post": to_post,
        "notices_to_post": to_post.filter(level_kind=Level.Kind.FORMAL_NOTICE),
        "letters_needless": postings.letters(postings.Criteria(which="needless")),
        "notices_over": attention.notice_over(today=today),
        "holds_ending": attention.hold_ending(today=today),
        "promises_broken": attention.promise_broken(today=today),
        "limitations_near": near,
        "approvals": approvals.waiting(),
        "runs": runs_to_look_at(today=today),
        "connections": DolibarrConnection.objects.all(),
        "letters_missing": steps_without_text(Channel.LETTER),
        "emails_missing": steps_without_text(Channel.EMAIL),
    }
    columns = known_columns()
    ours = Company.objects.annotate(
        **columns,
        **{f"n_{name}": count_of(found) for name, found in counted.items()},
    ).first()
    if ours is None:
        raise NotSetUp
    n = {name: getattr(ours, f"n_{name}") for name in counted}
    known = {name: getattr(ours, name) for name in columns}
    return Waiting(
        company=ours,
        receipts=known["receipts"],
        known_until=known_until(known["entered_at"], known["covered"]),
        texts_missing=n.pop("letters_missing") + n.pop("emails_missing"),
        **n,
    )


def runs_to_look_at(*, today: date) -> QuerySet[Run]:
    """Return the runs that stand still, and the recent ones with rows set apart
    whose invoice is still unpaid and was not asked for again."""
    again = RunLine.objects.filter(invoice=OuterRef("invoice"), pk__gt=OuterRef("pk"))
    since = Reminder.objects.reaching().filter(
        lines__invoice=OuterRef("invoice"), made_at__gte=OuterRef("run__approved_at")
    )
    apart = RunLine.objects.filter(
        ~Exists(again),
        ~Exists(since),
        run=OuterRef("pk"),
        state=RunLine.State.SET_APART,
        invoice__in=Invoice.objects.unpaid().values("pk"),
    )
    recent = Q(made_on__gt=today - timedelta(days=SET_APART_DAYS))
    at_work = Q(state__in=(Run.State.APPROVED, Run.State.WORKING))
    return Run.objects.filter(
        Q(state=Run.State.STOPPED)
        | at_work & ~Q(trouble="")
        | recent & (Q(Exists(apart)) | ~Q(print_trouble=""))
    )


@dataclass(frozen=True, kw_only=True)
class Stuck:
    """A run that somebody should look at, with what of it waits."""

    run: Run
    stage: Stage
    waiting: int
    set_apart: int


def stuck_runs(*, today: date) -> list[Stuck]:
    """Return the runs to look at, the newest first."""
    waits = Q(lines__state=RunLine.State.WAITING)
    found = runs_to_look_at(today=today).annotate(
        waiting=Count("lines", filter=waits),
        being_made=Count("lines", filter=waits & Q(lines__reminder_line__isnull=False)),
        set_apart=Count("lines", filter=Q(lines__state=RunLine.State.SET_APART)),
    )
    return [
        Stuck(
            run=run,
            stage=stage_of(run, being_made=run.being_made, ready=0),
            waiting=run.waiting,
            set_apart=run.set_apart,
        )
        for run in found
    ]


def to_remind(*, today: date) -> list[ToRemind]:
    """Return what is to be reminded today by currency, the most frequent first;
    the proposals are up to date."""
    rows = (
        worklist(Criteria(which="today"), today=today)
        .order_by()
        .values_list("invoice__currency")
        .annotate(count=Count("pk"), balance=sum_of("invoice__balance"))
    )
    found = [
        ToRemind(currency=currency, count=count, balance=balance)
        for currency, count, balance in rows
    ]
    return sorted(found, key=lambda one: (-one.count, one.currency))


def paid_lately(*, today: date) -> invoices.Criteria:
    """Return which invoices the payment delay is about: the last twelve months."""
    return invoices.Criteria(
        which="paid", paid_from=today - timedelta(days=DELAY_DAYS), sort="-paid"
    )


def activities() -> list[HistoryEntry]:
    """Return what happened last. The reminders of a run are told by the run."""
    alone = Q(reminder__isnull=True) | Q(reminder__run__isnull=True)
    found = HistoryEntry.objects.filter(alone).select_related(
        "user", "customer", "reminder"
    )
    return list(found.defer("reminder__content", "reminder__body")[:ACTIVITIES])
