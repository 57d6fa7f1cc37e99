"""The proposals as people work on them: touched, brought up to date, chosen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from itertools import batched
from types import EllipsisType

from django.db import transaction
from django.utils.translation import gettext as _

from relance.models import Channel, Level, Proposal, User
from relance.queries.worklist import Criteria, chosen_rows
from relance.rules.escalation import Code, Reason
from relance.rules.permissions import Action
from relance.services.proposal_answers import Answer, Answers
from relance.services.proposal_decisions import (
    refresh,
    take_over,
    unpaid,
)
from relance.services.reasons import in_words
from relance.services.refusal import Refused
from relance.services.touching import touch, touch_all

__all__ = [
    "Choice",
    "How",
    "Ticked",
    "choose",
    "refresh",
    "tick_all",
    "touch",
    "touch_all",
]

Standing = Proposal.Standing

# Rows written in one statement.
CHUNK = 5_000


class How(StrEnum):
    """How all the rows of a filter are ticked."""

    LETTERS = "letters"
    EMAILS = "emails"
    PREFERRED = "preferred"
    NONE = "none"


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What somebody changes on a row; ``None`` leaves it as it is.

    ``channel``: empty unticks. ``level``: the id of a level. ``next_on``: ``None``
    goes back to the date that is prefilled. ``overrides``: each soft reason against
    with why one reminds all the same. A formal notice ticked as a letter is a
    registered one, unless ``plain_letter``.
    """

    channel: str | None = None
    level: int | None = None
    note: str | None = None
    next_on: date | EllipsisType | None = ...
    overrides: Mapping[str, str] | None = None
    plain_letter: bool = False


@dataclass(frozen=True, kw_only=True)
class Ticked:
    """How many rows are as one asked, and how many were left alone."""

    ticked: int
    left: int


@transaction.atomic
def choose(
    pk: int, choice: Choice, *, by: User | None, now: datetime, today: date
) -> Proposal:
    """Change what is chosen for one invoice, and return its row.

    Raises Refused, with nothing changed, when the row may not be reminded so: it
    says what stands against it. Of two people who choose at once the last one wins.
    """
    row = Proposal.objects.select_for_update(of=("self",)).filter(pk=pk).first()
    invoice = unpaid([row.invoice_id]).get(row.invoice_id) if row else None
    if row is None or invoice is None:
        raise Refused(_("This invoice is no longer to be reminded: it was settled."))
    wanted = choice.level or row.chosen_level_id
    answers = Answers(
        [invoice], wanted={invoice.pk: [wanted] if wanted else []}, today=today
    )
    if choice.level is not None:
        _choose_level(row, choice.level, answers.proposed(invoice))
        if row.chosen_level_id and answers.step(invoice, row.chosen_level_id) is None:
            raise Refused(
                _("This level was reached already, or is not in the procedure."),
                field="level",
            )
    answer = answers.answer(invoice, answers.step(invoice, row.chosen_level_id))
    take_over(row, answer)
    _write_down(row, choice, today=today)
    _tick(row, choice, answer, by=by, currency=invoice.currency)
    row.chosen_by, row.chosen_at = by, now
    row.save()
    return row


def _choose_level(row: Proposal, level_id: int, proposed: object) -> None:
    same = getattr(proposed, "level_id", None) == level_id
    row.chosen_level_id = None if same else level_id


def _write_down(row: Proposal, choice: Choice, *, today: date) -> None:
    if choice.note is not None:
        row.note = choice.note.strip()
    if not isinstance(choice.next_on, EllipsisType):
        if choice.next_on is not None and choice.next_on < today:
            raise Refused(
                _("The next reminder cannot be in the past."), field="next_on"
            )
        row.next_on = choice.next_on


def _tick(
    row: Proposal, choice: Choice, answer: Answer, *, by: User | None, currency: str
) -> None:
    if choice.overrides is not None:
        row.overrides = _checked(choice.overrides, answer, by=by)
    channel = row.channel if choice.channel is None else choice.channel
    row.channel = _as_notice(channel, answer, plain=choice.plain_letter)
    if not row.channel:
        return
    reasons = in_the_way(row, answer)
    if not reasons:
        return
    if choice.channel:
        words = " ".join(in_words(one, currency=currency) for one in reasons)
        raise Refused(words, field="channel")
    # Another level, or an override taken back: the tick no longer stands.
    row.channel = ""


