"""The ticked proposals as the reminders that they would become, and by what the
worklist may be narrowed."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import BigIntegerField, F, Q, QuerySet, Value
from django.db.models.functions import Cast, Coalesce

from relance.models import Level, Proposal, Tag
from relance.rules import grouping


def reminder_counts(*, together: bool, today: date) -> Mapping[str, Counter[str]]:
    """Return, by currency, how many reminders of each channel the ticked invoices
    make. ``together``: one for the invoices of a customer, where they want it."""
    rows = list(
        Proposal.objects.ticked()
        .alias(rank=Coalesce("chosen_level__rank", "level__rank"))
        .order_by("customer__name", "customer", "invoice__due_date", "invoice__number")
        .values_list(
            "customer",
            "invoice__currency",
            "channel",
            F("rank"),
            Coalesce("chosen_level__kind", "level__kind"),
            "invoice__due_date",
            "customer__group_invoices",
        )
    )
    numbers = grouping.group(
        [
            grouping.Row(
                customer=customer,
                currency=currency,
                channel=channel,
                rank=rank or 0,
                is_formal_notice=kind == Level.Kind.FORMAL_NOTICE,
                overdue=due < today,
                together=wanted,
            )
            for customer, currency, channel, rank, kind, due, wanted in rows
        ],
        together=together,
    )
    found: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for _number, currency, channel in {
        (number, row[1], row[2]) for number, row in zip(numbers, rows, strict=True)
    }:
        found[currency][channel] += 1
    return found


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
