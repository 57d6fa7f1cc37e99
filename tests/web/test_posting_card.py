"""One letter takes news and proofs; what is wrong or hostile is refused by name."""

from __future__ import annotations

import io
import re
from datetime import date, timedelta

import pikepdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from relance.models import Document, Posting, PostingProof, User
from tests import make
from tests.make import NOW
from tests.web._postings import MADE, URL, A, body, letter, news, notice, text

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _company() -> None:
    make.company()


def png(name: str = "avis.png") -> SimpleUploadedFile:
    out = io.BytesIO()
    Image.new("RGB", (60, 40), "white").save(out, "PNG")
    return SimpleUploadedFile(name, out.getvalue())


# --- one letter -------------------------------------------------------------


def test_news_and_proofs_of_a_letter(client: Client, alice: User) -> None:
    made = notice()
    client.force_login(alice)
    back = "/envois-postaux/?which=silent"
    page = client.get(f"{URL}{made.pk}/", {"back": back})
    assert 'enctype="multipart/form-data"' in text(page)
    assert f'name="back" value="{back}"' in text(page)

    page = client.post(
        f"{URL}{made.pk}/nouvelles/",
        news(
            registered_number="1A 123 456 7890 1",
            presented_on="04/11/2026",
            delivered_on="05/11/2026",
            proofs=[png("avis.png"), png("bis.png")],
            back=back,
        ),
        follow=True,
    )

    assert page.redirect_chain == [(back, 302)]
    posting = Posting.objects.get()
    assert posting.registered_number == A
    assert posting.delivered_on == date(2026, 11, 5)
    # The same scan twice is one proof.
    proof = PostingProof.objects.get().document
    card = client.get(f"/relances/{made.pk}/")
    assert f'href="/documents/{proof.pk}/"' in text(card)
    assert "distribué le 05/11/2026" in body(card)
    assert "suivre-vos-envois?code=1A12345678901" in text(card)
    served = client.get(f"/documents/{proof.pk}/")
    assert served["Content-Disposition"] == 'attachment; filename="avis.png"'
    assert served["X-Content-Type-Options"] == "nosniff"


def test_a_return_says_what_it_does(client: Client, alice: User) -> None:
    npai, unclaimed = letter(), notice()
    client.force_login(alice)

    page = client.post(
        f"{URL}{npai.pk}/nouvelles/",
        news(returned_on="2026-11-06", return_reason="npai"),
        follow=True,
    )
    # Without a list to go back to, the letter's card.
    assert page.redirect_chain == [(f"/relances/{npai.pk}/", 302)]
    assert "tant que l’adresse n’est pas corrigée" in body(page)
    assert f'href="/clients/{npai.customer_id}/modifier/"' in text(page)

    page = client.post(
        f"{URL}{unclaimed.pk}/nouvelles/",
        news(returned_on="2026-11-20", return_reason="unclaimed"),
        follow=True,
    )
    assert "La mise en demeure reste valable" in body(page)
    assert "19-20.680" in body(page)
    assert "première présentation" in body(page)


@pytest.mark.parametrize(
    ("known", "said"),
    [
        ({"presented_on": "2026-11-01"}, "pas encore posté"),
        ({"delivered_on": "2999-01-01"}, "pas encore venu"),
        ({"returned_on": "2026-11-06"}, "motif du retour"),
        ({"return_reason": "lost"}, "lost"),
        ({"registered_number": "abc"}, "pas un numéro de recommandé"),
        ({"posted_on": "demain"}, "date valide"),
    ],
)
def test_what_cannot_be_true_is_said_on_its_field(
    client: Client, alice: User, known: dict[str, str], said: str
) -> None:
    made = notice()
    client.force_login(alice)

    page = client.post(f"{URL}{made.pk}/nouvelles/", news(**known))

    assert page.status_code == 422
    assert said in body(page)
    assert not Posting.objects.exists()


@pytest.mark.parametrize(
    "back",
    ["https://ailleurs.example/", "//ailleurs.example/", "javascript:alert(1)", "x"],
)
def test_one_comes_back_to_our_own_pages_only(
    client: Client, alice: User, back: str
) -> None:
    made = letter()
    client.force_login(alice)

    page = client.post(f"{URL}{made.pk}/nouvelles/", news(back=back))

    assert page["Location"] == f"/relances/{made.pk}/"
    assert f'value="{back}"' not in text(client.get(f"{URL}{made.pk}/", {"back": back}))


def test_a_fragment_is_the_form_alone(client: Client, alice: User) -> None:
    made = letter()
    client.force_login(alice)

    page = text(client.get(f"{URL}{made.pk}/", headers={"HX-Request": "true"}))

    assert page.strip().startswith("<section")
    assert f'action="/envois-postaux/{made.pk}/nouvelles/"' in page


