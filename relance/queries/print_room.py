"""The letters of a run as the one who prints them sees them."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Q, Sum

from relance.models import Channel, Reminder, Run


@dataclass(frozen=True, kw_only=True)
class PrintRoom:
    """How many letters there are, and whether their file is ready."""

    run: Run
    letters: int
    # Pages of the letters, without the cover and blank pages.
    letter_pages: int
    to_post: int
    # Of these, registered letters.
    registered_to_post: int

    @property
    def ready(self) -> bool:
        return bool(self.run.print_file)

    @property
    def sheets(self) -> int:
        """Sheets of paper in the file as it is printed."""
        pages = self.run.print_pages or 0
        return (pages + 1) // 2 if self.run.print_duplex else pages

    @property
    def at_rest(self) -> bool:
        """Whether the file can be made: nothing more is added for now."""
        return self.run.state not in (Run.State.APPROVED, Run.State.WORKING)


def print_room(run: Run) -> PrintRoom:
    """Return the print room of a run."""
    made = Q(channel=Channel.LETTER, state__in=("made", "posted"))
    waiting = Q(state=Reminder.State.MADE)
    found = run.reminders.aggregate(
        letters=Count("pk", filter=made),
        letter_pages=Sum("document__pages", filter=made),
        to_post=Count(
            "pk",
            filter=waiting & Q(channel__in=(Channel.LETTER, Channel.REGISTERED)),
        ),
        registered=Count("pk", filter=waiting & Q(channel=Channel.REGISTERED)),
    )
    return PrintRoom(
        run=run,
        letters=found["letters"],
        letter_pages=found["letter_pages"] or 0,
        to_post=found["to_post"],
        registered_to_post=found["registered"],
    )
