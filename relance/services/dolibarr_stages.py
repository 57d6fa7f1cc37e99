"""The stages of a synchronisation with Dolibarr, each a page at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from relance.gateways.dolibarr import Dolibarr, DolibarrError
from relance.models import (
    Customer,
    DolibarrConnection,
    DolibarrSync,
    Invoice,
    Source,
)
from relance.services import dolibarr_customers as customers
from relance.services import dolibarr_invoices as invoices
from relance.services import dolibarr_pdfs as pdfs
from relance.services.dolibarr_access import in_words
from relance.services.dolibarr_besides import read_besides

Stage = DolibarrSync.Stage
# The clocks of the database and of PHP may be hours apart.
OVERLAP = timedelta(days=2)
PAGE = 500
MOST_WARNINGS = 50


class Overtaken(Exception):
    """Another worker has done this step."""


@dataclass(frozen=True, kw_only=True)
class Work:
    """A step: what it works on, and when."""

    doli: Dolibarr
    sync: DolibarrSync
    connection: DolibarrConnection
    now: datetime
    today: date

    @property
    def since(self) -> str:
        """From when on changes are asked for; nothing: everything."""
        last = self.connection.last_sync_at
        if self.sync.full or last is None:
            return ""
        return f"{last - OVERLAP:%Y-%m-%d %H:%M:%S}"


@dataclass(frozen=True, kw_only=True)
class Done:
    """What a step did. ``cursor`` of nothing: the stage is over."""

    cursor: int | None
    count: int = 0
    counts: dict[str, int] | None = None
    warnings: tuple[str, ...] = ()
    total: int | None = None


def _customers(work: Work) -> None:
    pages = work.doli.customers(after=work.sync.cursor, since=work.since, size=PAGE)
    page = next(pages, [])
    with transaction.atomic():
        tally = customers.keep_customers(page, now=work.now)
        counts = {
            "customers_created": tally.created,
            "customers_updated": tally.updated,
        }
        cursor = page[-1].id if len(page) == PAGE else None
        _advance(work, Done(cursor=cursor, count=len(page), counts=counts))


def _contacts(work: Work) -> None:
    try:
        pages = work.doli.contacts(after=work.sync.cursor, since=work.since, size=PAGE)
        page = next(pages, [])
        is_last = len(page) < PAGE
        ids = work.doli.contact_ids() if is_last and work.sync.full else None
    except DolibarrError as error:
        # Without this right letters go to the customer itself.
        if error.passes:
            raise
        said = _("Contacts are not read: %(why)s") % {"why": in_words(error)}
        _advance(work, Done(cursor=None, warnings=(said,)))
        return
    with transaction.atomic():
        tally = customers.keep_contacts(page, now=work.now)
        removed = tally.removed
        if ids is not None:
            removed += customers.remove_contacts_besides(ids, now=work.now)
        counts = {
            "contacts_created": tally.created,
            "contacts_updated": tally.updated,
            "contacts_removed": removed,
        }
        cursor = None if is_last else page[-1].id
        _advance(work, Done(cursor=cursor, count=len(page), counts=counts))


def _invoices(work: Work) -> None:
    total = work.sync.total
    if not work.sync.cursor:
        total = work.doli.count_unpaid()
    page = next(work.doli.unpaid(after=work.sync.cursor, size=PAGE), [])
    besides = read_besides(work.doli, page)
    warnings = []
    if any(one.odd_dates for one in page):
        words = _(
            "Dates of Dolibarr are no midnights in %(zone)s: check its time zone."
        )
        warnings.append(words % {"zone": work.connection.time_zone})
    for ref, error in work.doli.unreadable:
        words = _("Invoice %(number)s is left out: %(why)s")
        warnings.append(words % {"number": ref, "why": in_words(error)})
    with transaction.atomic():
        kept = invoices.keep(page, besides, now=work.now, today=work.today)
        _advance(
            work,
            Done(
                # One that cannot be read makes a page shorter, not the last.
                cursor=page[-1].id if page else None,
                count=len(page),
                counts=kept.as_counts(),
                warnings=(*warnings, *kept.warnings),
                total=total,
            ),
        )


def _gone(work: Work) -> None:
    """Read again what is open here and unpaid there no more."""
    open_here = Invoice.objects.filter(
        source=Source.DOLIBARR, state=Invoice.State.OPEN, pk__gt=work.sync.cursor
    ).order_by("pk")
    unpaid = work.doli.unpaid_ids()
    missing = [
        (pk, int(external_id or 0))
        for pk, external_id in open_here.values_list("pk", "external_id")
        if int(external_id or 0) not in unpaid
    ][:PAGE]
    kept = invoices.refresh(
        work.doli, [id for _pk, id in missing], now=work.now, today=work.today
    )
    cursor = missing[-1][0] if len(missing) == PAGE else None
    counts = kept.as_counts() | {"invoices_unchanged": 0}
    warnings = tuple(kept.warnings)
    done = Done(cursor=cursor, count=len(missing), counts=counts, warnings=warnings)
    _advance(work, done)


def _credits(work: Work) -> None:
    """Find the closed credit notes that a customer who owes us may still use."""
    pages = work.doli.used_credits(after=work.sync.cursor, since=work.since, size=PAGE)
    page = next(pages, [])
    owing = set(
        Customer.objects.filter(
            source=Source.DOLIBARR, invoices__state=Invoice.State.OPEN
        ).values_list("external_id", flat=True)
    )
    over = set(
        Invoice.objects.filter(source=Source.DOLIBARR, kind=Invoice.Kind.CREDIT_NOTE)
        .exclude(state=Invoice.State.OPEN)
        .values_list("external_id", flat=True)
    )
    wanted = [
        one for one in page if str(one.customer) in owing and str(one.id) not in over
    ]
    besides = read_besides(work.doli, wanted)
    with transaction.atomic():
        kept = invoices.keep(wanted, besides, now=work.now, today=work.today)
        counts = {"invoices_created": kept.created, "invoices_updated": kept.updated}
        cursor = page[-1].id if page else None
        _advance(work, Done(cursor=cursor, count=len(page), counts=counts))


def _people(work: Work) -> None:
    """Ask for the billing contact of each customer's newest invoice."""
    owing = Customer.objects.filter(
        source=Source.DOLIBARR,
        pk__gt=work.sync.cursor,
        contacts__source=Source.DOLIBARR,
        invoices__state=Invoice.State.OPEN,
        invoices__source=Source.DOLIBARR,
    )
    if not work.sync.full:
        owing = owing.filter(invoices__created_at__gte=work.sync.started_at)
    batch = list(owing.order_by("pk").distinct().values_list("pk", flat=True)[:100])
    newest: dict[int, int] = {}
    for owner, external_id in (
        Invoice.objects.filter(
            customer__in=batch, source=Source.DOLIBARR, state=Invoice.State.OPEN
        )
        .order_by("issued_on", "pk")
        .values_list("customer", "external_id")
    ):
        newest[owner] = int(external_id or 0)
    read = {one.id: one for one in work.doli.invoices(list(newest.values()))}
    major = work.connection.major
    billing = {
        owner: work.doli.billing_contacts(read[id], major=major)
        for owner, id in newest.items()
        if id in read
    }
    with transaction.atomic():
        customers.name_billing_contacts(billing, now=work.now)
        cursor = batch[-1] if len(batch) == 100 else None
        _advance(work, Done(cursor=cursor, count=len(batch)))


