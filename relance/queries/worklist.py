"""The worklist of *Relance massive*: unpaid invoices with what is proposed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Self

from django.db.models import FETCH_PEERS, Count, F, Min, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from relance.models import Approval, Channel, Level, Proposal, User
from relance.models.money import sum_of
from relance.models.search import amount_in, amount_of, said_in, words_of
from relance.queries.attention import limitations

Standing = Proposal.Standing

WHICH = ("today", "late", "unpaid", "held", "approval", "reminded", "ticked")

_LONG = (
    "invoice__content",
    "last__recipient",
    "last__subject",
    "last__body",
    "last__content",
    "last__amounts",
    "last__overrides",
)

# All that a page of the list reads.
_SHOWN = (
    "reasons",
    "letter_trouble",
    "email_trouble",
    "channel",
    "overrides",
    "note",
    "next_on",
    "invoice__number",
    "invoice__due_date",
    "invoice__currency",
    "invoice__total",
    "invoice__balance",
    "customer__name",
    "customer__pinned_note",
    "customer__procedure",
    "customer__regime",
    "level__name",
    "level__kind",
    "level__rank",
    "chosen_level__name",
    "chosen_level__kind",
    "chosen_level__rank",
    "last__level_name",
    "last__level_kind",
    "last__level_rank",
    "last__made_on",
    "last__next_on",
    "last__note",
    "chosen_by__name",
    "chosen_by__email",
)

# The columns that the list may be sorted by, and the fields behind them.
SORTS: Mapping[str, tuple[Any, ...]] = {
    "due": ("invoice__due_date", "invoice__number"),
    "customer": ("customer__sorted_name", "customer", "invoice__due_date"),
    "amount": ("invoice__balance", "invoice__due_date"),
    "level": (Coalesce("chosen_level__rank", "level__rank"), "invoice__due_date"),
    "last": ("last__made_on", "invoice__due_date"),
}


@dataclass(frozen=True, kw_only=True)
class Criteria:
    """Which rows one looks at; days are days late."""

    which: str = "today"
    words: str = ""
    level: int | None = None
    customer: int | None = None
    currency: str = ""
    tag: int | None = None
    min_amount: Decimal | None = None
    max_amount: Decimal | None = None
    min_days: int | None = None
    max_days: int | None = None
    # Only those that can soon no longer be claimed in court.
    limitation: int | None = None
    sort: str = ""
    # What was typed in a filter and is no amount or number: it keeps no row, since
    # whoever asked for a few must not be given all of them.
    unreadable: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def from_query(cls, query: Mapping[str, Any]) -> Self:
        """Return what an address asks for; what makes no sense is left out, but for
        what people type."""
        which = str(query.get("which", ""))
        typed = {name: str(query.get(name) or "").strip() for name in TYPED}
        read = {name: TYPED[name](text) for name, text in typed.items()}
        return cls(
            which=which if which in WHICH else "today",
            words=str(query.get("q", "")).strip(),
            level=_number(query.get("level")),
            customer=_number(query.get("customer")),
            currency=str(query.get("currency", ""))[:3].upper(),
            tag=_number(query.get("tag")),
            limitation=1 if query.get("limitation") else None,
            sort=str(query.get("sort", "")),
            unreadable={
                name: text
                for name, text in typed.items()
                if text and read[name] is None
            },
            **read,
        )

    def as_query(self) -> dict[str, str]:
        """Return the address that asks for the same."""
        said = {one.name: getattr(self, one.name) for one in fields(self)}
        said["q"] = said.pop("words")
        said |= said.pop("unreadable")
        return {name: str(value) for name, value in said.items() if value or value == 0}


def worklist(criteria: Criteria, *, today: date) -> QuerySet[Proposal]:
    """Return the rows, with all that the list shows of them."""
    return (
        _with_beside(_filtered(criteria, today=today))
        # Long, and shown nowhere: the database would carry them through its sort.
        .defer(*_LONG)
        .order_by(*_order(criteria.sort))
    )


def with_shown(rows: QuerySet[Proposal]) -> QuerySet[Proposal]:
    """Return rows with what a page of the list shows of them, and no other column:
    a hundred columns of fifty rows take a tenth of the page. One that is asked for
    later is read for all of them at once."""
    return _with_beside(rows).only(*_SHOWN).fetch_mode(FETCH_PEERS)


def _with_beside(rows: QuerySet[Proposal]) -> QuerySet[Proposal]:
    return rows.select_related(
        "invoice", "customer", "level", "chosen_level", "last", "chosen_by"
    )


def chosen_rows(criteria: Criteria, *, today: date) -> QuerySet[Proposal]:
    """Return all the rows of a filter, in no order and with nothing beside them."""
    return _filtered(criteria, today=today).order_by()


def chips(criteria: Criteria, *, today: date) -> dict[str, int]:
    """Return how many rows each filter has, the other criteria being the same."""
    found: dict[str, int] = _narrowed(criteria, today=today).aggregate(
        **{name: Count("pk", filter=_which(name, today=today)) for name in WHICH}
    )
    return found


@dataclass(frozen=True, kw_only=True)
class Totals:
    """All that is ticked in one currency, whatever the filter; in invoices."""

    currency: str
    letters: int
    registered: int
    emails: int
    pages: int
    amount: Decimal
    formal_notices: int
    invoices: int
    customers: int


def totals() -> list[Totals]:
    """Return what is ticked, by currency, in one query."""
    on_paper = Q(channel__in=(Channel.LETTER, Channel.REGISTERED))
    notice = Level.Kind.FORMAL_NOTICE
    rows = (
        Proposal.objects.ticked()
        .alias(kind=Coalesce("chosen_level__kind", "level__kind"))
        .order_by("invoice__currency")
        .values("invoice__currency")
        .annotate(
            letters=Count("pk", filter=Q(channel=Channel.LETTER)),
            registered=Count("pk", filter=Q(channel=Channel.REGISTERED)),
            emails=Count("pk", filter=Q(channel=Channel.EMAIL)),
            sheets=Sum("pages", filter=on_paper),
            amount=sum_of("invoice__balance"),
            formal_notices=Count("pk", filter=Q(kind=notice)),
            invoices=Count("pk"),
            customers=Count("customer", distinct=True),
        )
    )
    return [
        Totals(
            currency=row["invoice__currency"],
            letters=row["letters"],
            registered=row["registered"],
            emails=row["emails"],
            pages=row["sheets"] or 0,
            amount=row["amount"],
            formal_notices=row["formal_notices"],
            invoices=row["invoices"],
            customers=row["customers"],
        )
        for row in rows
    ]


def currencies() -> list[str]:
    """Return the currencies in which something is unpaid."""
    found = Proposal.objects.order_by().values_list("invoice__currency", flat=True)
    return sorted(found.distinct())


def next_day(*, today: date) -> date | None:
    """Return the first day on which another invoice comes to be reminded."""
    early = Proposal.objects.filter(
        standing=Standing.EARLY, possible_from__gt=today
    ).aggregate(day=Min("possible_from"))
    day: date | None = early["day"]
    return day


def _filtered(criteria: Criteria, *, today: date) -> QuerySet[Proposal]:
    narrowed = _narrowed(criteria, today=today)
    return narrowed.filter(_which(criteria.which, today=today))


def _which(name: str, *, today: date) -> Q:
    found = {
        "today": Q(standing=Standing.READY),
        "late": Q(invoice__due_date__lt=today),
        "held": Q(standing__in=(Standing.HELD, Standing.STOPPED)),
        "approval": Q(invoice__in=Approval.objects.waiting().values("invoice")),
        "reminded": Q(last__isnull=False),
        "ticked": ~Q(channel=""),
    }
    return found.get(name, Q(pk__isnull=False))


def _narrowed(criteria: Criteria, *, today: date) -> QuerySet[Proposal]:
    found: QuerySet[Proposal] = Proposal.objects.all()
    if criteria.unreadable:
        return found.none()
    if criteria.level is not None:
        level = criteria.level
        found = found.filter(
            Q(chosen_level=level) | Q(chosen_level__isnull=True, level=level)
        )
    exact = {
        "customer": criteria.customer,
        "invoice__currency": criteria.currency or None,
        "customer__tags": criteria.tag,
        "invoice__balance__gte": criteria.min_amount,
        "invoice__balance__lte": criteria.max_amount,
        "invoice__due_date__lte": _before(today, criteria.min_days),
        "invoice__due_date__gte": _before(today, criteria.max_days),
    }
    found = found.filter(
        **{name: value for name, value in exact.items() if value is not None}
    )
    if criteria.limitation:
        near = [one.invoice for one in limitations(today=today)]
        found = found.filter(invoice__in=near)
    return _matching(found, criteria.words)


def _matching(found: QuerySet[Proposal], words: str) -> QuerySet[Proposal]:
    """Keep the rows whose customer, number or reference has every word; a word that
    is an amount may also be the balance or the total."""
    for word in words_of(words):
        found = found.filter(
            said_in(word, "invoice__", "customer__")
            | amount_in(word, "invoice__balance", "invoice__total")
        )
    return found


def _order(sort: str) -> list[Any]:
    down, name = sort.startswith("-"), sort.removeprefix("-")
    first, *others = SORTS.get(name, SORTS["due"])
    column = F(first) if isinstance(first, str) else first
    order = column.desc(nulls_last=True) if down else column.asc(nulls_first=True)
    return [order, *others, "pk"]


def _before(today: date, days: int | None) -> date | None:
    if days is None:
        return None
    return today - timedelta(days=min(days, 100_000))


def _number(text: Any) -> int | None:
    said = str(text or "")
    return int(said) if said.isascii() and said.isdecimal() and len(said) < 10 else None


def chosen_since(instant: datetime, *, but: User) -> set[int]:
    """Return the proposals on which somebody else chose something since."""
    found = Proposal.objects.filter(chosen_at__gt=instant).exclude(chosen_by=but)
    return set(found.values_list("pk", flat=True))


# The filters that people type, and how each is read.
TYPED: Mapping[str, Callable[[Any], Any]] = {
    "min_amount": amount_of,
    "max_amount": amount_of,
    "min_days": _number,
    "max_days": _number,
}
