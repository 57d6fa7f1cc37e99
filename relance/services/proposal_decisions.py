"""The proposals: the rules' answer, kept, and what survives of people's choices."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from itertools import batched
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection, connections, transaction
from django.db.models import (
    BooleanField,
    CharField,
    Field,
    ForeignKey,
    IntegerField,
    Q,
    QuerySet,
    TextField,
    Value,
)

from relance.models import Channel, Invoice, Proposal
from relance.rules.reason_data import reason_as_data
from relance.services.proposal_answers import Answer, Answers

Standing = Proposal.Standing

# As many rows as are read and written in one transaction.
CHUNK = 10_000
# From so many on, invoices are no longer named one by one.
MANY = 500

# What the decision looks at, and no more: thousands of rows are read.
_READ = (
    "kind",
    "source",
    "state",
    "total",
    "balance",
    "issued_on",
    "service_date",
    "due_date",
    "payment_mode",
    "einvoice_status",
    "currency",
    "subject",
    "customer_reference",
    "iban",
    "pdf_iban",
    "document__pages",
    "customer__regime",
    "customer__procedure",
    "customer__highest_level",
    "customer__language",
    "customer__email",
    "customer__city",
    "customer__address_refused_on",
    "customer__preferred_channel",
)
_AS_THEY_ARE = (CharField, TextField, IntegerField, ForeignKey)
# What a decision may change.
_DECIDED = {
    "standing",
    "level",
    "possible_from",
    "reasons",
    "letter_trouble",
    "email_trouble",
    "last",
    "pages",
    "channel",
    "chosen_level",
    "note",
    "next_on",
    "overrides",
    "chosen_by",
    "chosen_at",
}


def refresh(*, today: date) -> int:
    """Bring the proposals up to date and return how many were decided again.

    Rows that are missing are made, those of invoices no longer unpaid are deleted,
    those that something touched, or that were decided on another day, are decided
    again; choices stay while they are still allowed. One query when there is
    nothing to do.
    """
    waiting = _waiting(today=today)
    for chunk in batched(waiting, CHUNK):
        with _no_collection():
            _make_missing(chunk)
            _decide([invoice for invoice, _customer, _known in chunk], today=today)
    return len(waiting)


@contextmanager
def _no_collection() -> Iterator[None]:
    """Keep Python from looking for cycles among rows by the ten thousand, which have
    none: it would take a quarter of the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _waiting(*, today: date) -> list[tuple[int, int, bool]]:
    """Return invoice, customer and whether a row exists, for those to decide."""
    known = Proposal.objects.filter(_to_decide(today)).values_list(
        "invoice", "customer", Value(True, output_field=BooleanField())
    )
    missing = (
        Invoice.objects.unpaid()
        # Not a join, which looks each of them up: asked on every page.
        .exclude(pk__in=Proposal.objects.values("invoice"))
        .values_list("pk", "customer", Value(False, output_field=BooleanField()))
        .order_by()
    )
    return sorted(known.union(missing, all=True))


def _to_decide(today: date) -> Q:
    return Q(stale=True) | Q(decided_on=None) | ~Q(decided_on=today)


def _make_missing(chunk: Iterable[tuple[int, int, bool]]) -> None:
    """Make the rows first, stale, and committed: whatever happens to their invoice
    from now on touches them."""
    Proposal.objects.bulk_create(
        (
            Proposal(invoice_id=invoice, customer_id=customer)
            for invoice, customer, known in chunk
            if not known
        ),
        ignore_conflicts=True,
    )


@transaction.atomic
def _decide(invoice_ids: Sequence[int], *, today: date) -> None:
    # Locked before anything is read, so that a change made meanwhile touches them
    # after us. One that somebody holds is being touched: it stays for the next time.
    among = _among(invoice_ids)
    named = Q(invoice__in=invoice_ids)
    if among is not None:
        named = Q(invoice__gte=invoice_ids[0], invoice__lte=invoice_ids[-1])
    rows = list(
        Proposal.objects.select_for_update(skip_locked=True, of=("self",))
        .filter(named, _to_decide(today))
        .order_by("pk")
    )
    invoices = unpaid(row.invoice_id for row in rows) if among is None else _read(among)
    gone = [row.pk for row in rows if row.invoice_id not in invoices]
    if gone:
        Proposal.objects.filter(pk__in=gone).delete()
    rows = [row for row in rows if row.invoice_id in invoices]
    if not rows:
        return
    wanted = {
        row.invoice_id: [row.chosen_level_id] for row in rows if row.chosen_level_id
    }
    answers = Answers(
        [invoices[row.invoice_id] for row in rows],
        wanted=wanted,
        today=today,
        among=among,
    )
    changed = [
        row
        for row in rows
        if decide_row(row, invoices[row.invoice_id], answers, today=today)
    ]
    if changed:
        _write(changed)
    Proposal.objects.filter(pk__in=[row.pk for row in rows]).update(
        stale=False, decided_on=today
    )


def _among(invoice_ids: Sequence[int]) -> QuerySet[Invoice] | None:
    """Return a query that holds all these unpaid invoices and few others, when they
    are too many to be named one by one; ``invoice_ids`` are in order."""
    if len(invoice_ids) < MANY:
        return None
    between = Invoice.objects.unpaid().filter(
        pk__range=(invoice_ids[0], invoice_ids[-1])
    )
    few_others = between.count() <= 2 * len(invoice_ids)
    return between.order_by() if few_others else None


