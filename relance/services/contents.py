"""The words of a reminder, put together as the data of its page or message."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import override

from relance.gateways import blocks, markup, wording
from relance.gateways.printable import cut
from relance.gateways.typesetter import Letter, Statement
from relance.models import Channel, Text
from relance.models.reminders import reminder_reference
from relance.rules.debts import Imputation
from relance.rules.fields import fields_used, resolve
from relance.rules.regimes import Regime
from relance.services import addressing, letterhead
from relance.services.drafts import Draft
from relance.services.field_values import FieldValues

# What a kept reminder has room for: long names may fill a short subject.
LONGEST_SUBJECT = 300
# More enclosed invoices than this are counted, no longer named.
_MOST_NAMED = 5


@dataclass(frozen=True, kw_only=True)
class Content:
    """A reminder in words: its subject, its body as plain text, its data."""

    subject: str
    plain: str
    data: dict[str, Any]
    # The e-mail's body as HTML; empty for a letter.
    html: str = ""
    letter: Letter | None = None


@dataclass(frozen=True, kw_only=True)
class _Worded:
    """A text with its fields filled in."""

    subject: str
    body: tuple[blocks.Block, ...] = field(default=())


def content_of(draft: Draft, *, number: int, mark: str = "") -> Content:
    """Return the content of a draft that has a text and a destination.

    ``mark`` is written across the page ("Aperçu"), for what is only looked at.
    """
    if draft.by_email:
        return _email(draft, number=number, mark=mark)
    values = FieldValues(draft, number=number, letter_joined=False)
    worded = _worded(draft, draft.text, values)
    letter = _letter(draft, worded, values, number=number, mark=mark)
    return Content(
        subject=worded.subject,
        plain=blocks.to_plain(worded.body),
        data={"letter": letter.as_data()},
        letter=letter,
    )


def _email(draft: Draft, *, number: int, mark: str) -> Content:
    """A formal notice by e-mail carries its letter."""
    letter = None
    letter_text = draft.letter_text
    values = FieldValues(draft, number=number, letter_joined=letter_text is not None)
    worded = _worded(draft, draft.text, values)
    if letter_text is not None:
        page = _worded(draft, letter_text, values)
        letter = _letter(draft, page, values, number=number, mark=mark)
    plain, html = blocks.to_plain(worded.body), blocks.to_email_html(worded.body)
    data = {
        "text": plain,
        "html": html,
        "letter": letter.as_data() if letter is not None else None,
    }
    return Content(
        subject=worded.subject, plain=plain, html=html, data=data, letter=letter
    )


def _worded(draft: Draft, text: Text | None, fields: FieldValues) -> _Worded:
    if text is None:
        raise ValueError("a draft without a text has no content")
    values = fields.values()
    regime = Regime(draft.customer.regime)
    body = resolve(text.body, values, regime=regime)
    note: tuple[blocks.Block, ...] = ()
    if "coordonnees_bancaires" not in fields_used(body):
        # The bank details stand in words of their own: the note comes last.
        note = letterhead.bank_note(draft.company, day=draft.made_on)
    subject = resolve(text.subject, values, regime=regime)
    line = wording.typography(
        markup.fill_line(subject, values), language=draft.language
    )
    return _Worded(
        subject=cut(line, LONGEST_SUBJECT),
        body=(
            *markup.fill(
                wording.typography(body, language=draft.language),
                values,
                fields.blocks(),
            ),
            *note,
        ),
    )


def _letter(
    draft: Draft, worded: _Worded, fields: FieldValues, *, number: int, mark: str
) -> Letter:
    ours, language = draft.company, draft.language
    address = draft.destination.address if draft.destination else ()
    if not address:  # by e-mail
        address = addressing.legal_address(draft.customer, company=ours)
    with override(language):
        return Letter(
            reference=reminder_reference(number),
            sender=letterhead.sender(ours),
            address=address or (addressing.debtor_name(draft.customer),),
            sending_mode=_sending_mode(draft),
            place_and_date=letterhead.place_and_date(ours, fields.long(draft.made_on)),
            subject=worded.subject,
            references=_references(draft, number=number),
            body=tuple(blocks.to_json(worded.body)),
            signatory=letterhead.signatory(draft.signatory, language=language),
            signature=_signature(draft),
            enclosures=_enclosures(draft),
            footer=letterhead.footer(ours),
            language=language,
            labels={"subject": _("Subject")},
            statement=penalty_statement(draft, fields),
            draft=mark,
        )


def _signature(draft: Draft) -> str:
    """Return the content hash of the signature's picture; empty without one."""
    signs = draft.signatory
    return signs.signature.sha256 if signs and signs.signature else ""


