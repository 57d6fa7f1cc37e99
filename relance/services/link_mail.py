"""The e-mail that carries a link to choose a password, in the person's language."""

from __future__ import annotations

import secrets
from datetime import datetime

from django.conf import settings
from django.utils import timezone, translation
from django.utils.html import escape, urlize
from django.utils.translation import gettext as _

from relance.gateways import mail, wording
from relance.models import AccessLink, Company, MailAccount
from relance.services.mail_account import hand_over


def send_link(
    link: AccessLink, url: str, *, account: MailAccount, now: datetime
) -> None:
    """Send a link to its person; Refused, in words, when it did not leave."""
    company = Company.objects.first()
    spoken = link.user.language or (company.language if company else "")
    with translation.override(spoken or settings.LANGUAGE_CODE):
        subject, paragraphs = _words(link, url, company=str(company or ""))
    domain = mail.wire_address(account.sender_email).rpartition("@")[2]
    message = mail.Mail(
        message_id=f"<access-{link.pk}-{secrets.token_hex(8)}@{domain}>",
        sender=account.sender_email,
        sender_name=account.sender_name,
        reply_to=account.reply_to,
        recipient=link.user.email,
        subject=subject,
        text="\n\n".join(paragraphs) + "\n",
        html="".join(f"<p>{urlize(escape(said))}</p>" for said in paragraphs),
    )
    hand_over(account, message, now=now)


def _words(link: AccessLink, url: str, *, company: str) -> tuple[str, list[str]]:
    local = timezone.localtime(link.expires_at)
    said = {
        "name": link.user.name,
        "by": link.made_by or "Relance",
        "company": company,
        "email": link.user.email,
        "day": wording.short_date(local),
        "hour": f"{local:%H:%M}",
    }
    until = _("It works once, until %(day)s at %(hour)s.") % said
    if link.purpose == AccessLink.Purpose.INVITATION:
        return _("%(by)s invites you to Relance") % said, [
            _("Hello %(name)s,") % said,
            _(
                "%(by)s gives you access to Relance, with which %(company)s follows "
                "its unpaid invoices. Choose your password with this link:"
            )
            % said,
            url,
            until + " " + _("Then log in with your address, %(email)s.") % said,
            _("If you do not know what this is about, simply do nothing."),
        ]
    return _("Relance: choose a new password"), [
        _("Hello %(name)s,") % said,
        _("With this link you choose a new password for Relance (%(company)s):") % said,
        url,
        until,
        _("If you asked for nothing, simply do nothing: your password stays."),
    ]
