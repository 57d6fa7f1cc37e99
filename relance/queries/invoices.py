"""The list of invoices: filtered, sorted, with its totals by currency."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from django.db.models import Count, Q, Sum

from relance.models import Hold, Invoice, Reminder
from relance.models.days import DaysBetween
from relance.models.invoices import InvoiceQuerySet
from relance.models.money import sum_of
from relance.queries import ageing, attention

SORTS = {
    "number": ("number",),
    "customer": ("customer__sorted_name", "due_date"),
    "issued": ("issued_on", "number"),
    "due": ("due_date", "number"),
    "total": ("total", "number"),
    "balance": ("balance", "number"),
    "paid": ("paid_on", "number"),
}

# Lists that the dashboard leads to, besides those that one chooses from.
WAITING = {
    "notice_over": attention.notice_over,
    "hold_ending": attention.hold_ending,
    "promise_broken": attention.promise_broken,
    "limitation_near": attention.limitation_near,
}


@dataclass(frozen=True, kw_only=True)
class Criteria:
    """What of the list is looked at, and in which order."""

    which: str = "unpaid"
    words: str = ""
    currency: str = ""
    # Invoices whose last payment came between two days.
    paid_from: date | None = None
    paid_to: date | None = None
    sort: str = "due"

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> Criteria:
        """Read the address of a list; what is not understood is left out."""
        return cls(
            which=query.get("which", "unpaid"),
            words=query.get("q", ""),
            currency=query.get("currency", ""),
            paid_from=_day(query.get("paid_from", "")),
            paid_to=_day(query.get("paid_to", "")),
            sort=query.get("sort", "due"),
        )

    def as_query(self) -> dict[str, str]:
        """Return the address that ``from_query`` reads back."""
        days = {"paid_from": self.paid_from, "paid_to": self.paid_to}
        said = {"which": self.which, "q": self.words, "currency": self.currency}
        said |= {name: day.isoformat() for name, day in days.items() if day}
        said["sort"] = self.sort
        usual = {"which": "unpaid", "sort": "due"}
        return {
            name: value for name, value in said.items() if value != usual.get(name, "")
        }


@dataclass(frozen=True, kw_only=True)
class Total:
    """The sum of a list in one currency: amounts are never mixed."""

    currency: str
    count: int
    balance: Decimal


@dataclass(frozen=True, kw_only=True)
class Delay:
    """How long a number of invoices took to be paid, in days of all of them."""

    count: int
    # From the issue of the invoice, and from its due date: negative before it.
    days: int
    days_late: int

    @property
    def average(self) -> int:
        return self._average(self.days)

    @property
    def average_late(self) -> int:
        return self._average(self.days_late)

    def _average(self, days: int) -> int:
        if not self.count:
            return 0
        mean = Decimal(days) / self.count
        return int(mean.quantize(Decimal(1), rounding=ROUND_HALF_UP))


@dataclass(frozen=True, kw_only=True)
class LastLevel:
    """The last level that an invoice reached, as it was called then."""

    name: str
    kind: str
    rank: int


@dataclass(frozen=True, kw_only=True)
class Row:
    """An invoice as the list shows it; ``days_late`` is zero when nothing is due."""

    invoice: Invoice
    days_late: int
    last: LastLevel | None
    held: bool


def chosen(which: str, *, today: date) -> InvoiceQuerySet:
    """Return the invoices of a filter: unpaid, late, held, credits, settled, paid
    (nothing left, a payment came last), all, an age, or one that waits for a
    decision."""
    found: InvoiceQuerySet = Invoice.objects.all()
    if which in WAITING:
        return WAITING[which](today=today)
    if which in set(ageing.Age):
        return ageing.of_age(ageing.Age(which), today=today)
    if which == "late":
        return found.overdue(on=today)
    if which == "held":
        return found.unpaid().filter(_held(today))
    if which == "credits":
        return found.filter(kind=Invoice.Kind.CREDIT_NOTE)
    if which == "paid":
        return found.filter(paid_on__isnull=False)
    if which == "settled":
        return found.receivable().exclude(state=Invoice.State.OPEN)
    if which == "all":
        return found
    return found.unpaid()


def matching(criteria: Criteria, *, today: date) -> InvoiceQuerySet:
    """Return the invoices that the criteria keep, in no order."""
    found = chosen(criteria.which, today=today).matching(criteria.words)
    if criteria.currency:
        found = found.filter(currency=criteria.currency)
    if criteria.paid_from is not None:
        found = found.filter(paid_on__gte=criteria.paid_from)
    if criteria.paid_to is not None:
        found = found.filter(paid_on__lte=criteria.paid_to)
    return found


def listed(criteria: Criteria, *, today: date) -> InvoiceQuerySet:
    """Return the invoices of the list, in order; ``rows`` adds what each shows."""
    return (
        matching(criteria, today=today)
        .select_related("customer")
        .order_by(*_order(criteria.sort))
    )


def rows(page: Iterable[Invoice], *, today: date) -> list[Row]:
    """Return what the list shows of these invoices, in two queries.

    Asked for one page only: the database would otherwise work the last level out
    for every invoice before it keeps fifty.
    """
    invoices = list(page)
    ids = [invoice.pk for invoice in invoices]
    reached = (
        Reminder.objects.reaching()
        .filter(lines__invoice__in=ids)
        .order_by("made_on", "number")
        .values_list("lines__invoice", "level_name", "level_kind", "level_rank")
    )
    last = {pk: LastLevel(name=n, kind=k, rank=r or 0) for pk, n, k, r in reached}
    held = set(
        Invoice.objects.filter(pk__in=ids)
        .filter(_held(today))
        .order_by()
        .values_list("pk", flat=True)
    )
    return [
        Row(
            invoice=invoice,
            days_late=max(invoice.days_late(on=today), 0) if invoice.is_unpaid else 0,
            last=last.get(invoice.pk),
            held=invoice.pk in held,
        )
        for invoice in invoices
    ]


def totals(found: InvoiceQuerySet) -> list[Total]:
    """Return by currency what is left of a list, less its credit notes."""
    credit = Q(kind=Invoice.Kind.CREDIT_NOTE)
    rows = (
        found.order_by()
        .values_list("currency")
        .annotate(
            count=Count("pk"),
            owed=sum_of("balance", filter=~credit),
            credited=sum_of("balance", filter=credit),
        )
        .order_by("currency")
    )
    return [
        Total(currency=currency, count=count, balance=owed - credited)
        for currency, count, owed, credited in rows
    ]


def delay(found: InvoiceQuerySet) -> Delay:
    """Return how long the paid ones among these invoices took to be paid."""
    paid = found.filter(paid_on__isnull=False).order_by()
    sums = paid.aggregate(
        count=Count("pk"),
        days=Sum(DaysBetween("issued_on", "paid_on"), default=0),
        days_late=Sum(DaysBetween("due_date", "paid_on"), default=0),
    )
    return Delay(**sums)


def counts(*, today: date) -> Mapping[str, int]:
    """Return how many invoices each filter holds, in two queries: what is unpaid is
    looked at, the others are only counted, without opening them."""
    unpaid = Invoice.objects.unpaid().aggregate(
        unpaid=Count("pk"),
        late=Count("pk", filter=Q(due_date__lt=today)),
        held=Count("pk", filter=_held(today)),
    )
    found = Invoice.objects.order_by().values_list("kind", "state")
    counted = list(found.annotate(Count("pk")))
    credit, is_open = Invoice.Kind.CREDIT_NOTE, Invoice.State.OPEN
    return unpaid | {
        "credits": sum(n for kind, _state, n in counted if kind == credit),
        "settled": sum(
            n for kind, state, n in counted if kind != credit and state != is_open
        ),
        "all": sum(n for *_group, n in counted),
    }


def _held(today: date) -> Q:
    return attention.held_by(Hold.objects.running(on=today))


def _day(text: str) -> date | None:
    with suppress(ValueError):
        return date.fromisoformat(text)
    return None


def _order(sort: str) -> list[str]:
    down, name = sort.startswith("-"), sort.removeprefix("-")
    fields = SORTS.get(name, SORTS["due"])
    return [f"-{field}" if down else field for field in fields]
