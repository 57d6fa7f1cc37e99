"""The reasons against a reminder in a few words, for the column of a table; the
whole sentence is in ``services.reasons``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from relance.gateways import wording
from relance.rules.escalation import Code, Reason
from relance.services.active_language import active_language


def in_short(reason: Reason, *, currency: str = "EUR") -> str:
    """Return what a reason is, in the active language: "Dispute since 18/10/2026"."""
    return _WORDS[reason.code](_said(reason.facts, currency))


def code_in_short(code: str) -> str:
    """Return the same of a reason of which only the code was kept."""
    return _WORDS[Code(code)](dict.fromkeys(_FACTS, ""))


_FACTS = ("on", "until", "amount", "reminded", "made", "reference")


def _said(facts: Mapping[str, object], currency: str) -> dict[str, str]:
    language = active_language()
    said = dict.fromkeys(_FACTS, "")
    for name, value in facts.items():
        if isinstance(value, date):
            said[name] = wording.short_date(value)
        elif isinstance(value, Decimal):
            said[name] = wording.money(value, currency=currency, language=language)
        elif value is not None:
            said[name] = str(value)
    return said


def _suspended(said: dict[str, str]) -> str:
    if said["until"]:
        return _("Suspended until %(until)s") % said
    return _("Suspended since %(on)s") % said


def _promised(said: dict[str, str]) -> str:
    if said["until"]:
        return _("Payment promised for %(until)s") % said
    return _("Payment promised")


_WORDS: dict[Code, Callable[[dict[str, str]], str]] = {
    Code.SETTLED: lambda said: _("Nothing left to pay"),
    Code.CANCELLED: lambda said: _("Invoice cancelled"),
    Code.ABANDONED: lambda said: _("Invoice written off"),
    Code.CREDIT_NOTE: lambda said: _("Credit note"),
    Code.UNDER_WAY: lambda said: _("%(reference)s under way") % said,
    Code.INSOLVENCY: lambda said: _("Insolvency since %(on)s") % said,
    Code.LIMITATION_OVER: lambda said: _("Limitation period over") % said,
    Code.LIMITATION_NEAR: lambda said: _("Limitation on %(on)s") % said,
    Code.EINVOICE_STOPPED: lambda said: _("E-invoice refused or rejected"),
    Code.NO_ADDRESS: lambda said: _("No postal address"),
    Code.NO_EMAIL: lambda said: _("No e-mail address"),
    Code.TEXT_MISSING: lambda said: _("Text missing"),
    Code.ELEMENT_MISSING: lambda said: _("Formal notice incomplete"),
    Code.RATE_MISSING: lambda said: _("Rate missing"),
    Code.NOT_DUE: lambda said: _("Due on %(on)s") % said,
    Code.TOO_SOON: lambda said: _("Planned for %(on)s") % said,
    Code.BEFORE_START: lambda said: _("Nothing before %(on)s") % said,
    Code.CUSTOMER_TOO_SOON: lambda said: _("Customer reminded on %(reminded)s") % said,
    Code.MANUAL_HOLD: _suspended,
    Code.DISPUTE: lambda said: _("Dispute opened on %(on)s") % said,
    Code.PROMISE: _promised,
    Code.PLAN: lambda said: _("Payment plan running"),
    Code.EINVOICE_HOLD: lambda said: _("E-invoice contested"),
    Code.UNALLOCATED: lambda said: _("%(amount)s to allocate") % said,
    Code.PENDING_PAYMENT: lambda said: _("%(amount)s awaited from Dolibarr") % said,
    Code.NOT_POSTED: lambda said: _("Letter of %(made)s not posted") % said,
    Code.BELOW_MINIMUM: lambda said: _("Below %(amount)s") % said,
    Code.DIRECT_DEBIT: lambda said: _("Direct debit"),
    Code.FACTORED: lambda said: _("Sold to a factor"),
    Code.LEVEL_ABOVE: lambda said: _("A level would be skipped"),
    Code.LAST_LEVEL: lambda said: _("Last level reached"),
    Code.COURTESY_OVER: lambda said: _("Already due"),
    Code.ABOVE_HIGHEST: lambda said: _("Highest level reached"),
    Code.APPROVAL_NEEDED: lambda said: _("Agreement to ask for"),
    Code.APPROVAL_ASKED: lambda said: _("Agreement awaited"),
    Code.APPROVAL_REFUSED: lambda said: _("Agreement refused"),
    Code.APPROVAL_OUTGROWN: lambda said: _("Agreement outgrown"),
    Code.RATE_UNVERIFIED: lambda said: _("Rate not verified"),
    Code.OTHER_IBAN: lambda said: _("Another IBAN"),
    Code.BALANCE_CHANGED: lambda said: _("Balance changed"),
    Code.RECIPIENT_CHANGED: lambda said: _("Recipient changed"),
}
