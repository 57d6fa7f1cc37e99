"""Kept files are found again, unchanged."""

import pytest

from relance.gateways.storage import CorruptFile, MissingFile
from relance.models import Document
from relance.services import documents
from tests.letterbox import NOW, PDF

pytestmark = pytest.mark.django_db


def keep(name="facture.pdf", **more):
    return documents.keep(
        documents.NewFile(data=PDF, kind=Document.Kind.INVOICE, name=name, **more),
        now=NOW,
    )


def test_what_is_kept_is_read_back(settings, tmp_path):
    settings.DATA = tmp_path
    document = keep(pages=2)
    assert documents.read(document) == PDF
    assert (document.size, document.pages) == (len(PDF), 2)
    assert document.media_type == "application/pdf"
    assert documents.storage().path(document.sha256).suffix == ".pdf"


def test_two_rows_share_one_file(settings, tmp_path):
    settings.DATA = tmp_path
    first, second = keep(), keep(name="sans extension", media_type="text/plain")
    assert first.pk != second.pk
    assert len(list(tmp_path.glob("documents/*/*/*"))) == 1


def test_an_altered_or_missing_file_is_never_given(settings, tmp_path):
    settings.DATA = tmp_path
    document = keep()
    path = documents.storage().path(document.sha256)
    path.write_bytes(b"something else")
    with pytest.raises(CorruptFile):
        documents.read(document)
    path.unlink()
    with pytest.raises(MissingFile):
        documents.read(document)
