"""*Envois postaux*: marking, numbering, hearing of letters, with their proofs."""

from __future__ import annotations

import io
import re
from datetime import date, timedelta
from typing import Any

import pikepdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from relance.models import (
    Channel,
    Customer,
    Document,
    HistoryEntry,
    Posting,
    PostingProof,
    Reminder,
    Run,
    User,
)
from tests import make
from tests.make import NOW

pytestmark = pytest.mark.django_db

URL = "/envois-postaux/"
MADE = date(2026, 11, 2)
A, B = "1A12345678901", "2C12345678902"


@pytest.fixture(autouse=True)
def _company() -> None:
    make.company()


def letter(**values: Any) -> Reminder:
    defaults: dict[str, Any] = {
        "made_on": MADE,
        "recipient": {"address": ["4 quai de la Fosse", "44000 NANTES"]},
    }
    return make.reminder(make.invoice(), **(defaults | values))


def notice(**values: Any) -> Reminder:
    return letter(
        channel=Channel.REGISTERED,
        level_kind="formal_notice",
        level_name="Mise en demeure",
        level_rank=3,
        **values,
    )


def text(response: Any) -> str:
    page = response.content.decode().replace("\u00a0", " ")
    return re.sub(r"\s+", " ", page)


def body(response: Any) -> str:
    """Return the words of a page, without its marks and its menu."""
    main = text(response).split("<main")[1].split("</main>")[0]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main))


def png(name: str = "avis.png") -> SimpleUploadedFile:
    out = io.BytesIO()
    Image.new("RGB", (60, 40), "white").save(out, "PNG")
    return SimpleUploadedFile(name, out.getvalue())


def news(**known: Any) -> dict[str, Any]:
    empty = {
        "posted_on": "2026-11-03",
        "registered_number": "",
        "presented_on": "",
        "delivered_on": "",
        "returned_on": "",
        "return_reason": "",
    }
    return empty | known


# --- the list ---------------------------------------------------------------


def test_the_list_says_what_the_post_has(client: Client, alice: User) -> None:
    waiting, posted = notice(), letter(state="posted")
    Posting.objects.create(
        reminder=posted,
        posted_on=MADE,
        registered_number=A,
        returned_on=MADE,
        return_reason="npai",
        recorded_at=NOW,
    )
    Customer.objects.filter(pk=posted.customer_id).update(address_refused_on=MADE)
    client.force_login(alice)

    page = client.get(URL)
    assert waiting.reference in text(page)
    assert posted.reference not in text(page)
    assert "À poster 1" in body(page)
    assert "Retours 1" in body(page)
    assert 'href="/envois-postaux/"' in text(page).split("</nav>")[0]

    page = client.get(URL, {"which": "returned"})
    assert posted.reference in text(page)
    assert waiting.reference not in text(page)
    assert "adresse à corriger" in body(page)
    assert "1A 123 456 7890 1" in body(page)
    assert "https://www.laposte.fr/outils/suivre-vos-envois?code=1A12345678901" in text(
        page
    )
    assert 'rel="noopener noreferrer external"' in text(page)


@pytest.mark.parametrize("which", ["to_post", "silent", "returned", "all"])
def test_an_empty_list_says_so(client: Client, bob: User, which: str) -> None:
    client.force_login(bob)

    assert 'class="empty"' in text(client.get(URL, {"which": which}))
    searched = client.get(URL, {"which": which, "q": "rien"})
    assert "Aucun courrier ne correspond" in body(searched)


def test_a_long_list_has_pages_and_few_queries(
    client: Client, alice: User, django_assert_max_num_queries: Any
) -> None:
    for _number in range(51):
        letter()
    client.force_login(alice)
    client.get("/account/")

    with django_assert_max_num_queries(12):
        page = client.get(URL)

    assert text(page).count('name="letter"') == 50
    assert "Les 51 courriers de cette liste" in body(page)
    assert text(client.get(URL, {"page": 2})).count('name="letter"') == 1


# --- posted -----------------------------------------------------------------


