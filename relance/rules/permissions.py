"""Who may do what: one table, asked by the pages and the command line."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """What a person may do here; each role may do all that the one before may.

    Somebody without a role is a *stranger*: logged in, and shown nothing.
    """

    READER = "lecture"
    REMINDERS = "relance"
    ADMIN = "administration"


class Action(StrEnum):
    """Something a person asks for."""

    VIEW = "view"
    EXPORT = "export"
    REMIND = "remind"
    AGREE = "agree"
    CANCEL_REMINDER = "cancel reminder"
    HOLD = "hold"
    OVERRIDE_SOFT = "override soft"
    OVERRIDE_DISPUTE = "override dispute"
    EDIT_LEDGER = "edit ledger"
    MERGE = "merge customers"
    EDIT_TEXTS = "edit texts"
    CONFIGURE = "configure"
    MANAGE_USERS = "manage users"


_RANK: dict[str, int] = {role.value: rank for rank, role in enumerate(Role, start=1)}

# The least role that each action needs.
ACTIONS: dict[Action, Role] = {
    Action.VIEW: Role.READER,
    Action.EXPORT: Role.READER,
    Action.REMIND: Role.REMINDERS,
    # To what another person asks for; who exactly: rules/approval.py.
    Action.AGREE: Role.REMINDERS,
    Action.CANCEL_REMINDER: Role.REMINDERS,
    Action.HOLD: Role.REMINDERS,
    Action.OVERRIDE_SOFT: Role.REMINDERS,
    # A dispute or a promise was given to the customer: not one person's to break.
    Action.OVERRIDE_DISPUTE: Role.ADMIN,
    Action.EDIT_LEDGER: Role.REMINDERS,
    # Whoever keeps the books sees the duplicates; it is undone with one click.
    Action.MERGE: Role.REMINDERS,
    Action.EDIT_TEXTS: Role.ADMIN,
    Action.CONFIGURE: Role.ADMIN,
    Action.MANAGE_USERS: Role.ADMIN,
}


def includes(role: str, needed: str) -> bool:
    """Say whether ``role`` may do all that ``needed`` may; an unknown or empty
    role, on either side, may do nothing."""
    return needed in _RANK and _RANK.get(role, 0) >= _RANK[needed]


def allows(role: str, action: Action) -> bool:
    """Say whether somebody with ``role`` (empty: a stranger) may do ``action``."""
    return includes(role, ACTIONS[action])
