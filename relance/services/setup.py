"""The first set-up: company, administrator, mail account, all or nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from relance.models import User
from relance.queries.company import is_set_up
from relance.rules.permissions import Role
from relance.services import company, mail_account, signatories, takeover, users
from relance.services.company import BankData, CompanyData
from relance.services.defaults import install_defaults
from relance.services.mail_account import AccountData
from relance.services.refusal import Refused
from relance.services.signatories import SignatoryData
from relance.services.takeover import TakeoverAnswer
from relance.services.users import UserData


@dataclass(frozen=True, kw_only=True)
class SetupData:
    """All that the first set-up asks for; the mail account may come later."""

    company: CompanyData
    bank: BankData
    name: str
    email: str
    password: str
    signatory: SignatoryData | None = None
    mail: AccountData | None = None
    # Nobody was reminded before: there is nothing to take over.
    nothing_to_take_over: bool = False


def set_up(data: SetupData, *, now: datetime) -> User:
    """Create the company and its first administrator, once.

    Refused when it was already done, by whoever was first of two at once.
    """
    try:
        with transaction.atomic():
            if is_set_up():
                raise Refused(_("Relance is already set up: log in."))
            install_defaults(now=now)
            person = UserData(name=data.name, email=data.email, role=Role.ADMIN.value)
            user = _administrator(person, data.password, now=now)
            company.create_company(data.company, data.bank, by=user, now=now)
            if data.signatory is not None:
                _signatory(data.signatory, user, now=now)
            if data.nothing_to_take_over:
                takeover.answer(TakeoverAnswer(), by=user, now=now)
            if data.mail is not None:
                mail_account.save_account(data.mail, by=user, now=now)
            return user
    except IntegrityError as error:
        raise Refused(_("Relance is already set up: log in.")) from error


def _administrator(person: UserData, password: str, *, now: datetime) -> User:
    """Create the person, a refusal under the names that the questions have."""
    try:
        return users.add_user(person, password, by=None, now=now)
    except Refused as refused:
        field = f"person_{refused.field}"
        raise Refused(refused.message, field=field) from refused


def _signatory(data: SignatoryData, by: User, *, now: datetime) -> None:
    """Create the signatory, a refusal under the names that the questions have."""
    try:
        signatories.create_main(data, by=by, now=now)
    except Refused as refused:
        field = f"signatory_{refused.field}"
        raise Refused(refused.message, field=field) from refused


def check_setup(data: SetupData, *, only: str) -> None:
    """Refuse the answer to one question that is wrong, before the others are asked.

    ``only`` is its name; the person's own are ``person_name``, ``person_email``,
    ``person_password``. Nothing is saved.
    """
    person = UserData(name=data.name, email=data.email, role=Role.ADMIN.value)
    checks = (
        ("", lambda: company.check_company(data.company)),
        ("", lambda: company.check_bank(data.bank)),
        ("signatory_", lambda: _check_signatory(data)),
        ("person_", lambda: users.check_user(person)),
        ("person_", lambda: users.check_password(data.password, person)),
    )
    for prefix, check in checks:
        try:
            check()
        except Refused as refused:
            if prefix + refused.field == only:
                raise


def _check_signatory(data: SetupData) -> None:
    if data.signatory is not None:
        signatories.check_signatory(data.signatory)


def signatory_from(name: str, position: str) -> SignatoryData | None:
    """Return the signatory that two answers tell; ``None`` when both are empty."""
    if not (name.strip() or position.strip()):
        return None
    return SignatoryData(name=name, position=position)