def test_the_ticked_letters_are_marked(client: Client, alice: User) -> None:
    first, second, third = letter(), notice(), letter()
    client.force_login(alice)
    ticked = {"letter": [first.pk, second.pk], "posted_on": "03/11/2026"}

    page = client.post(f"{URL}postees/?which=to_post", ticked, follow=True)

    assert "2 courriers sont marqués comme postés" in body(page)
    assert page.redirect_chain == [("/envois-postaux/?which=to_post", 302)]
    assert {posting.reminder for posting in Posting.objects.all()} == {first, second}
    third.refresh_from_db()
    assert third.state == "made"


def test_every_letter_of_the_filter_is_marked_not_only_the_page(
    client: Client, alice: User
) -> None:
    run = Run.objects.create(
        number=1,
        request_key="00000000-0000-0000-0000-000000000001",
        approved_at=NOW,
        made_on=MADE,
    )
    for _number in range(60):
        letter(run=run)
    outside = letter()
    client.force_login(alice)

    page = client.post(
        f"{URL}postees/?run={run.pk}",
        {"every": "on", "posted_on": "2026-11-03"},
        follow=True,
    )

    assert "60 courriers sont marqués" in body(page)
    outside.refresh_from_db()
    assert outside.state == "made"


def test_what_was_left_is_named_with_its_reason(client: Client, alice: User) -> None:
    good, cancelled = letter(), letter(state="cancelled")
    client.force_login(alice)

    page = client.post(
        f"{URL}postees/",
        {"letter": [good.pk, cancelled.pk], "posted_on": "2026-11-03"},
        follow=True,
    )

    assert "1 courrier est marqué comme posté" in body(page)
    said = f"1 courrier est laissé tel quel. {cancelled.reference} : Il a été annulé."
    assert said in body(page)


def test_when_none_could_be_marked_only_that_is_said(
    client: Client, alice: User
) -> None:
    cancelled = letter(state="cancelled")
    client.force_login(alice)
    ticked = {"letter": cancelled.pk, "posted_on": "2026-11-03"}

    page = client.post(f"{URL}postees/", ticked, follow=True)

    assert "1 courrier est laissé tel quel" in body(page)
    assert "marqué comme posté" not in body(page)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"posted_on": "2026-11-03"}, "Cochez au moins un courrier"),
        ({"posted_on": "", "tick": True}, "obligatoire"),
        ({"posted_on": "2999-01-01", "tick": True}, "pas encore venu"),
        (
            {"posted_on": "2026-11-03", "tick": True, "text": A},
            "Des numéros sont saisis",
        ),
    ],
)
def test_a_mistake_keeps_the_ticks_and_what_was_typed(
    client: Client, alice: User, given: dict[str, Any], said: str
) -> None:
    made = letter()
    client.force_login(alice)
    ticked = {"letter": made.pk} if given.pop("tick", False) else {}

    page = client.post(f"{URL}postees/", given | ticked)

    assert page.status_code == 422
    assert said in body(page)
    assert (f'aria-label="{made.reference}" checked' in text(page)) == bool(ticked)
    assert (A in text(page)) == ("text" in given)
    assert not Posting.objects.exists()


def test_nothing_ticked_that_exists_changes_nothing(
    client: Client, alice: User
) -> None:
    client.force_login(alice)
    ticked = {"letter": ["999", "x", "-1", "9" * 40], "posted_on": "2026-11-03"}

    page = client.post(f"{URL}postees/", ticked, follow=True)

    assert "Aucun courrier n’attendait" in body(page)


@pytest.mark.parametrize("at_once", ["every", "whole_page"])
@pytest.mark.parametrize("too", [True, False])
def test_registered_letters_are_marked_at_once_only_if_asked(
    client: Client, alice: User, *, at_once: str, too: bool
) -> None:
    plain, registered = letter(), notice()
    client.force_login(alice)
    ticked = {
        "letter": [plain.pk, registered.pk],
        at_once: "on",
        "posted_on": "2026-11-03",
    }

    page = client.post(
        f"{URL}postees/",
        ticked | ({"registered": "on"} if too else {}),
        follow=True,
    )

    left = "1 lettre recommandée n’est pas marquée : cochez « Les lettres recommandées"
    assert (left in body(page)) != too
    assert Posting.objects.filter(reminder=plain).exists()
    assert Posting.objects.filter(reminder=registered).exists() == too


