"""*Papier à lettres*: shown, looked at before it is saved, refused on its field."""

from __future__ import annotations

import base64
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from relance.models import Document, Level, Signatory, Stationery
from relance.services.stationery import StationeryData, save_stationery, use_template
from tests import make
from tests.make import NOW
from tests.paper import SVG, layout, picture

pytestmark = pytest.mark.django_db

PAGE = "stationery"
CHOSEN = {
    "accent": "#8a2b2b",
    "font": "Lora",
    "margin_left": "18",
    "margin_right": "20",
    "margin_bottom": "24",
    "window_x": "2,5",
    "window_y": "0",
    "footer_text": "Membre d’un centre agréé",
}


@pytest.fixture(autouse=True)
def _logged_in(client, dora) -> None:
    make.company()
    client.force_login(dora)


def upload(data: bytes, name: str = "logo.svg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data)


def post(client, name: str = PAGE, *, htmx: bool = False, **values):
    headers = {"HX-Request": "true"} if htmx else {}
    return client.post(reverse(name), values, headers=headers)


def sample_of(answer) -> bytes:
    found = re.search(
        r'class="sheet"><img src="data:image/png;base64,([^"]+)"', answer.text
    )
    return base64.b64decode(found[1]) if found else b""


def test_the_page_shows_the_paper_and_a_sample(client):
    answer = client.get(reverse(PAGE))
    assert answer.status_code == 200
    assert sample_of(answer).startswith(b"\x89PNG")
    assert "se lit bien" in answer.text
    assert "Claire Vasseur" in answer.text
    assert reverse("window-test") in answer.text


def test_saved_as_chosen(client):
    answer = post(client, logo=upload(SVG), logo_says_name="on", **CHOSEN)
    assert answer.status_code == 302
    paper = Stationery.objects.get()
    assert (paper.accent, paper.font, paper.margin_left) == ("#8a2b2b", "Lora", 18)
    assert (float(paper.window_x), paper.fold_marks) == (2.5, False)
    assert paper.logo_says_name
    shown = client.get(reverse(PAGE)).text
    assert 'src="data:image/svg+xml;base64,' in shown
    assert 'name="without_logo"' in shown


def test_looked_at_nothing_is_saved(client):
    plain = sample_of(client.get(reverse(PAGE)))
    answer = post(client, htmx=True, do="preview", logo=upload(SVG), **CHOSEN)
    assert answer.status_code == 200
    assert "<form" not in answer.text
    assert sample_of(answer).startswith(b"\x89PNG")
    assert sample_of(answer) != plain
    assert not Stationery.objects.exists()
    assert not Document.objects.exists()


def test_without_javascript_the_chosen_logo_is_not_forgotten(client):
    answer = post(client, do="preview", logo=upload(SVG), **CHOSEN)
    kept = re.search(r'name="kept_logo" value="([^"]+)"', answer.text)[1]
    assert sample_of(answer)
    assert 'value="#8a2b2b"' in answer.text
    assert post(client, kept_logo=kept, **CHOSEN).status_code == 302
    assert Stationery.objects.get().logo is not None


@pytest.mark.parametrize("kept", ["%%%", "bm90IGEgbG9nbw==", "é"])
def test_a_kept_logo_is_looked_at_as_any_other(client, kept):
    answer = post(client, kept_logo=kept, **CHOSEN)
    logo = Stationery.objects.first().logo if Stationery.objects.exists() else None
    assert logo is None
    assert answer.status_code in (302, 422)


@pytest.mark.parametrize("htmx", [False, True])
@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"accent": "#ffff00"}, "ne se lit presque pas"),
        ({"accent": "rouge"}, "n’est pas une couleur"),
        ({"accent": ""}, "obligatoire"),
        ({"font": "Wingdings"}, "Wingdings"),
        ({"margin_left": "5"}, "15"),
        ({"margin_right": "99"}, "30"),
        ({"margin_bottom": "dix"}, "nombre entier"),
        ({"window_x": "16"}, "15"),
        ({"window_y": "abc"}, "nombre"),
        ({"window_y": "0.25"}, "virgule"),
        ({"footer_text": "x" * 301}, "300"),
        ({"logo": upload(b"GIF89a")}, "PNG, JPEG ou SVG"),
        ({"logo": upload(b"", "logo.png")}, "vide"),
        ({"logo": upload(picture()[:90])}, "abîmée"),
        ({"logo": upload(b"x" * (2 * 1024 * 1024 + 1))}, "2\xa0Mo"),
    ],
)
def test_what_is_wrong_is_said_and_the_rest_stays(client, change, words, htmx):
    for data in change.values():
        if isinstance(data, SimpleUploadedFile):
            data.seek(0)
    values = CHOSEN | change | ({"do": "preview"} if htmx else {})
    answer = post(client, htmx=htmx, **values)
    assert answer.status_code == (200 if htmx else 422)
    assert words in answer.text
    assert not Stationery.objects.exists()
    if not htmx:
        assert answer.context["form"].errors.keys() == change.keys()
        assert "Membre d’un centre agréé" in answer.text or "footer_text" in change


