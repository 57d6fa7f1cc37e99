"""People who log in: created, given a role, deactivated, never deleted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from relance.models import User
from relance.rules.permissions import Role
from relance.services import history
from relance.services.customers import check_email
from relance.services.history import About
from relance.services.refusal import Refused


@dataclass(frozen=True, kw_only=True)
class UserData:
    """Who logs in, and what for; an empty role is a stranger."""

    name: str
    email: str
    role: str = ""
    is_active: bool = True


@transaction.atomic
def add_user(data: UserData, password: str, *, by: User | None, now: datetime) -> User:
    """Create a user with a first password that they can change."""
    values = check_user(data)
    email = str(values["email"])
    if User.objects.filter(email=email).exists():
        raise Refused(
            _("%(email)s already has an account.") % {"email": email}, field="email"
        )
    check_password(password, data)
    user = User.objects.create_user(
        email, password, name=data.name.strip(), role=data.role
    )
    words = _("User %(name)s created.") % {"name": user}
    history.record("user.created", words, about=About(), by=by, at=now)
    return user


@transaction.atomic
def edit_user(
    user: User, data: UserData, *, password: str = "", by: User | None, now: datetime
) -> User:
    """Change a user; the last administrator stays one, and active."""
    administrators = User.objects.select_for_update().filter(
        role=Role.ADMIN.value, is_active=True
    )
    # Read under the lock: two administrators may be demoting each other.
    last = [found.pk for found in administrators] == [user.pk]
    still = data.role == Role.ADMIN.value and data.is_active
    if last and not still:
        raise Refused(
            _("This is the last administrator: name another one first."), field="role"
        )
    values = check_user(data)
    email = str(values["email"])
    if User.objects.filter(email=email).exclude(pk=user.pk).exists():
        raise Refused(
            _("%(email)s already has an account.") % {"email": email}, field="email"
        )
    for name, value in values.items():
        setattr(user, name, value)
    if password:
        check_password(password, data)
        user.set_password(password)
    user.save()
    words = _("User %(name)s changed.") % {"name": user}
    history.record("user.changed", words, about=About(), by=by, at=now)
    return user


def check_user(data: UserData) -> dict[str, object]:
    """Return what to store of a user; raise Refused on the first that is wrong."""
    name, email = data.name.strip(), data.email.strip().lower()
    if not name:
        raise Refused(_("Enter a name."), field="name")
    if not email:
        raise Refused(_("Enter the e-mail address."), field="email")
    check_email(email)
    if data.role not in ("", *(role.value for role in Role)):
        raise Refused(_("Choose a role."), field="role")
    return {
        "name": name,
        "email": email,
        "role": data.role,
        "is_active": data.is_active,
    }


def check_password(password: str, data: UserData) -> None:
    """Refuse a password that is too weak, or too near to the person's name."""
    try:
        validate_password(password, User(email=data.email, name=data.name))
    except ValidationError as error:
        raise Refused(" ".join(error.messages), field="password") from error
