"""An e-mail ready to leave, with all that stands behind it."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from relance.models import (
    Channel,
    Company,
    Customer,
    Document,
    Invoice,
    Level,
    MailAccount,
    OutboxMessage,
    Procedure,
    Reminder,
    ReminderLine,
    Step,
)
from relance.services import documents, outbox
from relance.services.outbox import MessageData, NamedDocument
from tests.smtp import SmtpServer

TODAY = date(2026, 11, 24)
NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
# The company's pause is over.
LATER = NOW + timedelta(minutes=2)
PDF = b"%PDF-1.7\n" + bytes(range(256)) * 40 + b"\n%%EOF\n"


def company() -> Company:
    """Return the company, made once."""
    ours, _new = Company.objects.get_or_create(
        pk=1, defaults={"name": "Durand SARL", "email": "contact@durand.example"}
    )
    return ours


def account(server: SmtpServer, **changes: object) -> MailAccount:
    """Make the mail account lead to this server."""
    values = {
        "host": "127.0.0.1",
        "port": server.port,
        "security": MailAccount.Security.NONE,
        "sender_name": "Durand, comptabilité",
        "sender_email": "compta@durand.example",
        "reply_to": "relances@durand.example",
    }
    return MailAccount.objects.create(pk=1, **values | changes)


def level() -> Level:
    """Return the first level, with the procedure that holds it, made once."""
    first, _new = Level.objects.get_or_create(
        rank=1, defaults={"name": "Relance simple", "stamp": "Rappel"}
    )
    procedure, _new = Procedure.objects.get_or_create(
        regime="B2B", defaults={"name": "Professionnels"}
    )
    Step.objects.get_or_create(
        procedure=procedure, level=first, defaults={"days_after_due": 5}
    )
    return first


def invoice(number: int = 1) -> Invoice:
    """Return an invoice 25 days late, of a customer of its own."""
    customer = Customer.objects.create(
        code=f"C{number:05d}",
        name=f"Client {number}",
        email=f"client{number}@martin.example",
        city="Lyon",
    )
    return Invoice.objects.create(
        number=f"FA-{number:04d}",
        customer=customer,
        issued_on=date(2026, 9, 30),
        due_date=date(2026, 10, 30),
        total=Decimal("1234.56"),
        balance=Decimal("1234.56"),
        created_at=NOW,
    )


def message(number: int = 1, **changes: object) -> OutboxMessage:
    """Queue the e-mail of a reminder at NOW, with its invoice joined."""
    company()
    owed = invoice(number)
    first = level()
    reminder = Reminder.objects.create(
        number=number,
        customer=owed.customer,
        level=first,
        level_rank=first.rank,
        level_name=first.name,
        level_kind=first.kind,
        channel=Channel.EMAIL,
        language="fr",
        recipient={
            "name": owed.customer.name,
            "why": "customer",
            "email": owed.customer.email,
            "copies": [],
            "address": [],
        },
        made_on=TODAY,
        made_at=NOW,
        state=Reminder.State.QUEUED,
        request_key=uuid.UUID(int=number),
    )
    ReminderLine.objects.create(reminder=reminder, invoice=owed, balance=owed.balance)
    pdf = documents.keep(
        documents.NewFile(
            data=PDF, kind=Document.Kind.INVOICE, name=f"{owed.number}.pdf"
        ),
        now=NOW,
    )
    values = {
        "recipient": owed.customer.email,
        "subject": f"Facture {owed.number} à régler",
        "text": "Bonjour,\n\nIl reste 1 234,56 € à régler.\n",
        "html": "<p>Il reste <b>1 234,56 €</b> à régler.</p>",
        "attachments": (NamedDocument(document=pdf, filename=f"{owed.number}.pdf"),),
    }
    data = MessageData(**values | changes)
    outbox.queue_messages([(reminder, data)], now=NOW)
    return OutboxMessage.objects.get(reminder=reminder)


def states(message):
    message.refresh_from_db()
    message.reminder.refresh_from_db()
    return message.state, message.reminder.state
