"""The SMTP account: saved, tried, and given to the mailer."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from relance.gateways import mail, mailer
from relance.models import MailAccount, User
from relance.services import history
from relance.services.history import About
from relance.services.refusal import Refused

# More in a minute than any server takes: a slip of the finger.
FASTEST = 10_000


@dataclass(frozen=True, kw_only=True)
class AccountData:
    """The account as somebody fills it in; an empty password keeps the saved one."""

    host: str
    port: int
    security: str
    sender_email: str
    username: str = ""
    # Never shown, not even by a traceback.
    password: str = field(default="", repr=False)
    sender_name: str = ""
    reply_to: str = ""
    copy_to: str = ""
    # 0: no limit.
    per_minute: int = 0
    sender_per_user: bool = False


def save_account(data: AccountData, *, by: User | None, now: datetime) -> MailAccount:
    """Save the account: from then on the e-mails in the tray may leave.

    The password is never written in the history. Refused in words for an address
    that is not one, and for a distant server without encryption.
    """
    account = account_from(data)
    with transaction.atomic():
        account.save()
        words = _("Mail account saved: %(account)s.") % {"account": account}
        history.record("mail_account.saved", words, about=About(), by=by, at=now)
    return account


def account_from(data: AccountData) -> MailAccount:
    """Return the account that this would save, checked, to try it first."""
    data = replace(data, host=data.host.strip(), sender_name=data.sender_name.strip())
    if not data.host:
        raise Refused(_("Give the name of the server."), field="host")
    if not 1 <= data.port <= 65535:
        raise Refused(_("A port is a number from 1 to 65535."), field="port")
    if data.security not in MailAccount.Security.values:
        raise Refused(_("Choose the encryption."), field="security")
    if data.security == MailAccount.Security.NONE and not _is_near(data.host):
        raise Refused(
            _(
                "Without encryption anybody on the way reads the letters and the "
                "password: choose STARTTLS or TLS for a server on the internet."
            ),
            field="security",
        )
    if not 0 <= data.per_minute <= FASTEST:
        words = _("Enter a number from 0 (no limit) to %(most)s.") % {"most": FASTEST}
        raise Refused(words, field="per_minute")
    _check_addresses(data)
    account = MailAccount(pk=1, **asdict(data))
    if not data.password and data.username:
        saved = MailAccount.objects.first()
        # Another server or another user must not be given the saved password.
        if saved is not None and (saved.host, saved.username) == (
            data.host,
            data.username,
        ):
            account.password = saved.password
    return account


@transaction.atomic
def remove_account(*, by: User | None, now: datetime) -> None:
    """Forget the account and its password: e-mails stay in the tray."""
    account = MailAccount.objects.first()
    if account is None:
        return
    account.delete()
    words = _("Mail account removed: %(account)s.") % {"account": account}
    history.record("mail_account.removed", words, about=About(), by=by, at=now)


def test_account(account: MailAccount, *, to: str, now: datetime) -> str:
    """Send a short message to ``to`` and return the server's answer in words.

    Refused, with what is wrong, when it did not leave.
    """
    try:
        answer = hand_over(account, _trial(account, to, now=now), now=now)
    except Refused as refused:
        raise Refused(_in_words(refused.message), field=refused.field) from refused
    return _("The server accepted the message to %(to)s: %(answer)s") % {
        "to": to,
        "answer": answer,
    }


def hand_over(account: MailAccount, message: mail.Mail, *, now: datetime) -> str:
    """Send a message that is no reminder, at once; return the server's answer.

    Refused, in words, when it did not leave or may not have left. To be called with
    no transaction open: a server may take half a minute.
    """
    try:
        written = mail.build(message, date=timezone.localtime(now))
    except mail.UnsendableMail as error:
        raise Refused(str(error), field="to") from error
    with mailer.Connection(smtp_account(account)) as connection:
        envelope = mailer.Envelope(
            sender=account.sender_email, recipient=message.recipient
        )
        outcome = connection.send(written, envelope)
    match outcome:
        case mailer.Accepted(answer=answer):
            return answer
        case mailer.Refused(answer=answer):
            raise Refused(answer)
        case mailer.Unknown(why=why):
            raise Refused(
                _("The message may have left, the server did not confirm: %(why)s")
                % {"why": why}
            )


# The name is a verb, not a test for pytest to collect.
test_account.__test__ = False  # type: ignore[attr-defined]


def smtp_account(account: MailAccount) -> mailer.Account:
    """Return the account as the mailer takes it."""
    return mailer.Account(
        host=account.host,
        port=account.port,
        security=mailer.Security(account.security),
        username=account.username,
        password=account.password,
    )


@dataclass(frozen=True, kw_only=True)
class Sender:
    """Who an e-mail comes from, and who gets the answers."""

    address: str
    name: str
    reply_to: str

    @property
    def line(self) -> str:
        """What readers see."""
        return f"{self.name} <{self.address}>" if self.name else self.address


def sender_of(account: MailAccount, user: User | None) -> Sender:
    """Return who the e-mail of a reminder comes from: the account's sender, or, where
    the account says so, whoever made the reminder.

    Without an address of their own, their name stands before the account's address,
    and answers go where the account says.
    """
    if not account.sender_per_user or user is None:
        return Sender(
            address=account.sender_email,
            name=account.sender_name,
            reply_to=account.reply_to,
        )
    return Sender(
        address=user.sender_email or account.sender_email,
        name=user.name or account.sender_name,
        reply_to=user.sender_email or account.reply_to,
    )


@transaction.atomic
def save_senders(
    addresses: Mapping[int, str], *, by: User | None, now: datetime
) -> None:
    """Save the address that each person's e-mails come from; an empty one is none.

    Refused, under the person's id, for what is no address.
    """
    people = User.objects.select_for_update().filter(pk__in=addresses)
    for user in people:
        address = addresses[user.pk].strip()
        if address == user.sender_email:
            continue
        if address:
            try:
                mail.wire_address(address)
            except mail.UnsendableMail as error:
                raise Refused(str(error), field=str(user.pk)) from error
        user.sender_email = address
        user.save(update_fields=["sender_email"])
        words = _("Sender's address of %(name)s: %(address)s.") % {
            "name": user,
            "address": address or "–",
        }
        history.record("user.sender", words, about=About(), by=by, at=now)


# What the codes of RFC 5321 and 4954 mean to whoever sets an account up.
_REFUSALS: dict[str, Callable[[], str]] = {
    "421": lambda: _("it takes nothing now; try again later"),
    "450": lambda: _("it takes nothing now; try again later"),
    "451": lambda: _("it takes nothing now; try again later"),
    "452": lambda: _("it takes nothing now; try again later"),
    "530": lambda: _("it asks for a user name and a password"),
    "550": lambda: _("it does not accept the sender's or the recipient's address"),
    "551": lambda: _("it does not accept the sender's or the recipient's address"),
    "553": lambda: _("it does not accept the sender's or the recipient's address"),
    "554": lambda: _("it may take the message for unwanted mail"),
}


def _in_words(answer: str) -> str:
    """Say what the server's refusal means, with its own line."""
    meaning = _REFUSALS.get(answer[:3])
    if not answer[:3].isdigit():
        return answer
    if meaning is None:
        return _("The server refused the message. It answered: %(answer)s") % {
            "answer": answer
        }
    return _("The server refused the message: %(why)s. It answered: %(answer)s") % {
        "why": meaning(),
        "answer": answer,
    }


