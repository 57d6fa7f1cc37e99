"""What the history says of the ledger, whoever wrote the rows: a person, a file."""

from __future__ import annotations

from decimal import Decimal

from django.utils.translation import gettext as _

from relance.gateways import wording
from relance.models import Invoice, Payment
from relance.services.fact_words import amount_in_words


def received_words(payment: Payment) -> str:
    return _("Payment of %(amount)s received on %(day)s.") % {
        "amount": amount_in_words(payment.amount, payment.currency),
        "day": wording.short_date(payment.received_on),
    }


def settled_words(amount: Decimal, invoice: Invoice) -> str:
    """Say what was set against an invoice whose balance is the one left since."""
    words = _("%(amount)s set against invoice %(number)s; %(balance)s left to pay.")
    return words % {
        "amount": amount_in_words(amount, invoice.currency),
        "number": invoice.number,
        "balance": amount_in_words(invoice.balance, invoice.currency),
    }
