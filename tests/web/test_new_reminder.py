"""Making a reminder in the browser: the three ways in, the form, what it answers."""

from __future__ import annotations

import io
import re
import uuid
from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone
from PIL import Image

from relance.models import Customer, Invoice, Level, OutboxMessage, Reminder, User
from tests import make
from tests.web._shown_forms import fields_of

pytestmark = pytest.mark.django_db

URL = "/relances/nouvelle/"


@pytest.fixture(autouse=True)
def _company() -> None:
    make.company()


@pytest.fixture
def invoice() -> Invoice:
    """An invoice fifty days late on the day the test runs."""
    return late_invoice()


def late_invoice(of: Customer | None = None, **values: object) -> Invoice:
    due = timezone.localdate() - timedelta(days=50)
    dates = {"due_date": due, "issued_on": due - timedelta(days=30)}
    return make.invoice(of, **(dates | values))


@pytest.fixture
def claire(client: Client, alice: User) -> Client:
    client.force_login(alice)
    return client


def text(response: object) -> str:
    content = response.content.decode()  # type: ignore[attr-defined]
    return re.sub(r"\s+", " ", content.replace("\u00a0", " "))


def posted(invoice: Invoice, **values: str) -> dict[str, str]:
    level = Level.objects.get(rank=1)
    return {
        "invoice": str(invoice.pk),
        "key": str(uuid.uuid4()),
        "level": str(level.pk),
        "shown": "boxes",
        "do": "make",
    } | values


def test_the_menu_lists_every_unpaid_invoice(claire: Client, invoice: Invoice) -> None:
    paid = late_invoice(number="FA-PAID")
    make.payment(paid, "1200.00")

    page = text(claire.get(URL))

    assert invoice.number in page
    assert f"{URL}?invoice={invoice.pk}" in page
    assert "FA-PAID" not in page


def test_the_list_is_searched_by_customer_and_number(claire: Client) -> None:
    one = late_invoice(make.customer(name="Boulangerie Œuvrard"), number="FA-1")
    late_invoice(make.customer(name="Garage du Pont"), number="FA-2")
    page = text(claire.get(URL, {"q": "OEUVRARD"}))
    assert one.number in page
    assert "FA-2" not in page
    assert "FA-2" in text(claire.get(URL, {"q": "FA-2"}))
    assert "Aucune facture impayée" in text(claire.get(URL, {"q": "personne"}))


def test_from_the_customer_only_their_invoices_are_offered(claire: Client) -> None:
    customer = make.customer()
    mine = [late_invoice(customer, number=f"MINE-{n}") for n in (1, 2)]
    late_invoice(number="OTHER-1")

    page = text(claire.get(URL, {"customer": customer.pk}))

    assert all(found.number in page for found in mine)
    assert "OTHER-1" not in page


def test_from_the_invoice_everything_is_filled_in(
    claire: Client, invoice: Invoice
) -> None:
    page = text(claire.get(URL, {"invoice": invoice.pk}))

    next_on = timezone.localdate() + timedelta(days=15)
    assert f'name="invoice" value="{invoice.pk}"' in page
    assert "selected>Relance simple" in page
    assert next_on.isoformat() in page
    assert "1 200,00 €" in page
    assert "coordonnées du client" in page
    assert "Créer le courrier" in page
    assert "apercu.png" in page


def test_the_tabs_lead_to_the_form(claire: Client, invoice: Invoice) -> None:
    of_invoice = text(claire.get(f"/factures/{invoice.pk}/relance/"))
    of_customer = text(claire.get(f"/clients/{invoice.customer_id}/relances/"))
    general = text(claire.get("/relances/"))
    assert f'href="{URL}?invoice={invoice.pk}"' in of_invoice
    assert f'href="{URL}?customer={invoice.customer_id}"' in of_customer
    assert f'href="{URL}"' in general
    assert all("Ajouter" in page for page in (of_invoice, of_customer, general))


