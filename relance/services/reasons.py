"""The reasons against a reminder, in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from relance.gateways import wording
from relance.rules.escalation import Code, Reason
from relance.services.active_language import active_language
from relance.services.fact_words import what_in_words

type Facts = Mapping[str, object]


def in_words(reason: Reason, *, currency: str = "EUR") -> str:
    """Return the sentence that a person reads, in the active language."""
    return _SENTENCES[reason.code](_Worded(reason.facts, currency))


class _Worded:
    """The facts of a reason, each as the active language writes it."""

    def __init__(self, facts: Facts, currency: str) -> None:
        self._facts = facts
        self._currency = currency

    def __getattr__(self, name: str) -> str:
        value = self._facts.get(name)
        if name == "what":
            return what_in_words(str(value or ""))
        language = active_language()
        if isinstance(value, date):
            return wording.short_date(value)
        if isinstance(value, Decimal):
            return wording.money(value, currency=self._currency, language=language)
        return "" if value is None else str(value)


def _until(sentence: str, facts: _Worded) -> str:
    """Add "until…" and the part concerned to a hold's sentence."""
    if facts.until:
        sentence = _("%(reason)s, until %(until)s") % {
            "reason": sentence,
            "until": facts.until,
        }
    if facts.amount:
        sentence = _("%(reason)s, for %(amount)s") % {
            "reason": sentence,
            "amount": facts.amount,
        }
    return sentence


def _awaited(facts: _Worded) -> str:
    if facts.told == "1":
        return _(
            "Payment of %(amount)s received on %(on)s by the bank, not yet in Dolibarr."
        )
    return _(
        "%(amount)s received from this customer on %(on)s by the bank, not yet in "
        "Dolibarr, may pay this invoice."
    )


