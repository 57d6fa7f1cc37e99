"""The demonstration: a made-up company whose every row came through the services."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

from django.utils import timezone
from django.utils.translation import gettext as _

from relance.gateways import typesetter, wording
from relance.models import (
    Channel,
    Company,
    Contact,
    Customer,
    Invoice,
    Reminder,
    Run,
    User,
)
from relance.services import (
    copies,
    customers,
    demo_bank,
    demo_data,
    demo_run,
    demo_states,
    holds,
    invoices,
    payments,
    postings,
    reminders,
    setup,
)
from relance.services.customers import ContactData
from relance.services.demo_data import DemoInvoice
from relance.services.demo_files import (
    example_email,
    example_letter,
    import_einvoices,
)
from relance.services.drafts import Wish
from relance.services.holds import HoldData
from relance.services.invoices import InvoiceData
from relance.services.payments import PaymentData, Share
from relance.services.refusal import Refused
from relance.services.setup import SetupData

MARKER = "demonstration-relance.txt"
EMAIL = "claire@ateliers-vauban.example"
PASSWORD = "demo-relance"  # noqa: S105  printed in the terminal, for made-up data
VAT = Decimal("0.20")
# What is there as soon as the settings are read.
_MADE_BY_ITSELF = ("secret.key", "static", "queue.sqlite3")


@dataclass(frozen=True, kw_only=True)
class Demo:
    """What was made, for the summary."""

    customers: int
    invoices: int
    imported: int
    reminders: int
    letter: Reminder
    letter_file: Path
    email: Reminder
    email_file: Path
    run: Run
    print_file: Path


def claim_folder(folder: Path) -> None:
    """Empty the demonstration's folder; refuse one that it did not make itself."""
    marker = folder / MARKER
    found = {path.name for path in folder.iterdir()} if folder.exists() else set()
    strange = {name for name in found if not name.startswith(_MADE_BY_ITSELF)}
    if strange and MARKER not in found:
        raise Refused(
            _("%(folder)s holds something else: choose an empty folder, or remove it.")
            % {"folder": folder}
        )
    for path in folder.iterdir():
        if path.name.startswith(_MADE_BY_ITSELF):
            continue
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    marker.write_text("Relance\n", encoding="utf-8")


def build(*, now: datetime, today: date, say: Callable[[str], None]) -> Demo:
    """Fill an empty database with the demonstration, and return what was made."""
    claire = setup.set_up(
        SetupData(
            company=demo_data.COMPANY,
            signatory=demo_data.SIGNATORY,
            bank=demo_data.BANK,
            name="Claire Vasseur",
            email=EMAIL,
            password=PASSWORD,
            nothing_to_take_over=True,
        ),
        now=now,
    )
    say(_("Customers…"))
    owners = _customers(claire, now=now)
    say(_("Invoices and their PDF…"))
    stories = [
        *demo_data.invoices(today=today),
        demo_data.twin_invoice(today=today),
    ]
    made = [_invoice(story, owners, by=claire, now=now) for story in stories]
    _join_pdfs(list(zip(made, stories, strict=True)), by=claire, now=now)
    say(_("Payments, disputes, promises…"))
    for invoice, story in zip(made, stories, strict=True):
        _live(invoice, story, by=claire, today=today)
    once = {story.story: bill for bill, story in zip(made, stories, strict=True)}
    demo_states.suspend_customers(owners, by=claire, now=now, today=today)
    demo_states.close_invoices(once, by=claire, now=now, today=today)
    say(_("E-invoices…"))
    imported = import_einvoices(by=claire, now=now, today=today)
    say(_("Reminders…"))
    for invoice, story in zip(made, stories, strict=True):
        _past_reminders(invoice, story, by=claire, today=today)
    letter, email = _todays(by=claire, now=now, today=today)
    say(_("A mass reminder…"))
    run = demo_run.mass_run(by=claire, now=now, today=today)
    demo_bank.bring_statement(by=claire, now=now, today=today)
    return Demo(
        customers=Customer.objects.count(),
        invoices=Invoice.objects.count(),
        imported=imported,
        reminders=Reminder.objects.count(),
        letter=letter,
        letter_file=example_letter(letter),
        email=email,
        email_file=example_email(email, now=now),
        run=run,
        print_file=demo_run.print_file(run),
    )


def _customers(by: User, *, now: datetime) -> list[Customer]:
    made = [
        customers.create_customer(data, by=by, now=now)
        for data in (*demo_data.customers(), *demo_data.twins())
    ]
    for rank, customer in enumerate(made):
        if rank % 6 == 1 and customer.email:
            contact = ContactData(
                name="Mme Rault",
                role=Contact.Role.DUNNING.value,
                email=customer.email.replace("compta@", "relances@"),
            )
            customers.save_contact(customer, contact, by=by, now=now)
    return made


def _invoice(
    story: DemoInvoice, owners: list[Customer], *, by: User, now: datetime
) -> Invoice:
    data = InvoiceData(
        customer=owners[story.customer],
        number=story.number,
        issued_on=story.issued_on,
        due_date=story.due_date,
        service_date=story.issued_on,
        total=story.total,
        kind=story.kind,
        payment_mode=story.payment_mode,
        currency=story.currency,
        subject=story.work[0],
        customer_reference=f"BC-{story.issued_on:%Y}-{story.number[-3:]}",
    )
    return invoices.create_invoice(data, by=by, now=now)


