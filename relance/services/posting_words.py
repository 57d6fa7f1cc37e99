"""Sentences about the journey of a letter: what is wrong, what was recorded."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from relance.gateways.wording import short_date
from relance.models import Posting, Reminder
from relance.rules import journeys, number_lines, registered_numbers
from relance.rules.registered_numbers import spaced

type Words = dict[str, Callable[[], str]]

_JOURNEY: Words = {
    journeys.Fault.POSTED_BEFORE_MADE: lambda: _(
        "A letter cannot be posted before it was made."
    ),
    journeys.Fault.IN_THE_FUTURE: lambda: _("This day has not come yet."),
    journeys.Fault.BEFORE_POSTED: lambda: _("The letter was not posted yet that day."),
    journeys.Fault.BEFORE_PRESENTED: lambda: _(
        "The letter was first presented after that day."
    ),
    journeys.Fault.NO_REASON: lambda: _("Say why the letter came back."),
    journeys.Fault.NO_RETURN: lambda: _("Say on which day the letter came back."),
    journeys.Fault.DELIVERED_AND_RETURNED: lambda: _(
        "A letter is either delivered or returned: leave one of the two days empty."
    ),
    journeys.Fault.PRESENTED_NOWHERE: lambda: _(
        "A letter returned as “not at this address” was presented to nobody: leave "
        "this day empty."
    ),
}
_NUMBER: Words = {
    registered_numbers.Fault.NOT_A_NUMBER: lambda: _(
        "This is no registered number. Examples: 1A 123 456 7890 1, RK 123 456 785 FR."
    ),
    registered_numbers.Fault.SHAPE: lambda: _(
        "This number is not complete, or too long: La Poste's have 13 to 15 "
        "characters, such as 1A 123 456 7890 1."
    ),
    registered_numbers.Fault.CHECK_DIGIT: lambda: _(
        "This number is mistyped: its check digit does not agree."
    ),
    registered_numbers.Fault.TOO_LONG: lambda: _(
        "This number is too long: 30 characters at most."
    ),
}
_LINE: Words = {
    number_lines.Fault.NOT_A_DAY: lambda: _("A day is not in the calendar."),
    number_lines.Fault.NOT_A_REASON: lambda: _(
        "The reason of the return is not understood: NPAI, unclaimed or refused."
    ),
    number_lines.Fault.NOT_A_REFERENCE: lambda: _(
        "The reference is not understood. Example: R-00431."
    ),
    number_lines.Fault.TOO_MUCH: lambda: _(
        "This line says too much: one letter and three days at most."
    ),
    number_lines.Fault.NOTHING: lambda: _("This line gives neither number nor day."),
    number_lines.Fault.SAME_NUMBER: lambda: _(
        "The same number came before: it is counted once."
    ),
    number_lines.Fault.SAME_REFERENCE: lambda: _(
        "The same letter came before: its first line counts."
    ),
}


def journey_fault(fault: journeys.Fault) -> str:
    """Say what cannot be true of a journey."""
    return _JOURNEY[fault]()


def line_fault(fault: str) -> str:
    """Say why a number or a pasted line cannot be used."""
    return (_NUMBER | _LINE)[fault]()


def what_changed(reminder: Reminder, before: Posting | None, after: Posting) -> str:
    """Return the sentence of the history; empty when nothing is new."""
    facts = list(_facts(before, after))
    if not facts:
        return ""
    said = {"reference": reminder.reference, "facts": ", ".join(facts)}
    return _("Letter %(reference)s: %(facts)s.") % said


def _facts(before: Posting | None, after: Posting) -> Iterator[str]:
    for name, words in _FACTS.items():
        old, new = getattr(before, name, None) or "", getattr(after, name) or ""
        if old == new:
            continue
        if not new:
            yield _GONE[name]() % {"before": _shown(old)}
        elif old:
            yield _("%(fact)s (before: %(before)s)") % {
                "fact": words() % {"value": _shown(new)},
                "before": _shown(old),
            }
        else:
            yield words() % {"value": _shown(new)}


def _shown(value: object) -> str:
    if isinstance(value, date):
        return short_date(value)
    text = str(value)
    if text in Posting.Return.values:
        return str(Posting.Return(text).label)
    return spaced(text)


_FACTS: Words = {
    "posted_on": lambda: _("posted on %(value)s"),
    "registered_number": lambda: pgettext("letter", "number %(value)s"),
    "presented_on": lambda: _("first presented on %(value)s"),
    "delivered_on": lambda: _("delivered on %(value)s"),
    "returned_on": lambda: _("returned on %(value)s"),
    "return_reason": lambda: pgettext("returned letter", "reason: %(value)s"),
}
_GONE: Words = {
    "registered_number": lambda: _("number %(before)s taken back"),
    "presented_on": lambda: _("presentation of %(before)s taken back"),
    "delivered_on": lambda: _("delivery of %(before)s taken back"),
    "returned_on": lambda: _("return of %(before)s taken back"),
    "return_reason": lambda: _("reason “%(before)s” taken back"),
}
