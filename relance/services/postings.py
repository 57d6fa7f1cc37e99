"""Postings: letters marked as posted, and the news of their journey."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import batched

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from relance.gateways.wording import short_date
from relance.models import Channel, Company, Posting, PostingProof, Reminder, User
from relance.queries.needless import Owed, owed_of
from relance.rules.journeys import Fault
from relance.services import history, proofs
from relance.services.documents import NewFile
from relance.services.history import About
from relance.services.posting_changes import (
    CHUNK,
    LETTERS,
    Change,
    News,
    Recorded,
    check_news,
    locked,
    posting_of,
    why_not_a_letter,
    why_not_posted,
    write,
)
from relance.services.posting_words import journey_fault
from relance.services.refusal import Refused


@dataclass(frozen=True, kw_only=True)
class Marked:
    """How many letters were marked, and why the others were not: (reference, why)."""

    done: int
    left: list[tuple[str, str]]
    # References of letters left because nothing is owed of them any more.
    needless: list[str] = field(default_factory=list)
    # How many registered letters were left because they were not asked for.
    registered: int = 0


@transaction.atomic
def mark_many_posted(
    reminder_ids: Iterable[int],
    *,
    posted_on: date,
    one_by_one: bool = True,
    registered: bool = True,
    by: User | None,
    now: datetime,
) -> Marked:
    """Mark letters as posted, all that may be: from then on none can be cancelled.

    Those that cannot be (cancelled, posted already, made later) are left, with the
    reason. Unless each was chosen ``one_by_one``, those of which nothing is owed any
    more are left too: they should not have left. Without ``registered``, so are
    registered letters: their delays run from that day. Raises Refused for a day that
    has not come.
    """
    if posted_on > timezone.localdate(now):
        raise Refused(journey_fault(Fault.IN_THE_FUTURE), field="posted_on")
    done = 0
    left: list[tuple[str, str]] = []
    needless: list[str] = []
    apart = 0
    for ids in batched(dict.fromkeys(reminder_ids), CHUNK):
        changes = []
        for reminder in locked(ids):
            if why := why_not_posted(reminder, posted_on=posted_on):
                left.append((reminder.reference, why))
            elif not one_by_one and owed_of(reminder) == Owed.NONE:
                needless.append(reminder.reference)
            elif not registered and reminder.channel == Channel.REGISTERED:
                apart += 1
            else:
                news = News(posted_on=posted_on)
                changes.append(Change(reminder=reminder, news=news))
        write(changes, by=by, now=now)
        done += len(changes)
    return Marked(done=done, left=left, needless=needless, registered=apart)


@transaction.atomic
def mark_posted(
    reminder: Reminder,
    *,
    posted_on: date,
    registered_number: str = "",
    by: User | None,
    now: datetime,
) -> Posting:
    """Mark a letter as posted, with its registered number if it is known."""
    [found] = locked([reminder.pk])
    if found.state != Reminder.State.MADE or found.channel not in LETTERS:
        raise Refused(_("Only a letter that was made and not cancelled is posted."))
    news = News(posted_on=posted_on, registered_number=registered_number)
    return record_news(reminder, news, by=by, now=now).posting


@transaction.atomic
def record_news(
    reminder: Reminder,
    news: News,
    files: Sequence[NewFile] = (),
    *,
    by: User | None,
    now: datetime,
) -> Recorded:
    """Record all that is known of a letter's journey, with scans (``proofs.checked``).

    A letter that was not posted yet is from now on. A letter returned from a wrong
    address makes that address unusable until it is corrected; taking such a return
    back makes it usable again. Raises Refused, with the field at fault.
    """
    # Two letters with one number: the second waits here, then sees the first.
    Company.objects.select_for_update(no_key=True).first()
    [found] = locked([reminder.pk])
    if why := why_not_a_letter(found):
        raise Refused(why)
    news = check_news(news, found, now=now)
    _check_own_number(news.registered_number, found)
    [done] = write([Change(reminder=found, news=news)], by=by, now=now)
    _keep(done.posting, found, files, by=by, now=now)
    return done


@transaction.atomic
def take_back(reminder: Reminder, *, by: User | None, now: datetime) -> None:
    """Say that a letter was marked as posted by mistake: it waits to be posted again.

    Raises Refused once the post gave news of it, a proof is kept, or a later reminder
    of its invoices was made on the strength of it.
    """
    [found] = locked([reminder.pk])
    posting = posting_of(found)
    if posting is None or found.state != Reminder.State.POSTED:
        raise Refused(_("This letter is not marked as posted."))
    if posting.presented_on or posting.delivered_on or posting.returned_on:
        raise Refused(_("The post gave news of this letter: it did leave."))
    if posting.proofs.exists():
        raise Refused(_("A proof of this letter is kept: it did leave."))
    invoices = [line.invoice_id for line in found.lines.all()]
    later = (
        Reminder.objects.filter(lines__invoice__in=invoices, number__gt=found.number)
        .exclude(state=Reminder.State.CANCELLED)
        .exclude(channel=Channel.NONE)
        .first()
    )
    if later is not None:
        raise Refused(
            _("Reminder %(reference)s was made after it: it stays posted.")
            % {"reference": later.reference}
        )
    words = _("Letter %(reference)s: not posted on %(day)s after all.") % {
        "reference": found.reference,
        "day": short_date(posting.posted_on),
    }
    posting.delete()
    Reminder.objects.filter(pk=found.pk).update(state=Reminder.State.MADE)
    history.record("posting.taken_back", words, about=About.of(found), by=by, at=now)


def _check_own_number(number: str, reminder: Reminder) -> None:
    same = Posting.objects.filter(registered_number=number).exclude(reminder=reminder)
    other = same.select_related("reminder").first() if number else None
    if other is not None:
        raise Refused(
            _("This number is already that of letter %(reference)s.")
            % {"reference": other.reminder.reference},
            field="registered_number",
        )


def _keep(
    posting: Posting,
    reminder: Reminder,
    files: Sequence[NewFile],
    *,
    by: User | None,
    now: datetime,
) -> list[PostingProof]:
    kept = proofs.keep(posting, files, by=by, now=now)
    if kept:
        words = ngettext(
            "Letter %(reference)s: proof kept, %(names)s.",
            "Letter %(reference)s: proofs kept, %(names)s.",
            len(kept),
        ) % {
            "reference": reminder.reference,
            "names": ", ".join(proof.document.name for proof in kept),
        }
        history.record("posting.proof", words, about=About.of(reminder), by=by, at=now)
    return kept
