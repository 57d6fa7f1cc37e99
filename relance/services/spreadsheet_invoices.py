"""Invoices of a spreadsheet: new, changed, the same, or waiting for somebody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Exists, OuterRef

from relance.gateways.wording import WordingError, check_currency
from relance.models import Allocation, Company, Invoice, ReminderLine, Source
from relance.models.money import LARGEST, ZERO
from relance.rules.delays import PaymentTerms, parse_terms
from relance.rules.spreadsheet_targets import Target
from relance.rules.spreadsheet_words import (
    currency_code,
    invoice_kind,
    paid_and_total,
    payment_mode,
)
from relance.services.import_conflicts import why_conflict
from relance.services.invoices import OWN_NUMBERING, STANDARD_TERMS
from relance.services.spreadsheet_customers import Customers, Known
from relance.services.spreadsheet_decisions import Decision, Status, left_out, refused
from relance.services.spreadsheet_layout import Layout
from relance.services.spreadsheet_records import Record, Trouble, need

CREDIT_NOTE = Invoice.Kind.CREDIT_NOTE.value


@dataclass(kw_only=True, slots=True)
class Said:
    """An invoice as its row says it; none where it says nothing."""

    number: str
    kind: str
    issued_on: date
    due_date: date | None
    total: Decimal
    paid: Decimal
    # Whether the row says the total, and what was paid: else nothing is compared.
    says_total: bool
    says_paid: bool
    currency: str
    values: dict[str, str]


class Invoices:
    """Decides for the rows of a file, in their order."""

    def __init__(
        self, layout: Layout, customers: Customers, *, today: date, lock: bool
    ) -> None:
        self._layout = layout
        self._lock = lock
        self._customers = customers
        self._today = today
        self._seen: dict[str, tuple[object, ...]] = {}
        self._any = Invoice()
        ours = Company.objects.first()
        self._terms = ours.default_terms if ours else STANDARD_TERMS
        self._parsed: dict[str, PaymentTerms] = {}

    def remember(self, records: Sequence[Record]) -> None:
        """Keep in mind rows that were imported before a worker was interrupted."""
        for record in records:
            said = None if record.is_total else said_of(record, self._layout)
            if said is not None:
                self._seen.setdefault(said.number, _told(said))

    def decide(self, records: Sequence[Record]) -> list[Decision]:
        """Return what becomes of each row; its problems are added to it."""
        read = [
            (record, None if record.is_total else said_of(record, self._layout))
            for record in records
        ]
        numbers = {said.number for _record, said in read if said}
        known = known_invoices(numbers, lock=self._lock)
        return [self._decision(record, said, known) for record, said in read]

    def _decision(
        self, record: Record, said: Said | None, known: dict[str, Invoice]
    ) -> Decision:
        if record.is_total:
            return left_out(record)
        customer = self._customers.find_or_new(record)
        if record.stopped or said is None or customer is None:
            return refused(record)
        before = self._seen.setdefault(said.number, _told(said))
        if before != _told(said):
            record.warn(Trouble.NUMBER_TWICE, Target.NUMBER, said.number)
            return refused(record)
        if _is_nothing(said):
            return left_out(record)
        if said.kind == CREDIT_NOTE and said.paid > ZERO:
            record.warn(Trouble.CREDIT_USED, Target.BALANCE, f"{said.paid:.2f}")
            return refused(record)
        found = known.get(said.number)
        if found is None:
            return self._new(record, said, customer, known)
        return self._again(record, said, customer, found)

    def _new(
        self, record: Record, said: Said, customer: Known, known: dict[str, Invoice]
    ) -> Decision:
        if not self._lock:
            # Nothing is written: that it is new is all there is to know.
            known[said.number] = self._any
            return Decision(
                record=record,
                status=Status.CREATED,
                customer=customer,
                paid=said.paid,
            )
        due = said.due_date or self._due(customer, said.issued_on)
        paid_on = record.day(Target.PAID_ON) or said.issued_on
        invoice = Invoice(
            numbering=OWN_NUMBERING,
            number=said.number,
            kind=said.kind,
            issued_on=said.issued_on,
            due_date=due,
            due_date_computed=said.due_date is None,
            currency=said.currency,
            total=said.total,
            balance=said.total - said.paid,
            source=Source.SPREADSHEET,
            **said.values,
        )
        if said.paid == said.total:
            invoice.state = Invoice.State.SETTLED
            invoice.paid_on = min(paid_on, self._today)
        # A second row with this number is the same invoice.
        known[said.number] = invoice
        return Decision(
            record=record,
            status=Status.CREATED,
            customer=customer,
            invoice=invoice,
            paid=said.paid,
            paid_on=min(paid_on, self._today),
        )

    def _due(self, customer: Known, issued_on: date) -> date:
        terms = customer.terms or self._terms
        if terms not in self._parsed:
            self._parsed[terms] = parse_terms(terms)
        return self._parsed[terms].due_date(issued_on)

    def _again(
        self, record: Record, said: Said, customer: Known, found: Invoice
    ) -> Decision:
        """Decide for an invoice that is known: here, or higher in the file."""
        answer = Decision(
            record=record, status=Status.UNCHANGED, customer=customer, invoice=found
        )
        if found._state.adding:
            return answer
        changed = _changes(said, customer, found)
        if changed:
            why = why_conflict(
                found,
                list(changed),
                reminded=found.was_reminded,  # type: ignore[attr-defined]
                settled=found.is_settled,  # type: ignore[attr-defined]
            )
            if why:
                record.warn(Trouble.CONFLICT, Target.NUMBER, why)
                answer.status = Status.CONFLICT
                return answer
            answer.status = Status.UPDATED
            answer.before = {name: getattr(found, name) for name in changed}
            for name, value in changed.items():
                setattr(found, name, value)
        more = self._newly_paid(record, said, found)
        if more > ZERO:
            answer.status, answer.paid = Status.UPDATED, more
            answer.paid_on = min(record.day(Target.PAID_ON) or self._today, self._today)
        return answer

    def _newly_paid(self, record: Record, said: Said, found: Invoice) -> Decimal:
        """Return how much more the file says was paid than is known here."""
        if not said.says_paid or found.is_credit_note:
            return ZERO
        if found.state in (Invoice.State.CANCELLED, Invoice.State.ABANDONED):
            return ZERO
        paid = said.paid if said.says_total else found.total - said.total
        more = paid - (found.total - found.balance)
        if more < ZERO:
            record.warn(Trouble.KNOWN_PAID, Target.BALANCE, f"{-more:.2f}")
            return ZERO
        return min(more, found.balance)


def said_of(record: Record, layout: Layout) -> Said | None:
    """Return the invoice of a row; none, with its problems, when it makes none."""
    need(record, Target.NUMBER, Target.ISSUED_ON)
    kind = _kind(record)
    currency = currency_of(record, layout)
    sums = _sums(record)
    number = record.text(Target.NUMBER)
    if len(number) > 60:
        record.warn(Trouble.TOO_LONG, Target.NUMBER, number)
    issued_on, due = record.day(Target.ISSUED_ON), record.day(Target.DUE_DATE)
    if issued_on and due and due < issued_on:
        record.warn(Trouble.DUE_BEFORE_ISSUE, Target.DUE_DATE, f"{due:%d/%m/%Y}")
    if record.stopped or sums is None or issued_on is None:
        return None
    total, paid = sums
    if total < ZERO:
        if kind and kind != CREDIT_NOTE:
            record.warn(Trouble.SIGN_DISAGREES, Target.TOTAL, f"{total:.2f}")
            return None
        kind = CREDIT_NOTE
    if kind == CREDIT_NOTE:
        total, paid = abs(total), abs(paid)
    if not ZERO <= paid <= total:
        record.warn(Trouble.PAID_TOO_MUCH, Target.PAID, f"{paid:.2f}")
        return None
    return Said(
        number=number,
        kind=kind or Invoice.Kind.INVOICE.value,
        issued_on=issued_on,
        due_date=due,
        total=total,
        paid=paid,
        says_total=Target.TOTAL in record.said
        or {Target.PAID, Target.BALANCE} <= set(record.said),
        says_paid=bool({Target.PAID, Target.BALANCE} & set(record.said)),
        currency=currency,
        values=_values(record),
    )


def _kind(record: Record) -> str:
    words = record.text(Target.DOCUMENT_KIND)
    found = invoice_kind(words) if words else ""
    if words and not found:
        record.warn(Trouble.UNKNOWN_KIND, Target.DOCUMENT_KIND, words)
    return found


def currency_of(record: Record, layout: Layout) -> str:
    """Return the currency of a row, the file's where it has none."""
    words = record.text(Target.CURRENCY)
    code = currency_code(words) if words else layout.currency
    try:
        check_currency(code)
    except WordingError:
        record.warn(Trouble.UNKNOWN_CURRENCY, Target.CURRENCY, words or code)
    return code


