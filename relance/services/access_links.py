"""Links by which people choose a password: an invitation, or a forgotten password.

The secret of a link is known to its reader only; the database has its hash.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from relance.models import AccessLink, User
from relance.queries.company import mail_account
from relance.services import history, sessions, users
from relance.services.history import About
from relance.services.link_mail import send_link
from relance.services.refusal import Refused
from relance.services.users import UserData

# A week: somebody on holiday finds it still good on Monday.
INVITATION_LASTS = timedelta(days=7)
# Given by an administrator, who may have to hand it over.
GIVEN_LASTS = timedelta(days=2)
# Asked for at the door by whoever typed the address.
ASKED_LASTS = timedelta(hours=1)
# E-mails that strangers can make us send to one person in that hour.
ASKED_AT_MOST = 3


class LinkRefused(Refused):
    """This link opens nothing: unknown, used, too old or withdrawn, in words."""


@dataclass(frozen=True, kw_only=True)
class Handed:
    """A link that was made. ``sent_to`` is empty when no e-mail left: then ``url`` is
    to hand over, and ``why`` says what the server answered, if there is one."""

    user: User
    expires_at: datetime
    sent_to: str = ""
    url: str = ""
    why: str = ""


def invite(data: UserData, *, site: str, by: User, now: datetime) -> Handed:
    """Create somebody who may log in as soon as they have chosen a password.

    The invitation leaves by e-mail when there is a mail account that takes it. Else
    its link is returned, for the administrator to hand over; nobody sees it again.
    """
    with transaction.atomic():
        user = users.add_user(data, None, by=by, now=now)
        link, secret = _make(user, site=site, by=by, now=now)
    return _deliver(link, secret, now=now)


def give_link(user: User, *, site: str, by: User, now: datetime) -> Handed:
    """Make a new link for somebody: their invitation again, or a new password.

    The links that they had before open nothing any more.
    """
    link, secret = _replace(user, site=site, by=by, now=now)
    return _deliver(link, secret, now=now)


def link_to_show(user: User, *, site: str, now: datetime) -> Handed:
    """Make the same at the terminal, to be read there: no e-mail leaves."""
    link, secret = _replace(user, site=site, by=None, now=now)
    return _to_show(link, secret)


@transaction.atomic
def withdraw_invitation(user: User, *, by: User, now: datetime) -> None:
    """Take an invitation back: its link opens nothing, and nobody is left to log in.

    Who has come in already is deactivated instead: the history names them.
    """
    found = User.objects.select_for_update().get(pk=user.pk)
    if not found.is_invited or found.last_login is not None:
        raise Refused(
            _("%(name)s has accepted already: deactivate them instead.")
            % {"name": found}
        )
    words = _("Invitation of %(name)s (%(email)s) withdrawn.") % {
        "name": found,
        "email": found.email,
    }
    history.record("user.withdrawn", words, about=About(), by=by, at=now)
    found.delete()


@transaction.atomic
def ask_link(email: str, *, site: str, now: datetime) -> None:
    """Write down that this person wants a new password; ``write_asked`` sends it.

    For an unknown or deactivated address, or one that has asked too often, nothing
    is written, and nothing tells the one who asks.
    """
    user = User.objects.filter(email=email.strip().lower(), is_active=True).first()
    if user is None:
        return
    recent = user.access_links.filter(made_by=None, made_at__gt=now - ASKED_LASTS)
    if recent.count() >= ASKED_AT_MOST:
        return
    AccessLink.objects.create(
        user=user,
        purpose=AccessLink.Purpose.PASSWORD,
        made_at=now,
        expires_at=now + ASKED_LASTS,
        site=site,
    )


def write_asked(*, now: datetime) -> int:
    """Send the links that were asked for at the door; return how many left.

    One that the server refuses is withdrawn, and the history says so.
    """
    waiting = AccessLink.objects.filter(digest=None, withdrawn_at=None)
    waiting.filter(expires_at__lte=now).update(withdrawn_at=now)
    left = 0
    for link in waiting.select_related("user"):
        secret = secrets.token_urlsafe(32)
        # Of two workers one claims it.
        claimed = waiting.filter(pk=link.pk).update(digest=_digest(secret))
        left += bool(claimed and _deliver(link, secret, now=now).sent_to)
    return left


def find_link(secret: str, *, now: datetime) -> AccessLink:
    """Return the link that this secret opens; raise LinkRefused, in words."""
    link = (
        AccessLink.objects.select_related("user").filter(digest=_digest(secret)).first()
    )
    if link is None:
        raise LinkRefused(
            _(
                "This link is not known. Perhaps it was cut when it was copied, or the "
                "invitation was withdrawn."
            )
        )
    if link.used_at is not None:
        raise LinkRefused(_used())
    if link.withdrawn_at is not None or not link.user.is_active:
        raise LinkRefused(
            _("This link was withdrawn, perhaps because a newer one was sent to you.")
        )
    if link.expires_at <= now:
        raise LinkRefused(_("This link is too old: it was good for a short time only."))
    return link


@transaction.atomic
def use_link(secret: str, password: str, *, now: datetime) -> User:
    """Give the person of this link their new password, once.

    They are logged out everywhere, and their other links open nothing any more.
    Refused on ``password`` when it is too weak: the link then stays good.
    """
    link = find_link(secret, now=now)
    still_good = AccessLink.objects.filter(pk=link.pk, used_at=None, withdrawn_at=None)
    # Two clicks at once: the second one waits here, then is told.
    if not still_good.update(used_at=now):
        raise LinkRefused(_used())
    users.set_password(link.user, password)
    _withdraw(link.user, now=now)
    sessions.end_all(link.user)
    if link.purpose == AccessLink.Purpose.INVITATION:
        words = _("%(name)s accepted the invitation.") % {"name": link.user}
    else:
        words = _("%(name)s chose a new password by a link.") % {"name": link.user}
    history.record("user.password", words, about=About(), by=link.user, at=now)
    return link.user


def _used() -> str:
    return _("This link has been used already: log in with the password chosen then.")


@transaction.atomic
def _replace(
    user: User, *, site: str, by: User | None, now: datetime
) -> tuple[AccessLink, str]:
    if not user.is_active:
        raise Refused(_("%(name)s may not log in: allow it first.") % {"name": user})
    _withdraw(user, now=now)
    words = _("Link for a new password made for %(name)s.")
    if user.is_invited:
        words = _("Invitation of %(name)s made again.")
    said = words % {"name": user}
    history.record("user.link", said, about=About(), by=by, at=now)
    return _make(user, site=site, by=by, now=now)


def _make(
    user: User, *, site: str, by: User | None, now: datetime
) -> tuple[AccessLink, str]:
    invited = user.is_invited
    purpose = AccessLink.Purpose
    secret = secrets.token_urlsafe(32)
    link = AccessLink.objects.create(
        user=user,
        purpose=purpose.INVITATION if invited else purpose.PASSWORD,
        digest=_digest(secret),
        made_by=by,
        made_at=now,
        expires_at=now + (INVITATION_LASTS if invited else GIVEN_LASTS),
        site=site,
    )
    return link, secret


def _deliver(link: AccessLink, secret: str, *, now: datetime) -> Handed:
    """Send a link, or give it back when it cannot be sent."""
    user, account = link.user, mail_account()
    shown = _to_show(link, secret)
    if account is None:
        return shown
    try:
        send_link(link, shown.url, account=account, now=now)
    except Refused as refused:
        if link.made_by is None:
            _not_sent(link, refused.message, now=now)
        return replace(shown, why=refused.message)
    AccessLink.objects.filter(pk=link.pk).update(sent_to=user.email)
    return Handed(user=user, expires_at=link.expires_at, sent_to=user.email)


def _to_show(link: AccessLink, secret: str) -> Handed:
    url = link.site + reverse("access-link", args=[secret])
    return Handed(user=link.user, expires_at=link.expires_at, url=url)


@transaction.atomic
def _not_sent(link: AccessLink, why: str, *, now: datetime) -> None:
    """Nobody is there to hand it over."""
    AccessLink.objects.filter(pk=link.pk).update(withdrawn_at=now)
    words = _("The link that %(name)s asked for did not leave: %(why)s") % {
        "name": link.user,
        "why": why,
    }
    history.record("user.link_failed", words, about=About(), by=None, at=now)


def _withdraw(user: User, *, now: datetime) -> None:
    open_links = user.access_links.filter(used_at=None, withdrawn_at=None)
    open_links.update(withdrawn_at=now)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
