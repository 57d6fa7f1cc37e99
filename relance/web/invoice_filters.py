"""The filters of the list of invoices: those chosen from, those led to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from urllib.parse import urlencode

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from relance.gateways import wording
from relance.queries import invoices as queries
from relance.queries.ageing import Age
from relance.queries.invoices import Criteria
from relance.services import proposals

# The lists that one chooses from, always shown.
CHIPS: Mapping[str, str | Promise] = {
    "unpaid": gettext_lazy("Unpaid"),
    "late": gettext_lazy("Late"),
    "held": gettext_lazy("Suspended"),
    "credits": gettext_lazy("Credit notes"),
    "settled": gettext_lazy("Settled or closed"),
    "all": gettext_lazy("All"),
}

AGES: Mapping[Age, str | Promise] = {
    Age.NOT_DUE: gettext_lazy("Not due"),
    Age.TO_30: gettext_lazy("1–30 days late"),
    Age.TO_60: gettext_lazy("31–60 days late"),
    Age.TO_90: gettext_lazy("61–90 days late"),
    Age.OVER_90: gettext_lazy("More than 90 days late"),
}


LED_TO: Mapping[str, str | Promise] = {
    **{age.value: label for age, label in AGES.items()},
    "paid": gettext_lazy("Paid in full"),
    "notice_over": gettext_lazy("Formal notice: time is up"),
    "hold_ending": gettext_lazy("Suspension ends within 7 days"),
    "promise_broken": gettext_lazy("Promise not kept"),
    "limitation_near": gettext_lazy("Limitation period near its end"),
}


@dataclass(frozen=True, kw_only=True)
class Chip:
    """A list that one may choose, and how many invoices it has."""

    name: str
    label: str
    count: int
    current: bool


@dataclass(frozen=True, kw_only=True)
class Narrowing:
    """What the list is narrowed to, and the address of the list without it."""

    label: str
    without: str


def asked(query: Mapping[str, str], *, today: date) -> Criteria:
    """Read the address of a list; the proposals that it reads are brought up to
    date, as the dashboard's were."""
    criteria = Criteria.from_query(query)
    if criteria.which == "notice_over":
        proposals.refresh(today=today)
    return criteria


def chips(which: str, *, today: date) -> list[Chip]:
    """Return the lists to choose from."""
    count = queries.counts(today=today)
    return [
        Chip(name=name, label=str(label), count=count[name], current=name == which)
        for name, label in CHIPS.items()
    ]


def narrowed(criteria: Criteria) -> list[Narrowing]:
    """Return what another page led to: shown, so that it can be taken away."""
    found: list[Narrowing] = []
    if criteria.which in LED_TO:
        label = str(LED_TO[criteria.which])
        found.append(_narrowing(label, replace(criteria, which="unpaid")))
    if criteria.paid_from is not None:
        label = _("Paid from %(day)s") % {"day": wording.short_date(criteria.paid_from)}
        found.append(_narrowing(label, replace(criteria, paid_from=None)))
    if criteria.paid_to is not None:
        label = _("Paid until %(day)s") % {"day": wording.short_date(criteria.paid_to)}
        found.append(_narrowing(label, replace(criteria, paid_to=None)))
    if criteria.currency:
        without = replace(criteria, currency="")
        found.append(_narrowing(criteria.currency, without))
    return found


def _narrowing(label: str, without: Criteria) -> Narrowing:
    return Narrowing(label=label, without=f"?{urlencode(without.as_query())}")
