"""Proofs are kept once beside the letter; what is no scan is refused."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from relance.models import Document, PostingProof
from relance.services import documents, postings, proofs
from relance.services.posting_changes import News
from relance.services.refusal import Refused
from tests import make
from tests.make import NOW
from tests.services._postings import POSTED, notice, png, prove, words

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _company() -> None:
    make.company()


# --- proofs -----------------------------------------------------------------


def test_proofs_are_kept_beside_the_letter(alice) -> None:
    made = notice()
    files = [
        proofs.checked(png(), "C:\\scans\\avis de réception.PNG"),
        proofs.checked(make_pdf(), "depot.pdf"),
    ]
    news = News(posted_on=POSTED)
    done = postings.record_news(made, news, files, by=alice, now=NOW)

    kept = [proof.document for proof in done.posting.proofs.all()]
    assert [(one.name, one.kind, one.media_type, one.pages) for one in kept] == [
        ("avis de réception.png", Document.Kind.PROOF, "image/png", 1),
        ("depot.pdf", Document.Kind.PROOF, "application/pdf", 1),
    ]
    assert documents.read(kept[0]) == png()
    assert words()[-1] == (
        f"Courrier {made.reference} : preuves conservées, "
        "avis de réception.png, depot.pdf."
    )
    assert PostingProof.objects.first().added_by == alice


def test_the_same_proof_again_adds_nothing() -> None:
    made = notice()
    prove(made, png(), "a.png")
    prove(made, png(), "b.png")

    assert PostingProof.objects.count() == 1
    assert words()[-1].endswith("preuve conservée, a.png.")


def test_what_is_no_scan_is_refused_and_nothing_kept() -> None:
    made = notice()

    with pytest.raises(
        Refused, match=r"virus\.exe ne peut pas être conservé"
    ) as caught:
        prove(made, b"MZ", "../../virus.exe")

    assert caught.value.field == "proofs"
    assert not PostingProof.objects.exists()
    assert not Document.objects.filter(kind="proof").exists()


def test_a_file_without_a_name_gets_one() -> None:
    assert proofs.checked(png(), "").name == "preuve.png"
    assert proofs.checked(png(), "x" * 400 + ".gif").name == "x" * 150 + ".png"


def make_pdf() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (60, 40), "white").save(out, "PDF")
    return out.getvalue()
