"""When an invoice that is known may be changed by a file that says otherwise."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from relance.models import Invoice, Source
from relance.services.import_values import LABELS

# What payments and credit notes rest on.
SETTLED = frozenset({"total", "currency", "kind", "customer_id"})


def in_words(changed: Sequence[str]) -> str:
    """Name the columns that differ, as people do."""
    return ", ".join(str(LABELS[name]) for name in changed)


def why_conflict(
    known: Invoice, changed: Sequence[str], *, reminded: bool, settled: bool
) -> str:
    """Return why a file that differs waits for somebody, empty when it may change the
    invoice: nothing was typed, sent or settled that rests on what it said."""
    said = {"number": known.number, "what": in_words(changed)}
    if known.source == Source.HAND:
        words = _(
            "Invoice %(number)s was entered by hand and says otherwise: %(what)s."
        )
        return words % said
    if reminded:
        words = _(
            "Invoice %(number)s was already reminded and the file differs: %(what)s."
        )
        return words % said
    if settled and SETTLED & set(changed):
        words = _(
            "Invoice %(number)s is partly settled and the file differs: %(what)s."
        )
        return words % said
    return ""
