"""*Reprise* in the browser: a table, many rows at once, the answer."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from relance.models import Company, ImportBatch, Invoice, Level, Reminder, User
from tests import make

pytestmark = pytest.mark.django_db

URL = "/imports/reprise/"


@pytest.fixture(autouse=True)
def _company() -> None:
    make.company(takeover_answered_at=None)


@pytest.fixture
def claire(client: Client, alice: User) -> Client:
    client.force_login(alice)
    return client


@pytest.fixture
def late() -> Invoice:
    return make.invoice(make.customer(name="Dupont SARL"), number="FA-1")


def text(response: Any) -> str:
    content = html.unescape(response.content.decode()).replace("\u00a0", " ")
    content = content.replace("\u202f", " ")
    main = content.split("<main")[1]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main))


def upload(client: Client, data: str, **more: str) -> Any:
    file = SimpleUploadedFile("relances.csv", data.encode())
    return client.post(f"{URL}fichier/", {"upload": file} | more, follow=True)


def test_nothing_to_take_over_is_one_click(claire: Client, late: Invoice) -> None:
    for page in ("/tableau-de-bord/", "/relances/massive/", "/relances/nouvelle/"):
        assert "avant Relance" in text(claire.get(page)), page
    assert "Aucune relance massive ne peut être lancée" in text(claire.get(URL))

    done = claire.post(
        f"{URL}reponse/", {"answer": "nothing", "nothing_before": ""}, follow=True
    )

    assert "peuvent être lancées" in text(done)
    for page in ("/tableau-de-bord/", "/relances/massive/", "/relances/nouvelle/"):
        assert "avant Relance" not in text(claire.get(page)), page


def test_a_run_is_refused_on_its_page_until_then(claire: Client, late: Invoice) -> None:
    claire.get("/relances/massive/")
    page = claire.get("/relances/massive/lancer/")
    [key] = re.findall(r'name="key" value="([^"]+)"', page.content.decode())
    data = {"key": key, "expected": "1", "grouped": "on", "late_payments": "on"}

    refused = claire.post("/relances/massive/lancer/", data)

    assert refused.status_code == 422
    assert "Dites d’abord ce qui a déjà été relancé" in text(refused)
    assert not Reminder.objects.exists()


def test_a_day_holds_all_proposals_back(claire: Client, late: Invoice) -> None:
    day = timezone.localdate() + timedelta(days=9)
    said = {"answer": "done", "nothing_before": day.isoformat()}

    done = claire.post(f"{URL}reponse/", said, follow=True)

    assert f"Rien n’est proposé avant le {day:%d/%m/%Y}" in text(done)
    page = claire.get("/relances/massive/", {"which": "unpaid"})
    assert f"Rien avant le {day:%d/%m/%Y}" in text(page)
    wrong = claire.post(f"{URL}reponse/", {"nothing_before": "bientôt"})
    assert wrong.status_code == 422


def test_a_table_comes_in_and_is_taken_back(claire: Client, late: Invoice) -> None:
    done = upload(claire, "Facture;Date;Niveau\nFA-1;10/10/2026;1\n")
    assert "1 relance reprise" in text(done)
    assert "relances.csv" in text(done)
    follow_up = claire.get("/relances/")
    assert "Relance simple reprise" in text(follow_up)
    card = claire.get(Reminder.objects.get().get_absolute_url())
    assert "reprise" in text(card)
    assert "Annuler la relance" not in text(card)

    batch = ImportBatch.objects.get()
    back = claire.post(f"{URL}{batch.pk}/defaire/", follow=True)
    assert "relances.csv » est annulé" in text(back)
    again = claire.post(f"{URL}{batch.pk}/defaire/", follow=True)
    assert "déjà été annulé" in text(again)


def test_lines_that_are_wrong_are_named_and_may_be_left(
    claire: Client, late: Invoice
) -> None:
    table = "Facture;Date;Niveau\nFA-1;10/10/2026;1\nFA-9;10/10/2026;1\n"

    refused = upload(claire, table)

    assert refused.status_code == 422
    assert "Rien n’a été repris" in text(refused)
    assert "Ligne 3 : La facture FA-9 n’est pas là" in text(refused)
    assert not Reminder.objects.exists()
    done = upload(claire, table, leave_wrong="on")
    assert "1 relance reprise" in text(done)
    assert "Ligne 3 laissée de côté" in text(done)


def test_no_table_says_why(claire: Client) -> None:
    refused = upload(claire, "%PDF-1.4")
    assert refused.status_code == 422
    assert "ni un classeur" in text(refused)
    assert claire.post(f"{URL}fichier/", {}).status_code == 422


def entered(client: Client, do: str, **values: str) -> Any:
    return client.post(f"{URL}saisie/", {"do": do} | values, follow=True)


def test_many_are_entered_at_once(claire: Client, late: Invoice) -> None:
    two = make.invoice(number="FA-2")
    notice = str(Level.objects.get(rank=3).pk)
    first = str(Level.objects.get(rank=1).pk)
    page = claire.get(f"{URL}saisie/")
    assert "FA-1" in text(page)
    assert "Dupont SARL" in text(page)

    spread = entered(
        claire, "spread", level_all=first, day_all="2026-10-10", channel_all="email"
    )
    assert not Reminder.objects.exists()
    shown = spread.content.decode()
    assert shown.count('value="2026-10-10"') == 3

    values = {f"level_{late.pk}": first, f"day_{late.pk}": "2026-10-10"}
    values |= {f"level_{two.pk}": notice, f"day_{two.pk}": "11/10/2026"}
    values |= {f"channel_{two.pk}": "registered"}
    done = entered(claire, "save", **values)

    assert "2 relances reprises" in text(done)
    made = {
        (row.lines.get().invoice, row.level_rank, row.channel)
        for row in Reminder.objects.all()
    }
    assert made == {(late, 1, "letter"), (two, 3, "registered")}
    assert "relancée le 10/10/2026" in text(done)


@pytest.mark.parametrize(
    ("day", "why"),
    [
        ("", "Quel jour"),
        ("2031-01-01", "dans le futur"),
        ("2026-08-01", "antérieur à la date de la facture"),
        ("demain", "date"),
    ],
)
def test_a_row_that_cannot_be_says_so_beside_it(
    claire: Client, late: Invoice, day: str, why: str
) -> None:
    first = str(Level.objects.get(rank=1).pk)

    refused = entered(
        claire, "save", **{f"level_{late.pk}": first, f"day_{late.pk}": day}
    )

    assert refused.status_code == 422
    assert why in text(refused)
    assert not Reminder.objects.exists()


def test_nothing_entered_is_said(claire: Client, late: Invoice) -> None:
    refused = entered(claire, "save")
    assert refused.status_code == 422
    assert "au moins une facture" in text(refused)


def test_only_late_ones_are_listed_unless_all_are_asked_for(claire: Client) -> None:
    today = timezone.localdate()
    make.invoice(number="FA-9", issued_on=today, due_date=today + timedelta(days=30))
    assert "Aucune facture impayée ici" in text(claire.get(f"{URL}saisie/"))
    assert "FA-9" in text(claire.get(f"{URL}saisie/", {"which": "all"}))
    assert "Aucune facture" in text(claire.get(f"{URL}saisie/", {"q": "zzz"}))


def test_readers_and_strangers_take_nothing_over(
    client: Client, bob: User, charlie: User
) -> None:
    urls = (
        f"{URL}fichier/",
        f"{URL}reponse/",
        f"{URL}saisie/",
        f"{URL}1/defaire/",
    )
    for person in (bob, charlie):
        client.force_login(person)
        assert client.get(URL).status_code == 403
        assert {client.post(url).status_code for url in urls} == {403}
    client.force_login(bob)
    assert "avant Relance" in text(client.get("/tableau-de-bord/"))
    client.logout()
    assert {client.post(url).status_code for url in urls} == {302}
    assert Company.objects.get().takeover_answered_at is None
