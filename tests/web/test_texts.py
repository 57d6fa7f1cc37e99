"""The texts on screen: their table, their versions and their files lead to each."""

from __future__ import annotations

import base64
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from relance.gateways import text_archive
from relance.models import Level, Text
from relance.web.text_keys import text_url
from tests import make
from tests.web._texts import key, text_of, typed

pytestmark = pytest.mark.django_db

PAGES = ("text-edit", "text-versions")
POSTS = ("text-live", "text-find", "text-pdf")


@pytest.fixture(autouse=True)
def _company() -> None:
    make.company()


@pytest.fixture
def _dora(client, dora) -> None:
    client.force_login(dora)


@pytest.mark.parametrize("who", ["alice", "bob", "charlie"])
def test_only_who_administers_changes_texts(client, request, who):
    client.force_login(request.getfixturevalue(who))
    urls = [reverse("texts"), *(text_url(name, key()) for name in PAGES)]
    for url in urls:
        assert client.get(url).status_code == 403
    for url in (text_url(name, key()) for name in (*POSTS, "text-edit")):
        assert client.post(url, typed("Bonjour", do="save")).status_code == 403
    copy = reverse("text-copy", args=[key().level.pk])
    assert client.post(copy, {"source": 1}).status_code == 403
    for name in ("text-import", "text-take"):
        assert client.post(reverse(name)).status_code == 403
    assert client.get(reverse("text-export")).status_code == 403
    back = reverse("text-bring-back", args=[Text.objects.first().pk])
    assert client.post(back).status_code == 403
    assert Text.objects.filter(version=2).count() == 0


@pytest.mark.usefixtures("_dora")
def test_the_table_leads_to_each_text_and_says_what_is_missing(
    client, django_assert_max_num_queries
):
    Text.objects.filter(level__rank=2, channel="email").delete()
    Level.objects.create(rank=4, name="Dernier appel", active=False)
    client.get(reverse("texts"))
    with django_assert_max_num_queries(8):
        page = text_of(client.get(reverse("texts")))

    assert f'href="{text_url("text-edit", key(3, regime="B2C"))}"' in page
    assert "16 cas sans texte" in page
    assert "Dernier appel" in page
    assert "Ce niveau n’a encore aucun texte" in page
    assert "utilise le texte de tous les clients" in page


@pytest.mark.usefixtures("_dora")
def test_texts_are_copied_from_another_level(client):
    mine = Level.objects.create(rank=4, name="Dernier appel")
    url = reverse("text-copy", args=[mine.pk])
    answer = client.post(url, {"source": key().level.pk}, follow=True)
    assert "textes copiés" in text_of(answer)
    assert Text.objects.filter(level=mine).exists()
    assert client.post(url, {"source": "x"}).status_code == 404
    assert "Choisissez un autre" in text_of(
        client.post(url, {"source": mine.pk}, follow=True)
    )


@pytest.mark.usefixtures("_dora")
@pytest.mark.parametrize(
    "case",
    [
        "999/courrier/fr/une/tous/",
        "1/pigeon/fr/une/tous/",
        "1/courrier/de/une/tous/",
        "1/courrier/fr/trois/tous/",
        "1/courrier/fr/une/VIP/",
    ],
)
def test_an_address_that_is_no_text_is_not_found(client, case):
    assert client.get(f"/configuration/textes/{case}").status_code == 404


@pytest.mark.usefixtures("_dora")
def test_versions_are_listed_compared_and_brought_back(client, dora):
    url = text_url("text-edit", key())
    client.post(url, typed("Bonjour tout le monde.", do="save"))
    client.post(url, typed("Bonjour le monde entier.", seen=2, do="save"))
    versions = text_url("text-versions", key())
    page = text_of(client.get(versions))
    assert "Dora Blanc" in page
    assert "fourni avec Relance" in page
    assert re.search(r"<del>Bonjour ?<mark> ?tout", page)
    assert "<mark>monde entier.</mark></ins>" in page

    compared = text_of(client.get(versions, {"avant": "defaut", "apres": "3"}))
    assert "{coordonnees_bancaires}" in compared
    alike = text_of(client.get(versions, {"avant": "1", "apres": "defaut"}))
    assert "identiques, mot pour mot" in alike
    second = Text.objects.get(version=2, **key().lookup)
    answer = client.post(reverse("text-bring-back", args=[second.pk]), follow=True)
    assert "La version 2" in text_of(answer)
    assert Text.objects.get(current=True, **key().lookup).version == 4
    answer = client.post(url, {"do": "reset"}, follow=True)
    assert "texte par défaut est de nouveau utilisé" in text_of(answer)


@pytest.mark.usefixtures("_dora")
def test_all_the_texts_leave_and_come_back(client):
    answer = client.get(reverse("text-export"))
    assert answer["Content-Disposition"].endswith('.zip"')
    found = {one.name: one.text for one in text_archive.read(answer.content)}
    found["fr/1-letter-single.md"] = "# Objet\n\nBonjour {lieu}."
    found["fr/2-letter-single.md"] = "# Objet\n\n{faux}"
    data = text_archive.write(found)

    upload = SimpleUploadedFile("textes.zip", data)
    page = text_of(client.post(reverse("text-import"), {"upload": upload}))
    assert "1 en erreur" in page
    assert "1 texte modifié" in page
    assert 'name="take" value="fr/1-letter-single.md" checked' in page
    assert Text.objects.filter(version=2).count() == 0

    carried = base64.b64encode(data).decode()
    names = ["fr/1-letter-single.md", "fr/2-letter-single.md"]
    taken = {"file": carried, "take": names}
    answer = client.post(reverse("text-take"), taken, follow=True)
    assert "1 texte de ce fichier" in text_of(answer)
    assert Text.objects.get(version=2).body == "Bonjour {lieu}."


@pytest.mark.usefixtures("_dora")
@pytest.mark.parametrize("data", [b"no zip", b"", b"x" * (text_archive.MAX_BYTES + 9)])
def test_a_file_that_is_no_zip_is_refused_under_its_field(client, data):
    upload = SimpleUploadedFile("textes.zip", data)
    answer = client.post(reverse("text-import"), {"upload": upload})
    assert answer.status_code == 422
    assert answer.context["form"].errors.keys() == {"upload"}


@pytest.mark.usefixtures("_dora")
@pytest.mark.parametrize("file", ["", "é", "AAAA"])
def test_a_forged_import_changes_nothing(client, file):
    sent = {"file": file, "take": "fr/1-letter-single.md"}
    answer = client.post(reverse("text-take"), sent, follow=True)
    assert "perdu en route" in text_of(answer)
    assert Text.objects.filter(version=2).count() == 0


def test_a_reminder_leads_to_the_version_it_used(client, dora, bob):
    text = Text.objects.get(**key().lookup)
    made = make.reminder(make.invoice(), text=text)
    client.force_login(dora)
    page = text_of(client.get(made.get_absolute_url()))
    url = text_url("text-versions", key())
    assert f'href="{url}?apres=1"' in page
    assert client.get(f"{url}?apres=1").status_code == 200
    client.force_login(bob)
    page = text_of(client.get(made.get_absolute_url()))
    assert "version 1 du" in page
    assert url not in page
