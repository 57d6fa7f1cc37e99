"""The follow-up tables and a reminder's card."""

from __future__ import annotations

import re
import uuid
from datetime import date
from decimal import Decimal

import pytest
from django.test import Client

from relance.models import Channel, Invoice, Reminder, ReminderLine, User
from relance.services import reminders
from relance.services.drafts import Part, Wish
from relance.services.reminders import Note
from tests import make
from tests.make import NOW, TODAY

pytestmark = pytest.mark.django_db

COLUMNS = [
    "Id",
    "Client",
    "Facture",
    "Note",
    "Niveau",
    "Utilisateur",
    "Date",
    "Date prochaine relance",
    "Fichier",
]


@pytest.fixture(autouse=True)
def _company() -> None:
    make.company()


def remind(
    invoice: Invoice, channel: Channel = Channel.LETTER, today: date = TODAY
) -> Reminder:
    wish = Wish(invoice=invoice, channel=channel, note="Première note")
    return reminders.remind(wish, key=uuid.uuid4(), by=None, now=NOW, today=today)


def text(response: object) -> str:
    content = response.content.decode()  # type: ignore[attr-defined]
    return re.sub(r"\s+", " ", content.replace("\u00a0", " "))


def columns(page: str) -> list[str]:
    head = page.split("<thead>")[1].split("</thead>")[0]
    cells = re.findall(r"<th[^>]*>(.*?)</th>", head)
    return [re.sub(r"<[^>]+>", "", cell).strip() for cell in cells]


def test_the_nine_columns_of_the_module_are_on_each_table(
    client: Client, bob: User
) -> None:
    reminder = remind(make.invoice())
    invoice = reminder.lines.get().invoice
    client.force_login(bob)
    for url in (
        "/relances/",
        f"/factures/{invoice.pk}/relance/",
        f"/clients/{invoice.customer_id}/relances/",
    ):
        page = text(client.get(url))
        assert columns(page) == COLUMNS
        for words in (reminder.reference, "Première note", "Relance simple"):
            assert words in page


def test_a_grouped_reminder_names_three_invoices_and_counts_the_others(
    client: Client, bob: User
) -> None:
    customer = make.customer()
    invoices = [make.invoice(customer, number=f"G-{n}") for n in range(1, 6)]
    reminder = make.reminder(invoices[0])
    for invoice in invoices[1:]:
        ReminderLine.objects.create(
            reminder=reminder, invoice=invoice, balance=invoice.balance
        )
    client.force_login(bob)
    page = text(client.get("/relances/"))
    for invoice in invoices[:3]:
        assert f">{invoice.number}</a>" in page
    assert ">G-4</a>" not in page
    assert 'title="G-1, G-2, G-3, G-4, G-5">et 2 autres</a>' in page


def test_general_follow_up_forgets_paid_invoices_and_the_tabs_do_not(
    client: Client, bob: User
) -> None:
    invoice = make.invoice()
    reminder = remind(invoice)
    make.payment(invoice, "1200.00")
    client.force_login(bob)

    assert reminder.reference not in text(client.get("/relances/"))
    assert reminder.reference in text(client.get(f"/factures/{invoice.pk}/relance/"))
    of_customer = client.get(f"/clients/{invoice.customer_id}/relances/")
    assert reminder.reference in text(of_customer)


def test_the_table_is_searched_and_sorted(client: Client, bob: User) -> None:
    first = remind(make.invoice(make.customer(name="Zoé")), today=date(2026, 11, 1))
    second = remind(make.invoice(make.customer(name="Albert")))
    client.force_login(bob)
    page = text(client.get("/relances/", {"q": "zoé"}))
    assert first.reference in page
    assert second.reference not in page
    for sort, order in (
        ("customer", [second, first]),
        ("-customer", [first, second]),
        ("date", [first, second]),
        ("-date", [second, first]),
        ("nonsense", [first, second]),
    ):
        page = text(client.get("/relances/", {"sort": sort}))
        found = re.findall(r"R-\d{5}(?=</a>)", page)
        assert found == [reminder.reference for reminder in order], sort


def test_the_levels_of_an_invoice_are_one_line_to_read(
    client: Client, bob: User
) -> None:
    invoice = make.invoice()
    remind(invoice, today=date(2026, 11, 1))
    client.force_login(bob)
    page = text(client.get(f"/factures/{invoice.pk}/relance/"))
    steps = page.split('<ol class="steps')[1].split("</ol>")[0]
    done, upcoming, later = steps.split("</li>")[:3]
    assert "data-done" in done
    assert "01/11/2026 · courrier" in done
    assert "data-next" in upcoming
    assert "possible à partir du 16/11/2026" in upcoming
    assert "plus tard" in later


def test_a_letter_is_cancelled_with_a_reason(client: Client, alice: User) -> None:
    reminder = remind(make.invoice())
    client.force_login(alice)
    url = f"/relances/{reminder.pk}/annuler/"

    assert client.post(url, {"reason": ""}).status_code == 422
    page = text(client.post(url, {"reason": "payée hier"}, follow=True))

    reminder.refresh_from_db()
    assert (reminder.state, reminder.cancelled_by) == ("cancelled", alice)
    assert "payée hier" in page
    again = client.post(url, {"reason": "encore"}, follow=True)
    assert "ne peut plus être annulée" in text(again)


