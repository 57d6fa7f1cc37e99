"""What the form of a reminder shows beside its fields, worked out once."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cached_property
from urllib.parse import urlencode

from django.forms import BoundField
from django.http import QueryDict
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from relance.gateways import pdf, typesetter, wording
from relance.models import Channel, Invoice, Level, Source, User
from relance.rules.escalation import Code, Reason, Weight
from relance.services import drafts
from relance.services.active_language import active_language
from relance.services.addressing import WHY_WORDS
from relance.services.contents import Content, content_of
from relance.services.copies import copy_name
from relance.services.drafts import Draft, Wish
from relance.services.fact_words import amount_in_words
from relance.services.look import current_look
from relance.services.overriding import may_override
from relance.services.reasons import in_words
from relance.web.dolibarr_words import fetched_later
from relance.web.fields import read_day
from relance.web.forms import new_key
from relance.web.reminder_forms import ReminderForm

# A second person may be asked, or asked again.
TO_ASK = (Code.APPROVAL_NEEDED, Code.APPROVAL_REFUSED, Code.APPROVAL_OUTGROWN)


@dataclass(frozen=True, kw_only=True)
class Overridable:
    """A reason against that may be set aside, with its box."""

    words: str
    box: BoundField
    allowed: bool


@dataclass(frozen=True, kw_only=True)
class EmailView:
    """An e-mail as it will be."""

    to: str
    copies: str
    subject: str
    body: SafeString
    attachments: tuple[str, ...]


class DraftView:
    """One invoice, what was chosen in the form, and what would come of it.

    ``form`` is the whole form: where nothing was chosen it holds what the rules
    propose (level, channel, next date).
    """

    def __init__(
        self, invoice: Invoice, chosen: QueryDict, *, user: User, today: date
    ) -> None:
        self.invoice, self.user = invoice, user
        self.trouble = ""
        self.wish = wish_from(invoice, chosen)
        self.draft: Draft | None = None
        try:
            self.draft = drafts.draft(self.wish, today=today)
        except drafts.NoProcedure:
            self.trouble = _("No level is active for this type of customer.")
        if self._registered_is_better(chosen):
            self.wish = replace(self.wish, channel=Channel.REGISTERED)
            self.draft = drafts.draft(self.wish, today=today)
        self.form = ReminderForm(
            self._completed(chosen),
            levels=[step.level for step in self.draft.steps] if self.draft else [],
            overridable=[reason.code for reason in self._reasons(Weight.SOFT)],
        )

    @property
    def note_only(self) -> bool:
        return self.wish.channel == Channel.NONE

    @property
    def possible(self) -> bool:
        """Whether the button may be pressed; boxes to tick do not grey it out."""
        stopped = bool(self.stopping) or self.no_email
        return self.note_only or (self.draft is not None and not stopped)

    @property
    def button(self) -> str:
        return {
            Channel.EMAIL: _("Send the e-mail"),
            Channel.REGISTERED: _("Create the registered letter"),
            Channel.NONE: _("Keep the note"),
        }.get(self.wish.channel, _("Create the letter"))

    @property
    def no_email(self) -> bool:
        return Code.NO_EMAIL in {reason.code for reason in self._reasons()}

    @property
    def stopping(self) -> list[str]:
        """What nobody may override; a missing e-mail address has its own words."""
        found = [self.trouble] if self.trouble else []
        return found + [
            self._words(reason)
            for reason in self._reasons(Weight.HARD)
            if reason.code != Code.NO_EMAIL
        ]

    @property
    def asks_agreement(self) -> bool:
        """Whether a second person may be asked, for want of whom it is stopped."""
        return bool(set(TO_ASK) & {reason.code for reason in self._reasons()})

    @property
    def overridable(self) -> list[Overridable]:
        return [
            Overridable(
                words=self._words(reason),
                box=self.form[f"despite_{reason.code.value}"],
                allowed=may_override(self.user, reason.code),
            )
            for reason in self._reasons(Weight.SOFT)
        ]

    @property
    def warnings(self) -> list[str]:
        return [self._words(reason) for reason in self._reasons(Weight.WARNING)]

    @property
    def partly_paid(self) -> bool:
        return self.draft is not None and self.draft.claim.settled > 0

    @property
    def paid(self) -> str:
        return self._money(self.draft.claim.settled) if self.draft else ""

    @property
    def balance(self) -> str:
        return self._money(self.invoice.balance)

    @property
    def amounts(self) -> list[tuple[str, str]]:
        rows = [(_("Balance"), self.balance)]
        statement = self.draft.claim.claimed if self.draft else None
        if statement is not None and statement.rate is not None:
            label = _("Penalties to today (%(rate)s a year)") % {
                "rate": wording.rate(statement.rate, language=active_language())
            }
            rows.append((label, self._money(statement.penalties)))
            if statement.indemnity:
                euros = amount_in_words(statement.indemnity, "EUR")
                rows.append((_("Fixed indemnity"), euros))
        return rows

    @property
    def total(self) -> str:
        if self.draft is None:
            return self._money(self.invoice.balance)
        total, apart = self.draft.claim.total, self.draft.claim.indemnity_apart
        words = _("%(total)s and %(euros)s") % {
            "total": self._money(total),
            "euros": amount_in_words(apart, "EUR"),
        }
        return words if apart else self._money(total)

    @property
    def pay_by(self) -> str:
        if self.draft is None:
            return ""
        return wording.long_date(
            self.draft.pay_by, language=active_language(), weekday=True
        )

    @property
    def recipient(self) -> str:
        if self.draft is None or self.note_only:
            return ""
        return recipient_words(self.draft)

    @property
    def recipient_why(self) -> str:
        if self.draft is None or self.draft.destination is None:
            return ""
        return WHY_WORDS[self.draft.destination.why]()

    @property
    def email(self) -> EmailView | None:
        if self.content is None or self.draft is None or not self.draft.by_email:
            return None
        return email_view(self.draft, self.content)

    @cached_property
    def letter_pdf(self) -> bytes:
        """The letter as it will be, marked as a preview; raise ValueError without
        one."""
        if self.content is None or self.content.letter is None:
            raise ValueError("there is no letter")
        letter = self.content.letter
        [page] = typesetter.letters_pdf([letter], current_look([letter]))
        if isinstance(page, typesetter.PageError):
            raise ValueError(str(page))
        return page

    @property
    def pages(self) -> list[str]:
        """The addresses of the pictures of the letter's pages."""
        try:
            count = pdf.page_count(self.letter_pdf)
        except ValueError:
            return []
        return [self._picture(page=page) for page in range(1, count + 1)]

    @property
    def invoice_picture(self) -> str:
        """The address of the picture of the invoice that goes with it."""
        return self._picture(show="invoice") if self.content else ""

    def _picture(self, **what: object) -> str:
        query = {"invoice": self.invoice.pk, "how": self.wish.channel.value, **what}
        if self.draft is not None:
            query["level"] = self.draft.step.level_id
            query["next_on"] = self.draft.next_on.isoformat()
        return f"{reverse('reminder-preview')}?{urlencode(query)}"

    @property
    def behind(self) -> str:
        """What follows the letter."""
        stamp = self.draft.step.level.stamp if self.draft else ""
        number = {"number": self.invoice.number, "stamp": stamp}
        if not stamp:
            return _("Followed by invoice %(number)s.") % number
        return _("Followed by invoice %(number)s, stamped “%(stamp)s”.") % number

    @property
    def remarks(self) -> list[str]:
        """What one should know before: no PDF of the invoice was received."""
        if self.invoice.document is None and not self.note_only:
            if self.invoice.source == Source.DOLIBARR:
                return [fetched_later()]
            return [
                _(
                    "No PDF of this invoice was received: a copy made from its data, "
                    "marked so, will be joined."
                )
            ]
        return []

    @cached_property
    def content(self) -> Content | None:
        """The words, when there is enough to write them."""
        if self.note_only or self.draft is None or not self.draft.can_be_written:
            return None
        return content_of(self.draft, number=0, mark=_("Preview"))

    def _registered_is_better(self, chosen: QueryDict) -> bool:
        """A formal notice leaves by registered letter unless one says otherwise."""
        return (
            self.draft is not None
            and self.draft.step.level.is_formal_notice
            and self.wish.channel == Channel.LETTER
            and "registered" not in chosen.get("shown", "")
            and not chosen.get("how")
        )

    @property
    def offers_registered(self) -> bool:
        return self.draft is not None and self.draft.step.level.is_formal_notice

    def _completed(self, chosen: QueryDict) -> dict[str, str]:
        data = {name: str(value) for name, value in chosen.items() if value}
        boxes = {
            "by_email": Channel.EMAIL,
            "registered": Channel.REGISTERED,
            "note_only": Channel.NONE,
        }
        for name, channel in boxes.items():
            data.pop(name, None)
            if self.wish.channel == channel:
                data[name] = "on"
        data |= {
            "invoice": str(self.invoice.pk),
            "key": data.get("key") or str(new_key()),
            "shown": "boxes registered" if self.offers_registered else "boxes",
        }
        if self.draft is not None:
            data["level"] = str(self.draft.step.level_id)
            left_alone = data.get("next_on", "") in ("", data.get("proposed_next_on"))
            if left_alone:
                # Else it is somebody's choice, which stays one.
                data["next_on"] = self.draft.next_on.isoformat()
                data["proposed_next_on"] = data["next_on"]
        return data

    def _reasons(self, weight: Weight | None = None) -> list[Reason]:
        if self.draft is None or self.note_only:
            return []
        return [
            reason
            for reason in self.draft.reasons
            if weight is None or reason.weight == weight
        ]

    def _words(self, reason: Reason) -> str:
        return in_words(reason, currency=self.invoice.currency)

    def _money(self, amount: Decimal) -> str:
        return wording.money(
            amount, currency=self.invoice.currency, language=active_language()
        )


