"""Kept files: shown or downloaded, to who may, and never a server error."""

from __future__ import annotations

import pytest

from relance.models import Document
from relance.services import documents
from tests.make import NOW

pytestmark = pytest.mark.django_db


def keep(data: bytes = b"%PDF-1.7 kept", **values) -> Document:
    named = {"kind": Document.Kind.INVOICE, "name": "Facture n° 7 é.pdf"}
    return documents.keep(documents.NewFile(data=data, **(named | values)), now=NOW)


def test_a_pdf_opens_in_the_browser(client, bob) -> None:
    client.force_login(bob)
    response = client.get(keep().get_absolute_url())

    assert response.status_code == 200
    assert b"".join(response.streaming_content) == b"%PDF-1.7 kept"
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"].startswith("inline; filename")
    assert "%C3%A9.pdf" in response["Content-Disposition"]
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["X-Frame-Options"] == "SAMEORIGIN"
    assert response["Content-Length"] == "13"
    assert "no-store" in response["Cache-Control"]


@pytest.mark.parametrize(
    "media_type", ["text/html", "application/xml", "image/svg+xml"]
)
def test_anything_else_is_downloaded_as_bytes(client, bob, media_type) -> None:
    client.force_login(bob)
    kept = keep(b"<script>", name="facture.html", media_type=media_type)

    response = client.get(kept.get_absolute_url())

    assert response["Content-Type"] == "application/octet-stream"
    assert response["Content-Disposition"].startswith("attachment; filename")
    assert response["X-Content-Type-Options"] == "nosniff"


def test_who_may_not_see_it(client, charlie) -> None:
    where = keep(b"%PDF-1.7 secret").get_absolute_url()
    assert client.get(where).status_code == 302
    client.force_login(charlie)
    response = client.get(where)
    assert response.status_code == 403
    assert b"secret" not in response.content


def test_a_missing_or_damaged_file_is_not_found(client, bob) -> None:
    client.force_login(bob)
    damaged, lost = keep(b"%PDF-1.7 damaged"), keep(b"%PDF-1.7 lost")
    Document.objects.filter(pk=lost.pk).update(sha256="0" * 64)
    file = documents.storage().path(damaged.sha256)
    file.chmod(0o600)
    file.write_bytes(b"%PDF-1.7 another")

    assert client.get(lost.get_absolute_url()).status_code == 404
    assert client.get(damaged.get_absolute_url()).status_code == 404
    assert client.get("/documents/999999/").status_code == 404
