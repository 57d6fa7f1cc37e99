"""Rows for tests: every argument has a plain default, nothing is random."""

from __future__ import annotations

import itertools
import uuid
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone

from relance.models import (
    BankLine,
    BankStatement,
    Company,
    Contact,
    Customer,
    Document,
    Hold,
    Invoice,
    MailAccount,
    Payment,
    Rate,
    Reminder,
    ReminderLine,
    Run,
    Signatory,
    Source,
    User,
)
from relance.rules.permissions import Role
from relance.rules.rates import HalfYear
from relance.services import documents, holds, invoices, payments, pending
from relance.services.defaults import install_defaults

TODAY = date(2026, 11, 24)
NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)

_numbers = itertools.count(1)


def _rates_until_today() -> None:
    """The rates shipped end with the year they were written in; tests that read the
    clock run on any day."""
    last = Rate.objects.filter(kind=Rate.Kind.ECB).latest("half_year")
    half = HalfYear.parse(last.half_year).next
    while half.start <= timezone.localdate():
        Rate.objects.create(
            kind=last.kind, half_year=str(half), percent=last.percent, source="BCE"
        )
        half = half.next


def company(**values: Any) -> Company:
    """A company that has all a formal notice needs, with the default texts."""
    install_defaults(now=NOW)
    _rates_until_today()
    defaults: dict[str, Any] = {
        "name": "Ateliers Vauban",
        "legal_form": "SARL",
        "capital": "20 000 €",
        "siren": "812345676",
        "vat_number": "FR19812345676",
        "registry_city": "Lyon",
        "address": "12 rue Vauban",
        "postcode": "69006",
        "city": "Lyon",
        "phone": "04 78 00 00 00",
        "email": "comptabilite@ateliers-vauban.example",
        "iban": "FR7630006000011234567890189",
        "bic": "AGRIFRPP839",
        "takeover_answered_at": NOW,
    }
    Signatory.objects.create(
        name="Claire Vasseur", position="Responsable comptable", is_main=True
    )
    return Company.objects.create(pk=1, **(defaults | values))


def mail_account(**values: Any) -> MailAccount:
    defaults: dict[str, Any] = {
        "host": "127.0.0.1",
        "port": 2525,
        "security": MailAccount.Security.NONE,
        "sender_email": "comptabilite@ateliers-vauban.example",
        "sender_name": "Ateliers Vauban",
    }
    return MailAccount.objects.create(pk=1, **(defaults | values))


def user(
    *, role: str = Role.REMINDERS.value, name: str = "Claire Vasseur", email: str = ""
) -> User:
    address = email or f"user{next(_numbers)}@example.com"
    return User.objects.create_user(address, "correct horse", name=name, role=role)


def customer(**values: Any) -> Customer:
    number = next(_numbers)
    defaults: dict[str, Any] = {
        "code": f"T{number:04d}",
        "name": f"Client {number}",
        "legal_form": "SARL",
        "address": "4 quai de la Fosse",
        "postcode": "44000",
        "city": "Nantes",
        "email": f"compta{number}@client.example",
    }
    return Customer.objects.create(**(defaults | values))


def contact(of: Customer, **values: Any) -> Contact:
    defaults: dict[str, Any] = {"name": "Mme Rault", "email": "rault@client.example"}
    return Contact.objects.create(customer=of, **(defaults | values))


def invoice(of: Customer | None = None, **values: Any) -> Invoice:
    """An invoice of 1 200.00 EUR due on 1 October 2026, 54 days late on TODAY."""
    defaults: dict[str, Any] = {
        "customer": of or customer(),
        "number": f"FA-{next(_numbers):04d}",
        "issued_on": date(2026, 9, 1),
        "due_date": date(2026, 10, 1),
        "total": Decimal("1200.00"),
    }
    data = invoices.InvoiceData(**(defaults | values))
    return invoices.create_invoice(data, by=None, now=NOW)


