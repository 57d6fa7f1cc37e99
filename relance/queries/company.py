"""The company and its mail account."""

from __future__ import annotations

from relance.models import Company, MailAccount, User
from relance.rules.permissions import Role


class NotSetUp(Exception):
    """Nobody has told yet which company claims its money."""


def company() -> Company:
    """Return the company; raise NotSetUp before the set-up."""
    found = Company.objects.first()
    if found is None:
        raise NotSetUp
    return found


def mail_account() -> MailAccount | None:
    """Return the SMTP account, ``None`` while e-mails stay in the tray."""
    return MailAccount.objects.first()


def is_set_up() -> bool:
    """Say whether an active administrator and the company exist."""
    administrators = User.objects.filter(role=Role.ADMIN.value, is_active=True)
    return administrators.exists() and Company.objects.exists()
