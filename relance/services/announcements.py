"""What every administrator must learn of: shown until they read it, and e-mailed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from html import escape

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import override

from relance.gateways import mail, mailer
from relance.models import Announcement, Company, MailAccount, User
from relance.queries.company import mail_account
from relance.rules.permissions import Role
from relance.services.mail_account import smtp_account

State = Announcement.Mail
# Older news is only shown: a mail account added later must not send what is over.
FRESH = timedelta(days=2)
MOST_ATTEMPTS = 3
# Before the second attempt, and twice that before the third.
DELAY = timedelta(minutes=10)


def announce(say: Callable[[], tuple[str, str]], *, at: datetime) -> None:
    """Tell every active administrator, in their language, inside the caller's
    transaction. ``say`` returns the title and the words in the active language."""
    usual = Company.objects.values_list("language", flat=True).first()
    found = []
    for user in User.objects.filter(role=Role.ADMIN.value, is_active=True):
        with override(user.language or usual or settings.LANGUAGE_CODE):
            title, words = say()
        found.append(Announcement(user=user, at=at, title=title[:200], words=words))
    Announcement.objects.bulk_create(found)


@transaction.atomic
def mark_read(announcement: Announcement, *, by: User, now: datetime) -> None:
    """No longer show it to whom it was told."""
    Announcement.objects.filter(
        pk=announcement.pk, user=by, seen_at__isnull=True
    ).update(seen_at=now)


def deliver(now: datetime) -> int:
    """E-mail what waits, when there is a mail account; return how many left.

    Claimed one by one before the server is spoken to: of two workers one sends.
    """
    waiting = Announcement.objects.filter(mail=State.WAITING, at__gt=now - FRESH)
    account = mail_account() if waiting.exists() else None
    if account is None:
        return 0
    sent = 0
    with mailer.Connection(smtp_account(account)) as connection:
        for one in waiting.select_related("user").order_by("at", "pk"):
            if one.at + one.attempts * DELAY > now or not _claim(one):
                continue
            sent += _send(one, account, connection, now=now)
    return sent


def _claim(one: Announcement) -> bool:
    waiting = Announcement.objects.filter(pk=one.pk, mail=State.WAITING)
    return bool(waiting.update(mail=State.SENDING, attempts=one.attempts + 1))


def _send(
    one: Announcement,
    account: MailAccount,
    connection: mailer.Connection,
    *,
    now: datetime,
) -> bool:
    outcome = _handed_over(one, account, connection, now=now)
    match outcome:
        case mailer.Accepted(answer=answer):
            state = State.SENT
        case mailer.Refused(permanent=False, answer=answer) if (
            one.attempts + 1 < MOST_ATTEMPTS
        ):
            state = State.WAITING
        case mailer.Refused(answer=answer):
            state = State.FAILED
        case mailer.Unknown(why=answer):
            # It may have left; the page shows it in any case.
            state = State.FAILED
    Announcement.objects.filter(pk=one.pk, mail=State.SENDING).update(
        mail=state, answer=answer
    )
    return state == State.SENT


def _handed_over(
    one: Announcement,
    account: MailAccount,
    connection: mailer.Connection,
    *,
    now: datetime,
) -> mailer.Outcome:
    domain = account.sender_email.rpartition("@")[2]
    message = mail.Mail(
        message_id=f"<announcement-{one.pk}-{one.at:%Y%m%d%H%M%S}@{domain}>",
        sender=account.sender_email,
        sender_name=account.sender_name,
        reply_to=account.reply_to,
        recipient=one.user.email,
        subject=one.title,
        text=one.words,
        html=f"<p>{escape(one.words)}</p>",
    )
    try:
        data = mail.build(message, date=timezone.localtime(now))
    except mail.UnsendableMail as error:
        return mailer.Refused(permanent=True, answer=str(error))
    envelope = mailer.Envelope(sender=account.sender_email, recipient=one.user.email)
    return connection.send(data, envelope)
