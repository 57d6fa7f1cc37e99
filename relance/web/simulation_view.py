"""A simulation as a timeline: each day, what happens, in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.utils.translation import gettext as _

from relance.gateways import wording
from relance.models import Channel, Level
from relance.rules.escalation import Reason
from relance.rules.simulation import End
from relance.services.active_language import active_language
from relance.services.addressing import WHY_WORDS, Destination
from relance.services.fact_words import amount_in_words
from relance.services.penalty_words import missing_rate_words
from relance.services.reasons import in_words
from relance.services.simulations import Made, Outcome
from relance.web.procedure_words import why


@dataclass(frozen=True, kw_only=True)
class Moment:
    """A day of the timeline; ``warnings`` are what moves or conditions it."""

    day: date
    title: str = ""
    level: Level | None = None
    words: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    tone: str = ""


class SimulationView:
    """An outcome, worded."""

    def __init__(self, outcome: Outcome) -> None:
        self._outcome = outcome

    @property
    def procedure(self) -> str:
        """The procedure and why that one; empty for steps that were given."""
        followed = self._outcome.followed
        if followed is None:
            return ""
        if followed.procedure is None:
            return why(followed)
        return f"{followed.procedure} ({why(followed)})"

    @property
    def moments(self) -> list[Moment]:
        """What happens, in order."""
        found = [self._due(), *map(self._made, self._outcome.made)]
        last = self._limitation()
        if last is not None:
            found.append(last)
        return sorted(found, key=lambda moment: moment.day)

    @property
    def end(self) -> str:
        """Why nothing more is proposed."""
        simulation, stopped = self._outcome.simulation, self._outcome.stopped_at
        if simulation.end == End.NO_LEVEL:
            return _("No level is active in this procedure: nothing is proposed.")
        if simulation.end == End.STOPPED and stopped is not None:
            words = _("“%(level)s” does not come: %(why)s")
            said = " ".join(self._reasons(simulation.stopped_by))
            return words % {"level": stopped, "why": said}
        if not self._outcome.made:
            return _("The last level has already been reached.")
        over = max(made.event.pay_by for made in self._outcome.made)
        words = _(
            "Past %(day)s nothing more is proposed: a call, a bailiff, an order for "
            "payment, or writing it off."
        )
        return words % {"day": wording.short_date(over)}

    @property
    def is_stopped(self) -> bool:
        return self._outcome.simulation.end == End.STOPPED

    def _due(self) -> Moment:
        words = _("%(amount)s to pay")
        amount = self._money(self._outcome.balance)
        return Moment(
            day=self._outcome.due_date,
            title=_("Due date"),
            words=(words % {"amount": amount},),
        )

    def _made(self, made: Made) -> Moment:
        event = made.event
        tones = {"formal_notice": "bad", "reminder": "warn"}
        return Moment(
            day=event.on,
            level=made.level,
            words=(_how(made.channel, made.destination), *self._amounts(made)),
            warnings=(
                *(
                    _("Put off: %(why)s") % {"why": words}
                    for words in self._reasons(event.moved_by)
                ),
                *self._reasons(event.to_do),
            ),
            tone=tones.get(made.level.kind, ""),
        )

    def _amounts(self, made: Made) -> Iterator[str]:
        event, balance = made.event, self._outcome.balance
        if event.missing is not None:
            yield _("Penalties unknown: %(what)s.") % {
                "what": missing_rate_words(event.missing)
            }
        statement = event.statement
        if statement is not None and statement.penalties + statement.indemnity:
            total = balance + statement.penalties
            words = _(
                "Owed that day: %(total)s, of which %(penalties)s of penalties, and "
                "%(indemnity)s of fixed indemnity beside"
            )
            if self._outcome.currency == "EUR":
                total += statement.indemnity
                words = _(
                    "Owed that day: %(total)s, of which %(penalties)s of penalties and "
                    "%(indemnity)s of fixed indemnity"
                )
            if not statement.indemnity:
                words = _(
                    "Owed that day: %(total)s, of which %(penalties)s of penalties"
                )
            yield words % {
                "total": self._money(total),
                "penalties": self._money(statement.penalties),
                "indemnity": amount_in_words(statement.indemnity, "EUR"),
            }
        if statement is not None and statement.stopped_on is not None:
            yield _("Penalties stopped on %(day)s: later rates are not known yet.") % {
                "day": wording.short_date(statement.stopped_on)
            }
        if not made.level.is_courtesy:
            day = wording.short_date(event.pay_by)
            yield _("To be paid by %(day)s") % {"day": day}

    def _limitation(self) -> Moment | None:
        day = self._outcome.simulation.limitation_on
        if day is None:
            return None
        return Moment(
            day=day,
            title=_("End of the limitation period"),
            words=(_("Afterwards no court can be asked for this invoice any more."),),
            tone="bad",
        )

    def _reasons(self, reasons: Sequence[Reason]) -> list[str]:
        return [in_words(one, currency=self._outcome.currency) for one in reasons]

    def _money(self, amount: Decimal) -> str:
        language = active_language()
        return wording.money(amount, currency=self._outcome.currency, language=language)


def _how(channel: Channel, found: Destination | None) -> str:
    """Say how it goes, and to whom where there is somebody."""
    if found is None:
        return str(channel.label)
    said = {
        "channel": channel.label,
        "name": found.name,
        "why": WHY_WORDS[found.why](),
    }
    return _("%(channel)s to %(name)s: %(why)s") % said


def default_due(today: date) -> date:
    """Return the due date that an example starts with."""
    return today - timedelta(days=1)