def test_a_letter_is_made_and_opened_from_its_card(
    claire: Client, invoice: Invoice
) -> None:
    data = posted(invoice, note="Ai appelé la comptable.")
    response = claire.post(URL, data, follow=True)

    reminder = Reminder.objects.get()
    assert response.redirect_chain == [(f"/relances/{reminder.pk}/", 302)]
    assert (reminder.state, reminder.note) == ("made", "Ai appelé la comptable.")
    page = text(response)
    assert "prêt à imprimer" in page
    assert reminder.document is not None
    pdf = claire.get(reminder.document.get_absolute_url())
    assert b"".join(pdf.streaming_content).startswith(b"%PDF")
    listed = text(claire.get("/relances/"))
    assert reminder.reference in listed
    assert reminder.document.get_absolute_url() in listed


def test_a_second_click_makes_no_other(claire: Client, invoice: Invoice) -> None:
    data = posted(invoice)
    first, second = claire.post(URL, data), claire.post(URL, data)
    assert first["Location"] == second["Location"]
    assert Reminder.objects.count() == 1


def test_an_email_goes_to_the_tray(claire: Client, invoice: Invoice) -> None:
    response = claire.post(URL, posted(invoice, by_email="on"), follow=True)
    message = OutboxMessage.objects.get()
    assert message.state == "queued"
    assert message.recipient in text(response)


def test_ticking_by_email_shows_the_email_and_the_button_says_so(
    claire: Client, invoice: Invoice
) -> None:
    data = posted(invoice, by_email="on")
    page = text(claire.get(URL, data, headers={"HX-Request": "true"}))
    assert "<html" not in page  # the fragment alone
    assert "Envoyer l’e-mail" in page
    assert invoice.customer.email in page
    assert f"Facture_{invoice.number}_copie.pdf" in page
    assert "style=" not in page  # our CSP would refuse it


def test_without_an_address_it_says_so_and_creates_nothing(claire: Client) -> None:
    invoice = late_invoice(make.customer(email=""))
    response = claire.post(URL, posted(invoice, by_email="on"))
    page = text(response)
    assert response.status_code == 422
    assert "il n’est pas possible de faire cette relance par e-mail" in page
    assert "Faire plutôt un courrier" in page
    assert not Reminder.objects.exists()


def test_an_address_entered_there_is_kept_and_the_form_comes_back(
    claire: Client,
) -> None:
    invoice = late_invoice(make.customer(email=""))
    data = posted(invoice, by_email="on", do="email", new_email="compta@ici.example")
    response = claire.post(URL, data, follow=True)
    invoice.customer.refresh_from_db()
    assert invoice.customer.email == "compta@ici.example"
    assert "Envoyer l’e-mail" in text(response)
    assert not Reminder.objects.exists()


def test_a_wrong_address_is_said_on_its_field(claire: Client) -> None:
    invoice = late_invoice(make.customer(email=""))
    data = posted(invoice, by_email="on", do="email", new_email="nonsense")
    response = claire.post(URL, data)
    assert response.status_code == 422
    assert "nonsense n’est pas une adresse e-mail" in text(response)
    assert Customer.objects.get().email == ""


def test_a_day_that_was_chosen_stays_when_the_page_is_shown_again(
    claire: Client, invoice: Invoice
) -> None:
    form = fields_of(text(claire.get(URL, {"invoice": invoice.pk})), URL)
    chosen = (timezone.localdate() + timedelta(days=40)).isoformat()
    # The preview follows what is typed, twice, then the button is pressed.
    for _look in range(2):
        seen = text(claire.get(URL, form | {"next_on": chosen}))
        form = fields_of(seen, URL)
        assert form["next_on"] == chosen
    claire.post(URL, form | {"do": "make"})
    assert str(Reminder.objects.get().next_on) == chosen


def test_only_a_note_is_kept(claire: Client, invoice: Invoice) -> None:
    data = posted(invoice, note_only="on", note="Rappeler lundi.")
    claire.post(URL, data)
    note = Reminder.objects.get()
    assert (note.channel, note.note, note.level) == ("none", "Rappeler lundi.", None)
    refused = claire.post(URL, posted(invoice, note_only="on", note=" "))
    assert refused.status_code == 422
    assert "Écrivez la note" in text(refused)