def test_back_to_the_shipped_look(client, dora):
    save_stationery(StationeryData(accent="#8a2b2b", logo=SVG), by=dora, now=NOW)
    assert post(client, "stationery-reset").status_code == 302
    paper = Stationery.objects.get()
    assert (paper.accent, paper.logo) == ("#0f5c6e", None)


# An own page layout


def test_an_own_layout_is_used_downloaded_and_left(client):
    own = layout(more="// à nous").encode()
    answer = post(client, "stationery-template", template=upload(own, "letter.typ"))
    assert answer.status_code == 302
    assert "la vôtre sert" in client.get(reverse(PAGE)).text
    link = reverse("stationery-template-file")
    file = client.get(link)
    assert file.content == own
    assert "attachment" in file["Content-Disposition"]
    assert (
        client.get(f"{link}?shipped").content == layout().rstrip("\n").encode() + b"\n"
    )
    assert post(client, "stationery-template", do="shipped").status_code == 302
    assert Stationery.objects.get().template is None


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "vide"),
        (b"\xff\xfe", "fichier de texte"),
        (b"x" * 200_001, "200\xa0ko"),
        (b"#unknown", "ligne 1"),
        (layout(more='#read("/etc/passwd")').encode(), "not found"),
    ],
)
def test_a_bad_layout_is_refused_under_its_field(client, data, words):
    answer = post(client, "stationery-template", template=upload(data, "letter.typ"))
    assert answer.status_code == 422
    assert words in answer.context["template_form"].errors["template"][0]
    assert words in answer.text


def test_no_layout_at_all(client):
    assert post(client, "stationery-template").status_code == 422


def test_a_layout_that_failed_is_shown_here_and_on_the_dashboard(client, dora):
    use_template(layout().encode(), by=dora, now=NOW)
    Stationery.objects.update(template_trouble="ligne 7 : zut", template_failed_at=NOW)
    for page in (PAGE, "dashboard"):
        assert "ligne 7 : zut" in client.get(reverse(page)).text


# Those who sign


def signatory(client, pk: int | None = None, **values):
    url = reverse("signatory-edit", args=[pk]) if pk else reverse("signatory-new")
    return client.post(url, values)


def test_a_signatory_with_a_picture_and_levels(client):
    notice = Level.objects.get(rank=3)
    answer = signatory(
        client,
        name="Me Durand",
        position="Avocat",
        position_in_english="Lawyer",
        active="on",
        levels=[notice.pk],
        signature=upload(picture(), "s.png"),
    )
    assert answer.status_code == 302
    saved = Signatory.objects.get(name="Me Durand")
    assert list(saved.levels.all()) == [notice]
    page = client.get(reverse("signatory-edit", args=[saved.pk])).text
    assert 'src="data:image/png;base64,' in page
    assert 'value="Lawyer"' in page
    shown = client.get(reverse(PAGE)).text
    assert "signe : Mise en demeure" in shown.replace("\xa0", " ")


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name": "", "is_main": "on", "active": "on"}, "name"),
        ({"name": "x" * 121, "is_main": "on", "active": "on"}, "name"),
        ({"name": "x", "position": "x" * 121, "is_main": "on"}, "position"),
        ({"name": "x", "is_main": "on"}, "active"),
        ({"name": "x", "active": "on"}, "is_main"),
        ({"name": "x", "is_main": "on", "active": "on", "levels": ["999"]}, "levels"),
    ],
)
def test_a_wrong_answer_is_refused_on_its_field(client, values, field):
    claire = Signatory.objects.get()
    answer = signatory(client, claire.pk, **values)
    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert Signatory.objects.get().name == "Claire Vasseur"


@pytest.mark.parametrize("data", [SVG, b"", picture()[:50], b"x" * 3_000_000])
def test_a_bad_signature_is_refused(client, data):
    answer = signatory(client, name="x", signature=upload(data, "s.png"))
    assert answer.status_code == 422
    assert "signature" in answer.context["form"].errors
    assert Signatory.objects.count() == 1


def test_the_picture_of_a_signature_is_for_who_configures(client, dora, alice, bob):
    signatory(client, name="Ann", active="on", signature=upload(picture(), "s.png"))
    use_template(layout().encode(), by=dora, now=NOW)
    for kind in ("signature", "template"):
        url = Document.objects.get(kind=kind).get_absolute_url()
        client.force_login(dora)
        assert client.get(url).status_code == 200
        for person in (alice, bob):
            client.force_login(person)
            assert client.get(url).status_code == 404
            assert client.get(f"{url}page-1.png").status_code == 404


@pytest.mark.parametrize(
    "name",
    [PAGE, "stationery-reset", "stationery-template", "signatory-new"],
)
def test_only_the_administrator_comes_here(client, alice, bob, charlie, name):
    for person in (alice, bob, charlie):
        client.force_login(person)
        assert post(client, name, **CHOSEN).status_code == 403
    assert not Stationery.objects.exists()
