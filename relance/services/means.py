"""What the channel, the text, the rates and the law's list say against a draft."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from relance.models import Text
from relance.rules.escalation import Code, Reason, Weight
from relance.rules.fields import NO_PENALTIES, fields_used
from relance.rules.formal_notice import Element, missing_elements
from relance.rules.regimes import Regime
from relance.services.fact_words import joined, rate_code
from relance.services.field_values import FieldValues

if TYPE_CHECKING:
    from relance.services.drafts import Draft


def reasons_of_the_means(draft: Draft) -> Iterator[Reason]:
    """Yield what keeps this reminder from being written or sent as asked."""
    if draft.credits and draft.balance <= 0:
        yield Reason(code=Code.SETTLED, weight=Weight.HARD)
    if draft.destination is None:
        code = Code.NO_EMAIL if draft.by_email else Code.NO_ADDRESS
        yield Reason(code=code, weight=Weight.HARD)
    if draft.text is None:
        yield Reason(
            code=Code.TEXT_MISSING,
            weight=Weight.HARD,
            facts={"what": f"{draft.step.level.name}, {draft.language}"},
        )
        return
    yield from _of_the_rates(draft, draft.text)
    if draft.step.level.is_formal_notice and draft.destination is not None:
        missing = _missing(draft, draft.letter_text or draft.text)
        if missing:
            yield Reason(
                code=Code.ELEMENT_MISSING,
                weight=Weight.HARD,
                facts={"what": joined(*missing)},
            )


def _of_the_rates(draft: Draft, text: Text) -> Iterator[Reason]:
    """A rate matters only where the text states an amount made with it."""
    used = fields_used(text.subject + text.body)
    needs = {"tableau.sommes", "total.exigible"} & used or any(
        name.startswith("penalites.") for name in used
    )
    if not needs or Regime(draft.customer.regime) in NO_PENALTIES:
        return
    missing = [claim.missing for claim in draft.claims if claim.missing is not None]
    if missing:
        what = rate_code(missing[0].kind, missing[0].half_year)
        yield Reason(code=Code.RATE_MISSING, weight=Weight.HARD, facts={"what": what})
        return
    unverified = {pair for found in draft.statements for pair in found.unverified}
    if unverified:
        what = joined(*(rate_code(*pair) for pair in sorted(unverified)))
        yield Reason(
            code=Code.RATE_UNVERIFIED, weight=Weight.WARNING, facts={"what": what}
        )


def _missing(draft: Draft, text: Text) -> tuple[Element, ...]:
    values = FieldValues(draft, number=0, letter_joined=False).values()
    return missing_elements(
        f"{text.subject}\n\n{text.body}",
        values,
        regime=Regime(draft.customer.regime),
        grouped=draft.grouped,
    )
