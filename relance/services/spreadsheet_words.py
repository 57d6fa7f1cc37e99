"""What is wrong with a cell, and what a file brings, in words."""

from __future__ import annotations

import re
from collections.abc import Callable

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy, ngettext, pgettext_lazy
from django.utils.translation import gettext as _

from relance.rules.spreadsheet_targets import Kind, Target
from relance.services.spreadsheet_decisions import Status
from relance.services.spreadsheet_records import Problem, Trouble
from relance.services.spreadsheet_reports import Report

LABELS: dict[Target, str | Promise] = {
    Target.CODE: gettext_lazy("Customer code"),
    Target.NAME: gettext_lazy("Customer name"),
    Target.SIREN: gettext_lazy("SIREN"),
    Target.SIRET: gettext_lazy("SIRET"),
    Target.VAT_NUMBER: gettext_lazy("VAT number"),
    Target.EMAIL: gettext_lazy("E-mail"),
    Target.PHONE: gettext_lazy("Telephone"),
    Target.ADDRESS: gettext_lazy("Address"),
    Target.ADDRESS_MORE: gettext_lazy("Address, continued"),
    Target.POSTCODE: gettext_lazy("Postcode"),
    Target.CITY: gettext_lazy("Town"),
    Target.COUNTRY: gettext_lazy("Country"),
    Target.TERMS: gettext_lazy("Payment terms"),
    Target.NUMBER: gettext_lazy("Invoice number"),
    Target.DOCUMENT_KIND: gettext_lazy("Kind (invoice, credit note, deposit)"),
    Target.CORRECTS: gettext_lazy("Invoice that a credit note is about"),
    Target.ISSUED_ON: gettext_lazy("Invoice date"),
    Target.DUE_DATE: gettext_lazy("Due date"),
    Target.TOTAL: gettext_lazy("Total incl. VAT"),
    Target.PAID: gettext_lazy("Already paid"),
    Target.PAID_ON: gettext_lazy("Paid on"),
    Target.BALANCE: gettext_lazy("Left to pay"),
    Target.CURRENCY: gettext_lazy("Currency"),
    Target.MODE: gettext_lazy("Payment mode"),
    Target.CUSTOMER_REFERENCE: gettext_lazy("Customer's reference"),
    Target.SUBJECT: gettext_lazy("Subject"),
    Target.DAY: pgettext_lazy("column of a file", "Date"),
    Target.AMOUNT: gettext_lazy("Amount"),
    Target.DEBIT: gettext_lazy("Debit"),
    Target.CREDIT: gettext_lazy("Credit"),
    Target.REFERENCE: gettext_lazy("Reference"),
    Target.LABEL: gettext_lazy("Words of the transfer"),
    Target.PAYER: gettext_lazy("Payer"),
    Target.PAYER_IBAN: gettext_lazy("Payer’s account"),
    Target.NOT_DUE: gettext_lazy("Not yet due"),
    Target.LATE_1: gettext_lazy("Late: 1 to 30 days"),
    Target.LATE_31: gettext_lazy("Late: 31 to 60 days"),
    Target.LATE_61: gettext_lazy("Late: 61 to 90 days"),
    Target.LATE_91: gettext_lazy("Late: 91 to 120 days"),
    Target.LATE_OVER_90: gettext_lazy("Late: more than 90 days"),
    Target.LATE_OVER_120: gettext_lazy("Late: more than 120 days"),
}

