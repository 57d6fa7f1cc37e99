"""Agreements of a second person: asked for, given or refused, withdrawn."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from relance.gateways.wording import short_date
from relance.models import Approval, Company, Invoice, Level, User
from relance.queries.approvals import may_answer
from relance.rules.permissions import Action
from relance.services import history
from relance.services.history import About
from relance.services.refusal import Refused

State = Approval.State

LONGEST_NOTE = 240


@transaction.atomic
def ask(
    invoice: Invoice, level: Level, note: str, *, by: User, now: datetime
) -> Approval:
    """Ask a second person to agree to a level of an invoice.

    What was agreed for less than is owed now, or refused, may be asked for again.
    """
    # Of two who ask at once the second waits here, then finds the first's.
    ours = Company.objects.select_for_update().get()
    found = Invoice.objects.select_for_update(of=("self",)).get(pk=invoice.pk)
    if not by.may(Action.REMIND):
        raise Refused(_("You may not remind."))
    if not found.is_unpaid:
        raise Refused(_("Nothing is left to pay: there is nothing to agree to."))
    if not level.needs_approval or found.balance < ours.approval_from:
        raise Refused(_("Nobody else needs to agree to this level: remind."))
    last = _last(found, level)
    if last is not None and found.balance <= last.amount:
        if last.state == State.ASKED:
            words = _("%(by)s asked for it on %(on)s already.")
            on = short_date(last.asked_at)
            raise Refused(words % {"by": last.asked_by, "on": on})
        if last.state == State.AGREED:
            words = _("%(by)s has agreed already: remind.")
            raise Refused(words % {"by": last.answered_by})
    if last is not None and last.state == State.ASKED:
        # For less than is owed now: nobody can agree to it any more.
        last.state, last.answered_by, last.answered_at = State.WITHDRAWN, by, now
        last.save(update_fields=["state", "answered_by", "answered_at"])
    made = Approval.objects.create(
        invoice=found,
        level=level,
        amount=found.balance,
        note=_checked(note, field="note"),
        asked_by=by,
        asked_at=now,
    )
    words = _("Agreement to “%(level)s” asked for.") % {"level": level.name}
    _record(made, "approval.asked", words, made.note, by=by, at=now)
    return made


@transaction.atomic
def answer(
    approval: Approval, *, agreed: bool, note: str, by: User, now: datetime
) -> Approval:
    """Agree to a level, or refuse it with a note: once, and never the one who
    asked."""
    Company.objects.select_for_update().get()
    found = _locked(approval)
    if found.state != State.ASKED:
        raise Refused(_answered_words(found))
    if not may_answer(by, found):
        if by.pk == found.asked_by_id:
            raise Refused(_("You asked for it: somebody else has to agree."))
        raise Refused(_("An administrator has to agree."))
    words = _checked(note, field="answer_note")
    if not agreed and not words:
        raise Refused(_("Say why you refuse."), field="answer_note")
    if agreed and found.invoice.balance > found.amount:
        raise Refused(
            _(
                "More is owed now than when it was asked for: it must be asked for "
                "again."
            )
        )
    found.state = State.AGREED if agreed else State.REFUSED
    found.answered_by, found.answered_at, found.answer_note = by, now, words
    found.save(update_fields=["state", "answered_by", "answered_at", "answer_note"])
    said = _("Agreement to “%(level)s” given.")
    if not agreed:
        said = _("Agreement to “%(level)s” refused.")
    action = f"approval.{found.state}"
    _record(found, action, said % {"level": found.level.name}, words, by=by, at=now)
    return found


@transaction.atomic
def withdraw(approval: Approval, *, by: User, now: datetime) -> Approval:
    """Take back what one asked for; an administrator may for anybody."""
    Company.objects.select_for_update().get()
    found = _locked(approval)
    if found.state != State.ASKED:
        raise Refused(_answered_words(found))
    if by.pk != found.asked_by_id and not by.may(Action.CONFIGURE):
        raise Refused(_("Only who asked for it may take it back."))
    found.state, found.answered_by, found.answered_at = State.WITHDRAWN, by, now
    found.save(update_fields=["state", "answered_by", "answered_at"])
    words = _("Agreement to “%(level)s” no longer asked for.")
    words %= {"level": found.level.name}
    _record(found, "approval.withdrawn", words, "", by=by, at=now)
    return found


def _last(invoice: Invoice, level: Level) -> Approval | None:
    """Return what was last asked about a level that was not made since."""
    return (
        Approval.objects.select_for_update(of=("self",))
        .filter(invoice=invoice, level=level)
        .not_used()
        .select_related("asked_by", "answered_by")
        .order_by("-asked_at", "-pk")
        .first()
    )


def _locked(approval: Approval) -> Approval:
    return (
        Approval.objects.select_for_update(of=("self",))
        .select_related("invoice", "level", "asked_by", "answered_by")
        .get(pk=approval.pk)
    )


def _answered_words(approval: Approval) -> str:
    if approval.state == State.WITHDRAWN:
        return _("This is no longer asked for.")
    words = _("%(by)s has just agreed.")
    if approval.state == State.REFUSED:
        words = _("%(by)s has just refused.")
    return words % {"by": approval.answered_by}


def _checked(note: str, *, field: str) -> str:
    words = " ".join(note.split())
    if len(words) > LONGEST_NOTE:
        said = _("Too long: %(count)s characters at most.") % {"count": LONGEST_NOTE}
        raise Refused(said, field=field)
    return words


def _record(
    approval: Approval,
    action: str,
    words: str,
    note: str,
    *,
    by: User,
    at: datetime,
) -> None:
    about = About(invoice=approval.invoice)
    said = f"{words} {note}" if note else words
    history.record(action, said, about=about, by=by, at=at)