def in_the_way(row: Proposal, answer: Answer) -> Sequence[Reason]:
    """Return what keeps a row from being ticked as it is."""
    trouble = answer.trouble(row.channel)
    soft = [one for one in answer.soft() if one.code.value not in row.overrides]
    found = {one.code: one for one in (*answer.hard(), *soft)}
    if trouble is not None:
        found[trouble.code] = trouble
    return list(found.values())


def _checked(
    overrides: Mapping[str, str], answer: Answer, *, by: User | None
) -> dict[str, str]:
    soft = {one.code.value for one in answer.soft()}
    kept = {code: why.strip() for code, why in overrides.items() if code in soft}
    for code, why in kept.items():
        if not why:
            raise Refused(_("Say why you remind all the same."), field="overrides")
        firm = code in (Code.DISPUTE, Code.PROMISE)
        needed = Action.OVERRIDE_DISPUTE if firm else Action.OVERRIDE_SOFT
        if by is not None and not by.may(needed):
            raise Refused(
                _("Only an administrator may remind despite a dispute or a promise."),
                field="overrides",
            )
    return kept


def _as_notice(channel: str, answer: Answer, *, plain: bool) -> str:
    notice = answer.step is not None and answer.step.level.is_formal_notice
    if notice and channel == Channel.LETTER and not plain:
        return Channel.REGISTERED.value
    if not notice and channel == Channel.REGISTERED:
        return Channel.LETTER.value
    return channel


def tick_all(
    criteria: Criteria, how: How, *, by: User | None, now: datetime, today: date
) -> Ticked:
    """Tick every row of a filter, whatever page it is on, or untick them all.

    Rows with something against them are left alone unless it was overridden; a
    customer who cannot be reached so is left too; formal notices stay letters.
    """
    ticked = left = 0
    # A statement names so many rows at most.
    for pks in batched(list(chosen_rows(criteria, today=today)), CHUNK):
        with transaction.atomic():
            rows = list(
                Proposal.objects.select_for_update(of=("self",))
                .filter(pk__in=pks)
                .select_related("customer", "level", "chosen_level")
            )
            changed = [row for row in rows if _ticks(row, how)]
            for row in changed:
                row.chosen_by, row.chosen_at = by, now
            _save(changed)
        ticked += len(changed)
        left += len(rows) - len(changed)
    return Ticked(ticked=ticked, left=left)


def _ticks(row: Proposal, how: How) -> bool:
    """Tick a row in memory; False when it is left alone."""
    if how == How.NONE:
        before, row.channel = row.channel, ""
        return bool(before) or row.standing == Standing.READY
    if not _may_be_ticked(row):
        return False
    channel = _channel(row, row.level_that_counts, how)
    if channel:
        row.channel = channel
    return bool(channel)


def _may_be_ticked(row: Proposal) -> bool:
    return row.standing == Standing.READY or (
        bool(row.overrides)
        and all(
            reason["weight"] == "warning"
            or (reason["weight"] == "soft" and reason["code"] in row.overrides)
            for reason in row.reasons
        )
    )


def _channel(row: Proposal, level: Level | None, how: How) -> str:
    """Return the channel of a row, empty when it cannot be written so."""
    if level is None:
        return ""
    if level.is_formal_notice:
        kept = (
            row.channel if row.channel == Channel.EMAIL and how != How.LETTERS else ""
        )
        notice = kept or Channel.REGISTERED.value
        return "" if row.letter_trouble and not kept else notice
    preferred = row.customer.preferred_channel
    by_email = how == How.EMAILS or (
        how == How.PREFERRED
        and preferred != Channel.LETTER
        and not (row.email_trouble and not preferred)
    )
    if by_email and row.email_trouble and how == How.PREFERRED:
        by_email = False
    trouble = row.email_trouble if by_email else row.letter_trouble
    channel = Channel.EMAIL if by_email else Channel.LETTER
    return "" if trouble else channel.value


def _save(rows: Sequence[Proposal]) -> None:
    Proposal.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["pk"],
        update_fields=["channel", "chosen_by", "chosen_at"],
    )
