"""Who may agree to a level that somebody else asks for."""

from __future__ import annotations

from relance.rules.permissions import Role


def may_agree(role: str, *, is_asker: bool, others_administer: bool) -> bool:
    """Say whether somebody may agree to, or refuse, what was asked.

    Never the one who asked. An administrator; anybody who may remind, where no
    other administrator than the asker is there to answer (``others_administer``):
    a firm with one administrator must not wait for ever for a second one.
    """
    if is_asker:
        return False
    if role == Role.ADMIN:
        return True
    return role == Role.REMINDERS and not others_administer
