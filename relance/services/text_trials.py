"""A text tried out: sent to oneself, or taken over from another program."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from django.utils.translation import gettext as _

from relance.gateways import mail, pasted_html, typesetter
from relance.queries.company import mail_account
from relance.queries.texts import TextKey
from relance.rules import dolibarr_fields
from relance.services.contents import Content
from relance.services.copies import copy_name
from relance.services.drafts import Draft
from relance.services.invoice_previews import invoice_preview
from relance.services.look import current_look
from relance.services.mail_account import hand_over, trial_id
from relance.services.refusal import Refused
from relance.services.text_previews import TextPreview
from relance.services.texts import TextData


def convert(key: TextKey, data: TextData) -> TextData:
    """Return a text pasted from Dolibarr with its HTML as Markdown and its variables
    as our fields; those without an equal stay, to be seen."""

    def known(text: str) -> str:
        return dolibarr_fields.replace_all(
            text, grouped=key.grouped, language=key.language
        )

    body = data.body
    if pasted_html.looks_like_html(body):
        body = pasted_html.to_markdown(body)
    return TextData(subject=known(data.subject), body=known(body))


def send_trial(shown: TextPreview | None, *, to: str, now: datetime) -> str:
    """Send an e-mail as a customer would receive it to ``to``, marked as a trial,
    and return the server's answer in words.

    It goes by the mail account, at once, and leaves no reminder. Refused without an
    account, without an invoice to show it on, or while the text has errors.
    """
    account = mail_account()
    if account is None:
        raise Refused(
            _(
                "There is no mail account yet: nothing can be sent. Give one in "
                "Configuration, Mail."
            )
        )
    if shown is None:
        raise Refused(_("There is no invoice yet on which to try this text."))
    content = shown.content()
    if content is None:
        raise Refused(_("Mend the errors first: the message cannot be written."))
    trial = mail.Mail(
        message_id=trial_id(account, now=now),
        sender=account.sender_email,
        sender_name=account.sender_name,
        reply_to=account.reply_to,
        recipient=to,
        subject=_("[Trial] %(subject)s") % {"subject": content.subject},
        text=content.plain,
        html=content.html,
        files=tuple(_files(shown.draft, content)),
    )
    answer = hand_over(account, trial, now=now)
    return _("The server accepted the message to %(to)s: %(answer)s") % {
        "to": to,
        "answer": answer,
    }


def _files(draft: Draft, content: Content) -> Iterator[mail.File]:
    """Yield what the customer would find joined."""
    if content.letter is not None:
        letter = content.letter
        [page] = typesetter.letters_pdf([letter], current_look([letter]))
        if isinstance(page, typesetter.PageError):
            raise Refused(_("The letter that goes with it cannot be made."))
        yield mail.File(name=_("Letter.pdf"), media_type="application/pdf", data=page)
    # One invoice may stand for two in the preview of a text about several.
    for invoice in {item.invoice.pk: item.invoice for item in draft.items}.values():
        alone = replace(draft, wish=replace(draft.wish, invoice=invoice))
        yield mail.File(
            name=copy_name(invoice),
            media_type="application/pdf",
            data=invoice_preview(alone),
        )