def test_the_list_says_how_many_are_registered(client: Client, alice: User) -> None:
    for _number in range(50):
        letter()
    client.force_login(alice)
    assert "recommandées aussi" not in body(client.get(URL))

    notice()
    paid = notice()
    for line in paid.lines.all():
        make.payment(line.invoice, "1200.00")
    page = body(client.get(URL))

    said = (
        "Les 52 courriers de cette liste, dont 1 en recommandé, sauf 1 à ne pas poster"
    )
    assert said in page
    assert "Cocher toute la page, dont 1 en recommandé" in page
    assert "Les lettres recommandées aussi" in page
    assert "recommandées aussi" not in body(client.get(URL, {"which": "silent"}))


# --- numbers ----------------------------------------------------------------


def look(client: Client, typed: str, *ticked: Reminder) -> Any:
    data = {
        "text": typed,
        "letter": [reminder.pk for reminder in ticked],
        "posted_on": "2026-11-03",
    }
    return client.post(f"{URL}numeros/?which=to_post", data)


def hidden_text(page: Any) -> str:
    """Return what the confirming button sends."""
    return str(page.context["confirm"].initial["text"])


def test_numbers_are_shown_then_recorded(client: Client, alice: User) -> None:
    first, second = notice(), notice()
    client.force_login(alice)

    page = look(client, f"{A}\n{second.reference} {B}\nbonjour", first, second)

    assert page.status_code == 200
    assert "Enregistrer 2 courriers" in body(page)
    assert "2 courriers sont du même coup marqués comme postés" in body(page)
    assert "1 ligne est laissée de côté" in body(page)
    assert not Posting.objects.exists()

    confirmed = {"text": hidden_text(page)}
    page = client.post(
        f"{URL}numeros/enregistrer/?which=to_post", confirmed, follow=True
    )

    assert "2 courriers complétés" in body(page)
    assert page.redirect_chain == [("/envois-postaux/?which=to_post", 302)]
    kept = {posting.reminder: posting for posting in Posting.objects.all()}
    assert kept[first].registered_number == A
    assert kept[second].registered_number == B
    assert kept[first].recorded_by == alice


def test_a_ticked_letter_without_number_is_pointed_at(
    client: Client, alice: User
) -> None:
    first, second = notice(), notice()
    client.force_login(alice)

    page = look(client, A, first, second)

    assert "Une lettre recommandée cochée ne reçoit aucun numéro" in body(page)
    assert second.reference in body(page)


def test_lines_are_corrected_where_they_are_shown(client: Client, alice: User) -> None:
    made = notice()
    client.force_login(alice)

    page = look(client, "RK123456784FR", made)

    assert "sa clé de contrôle est fausse" in body(page)
    # The ticks and the lines come along; nothing can be recorded.
    assert f'name="letter" value="{made.pk}"' in text(page)
    assert "RK123456784FR</textarea>" in text(page)
    assert 'id="save-numbers"' not in text(page)


def test_nothing_typed_is_said_on_the_list(client: Client, alice: User) -> None:
    made = notice()
    client.force_login(alice)

    page = look(client, "  ", made)

    assert page.status_code == 422
    assert "Saisissez, collez ou scannez" in body(page)
    assert f'aria-label="{made.reference}" checked' in text(page)
    assert look(client, "1" * 200_001, made).status_code == 422


def test_what_changed_before_confirming_is_named(client: Client, alice: User) -> None:
    made = notice()
    client.force_login(alice)
    confirmed = {"text": hidden_text(look(client, A, made))}
    Reminder.objects.update(state="cancelled")

    page = client.post(f"{URL}numeros/enregistrer/", confirmed, follow=True)

    assert f"{made.reference} : Il a été annulé." in body(page)
    assert "complété" not in body(page)
    for nothing in ({}, {"text": "référence\tnuméro"}):
        again = client.post(f"{URL}numeros/enregistrer/", nothing, follow=True)
        assert again.status_code == 200
    assert not Posting.objects.exists()


