"""Dolibarr's invoices, as ours: facts, state and balance as they are there.

In three steps for those who call: see what must be read besides (``plan``), read it
with no transaction open (``read_besides``), write it down (``keep``).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from relance.gateways import dolibarr_content as there
from relance.gateways.dolibarr import Dolibarr, DolibarrError, Kind
from relance.models import DOLIBARR_NUMBERING, Customer, Invoice, ReminderLine, Source
from relance.models.money import ZERO
from relance.services import dolibarr_holds, history, payments, pending
from relance.services.dolibarr_besides import (
    Besides,
    is_worth_keeping,
    known_invoices,
    read_besides,
)
from relance.services.dolibarr_customers import (
    customers_called,
    keep_customers,
)
from relance.services.dolibarr_ledger import Told, bring_in_line, first_payments
from relance.services.dolibarr_values import (
    balance_of,
    fingerprint,
    is_followed,
    no_currency,
    state_of,
    values_of,
)
from relance.services.first_payments import record_together
from relance.services.history import About, Entry
from relance.services.import_values import COMPARED, LABELS
from relance.services.refusal import Refused

OVER = (Invoice.State.ABANDONED, Invoice.State.CANCELLED)


@dataclass(kw_only=True)
class Outcome:
    """How many invoices by what became of them, and what to look at."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    warnings: list[str] = field(default_factory=list)

    def as_counts(self) -> dict[str, int]:
        return {
            "invoices_created": self.created,
            "invoices_updated": self.updated,
            "invoices_unchanged": self.unchanged,
        }


def keep(
    read: Sequence[there.Invoice], besides: Besides, *, now: datetime, today: date
) -> Outcome:
    """Write invoices down as they are in Dolibarr, inside the caller's transaction
    or one of its own; what did not change is not written again."""
    with transaction.atomic():
        if besides.customers:
            keep_customers(besides.customers, now=now)
        work = _Work(read, besides, now=now, today=today)
        outcome = work.done()
        # What the bank told of before may have arrived.
        pending.reconcile(work.moved, now=now)
        extras = {one.id: one.extra for one in read}
        dolibarr_holds.follow_invoices(extras, now=now, today=today)
        return outcome


def refresh(
    doli: Dolibarr, external_ids: Iterable[int], *, now: datetime, today: date
) -> Outcome:
    """Read invoices again and bring ours in line; one that Dolibarr has no more is
    cancelled here. To be called with no transaction open."""
    ids = list(external_ids)
    read = doli.invoices(ids)
    deleted = []
    for id in sorted(set(ids) - {one.id for one in read}):
        # A list leaves out what may not be seen: only "not found" means deleted.
        try:
            read.append(doli.invoice(id))
        except DolibarrError as error:
            if error.kind == Kind.NOT_FOUND:
                deleted.append(id)
            elif error.kind != Kind.UNREADABLE:
                raise
    besides = read_besides(doli, read)
    with transaction.atomic():
        outcome = keep(read, besides, now=now, today=today)
        outcome.updated += cancel_deleted(deleted, now=now)
    return outcome


@transaction.atomic
def cancel_deleted(external_ids: Iterable[int], *, now: datetime) -> int:
    """Cancel here what was deleted there; it stays, with its history."""
    gone = Invoice.objects.locked().filter(
        source=Source.DOLIBARR,
        external_id__in=[str(id) for id in external_ids],
        state=Invoice.State.OPEN,
    )
    entries, owners = [], set()
    for invoice in gone.select_related("customer"):
        owners.add(invoice.customer_id)
        words = _("Invoice %(number)s cancelled: it was deleted in Dolibarr.")
        _set_state(invoice, Invoice.State.CANCELLED)
        about = About(invoice=invoice)
        words %= {"number": invoice.number}
        entries.append(Entry(action="invoice.cancelled", words=words, about=about))
    history.record_many(entries, at=now)
    # What the bank told for it is waited for no more.
    pending.reconcile(owners, now=now)
    return len(entries)


