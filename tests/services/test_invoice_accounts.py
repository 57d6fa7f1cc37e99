"""Another account on an invoice is seen, wherever it came from."""

from __future__ import annotations

import pytest

from relance.models import Invoice
from relance.queries.situations import situation
from relance.rules.escalation import Code
from relance.services import invoices, proposals
from tests import make
from tests.gateways.test_pdf_ibans import OTHER, OURS, pdf_of
from tests.make import NOW, TODAY
from tests.services.test_bank_changes import LATER, administrator, ask

pytestmark = pytest.mark.django_db


def joined(*lines: str) -> Invoice:
    invoice = make.invoice()
    invoices.attach_pdf(invoice, pdf_of(*lines), "FA.pdf", by=None, now=NOW)
    invoice.refresh_from_db()
    return invoice


@pytest.mark.parametrize(
    ("lines", "other"),
    [
        ((f"IBAN {OURS}",), ""),
        (("Sans compte",), ""),
        ((f"IBAN {OTHER}",), OTHER),
        # Ours is there: the other may be the customer's own.
        ((f"IBAN {OTHER}", f"IBAN {OURS}"), ""),
    ],
)
def test_the_account_of_a_joined_pdf(lines, other) -> None:
    make.company()
    invoice = joined(*lines)

    assert invoice.other_iban(ours=OURS) == other
    assert situation(invoice, today=TODAY).other_iban == other


def test_without_an_account_of_our_own_nothing_is_said() -> None:
    make.company(iban="", bic="")
    assert situation(joined(f"IBAN {OTHER}"), today=TODAY).other_iban == ""


def test_our_new_account_is_no_other_from_its_day_on() -> None:
    make.company()
    ask(administrator(), starts_on=LATER)
    invoice = joined(f"IBAN {OTHER}")

    assert situation(invoice, today=TODAY).other_iban == OTHER
    assert situation(invoice, today=LATER).other_iban == ""


def test_it_warns_in_the_worklist_and_holds_nothing() -> None:
    make.company()
    invoice = joined(f"IBAN {OTHER}")
    proposals.refresh(today=TODAY)

    row = invoice.proposal
    assert [(one["code"], one["weight"]) for one in row.reasons] == [
        (Code.OTHER_IBAN.value, "warning")
    ]
    assert row.standing == "ready"
    assert row.channel != ""
