"""The account that customers pay to: changed by two people where there are two,
from a day on, and told to every administrator."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from relance.gateways import wording
from relance.models import BankChange, Company, User
from relance.rules.permissions import Role
from relance.services import announcements, history
from relance.services.company import BankData, check_bank
from relance.services.history import About
from relance.services.refusal import Refused
from relance.services.touching import touch_all

State = BankChange.State
# Further ahead it is forgotten.
FURTHEST = timedelta(days=366)


@dataclass(frozen=True, kw_only=True)
class BankChangeData:
    """Another account from a day on, and what letters say of it until another."""

    bank: BankData
    starts_on: date
    note: str = ""
    note_until: date | None = None


@transaction.atomic
def ask_change(
    data: BankChangeData,
    *,
    password_given: bool,
    by: User,
    now: datetime,
    today: date,
) -> BankChange:
    """Ask for another account: the password is asked again.

    Where another administrator is active, it waits for their agreement; a single
    administrator decides alone. Letters have the account of their day.
    """
    if not password_given:
        raise Refused(_("This is not your password."), field="password")
    iban, bic = check_bank(data.bank)
    _check(data, iban, today=today)
    ours = Company.objects.select_for_update().get()
    if (ours.iban, ours.bic) == (iban, bic):
        raise Refused(_("This is already your account."), field="iban")
    if _open_changes().exists():
        words = _("Another change of account waits: decide on it first.")
        raise Refused(words)
    alone = not _administrators().exclude(pk=by.pk).exists()
    change = BankChange.objects.create(
        company=ours,
        iban=iban,
        bic=bic,
        former_iban=ours.iban,
        former_bic=ours.bic,
        starts_on=data.starts_on,
        note=data.note.strip(),
        note_until=data.note_until if data.note.strip() else None,
        state=State.AGREED if alone else State.WAITING,
        asked_by=by,
        asked_at=now,
    )
    if alone:
        if change.starts_on > today:
            _tell(change, "company.bank_asked", _asked_alone, by=by, now=now)
        _schedule(change, ours, now=now, today=today)
    else:
        _tell(change, "company.bank_asked", _asked, by=by, now=now)
    return change


@transaction.atomic
def agree(
    change: BankChange,
    *,
    password_given: bool,
    by: User,
    now: datetime,
    today: date,
) -> BankChange:
    """Agree to what another administrator asked for; after its day, it starts now."""
    if not password_given:
        raise Refused(_("This is not your password."), field="password")
    ours, locked = _locked(change, State.WAITING)
    if locked.asked_by_id == by.pk:
        raise Refused(_("You asked for it: another administrator must agree."))
    locked.starts_on = max(locked.starts_on, today)
    _decide(locked, State.AGREED, by=by, now=now)
    _tell(locked, "company.bank_agreed", _agreed, by=by, now=now)
    _schedule(locked, ours, now=now, today=today)
    return locked


@transaction.atomic
def refuse(change: BankChange, why: str, *, by: User, now: datetime) -> BankChange:
    """Refuse what another administrator asked for: the account stays."""
    _ours, locked = _locked(change, State.WAITING)
    if locked.asked_by_id == by.pk:
        raise Refused(_("You asked for it: give it up instead."))
    if not why.strip():
        raise Refused(_("Say why."), field="why")
    locked.why = why.strip()[:240]
    _decide(locked, State.REFUSED, by=by, now=now)
    _tell(locked, "company.bank_refused", _refused, by=by, now=now)
    return locked


@transaction.atomic
def give_up(change: BankChange, *, by: User, now: datetime) -> BankChange:
    """Give up a change that is not in use yet: the account stays."""
    ours, locked = _locked(change, State.WAITING, State.AGREED)
    _decide(locked, State.CANCELLED, by=by, now=now)
    ours.next_bank_on = None
    ours.save(update_fields=["next_bank_on"])
    touch_all()
    _tell(locked, "company.bank_given_up", _given_up, by=by, now=now)
    return locked


@transaction.atomic
def apply_due(*, now: datetime, today: date) -> BankChange | None:
    """Write down the change whose day has come, if there is one; readers have seen
    it since the day began."""
    if not Company.objects.filter(next_bank_on__lte=today).exists():
        return None
    ours = Company.objects.select_for_update().get()
    due = BankChange.objects.select_for_update().filter(
        state=State.AGREED, starts_on__lte=today
    )
    change = due.first()
    if change is not None:
        _apply(change, ours, now=now)
    return change


def _schedule(change: BankChange, ours: Company, *, now: datetime, today: date) -> None:
    if change.starts_on <= today:
        _apply(change, ours, now=now)
        return
    ours.next_bank_on = change.starts_on
    ours.save(update_fields=["next_bank_on"])


def _apply(change: BankChange, ours: Company, *, now: datetime) -> None:
    change.former_iban, change.former_bic = ours.iban, ours.bic
    change.state, change.applied_at = State.APPLIED, now
    change.save(update_fields=["former_iban", "former_bic", "state", "applied_at"])
    ours.iban, ours.bic = change.iban, change.bic
    ours.bank_note, ours.bank_note_until = change.note, change.note_until
    ours.next_bank_on = None
    ours.save(
        update_fields=["iban", "bic", "bank_note", "bank_note_until", "next_bank_on"]
    )
    touch_all()
    _tell(change, "company.bank_changed", _changed, by=change.asked_by, now=now)


def _check(data: BankChangeData, iban: str, *, today: date) -> None:
    if not iban:
        raise Refused(_("Enter the IBAN."), field="iban")
    if not today <= data.starts_on <= today + FURTHEST:
        words = _("Choose a day from today on, within a year.")
        raise Refused(words, field="starts_on")
    if len(data.note.strip()) > 300:
        words = _("Too long: %(count)s characters at most.") % {"count": 300}
        raise Refused(words, field="note")
    if not data.note.strip():
        return
    until = data.note_until
    if until is None:
        words = _("Say until which day letters explain it.")
        raise Refused(words, field="note_until")
    if until < data.starts_on:
        words = _("This day is before the new account is in use.")
        raise Refused(words, field="note_until")


def _locked(change: BankChange, *states: State) -> tuple[Company, BankChange]:
    """Lock the company, then the change; of two who decide, the second is told what
    the first decided."""
    ours = Company.objects.select_for_update().get()
    locked = (
        BankChange.objects.select_for_update(of=("self",))
        .select_related("asked_by", "decided_by")
        .get(pk=change.pk)
    )
    if locked.state not in states:
        words = _("This change is already decided: %(state)s (%(who)s).") % {
            "state": locked.get_state_display(),
            "who": locked.decided_by or "–",
        }
        raise Refused(words)
    return ours, locked


def _decide(change: BankChange, state: State, *, by: User, now: datetime) -> None:
    change.state, change.decided_by, change.decided_at = state, by, now
    change.save(update_fields=["state", "starts_on", "why", "decided_by", "decided_at"])


def _open_changes() -> QuerySet[BankChange]:
    return BankChange.objects.filter(state__in=(State.WAITING, State.AGREED))


def _administrators() -> QuerySet[User]:
    return User.objects.filter(role=Role.ADMIN.value, is_active=True)


type Said = tuple[str, str]


def _tell(
    change: BankChange,
    action: str,
    say: Callable[[dict[str, object]], Said],
    *,
    by: User | None,
    now: datetime,
) -> None:
    """Write it in the history, and tell every administrator."""
    facts: dict[str, object] = {
        "before": wording.iban(change.former_iban) or "–",
        "after": wording.iban(change.iban),
        "day": wording.short_date(change.starts_on),
        "asked": change.asked_by or "–",
        "decided": change.decided_by or "–",
        "why": change.why,
    }
    _title, words = say(facts)
    history.record(action, words, about=About(), by=by, at=now)
    announcements.announce(lambda: say(facts), at=now)


def _asked(facts: dict[str, object]) -> Said:
    words = _(
        "%(asked)s asks that customers pay to %(after)s from %(day)s on, instead of "
        "%(before)s. Another administrator must agree, or refuse."
    )
    return _("Your company's IBAN: a change is asked for"), words % facts


def _asked_alone(facts: dict[str, object]) -> Said:
    words = _(
        "%(asked)s decided that customers pay to %(after)s from %(day)s on, instead "
        "of %(before)s."
    )
    return _("Your company's IBAN will change"), words % facts


def _agreed(facts: dict[str, object]) -> Said:
    words = _(
        "%(decided)s agreed to what %(asked)s asked for: customers pay to %(after)s "
        "from %(day)s on, instead of %(before)s."
    )
    return _("Your company's IBAN: the change is agreed"), words % facts


def _refused(facts: dict[str, object]) -> Said:
    words = _(
        "%(decided)s refused the account %(after)s that %(asked)s asked for: %(why)s. "
        "Customers still pay to %(before)s."
    )
    return _("Your company's IBAN: the change is refused"), words % facts


def _given_up(facts: dict[str, object]) -> Said:
    words = _(
        "%(decided)s gave up the account %(after)s that %(asked)s asked for. Customers "
        "still pay to %(before)s."
    )
    return _("Your company's IBAN: the change is given up"), words % facts


def _changed(facts: dict[str, object]) -> Said:
    words = _(
        "IBAN changed from %(before)s to %(after)s, asked for by %(asked)s, agreed to "
        "by %(decided)s."
    )
    return _("Your company's IBAN has changed"), words % facts