def _sending_mode(draft: Draft) -> str:
    modes: Mapping[str, str] = {
        Channel.REGISTERED: _("REGISTERED LETTER WITH ACKNOWLEDGEMENT OF RECEIPT"),
        Channel.EMAIL: _("BY E-MAIL"),
    }
    return modes.get(draft.wish.channel, "")


def _references(draft: Draft, *, number: int) -> tuple[tuple[str, str], ...]:
    ours = f"{draft.customer.code} / {reminder_reference(number)}"
    theirs = "" if draft.grouped else draft.wish.invoice.customer_reference
    rows = [(_("Your ref."), theirs), (_("Our ref."), ours)]
    return tuple((label, value) for label, value in rows if value)


def _enclosures(draft: Draft) -> str:
    numbers = [item.invoice.number for item in draft.items]
    if not draft.grouped:
        copy = _("copy of invoice %(number)s") % {"number": numbers[0]}
    elif len(numbers) <= _MOST_NAMED:
        copy = _("copies of invoices %(numbers)s") % {"numbers": ", ".join(numbers)}
    else:
        copy = _("copies of the %(count)s invoices") % {"count": len(numbers)}
    joined = [copy]
    if draft.joins_statement:
        joined.append(_("statement of penalties"))
    return _("Encl.: %(list)s") % {"list": ", ".join(joined)}


def penalty_statement(draft: Draft, fields: FieldValues) -> Statement | None:
    """Return the *décompte*: a line for each segment, adding up to the cent."""
    if not draft.joins_statement:
        return None
    header = (
        _("From"),
        _("Up to"),
        _("Days"),
        _("Principal"),
        _("Rate"),
        _("Penalties"),
    )
    first = (_("Invoice"),) if draft.grouped else ()
    total = (_("Total"), "", "", "", "", fields.money(draft.penalties))
    invoice = draft.wish.invoice
    intro = _("Invoice %(number)s, due on %(day)s") % {
        "number": invoice.number,
        "day": fields.long(invoice.due_date),
    }
    aligns = ("left", "left", "right", "right", "right", "right")
    return Statement(
        title=_("Statement of late-payment penalties"),
        intro="" if draft.grouped else intro,
        header=(*first, *header),
        rows=tuple(_segments(draft, fields)),
        aligns=("left", *aligns) if draft.grouped else aligns,
        total=(total[0], "", *total[1:]) if draft.grouped else total,
        notes=tuple(_statement_notes(draft, fields)),
    )


def _segments(draft: Draft, fields: FieldValues) -> Iterator[tuple[str, ...]]:
    for claim in draft.claims:
        first = (claim.invoice.number,) if draft.grouped else ()
        for segment in claim.statement.segments if claim.statement else ():
            yield (
                *first,
                wording.short_date(segment.start),
                wording.short_date(segment.end),
                str(segment.days),
                fields.money(segment.base),
                wording.rate(segment.rate, language=draft.language),
                fields.money(segment.amount),
            )


def _statement_notes(draft: Draft, fields: FieldValues) -> Iterator[str]:
    yield _("Interest = principal × rate × days / 365, each line to the cent.")
    if amount := fields.indemnity():
        yield _("Fixed indemnity for recovery costs: %(amount)s.") % {"amount": amount}
    yield from _imputation_notes(draft, fields)
    stopped = fields.stopped_on()
    if stopped is not None:
        words = _("Computed to %(day)s, the end of the last known half-year's rate.")
        yield words % {"day": wording.short_date(stopped)}


def _imputation_notes(draft: Draft, fields: FieldValues) -> Iterator[str]:
    """Say what payments settle first, and what each of them settled."""
    if draft.company.imputation == Imputation.PRINCIPAL:
        yield _("Payments are set against the principal of the invoice they name.")
        return
    yield _(
        "Payments are set against the interest run up to their day first, then the "
        "principal (art. 1343-1 of the French Civil Code)."
    )
    for claim in draft.claims:
        statement = claim.statement
        for one in statement.imputed if statement else ():
            words = _(
                "Invoice %(number)s, %(day)s: %(interest)s on interest, %(principal)s "
                "on the principal."
            )
            yield words % {
                "number": claim.invoice.number,
                "day": wording.short_date(one.on),
                "interest": fields.money(one.interest),
                "principal": fields.money(one.principal),
            }
        if statement and statement.imputed:
            words = _(
                "Left to pay of invoice %(number)s: principal %(principal)s, interest "
                "%(interest)s."
            )
            yield words % {
                "number": claim.invoice.number,
                "principal": fields.money(statement.principal),
                "interest": fields.money(
                    statement.penalties - statement.settled_interest
                ),
            }