def recipient_words(draft: Draft) -> str:
    """Say to whom a reminder goes; nothing when nobody can be reached."""
    found = draft.destination
    if found is None:
        return ""
    if found.email:
        return f"{found.name} <{found.email}>"
    return ", ".join(found.address)


def email_view(draft: Draft, content: Content) -> EmailView:
    """Return an e-mail as it will be, with the names of what it carries."""
    found = draft.destination
    names = [copy_name(invoice) for invoice in draft.wish.invoices]
    if content.letter is not None:
        names.insert(0, _("Letter (PDF)"))
    return EmailView(
        to=recipient_words(draft),
        copies=", ".join(found.copies) if found else "",
        subject=content.subject,
        body=_without_styles(content.html),
        attachments=tuple(names),
    )


def wish_from(invoice: Invoice, chosen: QueryDict) -> Wish:
    """Return what the form's fields ask for; what they leave out is proposed."""
    level = chosen.get("level", "")
    next_on = chosen.get("next_on", "")
    if next_on == chosen.get("proposed_next_on"):
        # Left as it was proposed: another level may propose another.
        next_on = ""
    why = chosen.get("why", "").strip()
    return Wish(
        invoice=invoice,
        channel=_channel_from(invoice, chosen),
        level=Level.objects.filter(pk=level).first() if level.isdecimal() else None,
        note=chosen.get("note", ""),
        next_on=read_day(next_on),
        overrides={
            code: why for code in Code if chosen.get(f"despite_{code.value}") == "on"
        },
    )


def _channel_from(invoice: Invoice, chosen: QueryDict) -> Channel:
    """Return what the boxes say; before they are shown, what the customer prefers."""
    how = chosen.get("how", "")
    if how in Channel.values:
        return Channel(how)
    if not chosen.get("shown"):
        return Channel(invoice.customer.preferred_channel or Channel.LETTER)
    for name, channel in (
        ("note_only", Channel.NONE),
        ("by_email", Channel.EMAIL),
        ("registered", Channel.REGISTERED),
    ):
        if chosen.get(name) == "on":
            return channel
    return Channel.LETTER


def _without_styles(html: str) -> SafeString:
    """Return an e-mail's body for our own page, whose CSP allows no style of its
    own. It was made by gateways.blocks, which escapes every text it is given."""
    return mark_safe(re.sub(r' style="[^"]*"', "", html))  # noqa: S308