class _Work:
    """A page of invoices being written down."""

    def __init__(
        self,
        read: Sequence[there.Invoice],
        besides: Besides,
        *,
        now: datetime,
        today: date,
    ) -> None:
        self.now, self.today, self.besides = now, today, besides
        self.outcome = Outcome()
        self.entries: list[Entry] = []
        # Our customers whose ledger moved.
        self.moved: set[int] = set()
        found = {one.id: one for one in [*besides.credits.values(), *read]}
        wanted = [one for one in found.values() if is_followed(one)]
        # Credit notes last: what the others took of them is then known.
        self.read = sorted(wanted, key=lambda one: one.type == there.Type.CREDIT_NOTE)
        # In the order of everybody who records a payment: the customer first.
        owners = (one.customer for one in self.read)
        self.customers = customers_called(owners, lock=True)
        self.known = {
            str(one.external_id): one for one in known_invoices(self.read, lock=True)
        }
        self.taken = self._numbers()

    def done(self) -> Outcome:
        new = [one for one in self.read if str(one.id) not in self.known]
        self._create(new)
        fresh = {one.id for one in new}
        recorded = self._record_first(new)
        for one in self.read:
            invoice = self.known.get(str(one.id))
            if invoice is None or one.id in recorded:
                continue
            if self._is_the_same(invoice, one, one.id in fresh):
                continue
            try:
                with transaction.atomic():
                    self._bring(invoice, one, is_new=one.id in fresh)
            except (Refused, IntegrityError) as error:
                # One that contradicts itself keeps no other away.
                words = _("Invoice %(number)s could not be brought up to date: %(why)s")
                self._warn(words, one, why=str(error))
        history.record_many(self.entries, at=self.now)
        return self.outcome

    def _record_first(self, new: Sequence[there.Invoice]) -> set[int]:
        """Record together the payments of new invoices that these explain alone;
        return the ids of those with which nothing else is to be done."""
        rows, recorded = [], set()
        for one in new:
            invoice, told = (
                self.known.get(str(one.id)),
                self.besides.payments.get(one.id),
            )
            if invoice is None or not told or one.source is not None:
                continue
            balance = balance_of(one)
            if first := first_payments(
                invoice, one, told, balance=balance, today=self.today
            ):
                rows += first
                recorded.add(one.id)
                self.moved.add(invoice.customer_id)
        try:
            record_together(rows, now=self.now)
        except (Refused, IntegrityError):
            # One of them contradicts itself: then one by one.
            return set()
        return recorded

    def _is_the_same(self, invoice: Invoice, one: there.Invoice, is_new: bool) -> bool:
        """Whether nothing is to be done; counted, when it was here before."""
        to_link = is_new and one.source is not None
        told = one.id in self.besides.payments
        same = invoice.fingerprint == fingerprint(one) and self._agrees(invoice, one)
        if told or to_link or not same:
            return False
        self.outcome.unchanged += not is_new
        return True

    def _numbers(self) -> set[str]:
        refs = [one.ref for one in self.read]
        found = Invoice.objects.filter(numbering=DOLIBARR_NUMBERING, number__in=refs)
        return set(found.values_list("number", flat=True))

    def _create(self, new: Sequence[there.Invoice]) -> None:
        rows = []
        for one in new:
            owner = self.customers.get(one.customer)
            # What is over before it was ever seen here is not brought in.
            if not is_worth_keeping(one, self.besides):
                continue
            if owner is None:
                words = _("The customer of invoice %(number)s cannot be read there.")
                self._warn(words, one)
                continue
            if one.ref in self.taken:
                self._warn(_("Two invoices of Dolibarr have number %(number)s."), one)
                continue
            if why := no_currency(one.currency):
                words = _("Invoice %(number)s is left out: %(why)s")
                self._warn(words, one, why=why)
                continue
            self.taken.add(one.ref)
            row = self._new_row(one, owner)
            row.customer = owner
            rows.append(row)
        made = Invoice.objects.bulk_create(rows)
        for invoice in made:
            self.known[str(invoice.external_id)] = invoice
            words = _("Invoice %(number)s taken over from Dolibarr.")
            self._tell("invoice.imported", words, invoice)
        self.outcome.created += len(made)

    def _new_row(self, one: there.Invoice, owner: Customer) -> Invoice:
        return Invoice(
            **values_of(one, owner.pk),
            numbering=DOLIBARR_NUMBERING,
            number=one.ref[:60],
            balance=abs(one.total),
            source=Source.DOLIBARR,
            external_id=str(one.id),
            fingerprint=fingerprint(one),
            created_at=self.now,
        )

    def _bring(self, invoice: Invoice, one: there.Invoice, *, is_new: bool) -> None:
        """Bring one invoice to what is read of it; count what it became."""
        invoice.refresh_from_db()
        changed = not is_new and self._bring_facts(invoice, one)
        before = invoice.balance, invoice.state
        self._link(invoice, one)
        self._bring_balance(invoice, one)
        if invoice.fingerprint != fingerprint(one):
            invoice.fingerprint = fingerprint(one)
            invoice.save(update_fields=["fingerprint"])
        moved = before != (invoice.balance, invoice.state)
        if moved or one.id in self.besides.payments:
            self.moved.add(invoice.customer_id)
        self.outcome.updated += not is_new and (moved or changed)
        self.outcome.unchanged += not is_new and not (moved or changed)

    def _agrees(self, invoice: Invoice, one: there.Invoice) -> bool:
        state, _why = state_of(one, still_credit=one.id in self.besides.still_credits)
        if invoice.is_credit_note:
            return invoice.state == state or not invoice.balance
        balance = balance_of(one)
        if state == Invoice.State.OPEN and not balance:
            state = Invoice.State.SETTLED
        return invoice.balance == balance and invoice.state == state

    def _bring_facts(self, invoice: Invoice, one: there.Invoice) -> bool:
        """Change what else is said of it, unless somebody was already told so."""
        owner = self.customers.get(one.customer)
        values = values_of(one, owner.pk if owner else invoice.customer_id)
        what = [name for name in values if getattr(invoice, name) != values[name]]
        told = [name for name in COMPARED if name in what]
        if self._is_in_conflict(invoice, one, told):
            # How it is paid, say, holds reminders back whatever was sent.
            what = [name for name in what if name not in told]
        if "total" in what:
            settled = self._make_room(invoice, abs(one.total))
            invoice.balance = abs(one.total) - settled
        for name in what:
            setattr(invoice, name, values[name])
        if not what:
            return False
        invoice.save(update_fields=[*what, "balance"])
        words = _("Invoice %(number)s changed in Dolibarr: %(what)s.")
        labels = ", ".join(str(LABELS[name]) for name in what)
        self._tell("invoice.updated", words, invoice, what=labels)
        return True

    def _is_in_conflict(
        self, invoice: Invoice, one: there.Invoice, told: Sequence[str]
    ) -> bool:
        """Whether what differs must stay as it is here; said, then."""
        words = ""
        rests = invoice.balance != invoice.total
        reminders = ReminderLine.objects.telling().filter(invoice=invoice)
        if told and reminders.exists():
            words = _(
                "Invoice %(number)s was already reminded and Dolibarr differs: "
                "%(what)s. It is kept as it was sent."
            )
        elif rests and {"currency", "kind", "customer_id"} & set(told):
            words = _(
                "Invoice %(number)s is partly settled and Dolibarr differs: %(what)s."
            )
        if words:
            what = ", ".join(str(LABELS[name]) for name in told)
            self._warn(words, one, what=what)
        return bool(words)

    def _make_room(self, invoice: Invoice, total: Decimal) -> Decimal:
        """Take the newest allocations back until the others fit in a total that is
        smaller; return what is settled then."""
        standing = invoice.allocations.filter(
            undoes__isnull=True, undone_by__isnull=True
        ).order_by("-pk")
        for allocation in standing:
            if sum((one.amount for one in invoice.allocations.all()), ZERO) <= total:
                break
            payments.undo_allocation(allocation, there=True, by=None, now=self.now)
        return sum((one.amount for one in invoice.allocations.all()), ZERO)

    def _bring_balance(self, invoice: Invoice, one: there.Invoice) -> None:
        state, why = state_of(one, still_credit=one.id in self.besides.still_credits)
        is_over, was_over = state in OVER, invoice.state in OVER
        told = self.besides.payments.get(one.id)
        if was_over and (told is not None or not is_over):
            # Nothing is set against what is over.
            _set_state(invoice, Invoice.State.OPEN)
        if was_over and not is_over:
            words = _("Invoice %(number)s is followed up again, as in Dolibarr.")
            self._tell("invoice.reopened", words, invoice)
        if told is not None and invoice.currency == one.currency:
            bring_in_line(
                invoice,
                one,
                Told(payments=told, credits=self._credits()),
                balance=balance_of(one),
                now=self.now,
                today=self.today,
            )
            invoice.refresh_from_db()
        if invoice.state == Invoice.State.OPEN and not invoice.balance:
            payments.settle(invoice)
        # What credit notes settled meanwhile is settled, not cancelled.
        if is_over and invoice.state != state and invoice.balance:
            _set_state(invoice, state)
            if not was_over:
                self._tell("invoice.closed", why.replace("%", "%%"), invoice)

    def _credits(self) -> dict[str, Invoice]:
        return {
            one.ref: self.known[str(one.id)]
            for one in self.read
            if one.type == there.Type.CREDIT_NOTE and str(one.id) in self.known
        }

    def _link(self, invoice: Invoice, one: there.Invoice) -> None:
        if one.source is None or invoice.corrects_id is not None:
            return
        earlier = Invoice.objects.filter(
            source=Source.DOLIBARR, external_id=str(one.source)
        ).first()
        if earlier is not None:
            invoice.corrects = earlier
            invoice.save(update_fields=["corrects"])

    def _tell(self, action: str, words: str, invoice: Invoice, **said: str) -> None:
        said["number"] = invoice.number
        about = About(invoice=invoice)
        self.entries.append(Entry(action=action, words=words % said, about=about))

    def _warn(self, words: str, one: there.Invoice, **said: str) -> None:
        self.outcome.warnings.append(words % {"number": one.ref, **said})


def _set_state(invoice: Invoice, state: Invoice.State) -> None:
    invoice.state = state
    invoice.save(update_fields=["state"])
