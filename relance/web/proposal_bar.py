"""The bar under *Relance massive*: all that is ticked, and what the button will do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from django.utils.translation import ngettext

from relance.models import Channel
from relance.queries.company import company
from relance.queries.ticked import joined
from relance.queries.worklist import Totals, totals
from relance.web.http import WebRequest

GROUPED = "group_by_customer"


@dataclass(frozen=True, kw_only=True)
class Bar:
    """What is ticked, by currency, whoever ticked it and whatever is filtered."""

    # Letters, registered letters and e-mails are counted as reminders, not invoices.
    sums: Sequence[Totals]
    grouped: bool

    @property
    def invoices(self) -> int:
        return sum(one.invoices for one in self.sums)

    @property
    def letters(self) -> int:
        return sum(one.letters for one in self.sums)

    @property
    def registered(self) -> int:
        return sum(one.registered for one in self.sums)

    @property
    def emails(self) -> int:
        return sum(one.emails for one in self.sums)

    @property
    def notices(self) -> int:
        return sum(one.formal_notices for one in self.sums)

    @property
    def reminders(self) -> int:
        return self.letters + self.registered + self.emails

    @property
    def button(self) -> str:
        """What the button will do, in numbers."""
        words = ngettext(
            "Launch %(count)s reminder (%(how)s)",
            "Launch %(count)s reminders (%(how)s)",
            self.reminders,
        )
        return words % {"count": self.reminders, "how": self.how}

    @property
    def how(self) -> str:
        parts = (
            (self.letters, ngettext("%(n)s letter", "%(n)s letters", self.letters)),
            (
                self.registered,
                ngettext("%(n)s registered", "%(n)s registered", self.registered),
            ),
            (self.emails, ngettext("%(n)s e-mail", "%(n)s e-mails", self.emails)),
        )
        return ", ".join(words % {"n": count} for count, words in parts if count)


def read_bar(*, grouped: bool, today: date) -> Bar:
    """Return the bar; a customer's card may group what the run does not."""
    sums = totals()
    if sums:
        fewer = joined(together=grouped, today=today)
        sums = [_as_reminders(one, fewer[one.currency]) for one in sums]
    return Bar(sums=sums, grouped=grouped)


def is_grouped(request: WebRequest, *, usual: bool | None = None) -> bool:
    """Say whether invoices of a customer travel together: as this person chose,
    else as the company does (``usual``, where it was read already)."""
    chosen = request.session.get(GROUPED)
    if chosen is not None:
        return bool(chosen)
    return company().group_by_customer if usual is None else usual


def _as_reminders(one: Totals, fewer: Counter[str]) -> Totals:
    letters = fewer[Channel.LETTER.value]
    registered = fewer[Channel.REGISTERED.value]
    return replace(
        one,
        letters=one.letters - letters,
        registered=one.registered - registered,
        emails=one.emails - fewer[Channel.EMAIL.value],
        # One page of letter less for each invoice that travels with another.
        pages=one.pages - letters - registered,
    )
