"""The proposals: the rules' answer, kept, and what survives of people's choices."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import batched

from django.db import transaction
from django.db.models import BooleanField, Q, Value

from relance.models import Channel, Invoice, Proposal
from relance.rules.escalation import reason_as_data
from relance.services.proposal_answers import Answer, Answers

Standing = Proposal.Standing

# As many rows as are read and written in one transaction.
CHUNK = 5_000

# What the decision looks at, and no more: thousands of rows are read.
_READ = (
    "kind",
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
    "document__pages",
    "customer__regime",
    "customer__procedure",
    "customer__language",
    "customer__email",
    "customer__city",
    "customer__address_refused_on",
    "customer__preferred_channel",
)
# What a decision may change.
_DECIDED = (
    "standing",
    "level_id",
    "possible_from",
    "reasons",
    "letter_trouble",
    "email_trouble",
    "last_id",
    "pages",
)
_CHOSEN = (
    "channel",
    "chosen_level_id",
    "note",
    "next_on",
    "overrides",
    "chosen_by_id",
    "chosen_at",
)
_COLUMNS = [
    name.removesuffix("_id") for name in (*_DECIDED, *_CHOSEN, "stale", "decided_on")
]


def refresh(*, today: date) -> int:
    """Bring the proposals up to date and return how many were decided again.

    Rows that are missing are made, those of invoices no longer unpaid are deleted,
    those that something touched, or that were decided on another day, are decided
    again; choices stay while they are still allowed. One query when there is
    nothing to do.
    """
    waiting = _waiting(today=today)
    for chunk in batched(waiting, CHUNK):
        _make_missing(chunk)
        _decide([invoice for invoice, _customer, _known in chunk], today=today)
    return len(waiting)


def _waiting(*, today: date) -> list[tuple[int, int, bool]]:
    """Return invoice, customer and whether a row exists, for those to decide."""
    stale = Q(stale=True) | Q(decided_on=None) | ~Q(decided_on=today)
    known = Proposal.objects.filter(stale).values_list(
        "invoice", "customer", Value(True, output_field=BooleanField())
    )
    missing = (
        Invoice.objects.unpaid()
        .filter(proposal__isnull=True)
        .values_list("pk", "customer", Value(False, output_field=BooleanField()))
        .order_by()
    )
    return list(known.union(missing, all=True))


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
    rows = list(
        Proposal.objects.select_for_update(skip_locked=True, of=("self",))
        .filter(invoice__in=invoice_ids)
        .order_by("pk")
    )
    invoices = unpaid(row.invoice_id for row in rows)
    gone = [row.pk for row in rows if row.invoice_id not in invoices]
    if gone:
        Proposal.objects.filter(pk__in=gone).delete()
    rows = [row for row in rows if row.invoice_id in invoices]
    if not rows:
        return
    wanted = {
        row.invoice_id: [row.chosen_level_id] for row in rows if row.chosen_level_id
    }
    answers = Answers(list(invoices.values()), wanted=wanted, today=today)
    changed = [
        row
        for row in rows
        if decide_row(row, invoices[row.invoice_id], answers, today=today)
    ]
    _write(changed)
    Proposal.objects.filter(pk__in=[row.pk for row in rows]).update(
        stale=False, decided_on=today
    )


def unpaid(invoice_ids: Iterable[int]) -> dict[int, Invoice]:
    """Return the invoices that may be reminded, with what a decision looks at."""
    found = Invoice.objects.unpaid().filter(pk__in=list(invoice_ids))
    return {
        invoice.pk: invoice
        for invoice in found.select_related("customer", "document")
        .only(*_READ)
        .order_by()
    }


def decide_row(
    row: Proposal, invoice: Invoice, answers: Answers, *, today: date
) -> bool:
    """Bring a row to what the rules answer, not saved; say whether it changed."""
    before = _values(row)
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
        row.channel, row.overrides = "", {}
        if step is not None:
            row.chosen_level_id = None
            answer = answers.answer(invoice)
    take_over(row, answer)
    if row.next_on is not None and row.next_on < today:
        row.next_on = None
    keep_allowed(row, answer)
    if row.chosen_at is None:
        ready = answer.standing == Standing.READY
        row.channel = prefilled(invoice, answer) if ready else ""
    return _values(row) != before


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
    if row.channel and (soft - row.overrides.keys() or answer.trouble(row.channel)):
        row.channel = ""


def prefilled(invoice: Invoice, answer: Answer) -> str:
    """Return the channel that suits the customer: the one they prefer, else e-mail;
    a formal notice goes by registered letter. Empty when it cannot be written."""
    if answer.step is not None and answer.step.level.is_formal_notice:
        return "" if answer.letter else Channel.REGISTERED.value
    preferred = invoice.customer.preferred_channel
    order = (Channel.EMAIL, Channel.LETTER)
    if preferred == Channel.LETTER:
        order = (Channel.LETTER, Channel.EMAIL)
    possible = (channel.value for channel in order if not answer.trouble(channel))
    return next(possible, "")


def forget_choice(row: Proposal) -> None:
    """Bring a row back to where nobody chose anything."""
    row.channel, row.chosen_level_id, row.note, row.next_on = "", None, "", None
    row.overrides, row.chosen_by_id, row.chosen_at = {}, None, None


def _values(row: Proposal) -> list[object]:
    return [getattr(row, name) for name in (*_DECIDED, *_CHOSEN)]


def _write(rows: Sequence[Proposal]) -> None:
    # Far quicker than bulk_update, whose CASE grows with the rows.
    Proposal.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["pk"],
        update_fields=_COLUMNS,
    )
