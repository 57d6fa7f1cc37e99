"""Life-cycle statuses of e-invoices, in words."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

# The words of the reform (AFNOR XP Z12-012).
LABELS: dict[str, str | Promise] = {
    "200": pgettext_lazy("e-invoice", "filed"),
    "201": pgettext_lazy("e-invoice", "issued by the platform"),
    "202": pgettext_lazy("e-invoice", "received by the platform"),
    "203": pgettext_lazy("e-invoice", "made available to the customer"),
    "204": pgettext_lazy("e-invoice", "taken in charge"),
    "205": pgettext_lazy("e-invoice", "approved"),
    "206": pgettext_lazy("e-invoice", "approved in part"),
    "207": pgettext_lazy("e-invoice", "disputed"),
    "208": pgettext_lazy("e-invoice", "suspended, a document is missing"),
    "209": pgettext_lazy("e-invoice", "completed"),
    "210": pgettext_lazy("e-invoice", "refused"),
    "211": pgettext_lazy("e-invoice", "payment sent"),
    "212": pgettext_lazy("e-invoice", "paid"),
    "213": pgettext_lazy("e-invoice", "rejected by the platform"),
    "214": pgettext_lazy("e-invoice", "initialled"),
    "220": pgettext_lazy("e-invoice", "cancelled"),
    "221": pgettext_lazy("e-invoice", "misrouted"),
    "224": pgettext_lazy("e-invoice", "direct payment asked for"),
    "225": pgettext_lazy("e-invoice", "factored"),
    "226": pgettext_lazy("e-invoice", "factored, confidential"),
    "227": pgettext_lazy("e-invoice", "another account to pay to"),
    "228": pgettext_lazy("e-invoice", "not factored"),
    "500": pgettext_lazy("e-invoice", "receivable"),
    "501": pgettext_lazy("e-invoice", "not receivable"),
}
# Why, by the codes of the reform; others are shown as they are.
REASONS: dict[str, str | Promise] = {
    "JUSTIF_ABS": _("supporting document missing"),
    "COORD_BANC_ERR": _("wrong bank details"),
    "TX_TVA_ERR": _("wrong VAT rate"),
    "MONTANTTOTAL_ERR": _("wrong total"),
    "CALCUL_ERR": _("wrong computation"),
    "NON_CONFORME": _("a legal element is missing"),
    "DOUBLON": _("duplicate"),
    "DEST_INC": _("recipient unknown"),
    "DEST_ERR": _("wrong recipient"),
    "TRANSAC_INC": _("transaction unknown"),
    "EMMET_INC": _("issuer unknown"),
    "CONTRAT_TERM": _("contract ended"),
    "DOUBLE_FACT": _("invoiced twice"),
    "CMD_ERR": _("wrong or missing order number"),
    "ADR_ERR": _("wrong address"),
    "SIRET_ERR": _("wrong or missing SIRET"),
    "CODE_ROUTAGE_ERR": _("wrong routing code"),
    "REF_CT_ABSENT": _("contract reference missing"),
    "REF_ERR": _("wrong reference"),
    "PU_ERR": _("wrong unit price"),
    "REM_ERR": _("wrong discount"),
    "QTE_ERR": _("wrong quantity"),
    "ART_ERR": _("wrong article"),
    "MODPAI_ERR": _("wrong payment terms"),
    "QUALITE_ERR": _("wrong quality"),
    "LIVR_INCOMP": _("delivery incomplete"),
    "NON_TRANSMISE": _("not transmitted"),
    "ROUTAGE_ERR": _("misrouted"),
    "AUTRE": _("other"),
}


def label(code: str) -> str:
    """Return a status as people read it: its code and its name."""
    return f"{code} {LABELS.get(code, '')}".strip()


def why(reason_code: str, reason: str) -> str:
    """Return why a status was given, empty when it was not said."""
    named = str(REASONS.get(reason_code.upper(), reason_code))
    if named and reason:
        return f"{named}: {reason}" if reason != named else named
    return reason or named
