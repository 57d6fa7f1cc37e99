"""People who log in: created, given a role, deactivated, never deleted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from relance.models import User
from relance.rules.permissions import Role
from relance.services import history, sessions
from relance.services.customers import check_email
from relance.services.history import About
from relance.services.refusal import Refused


@dataclass(frozen=True, kw_only=True)
class UserData:
    """Who logs in, and what for; an empty role is a stranger."""

    name: str
    email: str
    role: str = ""
    # Of the screens and of the e-mails to them; empty: the company's.
    language: str = ""
    is_active: bool = True


@transaction.atomic
def add_user(
    data: UserData, password: str | None, *, by: User | None, now: datetime
) -> User:
    """Create a user; without a password they come in by a link only."""
    values = check_user(data)
    check_address_is_free(str(values["email"]))
    if password is not None:
        check_password(password, data)
    email = str(values.pop("email"))
    user = User.objects.create_user(email, password, **values)
    words = _("User %(name)s created.") % {"name": user}
    history.record("user.created", words, about=About(), by=by, at=now)
    return user


@transaction.atomic
def edit_user(user: User, data: UserData, *, by: User | None, now: datetime) -> User:
    """Change a user; the last administrator who can log in stays one, and active.

    Who is deactivated is out at once, on every device, and a link on its way to an
    address that is no longer theirs is withdrawn.
    """
    _keep_an_administrator(user, data)
    found = User.objects.select_for_update().get(pk=user.pk)
    values = check_user(data)
    check_address_is_free(str(values["email"]), but=found)
    changed = _save_changes(found, values, by=by, now=now)
    if not found.is_active:
        sessions.end_all(found)
    if not found.is_active or "email" in changed:
        open_links = found.access_links.filter(used_at=None, withdrawn_at=None)
        open_links.update(withdrawn_at=now)
    return found


@transaction.atomic
def edit_oneself(user: User, *, name: str, language: str, now: datetime) -> User:
    """Change what is one's own: the name that others read, and the language."""
    found = User.objects.select_for_update().get(pk=user.pk)
    values = check_user(UserData(name=name, email=found.email, language=language))
    own = {"name": values["name"], "language": values["language"]}
    _save_changes(found, own, by=found, now=now)
    return found


def choose_language(user: User, language: str) -> None:
    """Keep the language that somebody switched to: a taste, not for the history."""
    if language in dict(settings.LANGUAGES):
        User.objects.filter(pk=user.pk).update(language=language)


@transaction.atomic
def change_password(
    user: User, old: str, new: str, *, keep: str, now: datetime
) -> None:
    """Change one's own password: every other device has to log in again.

    ``keep``: the key of the session in which one asks.
    """
    if not user.check_password(old):
        raise Refused(_("This is not your password."), field="old")
    if old == new:
        raise Refused(_("Choose another password than this one."), field="password")
    set_password(user, new)
    sessions.end_all(user, but=keep)
    words = _("%(name)s changed their password.") % {"name": user}
    history.record("user.password", words, about=About(), by=user, at=now)


def set_password(user: User, password: str) -> None:
    """Store a password that is good enough for this person, else refuse it."""
    check_password(password, UserData(name=user.name, email=user.email))
    user.set_password(password)
    user.save(update_fields=["password"])


def check_user(data: UserData) -> dict[str, object]:
    """Return what to store of a user; raise Refused on the first that is wrong."""
    name, email = data.name.strip(), data.email.strip().lower()
    if not name:
        raise Refused(_("Enter a name."), field="name")
    if not name.isprintable():
        raise Refused(_("Write the name on one line."), field="name")
    if not email:
        raise Refused(_("Enter the e-mail address."), field="email")
    check_email(email)
    if data.role not in ("", *(role.value for role in Role)):
        raise Refused(_("Choose a role."), field="role")
    if data.language not in ("", *dict(settings.LANGUAGES)):
        raise Refused(_("Choose a language."), field="language")
    return {
        "name": name,
        "email": email,
        "role": data.role,
        "language": data.language,
        "is_active": data.is_active,
    }


def check_address_is_free(email: str, *, but: User | None = None) -> None:
    """Refuse an address with which somebody else logs in."""
    others = User.objects.filter(email=email)
    if but is not None:
        others = others.exclude(pk=but.pk)
    if others.exists():
        words = _("%(email)s already has an account.") % {"email": email}
        raise Refused(words, field="email")


def check_password(password: str, data: UserData) -> None:
    """Refuse a password that is too weak, or too near to the person's name."""
    try:
        validate_password(password, User(email=data.email, name=data.name))
    except ValidationError as error:
        raise Refused(" ".join(error.messages), field="password") from error


def _keep_an_administrator(user: User, data: UserData) -> None:
    administrators = (
        User.objects.select_for_update()
        .filter(role=Role.ADMIN.value, is_active=True)
        .order_by("pk")
    )
    # Read under the lock: two administrators may be demoting each other. Who is
    # only invited cannot mend anything yet.
    able = [found.pk for found in administrators if not found.is_invited]
    if able != [user.pk] or (data.role == Role.ADMIN.value and data.is_active):
        return
    raise Refused(
        _("This is the last administrator: name another one first."),
        field="role" if data.role != Role.ADMIN.value else "is_active",
    )


def _save_changes(
    user: User, values: dict[str, object], *, by: User | None, now: datetime
) -> list[str]:
    """Save what differs, with its history entry; return the names of it."""
    changed = [name for name, value in values.items() if getattr(user, name) != value]
    if not changed:
        return []
    for name in changed:
        setattr(user, name, values[name])
    user.save(update_fields=changed)
    words = _("User %(name)s changed: %(what)s.") % {
        "name": user,
        "what": ", ".join(_in_words(user, changed)),
    }
    history.record("user.changed", words, about=About(), by=by, at=now)
    return changed


def _in_words(user: User, changed: list[str]) -> list[str]:
    role = str(user.get_role_display()) or _("no role")
    said = {
        "name": _("name"),
        "email": _("address %(email)s") % {"email": user.email},
        "role": _("role %(role)s") % {"role": role},
        "language": _("language"),
        "is_active": _("may log in") if user.is_active else _("may no longer log in"),
    }
    return [said[name] for name in changed]
