"""What a run is made of, counted in words."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from relance.models import Run, RunLine
from relance.queries.runs import Stage


def invoices(count: int) -> str:
    words = ngettext("%(count)s invoice", "%(count)s invoices", count)
    return words % {"count": count}


def sendings(
    *, letters: int = 0, registered: int = 0, emails: int = 0, ready: int = 0
) -> str:
    """Say how many letters and e-mails: "8 letters, 1 registered letter".

    ``ready``: e-mails that are made and have not left, told apart from the others.
    """
    return _listed(
        {
            ngettext("%(count)s letter", "%(count)s letters", letters): letters,
            ngettext(
                "%(count)s registered letter",
                "%(count)s registered letters",
                registered,
            ): registered,
            ngettext("%(count)s e-mail", "%(count)s e-mails", emails): emails,
            ngettext(
                "%(count)s e-mail (ready, not sent yet)",
                "%(count)s e-mails (ready, not sent yet)",
                ready,
            ): ready,
        }
    )


def stage(found: Stage) -> str:
    """Say where a run is, in a word or two."""
    if found == Stage.STOPPING:
        return pgettext("mass reminder", "stopping")
    if found == Stage.READY:
        return _("e-mails ready, not sent yet")
    return str(Run.State(found.value).label)


def outcome(by_state: Mapping[str, int], *, ready: int = 0) -> str:
    """Say what became of the invoices: "12 reminded, 1 left out". ``ready``: of
    those made, how many have an e-mail that has not left."""
    made = by_state.get(RunLine.State.MADE, 0) - ready
    out = by_state.get(RunLine.State.LEFT_OUT, 0)
    apart = by_state.get(RunLine.State.SET_APART, 0)
    return _listed(
        {
            ngettext(
                "%(count)s invoice reminded", "%(count)s invoices reminded", made
            ): made,
            ngettext(
                "%(count)s invoice whose e-mail is ready, not sent yet",
                "%(count)s invoices whose e-mails are ready, not sent yet",
                ready,
            ): ready,
            ngettext(
                "%(count)s invoice left out", "%(count)s invoices left out", out
            ): out,
            ngettext(
                "%(count)s invoice set apart", "%(count)s invoices set apart", apart
            ): apart,
        }
    )


def _listed(parts: Mapping[str, int]) -> str:
    said = [words % {"count": count} for words, count in parts.items() if count]
    return ", ".join(said) or _("nothing")