def test_a_formal_notice_is_registered_unless_one_says_otherwise(
    claire: Client, invoice: Invoice
) -> None:
    notice = str(Level.objects.get(rank=3).pk)
    offered = text(claire.get(URL, posted(invoice, level=notice)))
    assert "Créer la lettre recommandée" in offered
    unticked = posted(invoice, level=notice, shown="boxes registered")
    assert "Créer le courrier" in text(claire.get(URL, unticked))


def test_a_soft_reason_needs_its_box_and_why(claire: Client, invoice: Invoice) -> None:
    make.payment(of=invoice.customer)
    page = text(claire.get(URL, {"invoice": invoice.pk}))
    assert "ne sont pas encore affectés" in page
    assert "Relancer quand même" in page

    assert claire.post(URL, posted(invoice)).status_code == 422
    box = {"despite_unallocated": "on"}
    assert claire.post(URL, posted(invoice, **box)).status_code == 422
    assert not Reminder.objects.exists()
    claire.post(URL, posted(invoice, why="vu avec eux", **box))
    assert Reminder.objects.get().overrides[0]["why"] == "vu avec eux"


def test_a_promise_is_not_alice_s_to_break(claire: Client, invoice: Invoice) -> None:
    make.hold(invoice, "promise", timezone.localdate() + timedelta(days=3))
    page = text(claire.get(URL, {"invoice": invoice.pk}))
    assert "Seul un administrateur" in page
    forced = posted(invoice, despite_promise="on", why="si")
    assert claire.post(URL, forced).status_code == 422
    assert not Reminder.objects.exists()


def test_a_hard_reason_shows_why_and_disables_the_button(claire: Client) -> None:
    invoice = late_invoice(total=Decimal("10.00"))
    make.payment(invoice, "10.00")
    page = text(claire.get(URL, {"invoice": invoice.pk}))
    assert "Il ne reste rien à payer" in page
    assert re.search(r'value="make"[^>]* disabled', page)


@pytest.mark.parametrize("day", ["2020-01-01", "31/02/2027", "hier"])
def test_a_next_date_that_makes_no_sense_is_said(
    claire: Client, invoice: Invoice, day: str
) -> None:
    response = claire.post(URL, posted(invoice, next_on=day))
    assert response.status_code == 422
    assert not Reminder.objects.exists()


def test_the_next_date_is_the_user_s_to_change(
    claire: Client, invoice: Invoice
) -> None:
    chosen = timezone.localdate() + timedelta(days=40)
    claire.post(URL, posted(invoice, next_on=f"{chosen:%d/%m/%Y}"))
    assert Reminder.objects.get().next_on == chosen


def test_the_preview_is_a_picture_of_the_page(claire: Client, invoice: Invoice) -> None:
    for query in ({}, {"show": "invoice"}):
        response = claire.get(f"{URL}apercu.png", {"invoice": invoice.pk, **query})
        image = Image.open(io.BytesIO(response.content))
        assert image.width == 900
        assert abs(image.height - 1273) < 3
    assert not Reminder.objects.exists()


@pytest.mark.parametrize("page", ["0", "9", "x"])
def test_a_page_that_does_not_exist_is_not_found(
    claire: Client, invoice: Invoice, page: str
) -> None:
    query = {"invoice": invoice.pk, "page": page}
    assert claire.get(f"{URL}apercu.png", query).status_code == 404


@pytest.mark.parametrize("pk", ["", "x", "999999"])
def test_an_invoice_that_does_not_exist_is_not_found(claire: Client, pk: str) -> None:
    assert claire.post(URL, {"invoice": pk}).status_code == 404


def test_who_may_not_remind_sees_no_form(
    client: Client, bob: User, charlie: User, invoice: Invoice
) -> None:
    assert client.get(URL)["Location"].startswith("/accounts/login/")
    for person in (bob, charlie):
        client.force_login(person)
        assert client.get(URL).status_code == 403
        assert client.post(URL, posted(invoice)).status_code == 403
    assert not Reminder.objects.exists()
