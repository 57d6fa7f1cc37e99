"""The company and its mail account."""

from __future__ import annotations

from datetime import date

from relance.models import BankChange, Company, MailAccount, User
from relance.rules.permissions import Role


class NotSetUp(Exception):
    """Nobody has told yet which company claims its money."""


def company() -> Company:
    """Return the company; raise NotSetUp before the set-up."""
    found = Company.objects.first()
    if found is None:
        raise NotSetUp
    return found


def company_on(day: date) -> Company | None:
    """Return the company with the account that it has on a day: an agreed change
    counts from its own day, whether or not it was written down yet. Not to be
    saved."""
    found = Company.objects.first()
    if found is None or found.next_bank_on is None or found.next_bank_on > day:
        return found
    change = BankChange.objects.filter(
        state=BankChange.State.AGREED, starts_on__lte=day
    ).first()
    if change is not None:
        found.iban, found.bic = change.iban, change.bic
        found.bank_note, found.bank_note_until = change.note, change.note_until
    return found


def mail_account() -> MailAccount | None:
    """Return the SMTP account, ``None`` while e-mails stay in the tray."""
    return MailAccount.objects.first()


def is_set_up() -> bool:
    """Say whether an active administrator and the company exist."""
    administrators = User.objects.filter(role=Role.ADMIN.value, is_active=True)
    return administrators.exists() and Company.objects.exists()