_SENTENCES: dict[Code, Callable[[_Worded], str]] = {
    Code.SETTLED: lambda f: _("Nothing is left to pay."),
    Code.CANCELLED: lambda f: _("This invoice is cancelled."),
    Code.ABANDONED: lambda f: _("This invoice was written off."),
    Code.CREDIT_NOTE: lambda f: _("This is a credit note: nothing is owed to you."),
    Code.UNDER_WAY: lambda f: (
        _(
            "Reminder %(reference)s of this invoice is not finished: let it leave, "
            "cancel it or say whether it left."
        )
        % {"reference": f.reference}
    ),
    Code.INSOLVENCY: lambda f: (
        _(
            "Insolvency proceedings opened on %(on)s: this earlier invoice is claimed "
            "from the court-appointed administrator, no longer from the customer."
        )
        % {"on": f.on}
    ),
    Code.LIMITATION_OVER: lambda f: (
        _(
            "The limitation period ended on %(on)s: a formal notice no longer has "
            "effect."
        )
        % {"on": f.on}
    ),
    Code.LIMITATION_NEAR: lambda f: (
        _(
            "The limitation period ends on %(on)s: obtain a written acknowledgement "
            "of the debt, or go to court before. A letter does not stop it."
        )
        % {"on": f.on}
    ),
    Code.EINVOICE_STOPPED: lambda f: (
        _(
            "The e-invoice was refused, rejected or cancelled (status %(status)s): it "
            "must be corrected first."
        )
        % {"status": f.status}
    ),
    Code.NO_ADDRESS: lambda f: _("No postal address that a letter can reach is known."),
    Code.NO_EMAIL: lambda f: _("No e-mail address is known for this customer."),
    Code.TEXT_MISSING: lambda f: (
        _("There is no text for this reminder: %(what)s.") % {"what": f.what}
    ),
    Code.ELEMENT_MISSING: lambda f: (
        _("A formal notice must have everything; this is missing: %(what)s.")
        % {"what": f.what}
    ),
    Code.RATE_MISSING: lambda f: (
        _("The rate needed to compute the penalties is missing: %(what)s.")
        % {"what": f.what}
    ),
    Code.NOT_DUE: lambda f: _("Not yet due: to be paid by %(on)s.") % {"on": f.on},
    Code.TOO_SOON: lambda f: _("Too soon: planned from %(on)s.") % {"on": f.on},
    Code.BEFORE_START: lambda f: (
        _("Nothing is proposed before %(on)s: so you chose when you took over.")
        % {"on": f.on}
    ),
    Code.CUSTOMER_TOO_SOON: lambda f: (
        _(
            "This customer was already reminded on %(reminded)s: leave them until "
            "%(on)s."
        )
        % {"reminded": f.reminded, "on": f.on}
    ),
    Code.MANUAL_HOLD: lambda f: _until(
        _("Reminders suspended since %(on)s") % {"on": f.on}, f
    ),
    Code.DISPUTE: lambda f: _until(_("Disputed since %(on)s") % {"on": f.on}, f),
    Code.PROMISE: lambda f: _until(
        _("Payment promised, noted on %(on)s") % {"on": f.on}, f
    ),
    Code.PLAN: lambda f: _until(
        _("Payment plan running since %(on)s") % {"on": f.on}, f
    ),
    Code.EINVOICE_HOLD: lambda f: (
        _(
            "The customer contests the e-invoice or asks for a document (status "
            "%(status)s)."
        )
        % {"status": f.status or "207"}
    ),
    Code.UNALLOCATED: lambda f: (
        _(
            "%(amount)s received or credited is not allocated yet and may pay this "
            "invoice."
        )
        % {"amount": f.amount}
    ),
    Code.PENDING_PAYMENT: lambda f: _awaited(f) % {"amount": f.amount, "on": f.on},
    Code.NOT_POSTED: lambda f: (
        _("The letter of %(made)s is not marked as posted.") % {"made": f.made}
    ),
    Code.BELOW_MINIMUM: lambda f: (
        _("Less than the smallest balance worth a reminder (%(amount)s).")
        % {"amount": f.amount}
    ),
    Code.DIRECT_DEBIT: lambda f: _("Paid by direct debit: the debit comes from you."),
    Code.FACTORED: lambda f: _("Sold to a factor: they collect it."),
    Code.LEVEL_ABOVE: lambda f: _(
        "This level is higher than the next one: a level would be skipped."
    ),
    Code.LAST_LEVEL: lambda f: _("The last level has already been reached."),
    Code.COURTESY_OVER: lambda f: (
        _("This level is for before the due date, and that was %(on)s.") % {"on": f.on}
    ),
    Code.ABOVE_HIGHEST: lambda f: (
        _("This customer is reminded up to “%(level)s”, not beyond.")
        % {"level": f.level}
    ),
    Code.APPROVAL_NEEDED: lambda f: _(
        "From this amount a second person must agree to this level: ask for their "
        "agreement."
    ),
    Code.APPROVAL_ASKED: lambda f: (
        _("Waiting for the agreement that %(by)s asked for on %(on)s.")
        % {"by": f.by, "on": f.on}
    ),
    Code.APPROVAL_REFUSED: lambda f: (
        _("%(by)s refused this level on %(on)s: %(note)s")
        % {"by": f.by, "on": f.on, "note": f.note}
    ),
    Code.APPROVAL_OUTGROWN: lambda f: (
        _(
            "The agreement was given for %(amount)s, and more is owed now: ask for "
            "another."
        )
        % {"amount": f.amount}
    ),
    Code.RATE_UNVERIFIED: lambda f: (
        _("A rate used here has not been verified yet: %(what)s.") % {"what": f.what}
    ),
    Code.OTHER_IBAN: lambda f: (
        _(
            "Another IBAN than yours stands on the invoice: %(iban)s. Check which "
            "account the customer pays to."
        )
        % {"iban": wording.iban(f.iban)}
    ),
    Code.BALANCE_CHANGED: lambda f: (
        _("The balance has changed meanwhile: %(before)s then, %(now)s now.")
        % {"before": f.before, "now": f.now}
    ),
    Code.RECIPIENT_CHANGED: lambda f: (
        _("The recipient has changed meanwhile: it was %(before)s.")
        % {"before": f.before}
    ),
}
