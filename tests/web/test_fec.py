"""The pages of a ledger of accounts, as its users see them."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from relance.models import FecFile, FecItem, Invoice, Payment, User
from relance.services import fec, fec_reading
from relance.web import fec as pages
from tests import fec_samples as samples
from tests import make
from tests.make import NOW

pytestmark = pytest.mark.django_db

LIST = "/imports/fec/"


@pytest.fixture(autouse=True)
def _company() -> None:
    make.company()


def text(response: Any) -> str:
    content = html.unescape(response.content.decode())
    return re.sub(r"[\s\u00a0\u202f]+", " ", re.sub(r"<[^>]+>", " ", content))


def drop(client: Client, data: str | bytes, name: str = samples.NAME) -> Any:
    content = data if isinstance(data, bytes) else data.encode()
    upload = SimpleUploadedFile(name, content)
    return client.post(LIST, {"upload": upload}, follow=True)


def ready(rows: Any = samples.ROWS) -> FecFile:
    data = samples.fec(rows).encode()
    return fec_reading.read(
        fec.receive(samples.NAME, data, by=None, now=NOW).pk, now=NOW
    )


def page_of(file: FecFile, part: str = "") -> str:
    return f"{reverse('fec-file', args=[file.pk])}?part={part}"


def test_a_file_dropped_shows_what_it_holds_and_its_control(
    client: Client, alice: User
) -> None:
    client.force_login(alice)
    shown = text(drop(client, samples.fec()))

    assert "Écritures du 01/09/2026 au 20/10/2026" in shown
    assert "2 600,00 € égal au solde des comptes clients, 2 600,00 €" in shown
    assert "3 600,00 € dus sur 1 pièce" in shown
    assert "1 000,00 € reçus, 1 règlement non lettré" in shown
    assert "1 facture payée et lettrée" in shown
    assert "Importer 1 facture et 1 règlement" in shown
    assert Invoice.objects.count() == 0


def test_the_due_date_is_shown_as_computed(client: Client, alice: User) -> None:
    client.force_login(alice)
    shown = text(client.get(page_of(ready(), "invoices")))
    assert "15/10/2026 calculée" in shown


def test_import_takes_the_ticks_of_the_page(client: Client, alice: User) -> None:
    client.force_login(alice)
    file = ready()
    payment = file.items.get(kind=FecItem.Kind.PAYMENT)
    posted = {
        "part": "payments",
        "shown": [payment.pk],
        "take": [payment.pk],
        "match": [],
    }
    shown = text(client.post(reverse("fec-start", args=[file.pk]), posted, follow=True))

    assert "Importé 2" in shown
    assert "1 client créé" in shown
    # The match was unticked: the payment settles nothing.
    assert Invoice.objects.get().balance == 3600
    assert Payment.objects.get().recorded_by == alice
    again = client.post(reverse("fec-start", args=[file.pk]), posted, follow=True)
    assert "Importé 2" in text(again)
    assert Payment.objects.count() == 1


def test_choices_are_kept_without_importing(client: Client, alice: User) -> None:
    client.force_login(alice)
    file = ready()
    account = file.accounts.get(key="C002")
    posted = {"part": "customers", "shown": [account.pk], "page": "1"}
    where = reverse("fec-keep", args=[file.pk])
    shown = text(client.post(where, posted, follow=True))
    assert "Vos choix sont conservés" in shown
    assert "2 600,00 € ce que la comptabilité dit dû" in shown
    assert Invoice.objects.count() == 0


def test_another_customer_is_chosen_among_those_known(
    client: Client, alice: User
) -> None:
    known = make.customer(name="Groupe Martin", code="GM")
    client.force_login(alice)
    file = ready()
    account = file.accounts.get(key="C002")
    where = reverse("fec-customer", args=[account.pk])
    # Those of a like name are shown first.
    assert "Groupe Martin" in text(client.get(where))
    shown = text(client.post(where, {"customer": known.pk}, follow=True))
    assert "Groupe Martin GM · choisi à la main" in shown
    shown = text(client.post(where, {}, follow=True))
    assert "nouveau client" in shown


def test_a_file_that_is_none_is_refused_in_words(client: Client, alice: User) -> None:
    client.force_login(alice)
    response = drop(client, b"\x89PNG\0\0", "photo.png")
    assert response.status_code == 422
    assert "n’est pas un FEC" in text(response)
    assert client.post(LIST, {}).status_code == 422
    assert not FecFile.objects.exists()


def test_a_file_cut_short_says_where(client: Client, alice: User) -> None:
    client.force_login(alice)
    shown = text(drop(client, samples.fec(samples.ROWS[:-1])))
    assert "ligne 10" in shown
    assert "Rien n’a été importé" in shown


def test_a_long_file_is_read_in_the_background(
    client: Client, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "AT_ONCE", 10)
    client.force_login(alice)
    shown = text(drop(client, samples.fec()))
    assert "lecture en cours" in shown
    [file] = FecFile.objects.all()
    asked = {"HTTP_HX_REQUEST": "true"}
    assert "lecture en cours" in text(client.get(page_of(file), **asked))
    fec_reading.read(file.pk, now=NOW)
    assert client.get(page_of(file), **asked).headers["HX-Redirect"] == reverse(
        "fec-file", args=[file.pk]
    )


def test_given_up(client: Client, alice: User) -> None:
    client.force_login(alice)
    file = ready()
    shown = text(client.post(reverse("fec-drop", args=[file.pk]), follow=True))
    assert "abandonné" in shown
    assert "abandonné" in text(client.get(page_of(file)))


def test_nothing_of_a_file_is_markup(client: Client, alice: User) -> None:
    client.force_login(alice)
    rows = [row.replace("Martin SAS", "<b>Martin</b>") for row in samples.ROWS]
    response = client.get(page_of(ready(rows), "customers"))
    assert "&lt;b&gt;Martin" in response.content.decode()


def test_a_page_asks_few_queries(
    client: Client, alice: User, django_assert_max_num_queries: Any
) -> None:
    client.force_login(alice)
    rows = [
        row
        for rank in range(60)
        for row in (
            *samples.sale(f"F-{rank:03}", 100, who=f"C{rank}|Client {rank}"),
            *samples.payment(f"V-{rank:03}", 50, who=f"C{rank}|Client {rank}"),
        )
    ]
    file = ready(rows)
    client.get(LIST)  # the session is written down once
    for part in ("customers", "invoices", "payments"):
        with django_assert_max_num_queries(12):
            assert "Client 1" in text(client.get(page_of(file, part)))


@pytest.mark.parametrize("who", ["bob", "charlie"])
def test_who_does_not_keep_the_books_may_not(
    client: Client, who: str, request: pytest.FixtureRequest
) -> None:
    file = ready()
    account = file.accounts.all()[0]
    client.force_login(request.getfixturevalue(who))
    assert client.get(LIST).status_code == 403
    assert client.get(page_of(file)).status_code == 403
    for name in ("fec-keep", "fec-start", "fec-drop"):
        assert client.post(reverse(name, args=[file.pk])).status_code == 403
    assert client.post(reverse("fec-customer", args=[account.pk])).status_code == 403
    file.refresh_from_db()
    assert file.state == FecFile.State.READY
