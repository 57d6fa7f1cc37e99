"""The proposals as people work on them: brought up to date, ticked, chosen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from types import EllipsisType

from django.db import transaction
from django.utils.translation import gettext as _

from relance.models import Channel, Invoice, Proposal, User
from relance.rules.escalation import Code, Reason
from relance.services.overriding import check_override, may_override
from relance.services.proposal_answers import Answer, Answers
from relance.services.proposal_decisions import (
    decide_row,
    keep_allowed,
    refresh,
    take_over,
    unpaid,
)
from relance.services.proposal_ticks import How, Ticked, tick_all
from relance.services.reasons import in_words
from relance.services.refusal import Refused

__all__ = [
    "Choice",
    "How",
    "Ticked",
    "choose",
    "refresh",
    "tick_all",
]

Standing = Proposal.Standing

CHANNELS = (Channel.LETTER, Channel.REGISTERED, Channel.EMAIL)


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


@transaction.atomic
def choose(
    pk: int, choice: Choice, *, by: User | None, now: datetime, today: date
) -> Proposal:
    """Change what is chosen for one invoice, and return its row.

    Raises Refused, with nothing changed, when the row may not be reminded so: it
    says what stands against it. A tick that another level does not allow is taken
    back. Of two people who choose at once the last one wins.
    """
    row = Proposal.objects.select_for_update(of=("self",)).filter(pk=pk).first()
    invoice = unpaid([row.invoice_id]).get(row.invoice_id) if row else None
    if row is None or invoice is None:
        raise Refused(_("This invoice is no longer to be reminded: it was settled."))
    levels = [one for one in (choice.level, row.chosen_level_id) if one is not None]
    answers = Answers([invoice], wanted={invoice.pk: levels}, today=today)
    decide_row(row, invoice, answers, today=today)
    row.stale, row.decided_on = False, today
    answer = _at_level(row, choice, invoice, answers)
    _write_down(row, choice, today=today)
    _tick(row, choice, answer, by=by, currency=invoice.currency)
    take_over(row, answer)
    # A note or a date alone leaves the tick to the rules.
    if any(one is not None for one in (choice.channel, choice.level, choice.overrides)):
        row.chosen_by, row.chosen_at = by, now
        if row.level_id is None and answer.step is not None:
            # Past the last level: the last one again, by choice.
            row.chosen_level_id = answer.step.level_id
    row.save()
    return row


def _at_level(
    row: Proposal, choice: Choice, invoice: Invoice, answers: Answers
) -> Answer:
    """Put the row at the level chosen, and return the answer there."""
    if choice.level is None:
        return answers.answer(invoice, answers.step(invoice, row.chosen_level_id))
    step = answers.step(invoice, choice.level)
    if step is None:
        raise Refused(
            _("This level was reached already, or is not in the procedure."),
            field="level",
        )
    row.chosen_level_id = None if step == answers.proposed(invoice) else step.level_id
    answer = answers.answer(invoice, step)
    if answer.standing == Standing.STOPPED:
        raise Refused(_words(answer.hard(), invoice.currency), field="level")
    return answer


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
        row.overrides = _checked(choice.overrides, row, answer, by=by)
    if choice.channel:
        if choice.channel not in CHANNELS:
            raise Refused(_("A reminder goes by letter or by e-mail."), field="channel")
        row.channel = _as_notice(choice.channel, answer, plain=choice.plain_letter)
        reasons = _in_the_way(row, answer)
        if reasons:
            raise Refused(_words(reasons, currency), field="channel")
    elif choice.channel is not None:
        row.channel = ""
    elif choice.level is not None:
        row.channel = _as_notice(row.channel, answer, plain=False)
    keep_allowed(row, answer)


def _in_the_way(row: Proposal, answer: Answer) -> list[Reason]:
    """Return what keeps a row from being ticked as it is."""
    soft = [one for one in answer.soft() if one.code.value not in row.overrides]
    found = {one.code: one for one in (*answer.hard(), *soft)}
    trouble = answer.trouble(row.channel)
    if trouble is not None:
        found[trouble.code] = trouble
    return list(found.values())


def _checked(
    overrides: Mapping[str, str], row: Proposal, answer: Answer, *, by: User | None
) -> dict[str, str]:
    """Return what overrides, given by who may; what another person overrode, and
    this one may not, stays as it is."""
    soft = {one.code.value for one in answer.soft()}
    kept = {
        code: why
        for code, why in row.overrides.items()
        if code in soft and not may_override(by, Code(code))
    }
    for code, why in overrides.items():
        if code not in soft or kept.get(code) == why.strip():
            continue
        check_override(Code(code), why, by=by)
        kept[code] = why.strip()
    return kept


def _as_notice(channel: str, answer: Answer, *, plain: bool) -> str:
    notice = answer.step is not None and answer.step.level.is_formal_notice
    if notice and channel == Channel.LETTER and not plain:
        return Channel.REGISTERED.value
    if not notice and channel == Channel.REGISTERED:
        return Channel.LETTER.value
    return channel


def _words(reasons: Sequence[Reason], currency: str) -> str:
    return " ".join(in_words(one, currency=currency) for one in reasons)
