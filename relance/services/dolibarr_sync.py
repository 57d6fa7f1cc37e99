"""A synchronisation with Dolibarr, a step at a time.

``tms`` there does not move with a partial payment nor with a credit note that is
used: each synchronisation therefore reads all that is unpaid, and reads again by
their ids those that were open here and are no longer in that list.

A step reads a page with no transaction open, then writes it down and says where it is
in one transaction. A crash repeats at most one page, and a page read twice changes
nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from relance.gateways.dolibarr import DolibarrError
from relance.models import DolibarrConnection, DolibarrSync, User
from relance.services.dolibarr_access import in_words, reading
from relance.services.dolibarr_stages import STEPS, Overtaken, Stage, Work
from relance.services.refusal import Refused

# However right the shorter ones are, everything is read anew after so long.
FULL_AFTER = timedelta(days=7)
# After an error, before the schedule tries again.
PATIENCE = timedelta(minutes=15)


def connection() -> DolibarrConnection | None:
    """Return the connection, if there is one."""
    return DolibarrConnection.objects.first()


@transaction.atomic
def start(*, full: bool, by: User | None, now: datetime) -> DolibarrSync:
    """Begin a synchronisation, or return the one that is going on.

    The first is a full one. One that an error stopped goes on where it was.
    """
    ours = DolibarrConnection.objects.select_for_update().first()
    if ours is None:
        raise Refused(_("Enter the address and the key of Dolibarr first."))
    if not ours.key:
        raise Refused(_("The key of Dolibarr must be entered again."))
    last = DolibarrSync.objects.first()
    if last is not None and last.state == DolibarrSync.State.WORKING:
        return last
    full = full or ours.last_full_at is None
    stopped = last is not None and last.state == DolibarrSync.State.FAILED
    if last is not None and stopped and last.full >= full:
        last.state, last.error = DolibarrSync.State.WORKING, ""
        last.touched_at, last.asked_by = now, by
        last.save(update_fields=["state", "error", "touched_at", "asked_by"])
        return last
    return DolibarrSync.objects.create(
        full=full, asked_by=by, started_at=now, touched_at=now
    )


def start_if_due(*, now: datetime) -> DolibarrSync | None:
    """Begin what the schedule asks for, or what an error stopped a while ago."""
    ours = connection()
    if ours is None or not ours.key or not ours.every_hours:
        return None
    last = DolibarrSync.objects.first()
    if last is not None and last.state == DolibarrSync.State.FAILED:
        tried = last.finished_at or last.touched_at
        return (
            start(full=last.full, by=None, now=now) if tried <= now - PATIENCE else None
        )
    every = timedelta(hours=ours.every_hours)
    if last is None or last.started_at > now - every:
        # The first one is asked for by a person, who has tried the connection.
        return None
    old = ours.last_full_at is None or ours.last_full_at <= now - FULL_AFTER
    return start(full=old, by=None, now=now)


def to_take_up(*, idle_since: datetime) -> list[int]:
    """Return the synchronisation that nobody works on any more, if there is one."""
    left = DolibarrSync.objects.filter(
        state=DolibarrSync.State.WORKING, touched_at__lt=idle_since
    )
    return list(left.values_list("pk", flat=True))


def step(sync_id: int, *, now: datetime, today: date) -> bool:
    """Do one page; say whether there is more to do.

    What Dolibarr refuses stops the synchronisation where it is, with its reason.
    """
    sync = DolibarrSync.objects.filter(
        pk=sync_id, state=DolibarrSync.State.WORKING
    ).first()
    ours = connection()
    if sync is None or ours is None:
        return False
    DolibarrSync.objects.filter(pk=sync_id).update(touched_at=now)
    try:
        with reading(ours) as doli:
            work = Work(doli=doli, sync=sync, connection=ours, now=now, today=today)
            STEPS[Stage(sync.stage)](work)
    except DolibarrError as error:
        _stop(sync, in_words(error), now=now)
        return False
    except Overtaken:
        return True
    sync.refresh_from_db()
    return sync.state == DolibarrSync.State.WORKING


def work_through(
    sync: DolibarrSync,
    *,
    clock: Callable[[], tuple[datetime, date]],
    told: Callable[[DolibarrSync], None] = lambda _sync: None,
) -> DolibarrSync:
    """Do all the steps here and now, as the terminal does."""
    more = True
    while more:
        now, today = clock()
        more = step(sync.pk, now=now, today=today)
        sync.refresh_from_db()
        told(sync)
    return sync


def _stop(sync: DolibarrSync, why: str, *, now: datetime) -> None:
    DolibarrSync.objects.filter(pk=sync.pk, state=DolibarrSync.State.WORKING).update(
        state=DolibarrSync.State.FAILED, error=why, finished_at=now
    )
    DolibarrConnection.objects.update(
        state=DolibarrConnection.State.FAILING, error=why, checked_at=now
    )