def unpaid(invoice_ids: Iterable[int]) -> dict[int, Invoice]:
    """Return the invoices that may be reminded, with what a decision looks at."""
    return _read(Invoice.objects.unpaid().filter(pk__in=list(invoice_ids)))


def _read(found: QuerySet[Invoice]) -> dict[int, Invoice]:
    whole = found.select_related("customer", "document").only(*_READ).order_by()
    return {invoice.pk: invoice for invoice in whole}


def decide_row(
    row: Proposal, invoice: Invoice, answers: Answers, *, today: date
) -> bool:
    """Bring a row to what the rules answer, not saved; say whether it changed."""
    before = row.__dict__.copy()
    last = answers.last(invoice)
    # A reminder was made since: what had been chosen for it is spent.
    if row.decided_on is not None and (last or 0) > (row.last_id or 0):
        forget_choice(row)
    row.last_id = last
    proposed = answers.proposed(invoice)
    row.level_id = proposed.level_id if proposed else None
    row.possible_from = answers.possible_from(invoice)
    step = answers.step(invoice, row.chosen_level_id)
    if step is None or step == proposed:
        row.chosen_level_id = step = None
    answer = answers.answer(invoice, step)
    if answer.standing == Standing.STOPPED:
        row.overrides = {}
        if step is None:
            _untick(row)
        else:
            row.channel, row.chosen_level_id = "", None
            answer = answers.answer(invoice)
    take_over(row, answer)
    if row.next_on is not None and row.next_on < today:
        row.next_on = None
    keep_allowed(row, answer)
    if row.chosen_at is None:
        ready = answer.standing == Standing.READY
        row.channel = prefilled(invoice, answer) if ready else ""
    return row.__dict__ != before


def take_over(row: Proposal, answer: Answer) -> None:
    """Write the answer on the row."""
    row.standing = answer.standing
    row.reasons = [reason_as_data(reason) for reason in answer.reasons]
    row.letter_trouble = answer.letter.code.value if answer.letter else ""
    row.email_trouble = answer.email.code.value if answer.email else ""
    row.pages = answer.pages


def keep_allowed(row: Proposal, answer: Answer) -> None:
    """Take back a tick that is no longer allowed, and what overrode nothing any
    more: another dispute, later, needs its own reason."""
    soft = {reason.code.value for reason in answer.soft()}
    row.overrides = {code: why for code, why in row.overrides.items() if code in soft}
    if soft - row.overrides.keys():
        _untick(row)
    elif row.channel and answer.trouble(row.channel):
        row.channel = ""


def _untick(row: Proposal) -> None:
    """Take a tick back while the rules are against it: they tick the row again once
    it may be reminded. One that somebody took off stays off; and where the level or
    the channel that somebody chose is not possible any more, it is theirs to choose
    another."""
    if row.channel:
        row.channel, row.chosen_by_id, row.chosen_at = "", None, None


def prefilled(invoice: Invoice, answer: Answer) -> str:
    """Return the channel that suits the customer: the one they prefer, else e-mail;
    a formal notice goes by registered letter. Empty when it cannot be written."""
    letter, email = answer.letter is None, answer.email is None
    if answer.step is not None and answer.step.level.is_formal_notice:
        return Channel.REGISTERED.value if letter else ""
    preferred = invoice.customer.preferred_channel
    return suited(preferred, letter=letter, email=email)


def suited(preferred: str, *, letter: bool, email: bool) -> str:
    """Return the channel of a reminder that is no formal notice: the one preferred,
    else e-mail, else a letter, of those that can be written; empty when none can."""
    if letter and (preferred == Channel.LETTER or not email):
        return Channel.LETTER.value
    return Channel.EMAIL.value if email else ""


def forget_choice(row: Proposal) -> None:
    """Bring a row back to where nobody chose anything."""
    row.channel, row.chosen_level_id, row.note, row.next_on = "", None, "", None
    row.overrides, row.chosen_by_id, row.chosen_at = {}, None, None


def _write(rows: Sequence[Proposal]) -> None:
    """Write each row by one statement, sent for all: neither ``bulk_update``, whose
    CASE grows with the rows, nor an insert that conflicts is half as quick."""
    meta, quoted = Proposal._meta, connection.ops.quote_name
    columns = [one for one in meta.concrete_fields if one.name in _DECIDED]
    assigned = ", ".join(f"{quoted(str(one.column))} = %s" for one in columns)
    update = f"UPDATE {quoted(meta.db_table)} SET {assigned} WHERE id = %s"  # noqa: S608
    written = [_written(column, rows) for column in columns]
    with connection.cursor() as cursor:
        cursor.executemany(
            update, list(zip(*written, [row.pk for row in rows], strict=True))
        )


def _written(column: Field[Any, Any], rows: Sequence[Proposal]) -> list[object]:
    """Return the values of a column as the driver takes them: words and numbers as
    they are, a tenth of the time of a refresh."""
    values = [getattr(row, column.attname) for row in rows]
    if isinstance(column, _AS_THEY_ARE):
        return values
    # Not the proxy, which would look for its thread's connection at each value.
    to = connections[DEFAULT_DB_ALIAS]
    return [column.get_db_prep_save(value, to) for value in values]
