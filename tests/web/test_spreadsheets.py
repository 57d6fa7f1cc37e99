"""The pages of a spreadsheet: dropped, its columns chosen, looked at, imported."""

from __future__ import annotations

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from relance.models import (
    BankLine,
    Customer,
    ImportBatch,
    Invoice,
    Spreadsheet,
    SpreadsheetProfile,
    User,
)
from relance.web import spreadsheets as pages
from tests import make
from tests.spreadsheets import INVOICES

pytestmark = pytest.mark.django_db
URL = "/imports/tableur/"
COLUMNS = {"kind": "invoices", "header": "1", "order": "dmy", "currency": "EUR"} | {
    f"column_{place}": target
    for place, target in enumerate(
        ("number", "code", "name", "issued_on", "due_date", "total", "paid")
    )
}


def text(response: object) -> str:
    content = response.content.decode()  # type: ignore[attr-defined]
    return re.sub(r"\s+", " ", content.replace("\u00a0", " ").replace("\u202f", " "))


def drop(client: Client, content: str | bytes, name: str = "factures.csv") -> str:
    data = content.encode() if isinstance(content, str) else content
    response = client.post(URL, {"upload": SimpleUploadedFile(name, data)})
    assert response.status_code == 302, text(response)
    return str(response["Location"])


def check(client: Client, content: str = INVOICES, **columns: str) -> str:
    where = drop(client, content)
    response = client.post(where, COLUMNS | columns)
    assert response.status_code == 302, text(response)
    return str(response["Location"])


def test_from_the_file_to_the_invoices(client: Client, alice: User) -> None:
    client.force_login(alice)
    where = drop(client, INVOICES)
    page = text(client.get(where))
    assert "N° facture" in page
    assert "F1 · F2 · F3" in page
    assert '<option value="number" selected>' in page
    shown = client.post(where, COLUMNS)["Location"]
    page = text(client.get(shown))
    assert "Nouvelles : 3" in page
    assert "2 clients à créer" in page
    assert "Importer 3 factures" in page
    assert not Invoice.objects.exists()
    done = client.post(f"{shown}importer/", follow=True)
    assert Invoice.objects.count() == 3
    assert Invoice.objects.get(number="F1").created_by == alice
    batch = ImportBatch.objects.get()
    assert done.redirect_chain[-1][0] == f"/imports/historique/{batch.pk}/"
    page = text(done)
    assert "Dupont SARL" in page
    assert "1 000,00 €" in page
    assert "Annuler cet import" in page


def test_each_problem_is_shown_in_its_cell(client: Client, alice: User) -> None:
    client.force_login(alice)
    bad = INVOICES + "F4;C2;Durand SAS;32/09/2026;;10,00;\nF5;C2;<b>x</b>;;;dix;\n"
    shown = check(client, bad)
    page = text(client.get(f"{shown}?rows=faulty"))
    assert "« 32/09/2026 » n’est pas une date." in page
    assert "« dix » n’est pas un montant." in page
    assert "<b>x</b>" not in page
    assert "Refusées : 2" in page
    assert "Importer 3 factures" in page
    done = text(client.post(f"{shown}importer/", follow=True))
    # The card of the import keeps what is to be looked at.
    assert "Lignes à regarder" in done
    assert "« dix » n’est pas un montant." in done


def test_one_leaves_and_comes_back(client: Client, alice: User) -> None:
    client.force_login(alice)
    where = drop(client, "Alpha;Bêta\n1;2\n")
    # Another kind is another reading: its columns are proposed first.
    assert client.post(where, {"kind": "invoices"})["Location"] == where
    response = client.post(where, {"kind": "invoices", "column_0": "number"})
    assert response.status_code == 422
    assert "Aucune colonne ne donne" in text(response)
    page = text(client.get(URL))
    assert "colonnes à choisir" in page
    again = text(client.get(where))
    assert '<option value="number" selected>' in again


def test_the_kind_is_asked_then_the_columns_proposed(
    client: Client, alice: User
) -> None:
    client.force_login(alice)
    where = drop(
        client, "Compte;Intitulé;Date;Pièce;Débit;Crédit\nC1;X;01/09/2026;F1;9;\n"
    )
    assert "ne disent pas ce que liste ce fichier" in text(client.get(where))
    client.post(where, {"kind": "invoices", "header": "1", "again": "1"})
    page = text(client.get(where))
    assert "ne disent pas" not in page
    assert '<option value="total" selected>' in page


def test_two_columns_do_not_say_the_same(client: Client, alice: User) -> None:
    client.force_login(alice)
    where = drop(client, INVOICES)
    response = client.post(where, COLUMNS | {"column_6": "total"})
    assert response.status_code == 422
    assert "Deux colonnes sont données pour « Montant TTC »" in text(response)


def test_what_is_no_table_is_refused_in_words(client: Client, alice: User) -> None:
    client.force_login(alice)
    response = client.post(URL, {"upload": SimpleUploadedFile("x.pdf", b"%PDF-1.7")})
    assert response.status_code == 422
    assert "ni un classeur Excel" in text(response)
    nothing = client.post(URL, {})
    assert nothing.status_code == 422
    assert not Spreadsheet.objects.exists()