def test_a_letter_is_marked_posted(client: Client, alice: User) -> None:
    reminder = remind(make.invoice(), today=date(2026, 11, 2))
    client.force_login(alice)
    url = f"/relances/{reminder.pk}/postee/"
    for refused in ("01/11/2026", "01/01/2999"):
        assert client.post(url, {"posted_on": refused}).status_code == 422
    page = client.post(url, {"posted_on": "03/11/2026"}, follow=True)
    reminder.refresh_from_db()
    assert reminder.state == "posted"
    assert "03/11/2026" in text(page)


def test_the_card_of_a_note_and_of_an_email(client: Client, bob: User) -> None:
    invoice = make.invoice()
    note = reminders.take_note(
        invoice, Note(text="Vu."), key=uuid.uuid4(), by=None, now=NOW, today=TODAY
    )
    email = remind(invoice, Channel.EMAIL)
    client.force_login(bob)
    assert "Vu." in text(client.get(f"/relances/{note.pk}/"))
    page = text(client.get(f"/relances/{email.pk}/"))
    assert email.subject in page
    assert f"/envois/{email.message.pk}/" in page
    # A reader is offered nothing to do.
    assert "<form" not in page.split("<main")[1].split("</main>")[0]


@pytest.mark.parametrize(
    "path",
    ["/relances/", "/relances/1/", "/factures/1/relance/", "/clients/1/relances/"],
)
def test_strangers_and_passers_by_see_nothing(
    client: Client, charlie: User, path: str
) -> None:
    assert client.get(path)["Location"].startswith("/accounts/login/")
    client.force_login(charlie)
    assert client.get(path).status_code == 403


@pytest.mark.parametrize("action", ["annuler", "postee"])
def test_a_reader_cannot_act(client: Client, bob: User, action: str) -> None:
    reminder = remind(make.invoice())
    client.force_login(bob)
    assert client.post(f"/relances/{reminder.pk}/{action}/").status_code == 403
    reminder.refresh_from_db()
    assert reminder.state == "made"


def _grouped(channel: Channel) -> Reminder:
    """A reminder of two invoices, of 1 200.00 and 300.50."""
    owner = make.customer(regime="B2B")
    first = make.invoice(owner)
    second = make.invoice(owner, total=Decimal("300.50"))
    wish = Wish(invoice=first, channel=channel, others=(Part(invoice=second),))
    return reminders.remind(wish, key=uuid.uuid4(), by=None, now=NOW, today=TODAY)


def test_the_card_of_a_grouped_reminder_adds_its_invoices_up(
    client: Client, bob: User
) -> None:
    reminder = _grouped(Channel.LETTER)
    client.force_login(bob)
    page = text(client.get(f"/relances/{reminder.pk}/"))
    table = page.split('id="sums"')[1].split("</table>")[0]
    rows = [
        [
            re.sub(r"<[^>]+>", "", cell).strip()
            for cell in re.findall(r"<td.*?</td>", row)
        ]
        for row in table.split("<tr>")[2:]
    ]
    first, second, total = rows
    lines = list(reminder.lines.all())
    assert first[:2] == [lines[0].invoice.number, "1 200,00 €"]
    assert second[:2] == [lines[1].invoice.number, "300,50 €"]
    assert total[:2] == ["Total", "1 500,50 €"]
    assert total[3] == "80,00 €"
    # A single one keeps its short list.
    single = remind(make.invoice())
    assert 'id="sums"' not in text(client.get(f"/relances/{single.pk}/"))


def test_credits_come_off_the_sum_of_a_grouped_reminder(
    client: Client, bob: User
) -> None:
    reminder = _grouped(Channel.LETTER)
    credit = {"on": "2026-11-01", "amount": "100.50", "number": ""}
    reminder.amounts = reminder.amounts | {"credits": [credit]}
    reminder.save()
    client.force_login(bob)
    page = text(client.get(f"/relances/{reminder.pk}/"))
    total = page.split("<tfoot>")[1].split("</tfoot>")[0]
    assert "-100,50 €" in page.replace("\u2212", "-")
    assert "1 400,00 €" in total


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("queued", "Ce qui va partir"),
        ("sent", "Ce qui a été fait"),
        ("failed", "Ce qui devait partir"),
        ("cancelled", "Ce qui devait partir"),
        ("uncertain", "Ce qui est peut-être parti"),
    ],
)
def test_an_email_is_not_said_to_be_done_before_it_is(
    client: Client, bob: User, state: str, words: str
) -> None:
    reminder = _grouped(Channel.EMAIL)
    Reminder.objects.filter(pk=reminder.pk).update(state=state)
    client.force_login(bob)
    page = text(client.get(f"/relances/{reminder.pk}/"))
    titles = re.findall(r"<h2>(.*?)</h2>", page)
    assert titles[0].strip() == words


def test_the_columns_of_a_plain_text_stay_in_line(client: Client, bob: User) -> None:
    reminder = _grouped(Channel.EMAIL)
    client.force_login(bob)
    page = client.get(f"/relances/{reminder.pk}/").content.decode()
    aligned = re.findall(r'<pre class="aligned"[^>]*>(.*?)</pre>', page, re.DOTALL)
    folded = re.findall(r"<pre>(.*?)</pre>", page, re.DOTALL)
    numbers = [line.invoice.number for line in reminder.lines.all()]
    assert all(number in aligned[0] for number in numbers)
    assert "Bonjour," in folded[0]
