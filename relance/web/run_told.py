"""What the page of a mass reminder says of it in sentences."""

from __future__ import annotations

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
    if not progress.to_make:
        return _("Stopped: all its reminders had been made by then.")
    words = ngettext(
        "Stopped: the reminder of %(count)s invoice was not made.",
        "Stopped: the reminders of %(count)s invoices were not made.",
        progress.to_make,
    )
    return words % {"count": progress.to_make}
