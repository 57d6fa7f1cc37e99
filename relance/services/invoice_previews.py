"""An invoice as it would go with a reminder, before anything is made."""

from __future__ import annotations

from relance.gateways import pdf
from relance.services.copies import invoice_pdf
from relance.services.drafts import Draft
from relance.services.making import colour_of


def invoice_preview(draft: Draft) -> bytes:
    """Return the invoice as it would follow the letter, or go with the e-mail."""
    data, level = invoice_pdf(draft.wish.invoice).data, draft.step.level
    if not level.stamp or (draft.by_email and not draft.company.attach_stamped_copy):
        return data
    return pdf.stamp(data, level.stamp, colour=colour_of(level.kind))
