"""Reminding despite a soft reason: with a reason of one's own, by who may."""

from __future__ import annotations

from django.utils.translation import gettext as _

from relance.models import User
from relance.rules.escalation import Code
from relance.rules.permissions import Action
from relance.services.refusal import Refused


def may_override(by: User | None, code: Code) -> bool:
    """Say whether somebody may override a soft reason; nobody: the program itself,
    or whoever holds the machine."""
    firm = code in (Code.DISPUTE, Code.PROMISE)
    needed = Action.OVERRIDE_DISPUTE if firm else Action.OVERRIDE_SOFT
    return by is None or by.may(needed)


def check_override(code: Code, why: str, *, by: User | None) -> None:
    """Raise Refused unless this person says why, and may override this reason."""
    if not why.strip():
        raise Refused(_("Say why you remind all the same."), field="overrides")
    if not may_override(by, code):
        raise Refused(
            _("Only an administrator may remind despite a dispute or a promise."),
            field="overrides",
        )