def _sums(record: Record) -> tuple[Decimal, Decimal] | None:
    amounts = {
        target: record.money(target)
        for target in (Target.TOTAL, Target.PAID, Target.BALANCE)
    }
    if amounts[Target.TOTAL] is None and amounts[Target.BALANCE] is None:
        need(record, Target.TOTAL)
        return None
    found = paid_and_total(
        total=amounts[Target.TOTAL],
        paid=amounts[Target.PAID],
        balance=amounts[Target.BALANCE],
    )
    if found is None:
        record.warn(
            Trouble.SUMS_DISAGREE, Target.BALANCE, f"{amounts[Target.BALANCE]:.2f}"
        )
        return None
    if abs(found[0]) > LARGEST:
        record.warn(Trouble.TOO_LARGE, Target.TOTAL, f"{found[0]:.2f}")
        return None
    return found


def _values(record: Record) -> dict[str, str]:
    values = {
        "customer_reference": record.text(Target.CUSTOMER_REFERENCE)[:100],
        "subject": record.text(Target.SUBJECT)[:200],
        "corrects_number": record.text(Target.CORRECTS)[:60],
    }
    words = record.text(Target.MODE)
    if words:
        mode = payment_mode(words)
        if not mode:
            record.warn(Trouble.UNKNOWN_MODE, Target.MODE, words)
        values["payment_mode"] = mode or Invoice.PaymentMode.OTHER.value
    return {name: value for name, value in values.items() if value}


