"""What the page of a mass reminder says of it in sentences."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from relance.queries.runs import Group, Progress, Stage


def stopped(progress: Progress) -> str:
    """Say what stopping it has kept from being made, or is still being made."""
    if progress.stage == Stage.STOPPING:
        count = progress.counts[Group.BEING_MADE]
        words = ngettext(
            "Stopping: the reminder of %(count)s invoice is still being made. Nothing "
            "else begins.",
            "Stopping: the reminders of %(count)s invoices are still being made. "
            "Nothing else begins.",
            count,
        )
        return words % {"count": count}
    if progress.stage != Stage.STOPPED:
        return ""
    return " ".join([_not_made(progress.to_make), *_held(progress)])


def _not_made(count: int) -> str:
    if not count:
        return _("Stopped: all its reminders had been made by then.")
    words = ngettext(
        "Stopped: the reminder of %(count)s invoice was not made.",
        "Stopped: the reminders of %(count)s invoices were not made.",
        count,
    )
    return words % {"count": count}


def _held(progress: Progress) -> Iterator[str]:
    if count := progress.counts[Group.QUEUED]:
        words = ngettext(
            "The e-mail of %(count)s invoice is ready, and does not leave.",
            "The e-mails of %(count)s invoices are ready, and do not leave.",
            count,
        )
        yield words % {"count": count}


def asides(progress: Progress) -> list[str]:
    """Say where the invoices are that were not reminded."""
    to_make, ready = progress.to_make, progress.counts[Group.QUEUED]
    cancelled, to_decide = progress.counts[Group.CANCELLED], progress.to_decide
    parts = (
        (to_make, ngettext("%(count)s to make", "%(count)s to make", to_make)),
        (
            ready,
            ngettext(
                "%(count)s ready, not sent yet", "%(count)s ready, not sent yet", ready
            ),
        ),
        (
            cancelled,
            ngettext("%(count)s cancelled", "%(count)s cancelled", cancelled),
        ),
        (
            to_decide,
            ngettext("%(count)s to look at", "%(count)s to look at", to_decide),
        ),
    )
    return [words % {"count": count} for count, words in parts if count]


def giving_up(progress: Progress) -> list[str]:
    """Say in numbers what giving up the rest does, and what it leaves."""
    to_make, ready = progress.to_make, progress.counts[Group.QUEUED]
    sent = progress.counts[Group.SENT]
    letters = progress.letters + progress.registered
    parts = (
        (
            to_make,
            ngettext(
                "The reminder of %(count)s invoice will not be made.",
                "The reminders of %(count)s invoices will not be made.",
                to_make,
            ),
        ),
        (
            ready,
            ngettext(
                "The e-mail of %(count)s invoice, ready, will not be sent.",
                "The e-mails of %(count)s invoices, ready, will not be sent.",
                ready,
            ),
        ),
        (
            letters,
            ngettext(
                "%(count)s letter already made stays; it may be cancelled until it is "
                "posted.",
                "%(count)s letters already made stay; each may be cancelled until it "
                "is posted.",
                letters,
            ),
        ),
        (
            sent,
            ngettext(
                "The e-mail of %(count)s invoice has left, and stays so.",
                "The e-mails of %(count)s invoices have left, and stay so.",
                sent,
            ),
        ),
    )
    return [words % {"count": count} for count, words in parts if count]
