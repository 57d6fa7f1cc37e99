"""The second factor: who must have one, and what happened to each."""

from __future__ import annotations

from datetime import datetime

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.utils.translation import gettext as _

from relance.models import Company, SecondFactor, User
from relance.services import history, sessions
from relance.services.history import About
from relance.services.refusal import Refused


@transaction.atomic
def require(choice: str, *, by: User, now: datetime) -> None:
    """Choose who must have a second factor.

    Those who have none are led to it at their next click, and reach nothing else
    until they have set one up.
    """
    if choice not in SecondFactor.values:
        raise Refused(_("Choose one of these."), field="second_factor")
    company = Company.objects.select_for_update().get()
    if company.second_factor == choice:
        return
    company.second_factor = choice
    company.save(update_fields=["second_factor"])
    words = _("Second factor required: %(who)s.") % {
        "who": company.get_second_factor_display()
    }
    history.record("company.second_factor", words, about=About(), by=by, at=now)


@transaction.atomic
def remove(user: User, *, password_given: bool, by: User | None, now: datetime) -> None:
    """Remove the second factor of somebody who lost it, the recovery codes too.

    The administrator's own password is asked again: whoever sits down at an open
    screen must not open another account. The person is logged out everywhere.
    """
    if not password_given:
        raise Refused(_("This is not your password."), field="password")
    removed, _kinds = Authenticator.objects.filter(user=user).delete()
    if not removed:
        raise Refused(_("%(name)s has no second factor.") % {"name": user})
    sessions.end_all(user)
    words = _("Second factor of %(name)s removed.") % {"name": user}
    history.record("user.second_factor", words, about=About(), by=by, at=now)


def happened(what: str, user: User, *, now: datetime) -> None:
    """Write down what a person did to their own second factor; ``what`` is the last
    word of allauth's notice: ``totp_activated``. Other notices are let pass."""
    said = _WORDS.get(what)
    if said is None:
        return
    words = said() % {"name": user}
    history.record("user.second_factor", words, about=About(), by=user, at=now)


_WORDS = {
    "totp_activated": lambda: _("%(name)s set up an authenticator application."),
    "totp_deactivated": lambda: _("%(name)s removed the authenticator application."),
    "webauthn_added": lambda: _("%(name)s added a security key."),
    "webauthn_removed": lambda: _("%(name)s removed a security key."),
    "recovery_codes_generated": lambda: _("%(name)s had new recovery codes made."),
}