def known_invoices(numbers: set[str], *, lock: bool) -> dict[str, Invoice]:
    """Return the invoices that are known by these numbers, with what rests on them;
    locked for a caller who writes."""
    reminded = ReminderLine.objects.telling().filter(invoice=OuterRef("pk"))
    settled = Allocation.objects.filter(invoice=OuterRef("pk"))
    given = Allocation.objects.filter(credit=OuterRef("pk"))
    rows = Invoice.objects.filter(numbering=OWN_NUMBERING, number__in=numbers)
    if lock:
        rows = rows.locked()
    found = rows.annotate(
        was_reminded=Exists(reminded), is_settled=Exists(settled) | Exists(given)
    )
    return {invoice.number: invoice for invoice in found}


def _differs(said: Said, found: Invoice) -> dict[str, object]:
    told: dict[str, object] = {
        "kind": said.kind,
        "issued_on": said.issued_on,
        "currency": said.currency,
    }
    if said.due_date is not None:
        told |= {"due_date": said.due_date, "due_date_computed": False}
    if said.says_total:
        told["total"] = said.total
        if said.total != found.total:
            # Nothing is set against it, or it is a conflict.
            told["balance"] = said.total
    for name in ("customer_reference", "payment_mode"):
        if name in said.values:
            told[name] = said.values[name]
    return {
        name: value for name, value in told.items() if getattr(found, name) != value
    }


def _changes(said: Said, customer: Known, found: Invoice) -> dict[str, object]:
    changed = _differs(said, found)
    if customer.pk != found.customer_id:
        changed["customer_id"] = customer.pk
    return changed


def _told(said: Said) -> tuple[object, ...]:
    return (said.kind, said.issued_on, said.total, said.paid, said.currency)


def _is_nothing(said: Said) -> bool:
    """Whether nothing is, or was, to be paid: a total of zero, a credit note used."""
    used = said.kind == CREDIT_NOTE and said.paid == said.total
    return said.total == ZERO or used