def test_returns_pasted_say_what_they_do(client: Client, alice: User) -> None:
    made = letter()
    client.force_login(alice)
    page = look(client, f"{made.reference} NPAI 04/11/2026")

    page = client.post(
        f"{URL}numeros/enregistrer/", {"text": hidden_text(page)}, follow=True
    )

    assert "tant que l’adresse n’est pas corrigée" in body(page)


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


# --- hostile files ----------------------------------------------------------


def pdf_bomb() -> bytes:
    """A few kilobytes that unfold to 40 MB of drawing."""
    out = io.BytesIO()
    with pikepdf.new() as made:
        page = made.add_blank_page()
        page.obj.Contents = made.make_stream(b"q Q " * (10 * 1024 * 1024))
        made.save(out, compress_streams=True)
    assert len(out.getvalue()) < 100_000
    return out.getvalue()


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


# --- a run's letters --------------------------------------------------------


def test_the_letters_of_a_run_are_marked_together(client: Client, alice: User) -> None:
    run = Run.objects.create(
        number=7,
        request_key="00000000-0000-0000-0000-000000000007",
        approved_at=NOW,
        made_on=MADE,
    )
    plain, registered = letter(run=run), notice(run=run)
    client.force_login(alice)
    url = f"/relances/massive/{run.pk}/postees/"

    assert client.post(url, {"posted_on": ""}).status_code == 422
    refused = client.post(url, {"posted_on": "2999-01-01", "registered": "on"})
    assert refused.status_code == 422
    assert "pas encore venu" in body(refused)
    assert "checked" in text(refused)

    page = client.post(url, {"posted_on": "2026-11-03"})
    assert page["Location"] == run.get_absolute_url()
    assert [posting.reminder for posting in Posting.objects.all()] == [plain]

    client.post(url, {"posted_on": "2026-11-03", "registered": "on"})
    assert Posting.objects.filter(reminder=registered).exists()
    assert HistoryEntry.objects.filter(action="reminder.posted").count() == 2
    assert client.post("/relances/massive/999/postees/").status_code == 404


# --- who may ----------------------------------------------------------------

POSTS = (
    "/envois-postaux/postees/",
    "/envois-postaux/numeros/",
    "/envois-postaux/numeros/enregistrer/",
    "/envois-postaux/{letter}/nouvelles/",
    "/relances/massive/{run}/postees/",
)


@pytest.mark.parametrize("path", POSTS)
def test_only_who_reminds_records_anything(
    client: Client, bob: User, charlie: User, path: str
) -> None:
    made = letter()
    run = Run.objects.create(
        number=1,
        request_key="00000000-0000-0000-0000-000000000001",
        approved_at=NOW,
        made_on=MADE,
    )
    Reminder.objects.update(run=run)
    url = path.format(letter=made.pk, run=run.pk)
    data = news(letter=made.pk, text=f"{made.reference} {A}")

    assert client.post(url, data)["Location"].startswith("/accounts/login/")
    for person in (bob, charlie):
        client.force_login(person)
        assert client.post(url, data).status_code == 403
    assert client.get(url).status_code == 405
    assert not Posting.objects.exists()


def test_a_reader_looks_and_is_offered_nothing_to_do(
    client: Client, bob: User, charlie: User
) -> None:
    made = notice()
    for url in (URL, f"{URL}{made.pk}/"):
        assert client.get(url)["Location"].startswith("/accounts/login/")
    client.force_login(charlie)
    for url in (URL, f"{URL}{made.pk}/"):
        assert client.get(url).status_code == 403
    client.force_login(bob)
    for url in (URL, f"{URL}{made.pk}/"):
        page = text(client.get(url))
        assert made.reference in page
        main = page.split("<main")[1].split("</main>")[0]
        assert 'method="post"' not in main
        assert "checkbox" not in main


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