def test_letters_that_have_no_journey(client: Client, alice: User) -> None:
    email = letter(channel="email", state="sent")
    cancelled = letter(state="cancelled")
    client.force_login(alice)

    assert client.get(f"{URL}{email.pk}/").status_code == 404
    assert client.get(f"{URL}999/").status_code == 404
    assert "annulé" in body(client.get(f"{URL}{cancelled.pk}/"))
    page = client.post(f"{URL}{cancelled.pk}/nouvelles/", news())
    assert page.status_code == 422
    assert not Posting.objects.exists()


def pdf_bomb() -> bytes:
    """A few kilobytes that unfold to 40 MB of drawing."""
    out = io.BytesIO()
    with pikepdf.new() as made:
        page = made.add_blank_page()
        page.obj.Contents = made.make_stream(b"q Q " * (10 * 1024 * 1024))
        made.save(out, compress_streams=True)
    assert len(out.getvalue()) < 100_000
    return out.getvalue()


# --- hostile files ----------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("page.html", b"<script>alert(1)</script>", "Seuls les fichiers PDF"),
        ("faux.pdf", b"MZ\x90\x00", "Seuls les fichiers PDF"),
        ("casse.pdf", b"%PDF-1.7 rien", "casse.pdf ne peut pas être conservé"),
        ("bombe.pdf", pdf_bomb(), "trop lourde"),
        ("vide.png", b"", "vide"),
        ("coupe.png", b"\x89PNG\r\n\x1a\n\x00", "abîmée"),
        ("gros.jpg", b"\xff\xd8\xff" + b"0" * (10 * 1024 * 1024), "dépasse 10 Mo"),
    ],
)
def test_a_hostile_file_is_refused_by_name_and_nothing_is_recorded(
    client: Client, alice: User, name: str, data: bytes, said: str
) -> None:
    made = notice()
    client.force_login(alice)
    files = [png(), SimpleUploadedFile(name, data)]

    page = client.post(f"{URL}{made.pk}/nouvelles/", news(proofs=files))

    assert page.status_code == 422
    assert re.search(said, body(page))
    assert not Posting.objects.exists()
    assert not Document.objects.filter(kind="proof").exists()


def test_too_many_files_are_refused(client: Client, alice: User) -> None:
    made = notice()
    client.force_login(alice)
    files = [png(f"{number}.png") for number in range(11)]

    page = client.post(f"{URL}{made.pk}/nouvelles/", news(proofs=files))

    assert page.status_code == 422
    assert "10 fichiers au plus" in body(page)


# --- the letter's card ------------------------------------------------------


def test_the_card_shows_the_journey_and_takes_news(client: Client, alice: User) -> None:
    made = notice()
    client.force_login(alice)
    card = client.get(f"/relances/{made.pk}/")
    assert "attend d’être posté" in body(card)
    assert f"/envois-postaux/{made.pk}/nouvelles/" not in text(card)

    yesterday = timezone.localdate() - timedelta(days=1)
    posted = {"posted_on": f"{yesterday:%Y-%m-%d}", "registered_number": A}
    card = client.post(f"/relances/{made.pk}/postee/", posted, follow=True)

    assert f"{yesterday:%d/%m/%Y}" in body(card)
    assert "1A 123 456 7890 1" in body(card)
    assert f'action="/envois-postaux/{made.pk}/nouvelles/"' in text(card)
    # It has left: nothing cancels it any more.
    assert f"/relances/{made.pk}/annuler/" not in text(card)


def test_a_wrong_number_is_said_on_the_card(client: Client, alice: User) -> None:
    made = notice()
    client.force_login(alice)

    page = client.post(
        f"/relances/{made.pk}/postee/",
        {"posted_on": "2026-11-03", "registered_number": "RK123456784FR"},
    )

    assert page.status_code == 422
    assert "clé de contrôle" in body(page)


def test_a_letter_ticked_by_mistake_is_taken_back(client: Client, alice: User) -> None:
    made = letter(state="posted")
    Posting.objects.create(reminder=made, posted_on=MADE, recorded_at=NOW)
    client.force_login(alice)
    url = reverse("posting-take-back", args=[made.pk])

    card = client.get(reverse("posting", args=[made.pk]))
    assert "Finalement pas posté" in body(card)
    assert url in text(card)

    done = client.post(url, {"back": URL}, follow=True)
    assert "attend de nouveau d’être posté" in body(done)
    again = client.post(url, {"back": URL}, follow=True)
    assert "n’est pas marqué comme posté" in body(again)
