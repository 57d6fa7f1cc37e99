"""How the list of *Relance massive* is narrowed, and what to say when it is empty."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from relance.gateways import wording
from relance.models import Customer, Level
from relance.queries.procedures import ProcedureSteps
from relance.queries.ticked import narrowing_choices
from relance.queries.worklist import Criteria, chips, next_day
from relance.web.forms import AmountField

CHIPS = {
    "today": gettext_lazy("To remind today"),
    "late": gettext_lazy("Late"),
    "unpaid": gettext_lazy("All unpaid"),
    "held": gettext_lazy("Held back"),
    "approval": gettext_lazy("Agreement awaited"),
    "reminded": gettext_lazy("Already reminded"),
}
NARROWING = frozenset(
    {
        "level",
        "currency",
        "tag",
        "min_amount",
        "max_amount",
        "min_days",
        "max_days",
        "limitation",
    }
)
# Where a field itself would read what the list does not.
UNREADABLE = gettext_lazy(
    "This cannot be read. Examples: 1234,56 for an amount, 30 for days."
)


@dataclass(frozen=True, kw_only=True)
class Chip:
    name: str
    label: str
    count: int
    current: bool


@dataclass(frozen=True, kw_only=True)
class Nothing:
    """What to say where no line is, and where to look instead."""

    icon: str
    title: str
    text: str = ""
    links: tuple[tuple[str, str], ...] = ()


class DaysField(forms.IntegerField):
    """A number of days, typed as text: a browser's own field for numbers gives
    nothing back where it cannot read, and shows nothing of it."""

    def __init__(self, **options: Any) -> None:
        attributes = {"inputmode": "numeric", "autocomplete": "off"}
        widget = forms.TextInput(attrs=attributes)
        super().__init__(min_value=0, required=False, widget=widget, **options)


class NarrowingForm(forms.Form):
    """More filters, each left empty unless wanted."""

    min_amount = AmountField(label=gettext_lazy("Balance from"), required=False)
    max_amount = AmountField(label=gettext_lazy("Balance up to"), required=False)
    min_days = DaysField(label=gettext_lazy("Days late from"))
    max_days = DaysField(label=gettext_lazy("Days late up to"))
    limitation = forms.BooleanField(
        label=gettext_lazy("Limitation period near its end"),
        required=False,
        widget=forms.CheckboxInput(attrs={"value": "1"}),
    )


class Filters:
    """The chips with their counts, the other filters, the words of an empty list."""

    def __init__(
        self, criteria: Criteria, steps: ProcedureSteps, *, today: date
    ) -> None:
        self._criteria = criteria
        self._steps = steps
        self._today = today

    @cached_property
    def counts(self) -> Mapping[str, int]:
        """How many lines each chip leads to; that in use, how many are listed."""
        return chips(self._criteria, today=self._today)

    @cached_property
    def chips(self) -> list[Chip]:
        counts, which = self.counts, self._criteria.which
        labels = dict(CHIPS)
        if which == "ticked":
            labels["ticked"] = gettext_lazy("Ticked")
        return [
            Chip(
                name=name,
                label=str(label),
                count=counts.get(name, 0),
                current=name == which,
            )
            for name, label in labels.items()
            # Most firms never ask anybody.
            if name != "approval" or counts.get(name) or name == which
        ]

    @cached_property
    def narrowed(self) -> int:
        """How many of the other filters are in use."""
        return len(NARROWING & self._criteria.as_query().keys())

    @cached_property
    def customer(self) -> Customer | None:
        """The customer whose invoices alone are shown."""
        if self._criteria.customer is None:
            return None
        return Customer.objects.filter(pk=self._criteria.customer).first()

    @cached_property
    def form(self) -> NarrowingForm:
        asked = self._criteria.as_query()
        # Bound only where something is said beside a field.
        bound = asked if self._criteria.unreadable else None
        form = NarrowingForm(bound, initial=asked)
        found = narrowing_choices()
        levels = [(str(level.pk), level.name) for level in self._levels]
        codes = [(code, code) for code in found.currencies]
        tags = [(str(pk), name) for pk, name in found.tags]
        if levels:
            form.fields["level"] = _choice(_("Level"), _("All levels"), levels)
        if len(codes) > 1:
            form.fields["currency"] = _choice(_("Currency"), _("All currencies"), codes)
        if tags:
            form.fields["tag"] = _choice(_("Tag"), _("All tags"), tags)
        form.order_fields(["level"])
        for name in self._criteria.unreadable:
            if name not in form.errors:
                form.add_error(name, str(UNREADABLE))
        return form

    @property
    def _levels(self) -> list[Level]:
        """The levels of every procedure, lowest rank first."""
        found = {
            step.level.rank: step.level
            for steps in self._steps.by_procedure.values()
            for step in steps
        }
        return [found[rank] for rank in sorted(found)]

    @property
    def nothing(self) -> Nothing:
        """What to say, when there is no line."""
        criteria = self._criteria
        if criteria.unreadable:
            query = criteria.as_query()
            kept = {
                name: query[name] for name in query if name not in criteria.unreadable
            }
            return Nothing(
                icon="search-x",
                title=_("A filter cannot be read: no line is shown"),
                text=_("Correct it, or do without it."),
                links=((_address(kept), _("Without this filter")),),
            )
        if criteria.words or self.narrowed or criteria.customer:
            bare = _address({"which": criteria.which})
            return Nothing(
                icon="search-x",
                title=_("No line matches these filters"),
                links=(*self._elsewhere(), (bare, _("Without these filters"))),
            )
        if criteria.which == "ticked":
            return Nothing(
                icon="square-check",
                title=_("Nothing is ticked"),
                links=tuple(self._elsewhere()),
            )
        if criteria.which == "today":
            return Nothing(
                icon="circle-check",
                title=_("Nothing to remind today"),
                text=self._when_next(),
                links=tuple(self._elsewhere()),
            )
        return Nothing(
            icon="circle-check",
            title=_("No invoice here"),
            links=tuple(self._elsewhere()),
        )

    def _when_next(self) -> str:
        day = next_day(today=self._today)
        if day is None:
            return _("No other reminder is planned.")
        return _("The next ones will be on %(day)s.") % {"day": wording.short_date(day)}

    def _elsewhere(self) -> Iterator[tuple[str, str]]:
        """Yield where the same criteria find something."""
        for chip in self.chips:
            if chip.count and not chip.current:
                query = self._criteria.as_query() | {"which": chip.name}
                yield _address(query), f"{chip.label} ({chip.count})"


def _address(query: Mapping[str, str]) -> str:
    return f"{reverse('proposals')}?{urlencode(query)}"


def _choice(
    label: str, everything: str, choices: Sequence[tuple[str, str]]
) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label, choices=[("", everything), *choices], required=False
    )