def _join_pdfs(
    pairs: list[tuple[Invoice, DemoInvoice]], *, by: User, now: datetime
) -> None:
    """Set each invoice as the company's own program would have printed it."""
    ours = Company.objects.get()
    for invoice, story in pairs:
        page = _page(invoice, ours, story.work)
        invoices.attach_pdf(invoice, page, f"{invoice.number}.pdf", by=by, now=now)


def _page(invoice: Invoice, ours: Company, work: tuple[str, ...]) -> bytes:
    net = (invoice.total / (1 + VAT)).quantize(Decimal("0.01"), ROUND_HALF_UP)
    first = (net * Decimal("0.7")).quantize(Decimal("0.01"), ROUND_HALF_UP)
    language = invoice.customer.language

    def money(amount: Decimal) -> str:
        return wording.money(amount, currency=invoice.currency, language=language)

    rows = tuple(
        (label, "1", money(part), money(part))
        for label, part in zip(work[1:], (first, net - first), strict=True)
    )
    bare = copies.invoice_copy(invoice, ours)
    header = ("Désignation", "Quantité", "Prix unitaire", "Montant HT")
    totals = (
        ("Total HT", money(net)),
        ("TVA 20 %", money(invoice.total - net)),
        ("Total TTC", money(invoice.total)),
    )
    if language == "en":
        header = ("Description", "Quantity", "Unit price", "Amount excl. VAT")
        totals = (
            ("Total excl. VAT", money(net)),
            ("VAT 20%", money(invoice.total - net)),
            ("Total incl. VAT", money(invoice.total)),
        )
    return typesetter.invoice_pdf(
        replace(
            bare,
            mark="",
            header=header,
            rows=rows,
            aligns=("left", "right", "right", "right"),
            totals=totals,
        )
    )


def _live(invoice: Invoice, story: DemoInvoice, *, by: User, today: date) -> None:
    """Give an invoice its story: paid, partly paid, disputed, promised, credited."""
    paid_on = min(story.due_date + timedelta(days=len(story.work[0]) % 12), today)
    if story.story == "paid":
        _pay(invoice, invoice.total, paid_on, by=by)
    elif story.story == "part":
        half = (invoice.total / 2).quantize(Decimal("0.01"), ROUND_HALF_UP)
        _pay(invoice, half, paid_on, by=by)
    elif story.story in ("disputed", "promised"):
        promised = story.story == "promised"
        data = HoldData(
            reason="promise" if promised else "dispute",
            starts_on=max(today - timedelta(days=9), story.due_date),
            until=today + timedelta(days=4) if promised else None,
            note="Règlement annoncé par téléphone"
            if promised
            else "Quantité contestée",
        )
        holds.hold(invoice, data, by=by, now=_at(data.starts_on))
    elif story.story == "credited":
        _credit(invoice, by=by, today=today)
    elif story.story == "credit_set":
        credit = _credit(invoice, by=by, today=today)
        demo_states.set_credit(credit, invoice, by=by, now=_at(today))


def _pay(invoice: Invoice, amount: Decimal, day: date, *, by: User) -> None:
    data = PaymentData(
        customer=invoice.customer,
        received_on=day,
        amount=amount,
        reference=f"VIR {invoice.number}",
    )
    shares = [Share(invoice=invoice, amount=amount)]
    key = uuid.uuid5(uuid.NAMESPACE_OID, f"demo {invoice.number}")
    payments.record_payment(data, shares, key=key, by=by, now=_at(day))


def _credit(invoice: Invoice, *, by: User, today: date) -> Invoice:
    """Return a credit note that is still to be set against its invoice."""
    data = InvoiceData(
        customer=invoice.customer,
        number=invoice.number.replace("FA", "AV"),
        kind=Invoice.Kind.CREDIT_NOTE.value,
        issued_on=today - timedelta(days=5),
        total=(invoice.total / 4).quantize(Decimal("0.01"), ROUND_HALF_UP),
        subject="Remise commerciale",
        corrects=invoice,
    )
    credit = invoices.create_invoice(data, by=by, now=_at(data.issued_on))
    page = _page(credit, Company.objects.get(), ("", data.subject, "Port"))
    invoices.attach_pdf(credit, page, f"{credit.number}.pdf", by=by, now=_at(today))
    return credit


def _past_reminders(
    invoice: Invoice, story: DemoInvoice, *, by: User, today: date
) -> None:
    """Remind on the days when Claire would have; what was refused then is left."""
    day = story.due_date + timedelta(days=6)
    for _rank in range(story.reminded):
        if day >= today:
            return
        wish = Wish(invoice=invoice, channel=Channel.LETTER, note="Sans réponse")
        try:
            made = reminders.remind(
                wish, key=uuid.uuid4(), by=by, now=_at(day), today=day
            )
        except Refused:
            return
        postings.mark_posted(made, posted_on=day, by=by, now=_at(day))
        day = (made.next_on or day) + timedelta(days=1)


def _todays(*, by: User, now: datetime, today: date) -> tuple[Reminder, Reminder]:
    """Make the two reminders of the demonstration: one letter, one e-mail."""
    late = Invoice.objects.overdue(on=today).select_related("customer")
    made: dict[Channel, Reminder] = {}
    for channel in (Channel.LETTER, Channel.EMAIL):
        for invoice in late.order_by("-total"):
            if channel == Channel.EMAIL and not invoice.customer.email:
                continue
            wish = Wish(invoice=invoice, channel=channel)
            try:
                made[channel] = reminders.remind(
                    wish, key=uuid.uuid4(), by=by, now=now, today=today
                )
            except Refused:
                continue
            break
    return made[Channel.LETTER], made[Channel.EMAIL]


def _at(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(9, 30)))