_WORDS: dict[Trouble, str | Promise] = {
    Trouble.NOT_A_DAY: gettext_lazy("“%(value)s” is not a date."),
    Trouble.NOT_AN_AMOUNT: gettext_lazy("“%(value)s” is not an amount."),
    Trouble.AMBIGUOUS: gettext_lazy(
        "“%(value)s”: one thousand, or one and a fraction? Say which mark parts the "
        "decimals of this column."
    ),
    Trouble.TOO_PRECISE: gettext_lazy("“%(value)s” has more than two decimals."),
    Trouble.TOO_LARGE: gettext_lazy("“%(value)s” is too large."),
    Trouble.FORMULA_ERROR: gettext_lazy(
        "The formula of this cell failed (%(value)s): mend it in the workbook."
    ),
    Trouble.MISSING: gettext_lazy("This cell is empty."),
    Trouble.TOO_WIDE: gettext_lazy(
        "This row has more cells than there are columns: a cell probably holds the "
        "separator."
    ),
    Trouble.TOO_LONG: gettext_lazy("This number is too long."),
    Trouble.NOT_POSITIVE: gettext_lazy(
        "%(value)s: a payment is above zero. Record a refund or a returned payment "
        "by hand."
    ),
    Trouble.DUE_BEFORE_ISSUE: gettext_lazy(
        "The due date, %(value)s, is before the invoice date."
    ),
    Trouble.SUMS_DISAGREE: gettext_lazy(
        "%(value)s: the amounts of this row do not add up."
    ),
    Trouble.PAID_TOO_MUCH: gettext_lazy("%(value)s: paid more than the total."),
    Trouble.IN_THE_FUTURE: gettext_lazy("%(value)s is in the future."),
    Trouble.UNKNOWN_KIND: gettext_lazy(
        "“%(value)s” is neither an invoice, a deposit nor a credit note."
    ),
    Trouble.UNKNOWN_CURRENCY: gettext_lazy("“%(value)s” is not a known currency."),
    Trouble.SIGN_DISAGREES: gettext_lazy(
        "%(value)s: a negative amount on what is not a credit note."
    ),
    Trouble.NUMBER_TWICE: gettext_lazy(
        "%(value)s stands higher in the file with other amounts."
    ),
    Trouble.CREDIT_USED: gettext_lazy(
        "%(value)s of this credit note are already used, on an invoice that the file "
        "does not name: enter what is left of it by hand."
    ),
    Trouble.CUSTOMER_UNKNOWN: gettext_lazy(
        "“%(value)s” is no known customer: import the customers first."
    ),
    Trouble.CUSTOMER_AMBIGUOUS: gettext_lazy(
        "Several customers are called “%(value)s”: a code would tell them apart."
    ),
    Trouble.CUSTOMER_DISAGREES: gettext_lazy(
        "This code is %(value)s’s here: the rest of the row says another customer."
    ),
    Trouble.CUSTOMER_TWICE: gettext_lazy("%(value)s stands higher in the file."),
    Trouble.INVOICE_UNKNOWN: gettext_lazy(
        "Invoice %(value)s is not here, and the row names no customer."
    ),
    Trouble.OTHER_CUSTOMER: gettext_lazy("Invoice %(value)s is another customer's."),
    Trouble.OTHER_CURRENCY: gettext_lazy("The invoice is not in %(value)s."),
    Trouble.CONFLICT: "%(value)s",
    Trouble.NOT_DEBT: gettext_lazy(
        "%(value)s is owed to the customer: enter the credit note by hand."
    ),
    Trouble.HAS_UNPAID: gettext_lazy(
        "%(value)s already has unpaid invoices here: the balance would count them "
        "twice."
    ),
    Trouble.UNKNOWN_MODE: gettext_lazy("“%(value)s”: kept as “other”."),
    Trouble.BAD_NUMBER: gettext_lazy(
        "%(value)s is not a valid number: it is left out."
    ),
    Trouble.BAD_EMAIL: gettext_lazy(
        "“%(value)s” is not an e-mail address: it is left out."
    ),
    Trouble.BAD_TERMS: gettext_lazy(
        "“%(value)s” is not understood as payment terms: it is left out."
    ),
    Trouble.BAD_COUNTRY: gettext_lazy("“%(value)s” is no country: it is left out."),
    Trouble.KNOWN_PAID: gettext_lazy(
        "%(value)s more were received here than the file says: nothing changes."
    ),
}


_AMOUNT = re.compile(r"-?\d+\.\d\d")


def problem_words(problem: Problem) -> str:
    """Return what is wrong, and what to do, as a sentence."""
    return str(_WORDS[problem.trouble]) % {"value": _said(problem.value)}


def _said(value: str) -> str:
    """Write what was computed as people do; what a cell holds stays as it is."""
    if (get_language() or "fr").startswith("fr") and _AMOUNT.fullmatch(value):
        return value.replace(".", ",")
    return value


def trouble_words(trouble: Trouble) -> str:
    """Return what is wrong with many cells, without the value of one."""
    sentence = str(_WORDS[trouble]) % {"value": "…"}
    return sentence if trouble != Trouble.CONFLICT else _("The file says otherwise.")


def group_words(group: tuple[Target, ...]) -> str:
    """Name columns of which one is needed: the first three."""
    return _(" or ").join(str(LABELS[target]) for target in group[:3])


def things(kind: Kind, count: int) -> str:
    """Return how many of what a file lists: ``12 invoices``."""
    return _COUNTED[kind](count) % {"n": count}


_COUNTED: dict[Kind, Callable[[int], str]] = {
    Kind.INVOICES: lambda n: ngettext("%(n)s invoice", "%(n)s invoices", n),
    Kind.PAYMENTS: lambda n: ngettext("%(n)s payment", "%(n)s payments", n),
    Kind.CUSTOMERS: lambda n: ngettext("%(n)s customer", "%(n)s customers", n),
    Kind.AGED_BALANCE: lambda n: ngettext(
        "%(n)s balance brought forward", "%(n)s balances brought forward", n
    ),
    Kind.STATEMENT: lambda n: ngettext("%(n)s receipt", "%(n)s receipts", n),
}


def result_words(kind: Kind, report: Report) -> str:
    """Return what an import did, in one line."""
    counts = report.statuses
    parts = [things(kind, counts[Status.CREATED])]
    for status, word in (
        (Status.UPDATED, _("updated: %(n)s")),
        (Status.UNCHANGED, _("already known: %(n)s")),
        (Status.CONFLICT, _("in conflict: %(n)s")),
        (Status.REFUSED, _("refused: %(n)s")),
    ):
        if counts[status]:
            parts.append(word % {"n": counts[status]})
    return ", ".join(parts)
