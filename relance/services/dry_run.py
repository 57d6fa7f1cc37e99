"""What the button would make, without making anything: previews, and a file of all.

Nothing here is saved, and nothing takes a number.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import batched
from typing import BinaryIO

from django.utils.translation import gettext as _

from relance.gateways import mail, marked, pdf, typesetter
from relance.gateways.storage import CorruptFile, MissingFile
from relance.models import Channel, Company, MailAccount, Proposal, Run, RunLine
from relance.queries.company import company, mail_account
from relance.services import run_lines
from relance.services.contents import Content, content_of
from relance.services.copies import InvoiceFile, copy_name, invoice_pdf
from relance.services.drafts import Draft, drafts
from relance.services.look import current_look
from relance.services.making import NOTICE_RED, REMINDER_AMBER
from relance.services.proposal_decisions import suited
from relance.services.reasons import in_words
from relance.services.run_work import wish_of

# Rows of one file; past them it would be long to make and to look at.
MOST = 1_000
# Letters set at once: their pages wait in memory for the copies behind them.
BATCH = 50

_UNREADABLE = (typesetter.PageError, mail.UnsendableMail, MissingFile, CorruptFile)


@dataclass(kw_only=True)
class Planned:
    """A reminder as the button would make it, and the rows that it is about."""

    rows: tuple[Proposal, ...]
    draft: Draft
    # Of the file of all: where it is in it, and why it is not.
    file: str = ""
    trouble: str = ""
    content: Content | None = field(default=None, repr=False)


def planned(rows: Sequence[Proposal], *, grouped: bool, today: date) -> list[Planned]:
    """Return the reminders that these rows would become; reads only.

    The rows are read with invoice, document, customer and levels. One that is not
    ticked is taken as the customer prefers.
    """
    run = Run(grouped=grouped, made_on=today)
    chosen = [_with_channel(row) for row in rows if row.level_that_counts is not None]
    lines = run_lines.lines_of(run, chosen, today=today)
    groups: defaultdict[int, list[tuple[Proposal, RunLine]]] = defaultdict(list)
    for row, line in zip(chosen, lines, strict=True):
        groups[line.group].append((row, line))
    wishes = [wish_of([line for _row, line in found]) for found in groups.values()]
    made = drafts(wishes, today=today) if wishes else []
    return [
        Planned(rows=tuple(row for row, _line in found), draft=draft)
        for found, draft in zip(groups.values(), made, strict=True)
        if draft is not None
    ]


def compose(reminders: Sequence[Planned]) -> None:
    """Write the words of each reminder, or why it would be left out."""
    for one in reminders:
        draft = one.draft
        if draft.in_the_way:
            one.trouble = " ".join(
                in_words(reason, currency=draft.currency) for reason in draft.in_the_way
            )
        else:
            # The pages of letters are crossed once they are joined.
            mark = _("Preview") if draft.by_email else ""
            one.content = content_of(draft, number=0, mark=mark)


def write_letters(reminders: Sequence[Planned], out: BinaryIO, *, name: str) -> bool:
    """Write the letters with their stamped copies as one PDF, each page marked as a
    preview, and say whether there was any. Those that could not be set say why."""
    file = marked.MarkedFile(out, mark=_("Preview"))
    for batch in batched(_letters(reminders), BATCH):
        letters = [letter for _one, letter in batch]
        pages = typesetter.letters_pdf(letters, current_look(letters))
        for (one, _letter), page in zip(batch, pages, strict=True):
            try:
                if isinstance(page, typesetter.PageError):
                    raise page
                file.add([pdf.Part(data=page), *_copies(one.draft)])
                one.file = name
            except _UNREADABLE as error:
                one.trouble = str(error)
    return file.finish() > 0


def _letters(
    reminders: Sequence[Planned],
) -> Iterator[tuple[Planned, typesetter.Letter]]:
    for one in reminders:
        letter = one.content and one.content.letter
        if letter and not one.draft.by_email:
            yield one, letter


def messages(
    reminders: Sequence[Planned], *, now: datetime
) -> Iterator[tuple[str, bytes]]:
    """Yield each e-mail as a file for any mail program, its name first; the subject
    says that it is a preview."""
    ours, account = company(), mail_account()
    for number, one in enumerate(reminders, start=1):
        if one.content is None or not one.draft.by_email:
            continue
        try:
            data = mail.build(
                _message(one.draft, one.content, ours, account, number=number),
                date=now,
            )
        except _UNREADABLE as error:
            one.trouble = str(error)
            continue
        one.file = f"{number:04d}_{_number(one)}.eml"
        yield one.file, data


def _number(one: Planned) -> str:
    """Return the number of its first invoice, as a file may be named."""
    name = copy_name(one.draft.wish.invoice)
    return name.removeprefix("Facture_").removesuffix("_copie.pdf")


def _message(
    draft: Draft,
    content: Content,
    ours: Company,
    account: MailAccount | None,
    *,
    number: int,
) -> mail.Mail:
    found = draft.destination
    sender = account.sender_email if account else ours.email
    return mail.Mail(
        message_id=f"<apercu-{number}@relance.invalid>",
        sender=sender or "apercu@relance.invalid",
        sender_name=(account.sender_name if account else "") or ours.name,
        recipient=found.email if found else "",
        copies=tuple(found.copies) if found else (),
        subject=f"[{_('Preview')}] {content.subject}",
        text=content.plain,
        html=content.html,
        files=tuple(_joined(draft, content)),
    )


def _joined(draft: Draft, content: Content) -> Iterator[mail.File]:
    if content.letter is not None:
        [page] = typesetter.letters_pdf(
            [content.letter], current_look([content.letter])
        )
        if isinstance(page, typesetter.PageError):
            raise page
        yield _pdf(_("Letter") + ".pdf", page)
    for invoice, part in zip(draft.wish.invoices, _copies(draft), strict=True):
        stamped = part.stamp and draft.company.attach_stamped_copy
        data = pdf.join([part]) if stamped else part.data
        yield _pdf(copy_name(invoice), data)


def _pdf(name: str, data: bytes) -> mail.File:
    return mail.File(name=name, media_type="application/pdf", data=data)


def _copies(draft: Draft) -> Iterator[pdf.Part]:
    """Yield the invoices with their stamp, as they go behind the letter."""
    level = draft.step.level
    for invoice in draft.wish.invoices:
        found = invoice_pdf(invoice)
        kept = found.document and InvoiceFile(document=found.document, data=found.data)
        yield pdf.Part(
            data=found.data,
            stamp=level.stamp,
            colour=NOTICE_RED if level.is_formal_notice else REMINDER_AMBER,
            places=kept.places if kept else {},
        )


def _with_channel(row: Proposal) -> Proposal:
    if row.channel:
        return row
    level = row.level_that_counts
    if level is not None and level.is_formal_notice:
        row.channel = Channel.REGISTERED
        return row
    prefers = row.customer.preferred_channel
    suits = suited(prefers, letter=not row.letter_trouble, email=not row.email_trouble)
    # Where neither can be written, what keeps the one preferred is said.
    row.channel = suits or (prefers if prefers == Channel.LETTER else Channel.EMAIL)
    return row
