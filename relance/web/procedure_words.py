"""For whom a procedure is, and why an invoice follows it, in words."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from relance.gateways import wording
from relance.models import Customer, Invoice, Procedure, Step
from relance.models.customers import REGIMES
from relance.queries import levels as queries
from relance.queries.procedures import Followed, steps_of_procedures
from relance.rules.procedures import Because
from relance.services.active_language import active_language


@dataclass(frozen=True, kw_only=True)
class Summary:
    """A procedure as the list shows it."""

    procedure: Procedure
    whom: tuple[str, ...]
    # Its active steps, and their days in words.
    steps: tuple[tuple[Step, str], ...]
    deletable: bool


def summaries() -> list[Summary]:
    """Return all procedures."""
    return [
        Summary(
            procedure=found,
            whom=tuple(whom(found, chosen=chosen)),
            steps=tuple(
                (step, day_words(step.days_after_due))
                for step in found.steps.all()
                if step.level.active
            ),
            deletable=not found.regime and not chosen,
        )
        for found, chosen in queries.procedures()
    ]


def whom(procedure: Procedure, *, chosen: int) -> list[str]:
    """Say for whom a procedure is, the strongest reason first."""
    found = []
    if chosen:
        words = ngettext(
            "%(count)s customer who chose it",
            "%(count)s customers who chose it",
            chosen,
        )
        found.append(words % {"count": chosen})
    if procedure.tag is not None:
        found.append(_("customers tagged “%(tag)s”") % {"tag": procedure.tag})
    if procedure.amount_from is not None:
        found.append(_amount_words(procedure))
    if procedure.regime:
        words = _("usual for: %(type)s")
        found.append(words % {"type": _types()[procedure.regime]})
    return found


def why(followed: Followed) -> str:
    """Say why an invoice follows its procedure."""
    procedure = followed.procedure
    if procedure is None:
        return _("No procedure is for this type of customer.")
    if followed.because == Because.BY_HAND:
        return _("chosen on the customer's card")
    if followed.because == Because.TAG:
        return _("for customers tagged “%(tag)s”") % {"tag": procedure.tag}
    if followed.because == Because.AMOUNT:
        return _amount_words(procedure)
    return _("usual for this type of customer")


def followed_by(invoice: Invoice) -> dict[str, object]:
    """Return what an invoice's card says of its procedure."""
    procedures = steps_of_procedures([invoice.customer_id])
    found = procedures.followed(invoice, invoice.customer)
    return {"procedure": found.procedure, "procedure_why": why(found)}


def followed_by_customer(customer: Customer) -> dict[str, object]:
    """Return what a customer's card says: the procedure whatever the amounts, and
    whether amounts may change it."""
    procedures = steps_of_procedures([customer.pk])
    found = procedures.followed(Invoice(customer=customer), customer)
    by_amount = found.because == Because.REGIME and any(
        one.amount_from is not None and one.amount_regime in ("", customer.regime)
        for one in procedures.procedures.values()
    )
    return {
        "procedure": found.procedure,
        "procedure_why": why(found),
        "by_amount": by_amount,
    }


def day_words(days: int) -> str:
    """Write when a step comes: D+5, D−5."""
    if days < 0:
        return _("D−%(days)s") % {"days": -days}
    return _("D+%(days)s") % {"days": days}


def _amount_words(procedure: Procedure) -> str:
    language = active_language()
    amount = procedure.amount_from
    said = {
        "amount": wording.money(amount, currency="EUR", language=language)
        if amount is not None
        else "",
        "type": _types().get(procedure.amount_regime, ""),
    }
    words = _("invoices with a balance from %(amount)s")
    if procedure.amount_of == Procedure.AmountOf.TOTAL:
        words = _("invoices with a total from %(amount)s")
    if said["type"]:
        words += _(" (%(type)s)")
    return words % said


def _types() -> dict[str, str]:
    return {regime: str(label) for regime, label in REGIMES}
