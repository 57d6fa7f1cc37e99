"""Writing back: what is to be written in Dolibarr, noted as rows, then done one by one.

Claimed (committed), written with no transaction open, recorded (committed). A row is
looked for in Dolibarr before it is written: twice asked, it is there once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from relance.gateways.dolibarr import Dolibarr, DolibarrError, Kind
from relance.gateways.storage import CorruptFile, MissingFile
from relance.models import (
    DolibarrConnection,
    DolibarrWrite,
    PendingPayment,
    Reminder,
    ReminderLine,
    Source,
    User,
)
from relance.services import dolibarr_written, history
from relance.services.clock import Clock
from relance.services.dolibarr_access import in_words, reading
from relance.services.history import About
from relance.services.refusal import Refused

State = DolibarrWrite.State

# At once, before anything else has its turn.
SLICE = 50
# The slowest answer has come, or will not.
INTERRUPTED = timedelta(minutes=15)
# Before another attempt; after the last of them a person is asked.
DELAYS = tuple(timedelta(minutes=minutes) for minutes in (5, 30, 120, 720))
AWAY = timedelta(minutes=5)
# Nothing at all can be written while this lasts: no row is to blame.
_NO_WAY = frozenset(
    {
        Kind.BAD_ADDRESS,
        Kind.UNREACHABLE,
        Kind.SLOW,
        Kind.CERTIFICATE,
        Kind.MOVED,
        Kind.NOT_DOLIBARR,
        Kind.API_OFF,
        Kind.ADDRESS_REFUSED,
        Kind.KEY_REFUSED,
    }
)
# The machine may do better next time; anything else a person mends first.
_MAY_PASS = frozenset({Kind.SERVER_ERROR, Kind.UNREADABLE})


@dataclass(frozen=True, kw_only=True)
class WritingData:
    """What is to be written in Dolibarr, as somebody chose it."""

    write_events: bool = False
    write_letters: bool = False
    write_payments: bool = False
    payments_account: int | None = None
    hold_field: str = ""


@transaction.atomic
def choose(data: WritingData, *, by: User | None, now: datetime) -> None:
    """Keep what is to be written from now on; what was made before is not."""
    connection = DolibarrConnection.objects.select_for_update().first()
    if connection is None:
        raise Refused(_("Connect Relance to Dolibarr first."))
    if data.write_payments and not data.payments_account:
        words = _("Into which bank account of Dolibarr? Enter its number.")
        raise Refused(words, field="payments_account")
    wrote = _writes(connection)
    connection.write_events = data.write_events
    connection.write_letters = data.write_letters
    connection.write_payments = data.write_payments
    connection.payments_account = data.payments_account
    connection.hold_field = data.hold_field.strip().removeprefix("options_")
    if _writes(connection) and not wrote:
        connection.writes_since = now
    connection.save()
    words = _("What is written in Dolibarr was changed.")
    history.record("dolibarr.writing", words, about=About(), by=by, at=now)


def note_due(*, now: datetime) -> int:
    """Note what is to be written since it was asked for; return how much is new."""
    connection = DolibarrConnection.objects.first()
    if connection is None or connection.writes_since is None:
        return 0
    rows = [
        *_events_and_letters(connection, now=now),
        *_payments(connection, now=now),
    ]
    # Two workers at once note the same things: the second finds them there.
    DolibarrWrite.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def write_waiting(*, clock: Clock) -> bool:
    """Write a slice of what waits; say whether to go on at once with the next.

    A row that cannot be written keeps no other from being written; when Dolibarr
    cannot be used at all, the rest waits. The clock is read for each row: a row that a
    slow server makes claim late must not look long abandoned to another worker.
    """
    now = clock()
    DolibarrWrite.objects.filter(
        state=State.DOING, claimed_at__lt=now - INTERRUPTED
    ).update(state=State.WAITING)
    connection = DolibarrConnection.objects.first()
    due = DolibarrWrite.objects.filter(state=State.WAITING, not_before__lte=now)
    ids = list(due.order_by("pk").values_list("pk", flat=True)[:SLICE])
    if connection is None or not ids:
        return False
    with reading(connection) as doli:
        for pk in ids:
            if not _do(pk, doli, connection, clock=clock):
                return False
    return len(ids) == SLICE


@transaction.atomic
def retry(*, by: User | None, now: datetime) -> int:
    """Let what failed be tried again; return how much."""
    count = DolibarrWrite.objects.filter(state=State.FAILED).update(
        state=State.WAITING, attempts=0, not_before=now
    )
    if count:
        words = _("What could not be written in Dolibarr is tried again.")
        history.record("dolibarr.retried", words, about=About(), by=by, at=now)
    return count


def _writes(connection: DolibarrConnection) -> bool:
    return (
        connection.write_events or connection.write_letters or connection.write_payments
    )


def _events_and_letters(
    connection: DolibarrConnection, *, now: datetime
) -> list[DolibarrWrite]:
    kinds = DolibarrWrite.Kind
    wanted = [
        kind
        for kind, asked in (
            (kinds.EVENT, connection.write_events),
            (kinds.LETTER, connection.write_letters),
        )
        if asked
    ]
    rows: list[DolibarrWrite] = []
    for kind in wanted:
        known = DolibarrWrite.objects.filter(
            kind=kind, reminder=OuterRef("reminder"), invoice=OuterRef("invoice")
        )
        lines = ReminderLine.objects.filter(
            ~Exists(known),
            invoice__source=Source.DOLIBARR,
            reminder__in=Reminder.objects.reaching(),
            reminder__made_at__gte=connection.writes_since,
        )
        if kind == kinds.LETTER:
            lines = lines.filter(reminder__document__isnull=False)
        rows += [
            DolibarrWrite(
                kind=kind,
                reminder_id=reminder,
                invoice_id=invoice,
                not_before=now,
                made_at=now,
            )
            for reminder, invoice in lines.values_list("reminder", "invoice")
        ]
    return rows


def _payments(connection: DolibarrConnection, *, now: datetime) -> list[DolibarrWrite]:
    if not connection.write_payments:
        return []
    known = DolibarrWrite.objects.filter(pending=OuterRef("pk"))
    found = PendingPayment.objects.filter(
        ~Exists(known),
        Q(made_at__gte=connection.writes_since),
        state=PendingPayment.State.WAITING,
        invoice__isnull=False,
    )
    return [
        DolibarrWrite(
            kind=DolibarrWrite.Kind.PAYMENT,
            pending_id=pending,
            invoice_id=invoice,
            not_before=now,
            made_at=now,
        )
        for pending, invoice in found.values_list("pk", "invoice")
    ]


def _do(
    pk: int,
    doli: Dolibarr,
    connection: DolibarrConnection,
    *,
    clock: Clock,
) -> bool:
    """Write one row down; say whether to go on with the others."""
    row = _claimed(pk, now=clock())
    if row is None:
        return True
    try:
        done = dolibarr_written.write(row, doli, connection, now=clock())
    except DolibarrError as error:
        _not_done(row, error, now=clock())
        return error.kind not in _NO_WAY
    except Refused as refused:
        _ended(row, State.FAILED, error=refused.message)
        return True
    except (MissingFile, CorruptFile) as error:
        words = _("The kept letter can no longer be read: %(why)s")
        _ended(row, State.FAILED, error=words % {"why": error})
        return True
    state = State.DONE if done is not None else State.NEEDLESS
    _ended(row, state, name=done, now=clock())
    return True


def _claimed(pk: int, *, now: datetime) -> DolibarrWrite | None:
    won = DolibarrWrite.objects.filter(pk=pk, state=State.WAITING).update(
        state=State.DOING, claimed_at=now
    )
    if not won:
        return None
    return DolibarrWrite.objects.select_related(
        "invoice__customer",
        "reminder__document",
        "reminder__customer",
        "pending__customer",
        "pending__invoice",
    ).get(pk=pk)


def _not_done(row: DolibarrWrite, error: DolibarrError, *, now: datetime) -> None:
    words = in_words(error)
    if error.kind in _NO_WAY:
        _ended(row, State.WAITING, error=words, not_before=now + AWAY)
    elif error.kind in _MAY_PASS and row.attempts < len(DELAYS):
        later = now + DELAYS[row.attempts]
        attempts = row.attempts + 1
        _ended(row, State.WAITING, error=words, not_before=later, attempts=attempts)
    else:
        _ended(row, State.FAILED, error=words)


@transaction.atomic
def _ended(
    row: DolibarrWrite,
    state: DolibarrWrite.State,
    *,
    error: str = "",
    name: str | None = None,
    now: datetime | None = None,
    **values: object,
) -> None:
    won = DolibarrWrite.objects.filter(pk=row.pk, state=State.DOING).update(
        state=state, error=error, external_id=name or "", done_at=now, **values
    )
    if won and state == State.DONE and now is not None:
        words = dolibarr_written.done_words(row)
        about = About(
            customer=row.invoice.customer, invoice=row.invoice, reminder=row.reminder
        )
        history.record("dolibarr.written", words, about=about, by=None, at=now)
