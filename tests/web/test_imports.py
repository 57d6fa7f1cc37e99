"""The import page: files dropped, each told what became of it."""

from __future__ import annotations

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from relance.models import Invoice, User
from tests.einvoices import Sample, cii, factur_x_pdf, ubl

pytestmark = pytest.mark.django_db

URL = "/imports/"


def text(response: object) -> str:
    content = response.content.decode()  # type: ignore[attr-defined]
    return re.sub(r"\s+", " ", content.replace("\u00a0", " "))


def upload(name: str, data: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data)


def test_several_files_at_once_each_with_its_result(
    client: Client, alice: User
) -> None:
    client.force_login(alice)
    files = [
        upload("bonne.pdf", factur_x_pdf(cii(Sample(), "en16931"))),
        upload("<b>mauvaise</b>.txt", b"Bonjour"),
    ]
    page = text(client.post(URL, {"uploads": files}))
    invoice = Invoice.objects.get()
    assert invoice.created_by == alice
    assert f'href="/factures/{invoice.pk}/"' in page
    assert "1 importée" in page
    assert "1 refusée" in page
    assert "n’est pas une facture électronique" in page
    assert "<b>mauvaise" not in page


def test_again_is_already_known(client: Client, alice: User) -> None:
    client.force_login(alice)
    for _time in range(2):
        page = text(client.post(URL, {"uploads": [upload("a.xml", ubl(Sample()))]}))
    assert "1 déjà connue" in page


def test_nothing_chosen_is_said(client: Client, alice: User) -> None:
    client.force_login(alice)
    response = client.post(URL)
    assert response.status_code == 422
    assert "Choisissez au moins un fichier" in text(response)


def test_who_may_not_enter_invoices_is_refused(
    client: Client, bob: User, charlie: User
) -> None:
    assert client.get(URL)["Location"].startswith("/accounts/login/")
    for person in (bob, charlie):
        client.force_login(person)
        posted = client.post(URL, {"uploads": [upload("a.xml", ubl(Sample()))]})
        assert posted.status_code == 403
    assert not Invoice.objects.exists()
