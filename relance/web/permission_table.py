"""What each role may do, in words: the table of the rules, read out."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from relance.rules.permissions import Action, Role, allows

# In the order in which they are read.
IN_WORDS: dict[Action, str | Promise] = {
    Action.VIEW: _("See customers, invoices, payments and reminders"),
    Action.EXPORT: _("Export the lists"),
    Action.EDIT_LEDGER: _("Enter customers, invoices and payments"),
    Action.MERGE: _("Merge customers who are one, and undo it"),
    Action.REMIND: _("Remind, one by one or by the hundred"),
    Action.AGREE: _("Agree to a level that somebody else asks for"),
    Action.CANCEL_REMINDER: _("Cancel a reminder that has not left"),
    Action.HOLD: _("Suspend reminders, and take them up again"),
    Action.OVERRIDE_SOFT: _("Remind in spite of a reason that may be overridden"),
    Action.OVERRIDE_DISPUTE: _("Remind in spite of a dispute or a promise"),
    Action.EDIT_TEXTS: _("Change the texts and the letter"),
    Action.CONFIGURE: _("Change the company, the bank, the mail account, the rates"),
    Action.MANAGE_USERS: _("Invite people and choose their roles"),
}


@dataclass(frozen=True, kw_only=True)
class Line:
    """One thing that people do, and for each role whether it may."""

    words: str | Promise
    allowed: list[bool]


def permission_table() -> list[Line]:
    """Return what each role may do, the roles in the order of the rules."""
    return [
        Line(words=words, allowed=[allows(role.value, action) for role in Role])
        for action, words in IN_WORDS.items()
    ]