def _pdfs(work: Work) -> None:
    if work.connection.pdfs != DolibarrConnection.Pdfs.ALL:
        _advance(work, Done(cursor=None))
        return
    batch = pdfs.without_pdf(after=work.sync.cursor)
    result = pdfs.fetch(
        work.doli, batch, build=work.connection.build_pdfs, now=work.now
    )
    cursor = batch[-1].pk if len(batch) == pdfs.BATCH else None
    counts = {"pdfs": result.fetched}
    done = Done(
        cursor=cursor, count=len(batch), counts=counts, warnings=result.warnings
    )
    _advance(work, done)


STEPS: dict[Stage, Callable[[Work], None]] = {
    Stage.CUSTOMERS: _customers,
    Stage.CONTACTS: _contacts,
    Stage.INVOICES: _invoices,
    Stage.GONE: _gone,
    Stage.CREDITS: _credits,
    Stage.PEOPLE: _people,
    Stage.PDFS: _pdfs,
}


@transaction.atomic
def _advance(work: Work, done: Done) -> None:
    """Say where the synchronisation is, if it is still where this step found it."""
    sync = work.sync
    stages = list(STEPS)
    place = stages.index(Stage(sync.stage))
    counts = dict(sync.counts)
    for name, count in (done.counts or {}).items():
        counts[name] = counts.get(name, 0) + count
    values: dict[str, object] = {
        "cursor": done.cursor or 0,
        "done": sync.done + done.count,
        "total": done.total,
        "counts": counts,
        "warnings": list(dict.fromkeys([*sync.warnings, *done.warnings]))[
            :MOST_WARNINGS
        ],
        "touched_at": work.now,
    }
    is_last = done.cursor is None and place == len(stages) - 1
    if is_last:
        values |= {"state": DolibarrSync.State.DONE, "finished_at": work.now}
    elif done.cursor is None:
        values |= {"stage": stages[place + 1], "done": 0, "total": None}
    moved = DolibarrSync.objects.filter(
        pk=sync.pk,
        state=DolibarrSync.State.WORKING,
        stage=sync.stage,
        cursor=sync.cursor,
    ).update(**values)
    if not moved:
        raise Overtaken
    if is_last:
        _finish(sync, now=work.now)


def _finish(sync: DolibarrSync, *, now: datetime) -> None:
    values: dict[str, object] = {
        "state": DolibarrConnection.State.WORKING,
        "error": "",
        "checked_at": now,
        "last_sync_at": sync.started_at,
    }
    if sync.full:
        values["last_full_at"] = sync.started_at
    DolibarrConnection.objects.update(**values)