def _trial(account: MailAccount, to: str, *, now: datetime) -> mail.Mail:
    text = _(
        "This message shows that Relance can send e-mails with this account. "
        "You need not answer it."
    )
    return mail.Mail(
        message_id=trial_id(account, now=now),
        sender=account.sender_email,
        sender_name=account.sender_name,
        reply_to=account.reply_to,
        recipient=to,
        subject=_("Relance: trial of the mail account"),
        text=text,
        html=f"<p>{text}</p>",
    )


def trial_id(account: MailAccount, *, now: datetime) -> str:
    """Return the Message-ID of a message sent only to try something out."""
    domain = mail.wire_address(account.sender_email).rpartition("@")[2]
    return f"<trial-{now:%Y%m%d%H%M%S%f}@{domain}>"


def _check_addresses(data: AccountData) -> None:
    for name in ("sender_email", "reply_to", "copy_to"):
        address = getattr(data, name)
        if not address and name != "sender_email":
            continue
        try:
            mail.wire_address(address)
        except mail.UnsendableMail as error:
            raise Refused(str(error), field=name) from error
    if not data.sender_name.isprintable():
        raise Refused(_("Write the name on one line."), field="sender_name")


def _is_near(host: str) -> bool:
    """Say whether a server is on this machine or on the office's own network."""
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return "." not in host or host.endswith((".local", ".lan", ".internal"))
