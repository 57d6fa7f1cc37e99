"""A text as it would be read today: the real page or e-mail, on an invoice chosen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from django.utils.translation import gettext as _

from relance.gateways.markup import MarkupError
from relance.models import Channel, Invoice, Level, Step, Text
from relance.queries.dossiers import Dossiers, read_dossiers
from relance.queries.sample_invoices import companions
from relance.queries.texts import TextKey
from relance.rules.fields import TextError
from relance.services.contents import Content, content_of
from relance.services.drafts import Draft, Part, Wish, drafts_from
from relance.services.field_values import FieldValues
from relance.services.text_words import regime_words
from relance.services.texts import TextData

# Days that a level gives which no procedure holds yet.
_DAYS_TO_PAY = 8


@dataclass(frozen=True, kw_only=True)
class TextPreview:
    """What a text makes of an invoice. ``remarks``: where this is not quite the
    invoice's own case."""

    draft: Draft
    remarks: tuple[str, ...] = ()

    def content(self, *, mark: str = "") -> Content | None:
        """Return the page or message; ``None`` when the text has errors."""
        try:
            return content_of(self.draft, number=0, mark=mark)
        except (TextError, MarkupError):
            return None

    def values(self) -> dict[str, str]:
        """Return the value of every field but the blocks, worded."""
        draft = self.draft
        joined = draft.letter_text is not None
        return FieldValues(draft, number=0, letter_joined=joined).values()


def preview(
    key: TextKey, data: TextData, invoice: Invoice, *, today: date
) -> TextPreview:
    """Return the text as a reminder of this invoice would have it today.

    Nothing is saved; the customer is taken to be of the text's type and language.
    """
    customer, remarks = invoice.customer, []
    if key.regime and customer.regime != key.regime:
        remarks.append(
            _("Shown as if %(customer)s were: %(type)s.")
            % {"customer": customer.name, "type": regime_words(key.regime)}
        )
        customer.regime = key.regime
    customer.language = key.language
    others = companions(invoice) if key.grouped else []
    if key.grouped and not others:
        remarks.append(
            _("This customer has no other unpaid invoice: it is shown twice.")
        )
        others = [invoice]
    for other in others:
        other.customer = customer
    text = Text(subject=data.subject, body=data.body, **key.lookup)
    dossiers = _with(key, text, read_dossiers([invoice, *others], today=today))
    [made] = drafts_from(dossiers, [_wish(key, invoice, others)], today=today)
    if made is None:
        raise AssertionError("the level was given to the procedure")
    return TextPreview(draft=made, remarks=tuple(remarks))


def _wish(key: TextKey, invoice: Invoice, others: Sequence[Invoice]) -> Wish:
    channel = Channel.LETTER
    if key.by_email:
        channel = Channel.EMAIL
    elif key.level.is_formal_notice:
        channel = Channel.REGISTERED
    return Wish(
        invoice=invoice,
        channel=channel,
        level=key.level,
        others=tuple(Part(invoice=other, level=key.level) for other in others),
    )


def _with(key: TextKey, text: Text, dossiers: Dossiers) -> Dossiers:
    """Return the dossiers as if the text were in use, at its level."""
    place = (*key.place[:4], _regime(dossiers))
    step = _step(key.level)
    return replace(
        dossiers,
        texts={**dossiers.texts, place: text},
        by_invoice={
            pk: replace(dossier, steps=_steps(dossier.steps, step))
            for pk, dossier in dossiers.by_invoice.items()
        },
    )


def _regime(dossiers: Dossiers) -> str:
    """Return the type of the one customer of some dossiers."""
    first = next(iter(dossiers.by_invoice.values()))
    return first.invoice.customer.regime


def _step(level: Level) -> Step:
    found = Step.objects.filter(level=level).select_related("level").first()
    return found or Step(level=level, days_after_due=0, days_to_pay=_DAYS_TO_PAY)


def _steps(steps: Sequence[Step], step: Step) -> tuple[Step, ...]:
    if any(known.level_id == step.level_id for known in steps):
        return tuple(steps)
    return tuple(sorted([*steps, step], key=lambda known: known.level.rank))
