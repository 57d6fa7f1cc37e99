"""The rarer states of the demonstration, each once, on late invoices."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal

from relance.models import Customer, Hold, Invoice, User
from relance.services import customers, holds, invoices, payments, reminders
from relance.services.holds import HoldData
from relance.services.payments import PaymentData, Share
from relance.services.reminders import Note


def suspend_customers(
    owners: list[Customer], *, by: User, now: datetime, today: date
) -> None:
    """Give single customers what stops every reminder of theirs."""
    returned, insolvent, debited, advance = (owners[n] for n in (3, 8, 12, 15))
    day = today - timedelta(days=12)
    customers.refuse_address(returned, on=day, by=by, now=now)
    for customer, reason, note in (
        (insolvent, Hold.Reason.INSOLVENCY, "Redressement judiciaire"),
        (debited, Hold.Reason.DIRECT_DEBIT, "Mandat SEPA signé"),
    ):
        data = HoldData(reason=reason.value, starts_on=day, note=note)
        holds.hold(customer, data, by=by, now=now)
    received = PaymentData(
        customer=advance,
        received_on=today - timedelta(days=2),
        amount=Decimal("350.00"),
        reference="VIR sans référence",
    )
    key = uuid.uuid5(uuid.NAMESPACE_OID, "demo advance")
    payments.record_payment(received, key=key, by=by, now=now)


def close_invoices(
    found: Mapping[str, Invoice], *, by: User, now: datetime, today: date
) -> None:
    """Tell the stories that happen once; ``found`` has an invoice for each."""
    invoices.cancel_invoice(found["cancelled"], "Commande annulée", by=by, now=now)
    invoices.write_off(found["written_off"], "Créance irrécouvrable", by=by, now=now)
    plan = HoldData(
        reason=Hold.Reason.PLAN.value,
        starts_on=today - timedelta(days=3),
        until=today + timedelta(days=60),
        note="Trois versements mensuels",
    )
    holds.hold(found["plan"], plan, by=by, now=now)
    note = Note(text="Appel : le comptable rappelle la semaine prochaine")
    key = uuid.uuid5(uuid.NAMESPACE_OID, "demo note")
    reminders.take_note(found["note"], note, key=key, by=by, now=now, today=today)


def set_credit(credit: Invoice, invoice: Invoice, *, by: User, now: datetime) -> None:
    """Set a credit note whole against its invoice."""
    share = Share(invoice=invoice, amount=credit.total)
    payments.allocate(credit, share, by=by, now=now)
