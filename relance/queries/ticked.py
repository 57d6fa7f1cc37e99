"""The ticked proposals as the reminders that they would become, and by what the
worklist may be narrowed."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from django.db.models import (
    BigIntegerField,
    BooleanField,
    Case,
    Count,
    ExpressionWrapper,
    Q,
    QuerySet,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce

from relance.models import Level, Proposal, Tag
from relance.rules import grouping


def fingerprint(invoices: Iterable[int]) -> str:
    """Return what tells these invoices from any others, whatever their order."""
    said = ",".join(str(pk) for pk in sorted(invoices))
    return hashlib.sha256(said.encode()).hexdigest()


def ticked_fingerprint() -> str:
    """Return the fingerprint of the invoices that are ticked."""
    found = Proposal.objects.ticked().order_by()
    return fingerprint(found.values_list("invoice", flat=True))


def joined(*, together: bool, today: date) -> Mapping[str, Counter[str]]:
    """Return, by currency, how many fewer reminders of each channel than ticked
    invoices there will be. ``together``: one for the invoices of a customer, where
    they want it."""
    kind = Coalesce("chosen_level__kind", "level__kind")
    rank = Coalesce("chosen_level__rank", "level__rank")
    overdue = ExpressionWrapper(
        Q(invoice__due_date__lt=today), output_field=BooleanField()
    )
    # Whatever is alone of its kind is a reminder by itself.
    alike = (
        Proposal.objects.ticked()
        .order_by()
        .alias(kind=kind)
        .annotate(
            # Of firmness, only that of notices tells reminders apart.
            notice=Case(When(kind=Level.Kind.FORMAL_NOTICE, then=rank)),
            overdue=overdue,
        )
        .values_list(
            # First: the database compares most rows by that alone.
            "customer",
            "invoice__currency",
            "channel",
            "customer__group_invoices",
            "notice",
            "overdue",
        )
        .annotate(n=Count("pk"))
        .filter(n__gt=1)
    )
    found: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for _customer, currency, channel, wanted, notice, late, n in alike:
        made = _reminders(n, wanted, notice, overdue=late, together=together)
        found[currency][channel] += n - made
    return found


@lru_cache(maxsize=1024)
def _reminders(
    count: int,
    wanted: bool | None,
    notice: int | None,
    *,
    overdue: bool,
    together: bool,
) -> int:
    """Return how many reminders so many invoices of one customer make."""
    row = grouping.Row(
        customer=0,
        currency="",
        channel="",
        rank=notice or 0,
        is_formal_notice=notice is not None,
        overdue=overdue,
        together=wanted,
    )
    return max(grouping.group([row] * count, together=together))


@dataclass(frozen=True, kw_only=True)
class NarrowingChoices:
    """What the worklist may be narrowed to."""

    currencies: Sequence[str]
    tags: Sequence[tuple[int, str]]


def narrowing_choices() -> NarrowingChoices:
    """Read the currencies of unpaid invoices and the tags, in one query."""
    # PostgreSQL wants to be told the type of nothing.
    no_tag = Cast(Value(None), BigIntegerField())
    currencies = (
        Proposal.objects.order_by()
        .annotate(tag=no_tag)
        .values_list("tag", "invoice__currency")
        .distinct()
    )
    tags = Tag.objects.order_by().values_list("pk", "name")
    found = sorted(currencies.union(tags), key=lambda pair: pair[1])
    return NarrowingChoices(
        currencies=[name for pk, name in found if pk is None],
        tags=[(pk, name) for pk, name in found if pk is not None],
    )


def ticked_notices() -> QuerySet[Proposal]:
    """Return the ticked formal notices, the largest balance first."""
    kind = Level.Kind.FORMAL_NOTICE
    return (
        Proposal.objects.ticked()
        .filter(Q(chosen_level__kind=kind) | Q(chosen_level=None, level__kind=kind))
        .select_related("invoice", "customer", "level", "chosen_level")
        .order_by("-invoice__balance", "invoice__number")
    )