def test_the_same_file_again_says_so(client: Client, alice: User) -> None:
    client.force_login(alice)
    client.post(f"{check(client)}importer/")
    where = drop(client, INVOICES)
    assert "Ce fichier a déjà été importé le" in text(client.get(where))
    shown = client.post(where, COLUMNS)["Location"]
    page = text(client.get(shown))
    assert "Déjà connues : 3" in page
    assert "il n’y a rien à importer" in page
    assert "/importer/" not in page


def test_a_large_file_is_watched(
    client: Client, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "AT_ONCE", 0)
    client.force_login(alice)
    where = drop(client, INVOICES)
    shown = client.post(where, COLUMNS)["Location"]
    page = text(client.get(shown))
    assert "Vous pouvez quitter cette page" in page
    assert 'hx-trigger="every 1s"' in page
    found = Spreadsheet.objects.get()
    assert found.state == Spreadsheet.State.CHECKING


def test_profiles_are_kept_offered_and_removed(client: Client, alice: User) -> None:
    client.force_login(alice)
    shown = check(client)
    client.post(f"{shown}profil/", {"name": "Mon logiciel"})
    profile = SpreadsheetProfile.objects.get()
    other = drop(client, INVOICES.replace("Client;", "Raison;"))
    assert "Mon logiciel" in text(client.get(other))
    used = other.replace("colonnes", "reprendre-profil")
    client.post(used, {"profile": profile.pk})
    assert "selected" in text(client.get(other))
    assert client.post(used, {"profile": "x"}).status_code == 404
    client.post(f"{URL}profils/{profile.pk}/supprimer/")
    assert not SpreadsheetProfile.objects.exists()


def test_a_file_is_set_aside(client: Client, alice: User) -> None:
    client.force_login(alice)
    shown = check(client)
    page = text(client.post(f"{shown}abandonner/", follow=True))
    assert "rien n’en a été importé" in page
    assert client.get(shown).status_code == 404


def test_a_statement_goes_to_the_bank(client: Client, alice: User) -> None:
    make.company()
    client.force_login(alice)
    where = drop(client, "Date;Libellé;Débit;Crédit\n01/10/2026;VIR;;80,00\n", "r.csv")
    columns = {"kind": "statement", "header": "1", "order": "dmy", "account": "CCP"} | {
        f"column_{place}": name
        for place, name in enumerate(("day", "label", "debit", "credit"))
    }
    shown = client.post(where, columns)["Location"]
    assert "Importer 1 encaissement" in text(client.get(shown))
    done = client.post(f"{shown}importer/", follow=True)
    assert done.redirect_chain[-1][0] == "/banque/"
    assert BankLine.objects.get().account == "CCP"


def test_an_import_is_undone_from_its_card(client: Client, alice: User) -> None:
    client.force_login(alice)
    client.post(f"{check(client)}importer/")
    card = f"/imports/historique/{ImportBatch.objects.get().pk}/"
    assert "factures.csv" in text(client.get("/imports/historique/"))
    held = make.hold(Invoice.objects.get(number="F2"))
    page = text(client.get(card))
    assert "ne peut plus être annulé" in page
    assert "suspensions (1)" in page
    refused = text(client.post(f"{card}annuler/", follow=True))
    assert "ne peut pas être annulé" in refused
    held.delete()
    done = text(client.post(f"{card}annuler/", follow=True))
    assert "Import annulé" in done
    assert not Invoice.objects.exists()
    assert not Customer.objects.exists()


def test_few_queries_whatever_the_rows(
    client: Client, alice: User, django_assert_max_num_queries: object
) -> None:
    client.force_login(alice)
    for _time in range(3):
        client.post(f"{check(client)}importer/")
    for url in (URL, "/imports/historique/"):
        with django_assert_max_num_queries(12):  # type: ignore[operator]
            client.get(url)


def test_who_may_not_is_refused(
    client: Client, alice: User, bob: User, charlie: User
) -> None:
    client.force_login(alice)
    shown = check(client)
    pages_ = [URL, shown, f"{shown}colonnes/"]
    acts = [URL, f"{shown}colonnes/", f"{shown}importer/", f"{shown}abandonner/"]
    for person, status in ((bob, 403), (charlie, 403)):
        client.force_login(person)
        assert {client.get(url).status_code for url in pages_} == {status}
        assert {client.post(url).status_code for url in acts} == {status}
    client.logout()
    assert client.get(URL).status_code == 302
    assert Spreadsheet.objects.get().state == Spreadsheet.State.CHECKED
    # A reader sees what was imported, and undoes nothing.
    client.force_login(alice)
    client.post(f"{shown}importer/")
    card = f"/imports/historique/{ImportBatch.objects.get().pk}/"
    client.force_login(bob)
    assert "Annuler cet import" not in text(client.get(card))
    assert client.post(f"{card}annuler/").status_code == 403
    assert Invoice.objects.count() == 3
