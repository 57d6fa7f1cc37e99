"""One line of *Relance massive*: what it shows, and which of it may be chosen."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from django.forms import Form
from django.utils.translation import gettext as _

from relance.models import Channel, Customer, Invoice, Level, Proposal, Reminder, User
from relance.queries.procedures import ProcedureSteps, steps_of_procedures
from relance.queries.worklist import Criteria, worklist
from relance.rules.escalation import Code, Reason, Weight
from relance.rules.permissions import Action
from relance.rules.reason_data import reason_from_data
from relance.services.reasons import in_words
from relance.services.short_reasons import code_in_short, in_short
from relance.web.proposal_forms import ActForms

# A firm word was given to the customer: not one person's to break.
FIRM = (Code.DISPUTE, Code.PROMISE)
# A second person may be asked, or asked again.
TO_ASK = (Code.APPROVAL_NEEDED, Code.APPROVAL_REFUSED, Code.APPROVAL_OUTGROWN)


@dataclass(frozen=True, kw_only=True)
class Badge:
    """A reason against: short, whole, and how to override it."""

    code: str
    short: str
    words: str
    soft: bool
    # Why it was overridden; empty: it stands.
    why: str
    allowed: bool


@dataclass(frozen=True, kw_only=True)
class Said:
    """What to say under a line, once."""

    # What a service refused, in words.
    refusal: str = ""
    done: str = ""
    # The hold that was just made, which one click ends again.
    hold: int | None = None
    # Small forms that were sent back with their errors.
    sent_back: Mapping[str, Form] = field(default_factory=dict)


@dataclass(kw_only=True)
class Row:
    """A proposal as one person sees it. ``open``: its second line is shown."""

    proposal: Proposal
    steps: ProcedureSteps
    today: date
    user: User
    may_choose: bool
    open: bool = False
    said: Said = field(default_factory=Said)

    @property
    def pk(self) -> int:
        return self.proposal.pk

    @cached_property
    def key(self) -> str:
        """Its number as names and addresses have it, twenty times over."""
        return str(self.pk)

    @property
    def invoice(self) -> Invoice:
        return self.proposal.invoice

    @property
    def customer(self) -> Customer:
        return self.proposal.customer

    @property
    def last(self) -> Reminder | None:
        return self.proposal.last

    @property
    def days_late(self) -> int:
        return max(self.invoice.days_late(on=self.today), 0)

    @property
    def partly_paid(self) -> bool:
        return self.invoice.balance != self.invoice.total

    @property
    def acts(self) -> ActForms:
        return ActForms(pk=self.pk, today=self.today, sent_back=self.said.sent_back)

    @cached_property
    def level(self) -> Level | None:
        """The level that counts; past the last one, the last one again."""
        found = self.proposal.level_that_counts
        levels = self._levels
        return found or (levels[-1] if levels else None)

    @property
    def again(self) -> bool:
        """Whether only the last level is left, a second time, and nobody chose it."""
        return self.proposal.level_that_counts is None and self.level is not None

    @cached_property
    def choosable(self) -> list[Level]:
        """The levels that may be chosen: never one that was already reached, unless
        it is the last."""
        first = self.proposal.level
        if first is None:
            return self._levels[-1:]
        return [level for level in self._levels if level.rank >= first.rank]

    @cached_property
    def badges(self) -> list[Badge]:
        """What stands against it, the gravest first."""
        return [self._badge(reason) for reason in self._reasons if not _warns(reason)]

    @cached_property
    def standing_badges(self) -> list[Badge]:
        return [badge for badge in self.badges if not badge.why]

    @property
    def overridden(self) -> list[Badge]:
        return [badge for badge in self.badges if badge.why]

    @property
    def warnings(self) -> list[str]:
        return [self._words(reason) for reason in self._reasons if _warns(reason)]

    @property
    def marks(self) -> list[Badge]:
        """Warnings that one must see before opening the line."""
        found = [one for one in self._reasons if _warns(one) and one.code in _MARKED]
        return [self._badge(one) for one in found]

    @property
    def held(self) -> bool:
        """Whether something still stands against it."""
        return bool(self.standing_badges)

    @property
    def stopped(self) -> bool:
        """Whether nobody may override what stands against it."""
        return any(not badge.soft for badge in self.badges)

    @property
    def asks_agreement(self) -> bool:
        """Whether a second person may be asked, for want of whom it is stopped."""
        return any(badge.code in TO_ASK for badge in self.badges)

    @property
    def level_open(self) -> bool:
        """Whether another level may be chosen: also to take back one chosen."""
        if not self.may_choose or len(self.choosable) < 2:
            return False
        return not self.held or self.proposal.chosen_level_id is not None

    @property
    def channel(self) -> str:
        """The box that is ticked: ``letter`` (registered or not), ``email``, none."""
        chosen = self.proposal.channel
        return "letter" if chosen == Channel.REGISTERED else chosen

    @property
    def letter_open(self) -> bool:
        return self._box_open("letter", self.proposal.letter_trouble)

    @property
    def email_open(self) -> bool:
        return self._box_open("email", self.proposal.email_trouble)

    @cached_property
    def letter_trouble(self) -> str:
        return _trouble(self.proposal.letter_trouble)

    @cached_property
    def email_trouble(self) -> str:
        return _trouble(self.proposal.email_trouble)

    @property
    def registered(self) -> bool:
        return self.proposal.channel == Channel.REGISTERED

    @property
    def offers_registered(self) -> bool:
        """Whether its letter may be registered or not: formal notices only."""
        notice = self.level is not None and self.level.is_formal_notice
        return notice and self.channel == "letter" and self.may_choose

    @property
    def others(self) -> int:
        """How many reasons more there are than the one shown."""
        return len(self.standing_badges) - 1

    @property
    def why_in(self) -> str:
        """Why it is here, when nothing is against it."""
        if self.last is not None:
            return _("Follows %(day)s") % {"day": self._short(self.last.made_on)}
        return _("First reminder")

    @property
    def last_line(self) -> str:
        """Day, planned next day and note of the last reminder: 02/11 → 17/11."""
        if self.last is None:
            return ""
        line = self._short(self.last.made_on)
        if self.last.next_on is not None:
            line += f" → {self._short(self.last.next_on)}"
        return f"{line} · {self.last.note}" if self.last.note else line

    @property
    def chosen_by(self) -> str:
        """Who chose, when it is somebody else."""
        by = self.proposal.chosen_by
        return by.get_short_name() if by is not None and by != self.user else ""

    @property
    def firm(self) -> bool:
        """Whether an administrator is needed to override what stands."""
        return any(badge.soft and not badge.allowed for badge in self.standing_badges)

    @property
    def shown(self) -> str:
        """What the row shows, for the answer to tell what was changed from it."""
        shown: dict[str, str] = {
            "channel": self.channel,
            "level": str(self.level.pk) if self.level and not self.again else "",
        }
        if self.open:
            shown["note"] = self.proposal.note
            next_on = self.proposal.next_on
            shown["next_on"] = next_on.isoformat() if next_on else ""
            if self.offers_registered:
                shown["paper"] = "registered" if self.registered else "plain"
            for badge in self.badges:
                if badge.soft and badge.allowed:
                    shown[f"despite_{badge.code}"] = badge.why
        return json.dumps(shown)

    @cached_property
    def _levels(self) -> list[Level]:
        return [step.level for step in self.steps.of(self.invoice, self.customer)]

    @cached_property
    def _reasons(self) -> list[Reason]:
        return [reason_from_data(data) for data in self.proposal.reasons]

    def _badge(self, reason: Reason) -> Badge:
        soft = reason.weight == Weight.SOFT
        return Badge(
            code=reason.code.value,
            short=in_short(reason, currency=self.invoice.currency),
            words=self._words(reason),
            soft=soft,
            why=self.proposal.overrides.get(reason.code.value, "") if soft else "",
            allowed=self.user.may(
                Action.OVERRIDE_DISPUTE if reason.code in FIRM else Action.OVERRIDE_SOFT
            ),
        )

    def _short(self, day: date) -> str:
        return day.strftime("%d/%m" if day.year == self.today.year else "%d/%m/%Y")

    def _words(self, reason: Reason) -> str:
        return in_words(reason, currency=self.invoice.currency)

    def _box_open(self, channel: str, trouble: str) -> bool:
        if not self.may_choose:
            return False
        # What is ticked may always be unticked.
        return self.channel == channel or not (self.held or trouble)


def rows_of(
    proposals: Iterable[Proposal],
    *,
    today: date,
    user: User,
    opened: Iterable[int],
    said: Mapping[int, Said],
    steps: ProcedureSteps,
) -> list[Row]:
    """Return the lines of a page, without any query more."""
    shown_open = set(opened)
    may_choose = user.may(Action.REMIND)
    return [
        Row(
            proposal=proposal,
            steps=steps,
            today=today,
            user=user,
            may_choose=may_choose,
            open=proposal.pk in shown_open,
            said=said.get(proposal.pk, Said()),
        )
        for proposal in proposals
    ]


def read_rows(
    pks: Iterable[int],
    *,
    today: date,
    user: User,
    opened: Iterable[int],
    said: Mapping[int, Said],
) -> list[Row]:
    """Return these lines; one whose invoice is no longer unpaid is not among them."""
    found = worklist(Criteria(which="unpaid"), today=today).filter(pk__in=list(pks))
    return rows_of(
        found,
        today=today,
        user=user,
        opened=opened,
        said=said,
        steps=steps_of_procedures(),
    )


_MARKED = frozenset({Code.LIMITATION_NEAR, Code.LIMITATION_OVER, Code.OTHER_IBAN})


def _warns(reason: Reason) -> bool:
    return reason.weight == Weight.WARNING


def _trouble(code: str) -> str:
    return code_in_short(code) if code else ""