def payment(
    on: Invoice | None = None,
    amount: str = "100.00",
    *,
    of: Customer | None = None,
    received_on: date = date(2026, 10, 15),
) -> Payment:
    """A payment, set against the invoice when one is given; recorded on NOW, or the
    day it was received, if that is later."""
    owner = on.customer if on is not None else of or customer()
    data = payments.PaymentData(
        customer=owner, received_on=received_on, amount=Decimal(amount)
    )
    shares = (
        [payments.Share(invoice=on, amount=Decimal(amount))] if on is not None else []
    )
    day = datetime.combine(received_on, NOW.timetz())
    made = payments.record_payment(
        data, shares, key=uuid.uuid4(), by=None, now=max(NOW, day)
    )
    if on is not None:
        on.refresh_from_db()
    return made


def in_dolibarr(of: Customer | None = None, **values: Any) -> Invoice:
    """An invoice that comes from Dolibarr, of one of its customers."""
    owner = of or customer(source=Source.DOLIBARR, external_id=str(next(_numbers)))
    made = invoice(owner, **values)
    made.source, made.numbering = Source.DOLIBARR, "dolibarr"
    made.save()
    return made


def paid_in_dolibarr(
    *shares: tuple[Invoice, str], on: date = date(2026, 11, 12), name: str = ""
) -> Payment:
    """A payment recorded in Dolibarr, as a synchronisation brings it here."""
    parts = [
        payments.Share(invoice=invoice, amount=Decimal(amount))
        for invoice, amount in shares
    ]
    data = payments.PaymentData(
        customer=shares[0][0].customer,
        received_on=on,
        amount=sum((part.amount for part in parts), Decimal(0)),
        source=Source.DOLIBARR,
        external_id=name or f"PAY-{next(_numbers)}",
    )
    made = payments.record_payment(data, parts, key=uuid.uuid4(), by=None, now=NOW)
    pending.reconcile([data.customer.pk], now=NOW)
    return made


def removed_in_dolibarr(payment: Payment) -> None:
    """The same payment deleted there."""
    payments.correct_payment(
        payment, "supprimé", key=uuid.uuid4(), there=True, by=None, now=NOW
    )
    pending.reconcile([payment.customer_id], now=NOW)


def bank_line(
    amount: str = "500.00", *, on: date = date(2026, 11, 12), **values: Any
) -> BankLine:
    """A receipt of the bank that nobody matched yet."""
    file = documents.keep(
        documents.NewFile(
            data=b"releve",
            kind=Document.Kind.STATEMENT,
            name="releve.xml",
            media_type="text/xml",
        ),
        now=NOW,
    )
    statement = BankStatement.objects.create(
        document=file, account="FR76", last_on=on, imported_at=NOW
    )
    defaults: dict[str, Any] = {"label": "VIR", "currency": "EUR"}
    return BankLine.objects.create(
        statement=statement,
        account="FR76",
        key=str(next(_numbers)),
        booked_on=on,
        amount=Decimal(amount),
        **(defaults | values),
    )


def hold(
    on: Customer | Invoice, reason: str = "dispute", until: date | None = None
) -> Hold:
    data = holds.HoldData(reason=reason, starts_on=date(2026, 11, 1), until=until)
    return holds.hold(on, data, by=None, now=NOW)


def reminder(on: Invoice, **values: Any) -> Reminder:
    """A letter made on TODAY and not posted, as a row: it has no file."""
    defaults: dict[str, Any] = {
        "number": next(_numbers),
        "customer": on.customer,
        "level_rank": 1,
        "level_name": "Relance simple",
        "level_kind": "reminder",
        "channel": "letter",
        "language": "fr",
        "currency": on.currency,
        "made_on": TODAY,
        "made_at": NOW,
        "state": Reminder.State.MADE,
        "request_key": uuid.uuid4(),
    }
    made = Reminder.objects.create(**(defaults | values))
    ReminderLine.objects.create(reminder=made, invoice=on, balance=on.balance)
    return made


def run_of(*reminders: Reminder, **values: Any) -> Run:
    """A finished run that made these reminders."""
    defaults: dict[str, Any] = {
        "number": next(_numbers),
        "request_key": uuid.uuid4(),
        "state": Run.State.DONE,
        "approved_at": NOW,
        "finished_at": NOW,
        "made_on": TODAY,
    }
    run = Run.objects.create(**(defaults | values))
    Reminder.objects.filter(pk__in=[one.pk for one in reminders]).update(run=run)
    for one in reminders:
        one.refresh_from_db()
    return run
