"""The texts on screen: their table, the editor with and without its script."""

from __future__ import annotations

import base64
import json
import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from relance.gateways import text_archive
from relance.models import HistoryEntry, Invoice, Level, Reminder, Text, TextDraft
from relance.queries.texts import TextKey
from relance.web.text_editor import MOST_SAID
from relance.web.text_keys import text_url
from tests import letterbox, make, smtp

pytestmark = pytest.mark.django_db

PAGES = ("text-edit", "text-versions")
POSTS = ("text-live", "text-find", "text-pdf")


@pytest.fixture(autouse=True)
def _company() -> None:
    make.company()


@pytest.fixture
def _dora(client, dora) -> None:
    client.force_login(dora)


def key(rank: int = 1, *, channel: str = "letter", **changes: object) -> TextKey:
    values = {"language": "fr", "grouped": False, "regime": ""} | changes
    return TextKey(level=Level.objects.get(rank=rank), channel=channel, **values)


def late_invoice(**values):
    day = timezone.localdate() - timedelta(days=30)
    dates = {"issued_on": day - timedelta(days=30), "due_date": day}
    return make.invoice(**(dates | values))


def typed(body: str, subject: str = "Objet", **more: object) -> dict[str, object]:
    return {"subject": subject, "body": body, "seen": 1} | more


def text_of(answer) -> str:
    return " ".join(answer.content.decode().replace("\u00a0", " ").split())


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
@pytest.mark.parametrize("rank", [0, 1, 2, 3])
@pytest.mark.parametrize("channel", ["letter", "email"])
@pytest.mark.parametrize("grouped", [False, True])
def test_every_text_opens_beside_its_page(client, rank, channel, grouped):
    customer = make.customer(name="Boulangerie Œuvrard", regime="B2C")
    late_invoice(customer=customer)
    late_invoice(customer=customer)
    for regime in ("", "B2B", "B2C"):
        of = key(rank, channel=channel, grouped=grouped, regime=regime)
        page = text_of(client.get(text_url("text-edit", of)))
        if rank == 3 and not regime:
            assert "rien n’est envoyé" in page
            continue
        assert "Rien à corriger" in page
        assert ("data:image/png;base64," in page) is (channel == "letter")
        assert ('class="mail"' in page) is (channel == "email")


@pytest.mark.usefixtures("_dora")
def test_without_an_invoice_a_text_can_be_written_all_the_same(client):
    page = text_of(client.get(text_url("text-edit", key())))
    assert "La page s’affiche sur une facture" in page
    answer = client.post(text_url("text-edit", key()), typed("Bonjour.", do="save"))
    assert answer.status_code == 302
    assert Text.objects.get(version=2).body == "Bonjour."


@pytest.mark.usefixtures("_dora")
def test_the_fields_show_their_value_of_today(client):
    invoice = late_invoice(number="FA-TEST-1")
    page = text_of(client.get(text_url("text-edit", key())))
    assert "{facture.numero}" in page
    assert '<span class="value">FA-TEST-1</span>' in page
    # A text about one invoice offers nothing of several, and the reverse.
    assert 'data-insert="{lot.nombre}"' not in page
    assert invoice.number in page


@pytest.mark.usefixtures("_dora")
def test_saved_it_is_used_and_said_so(client, dora):
    late_invoice()
    url = text_url("text-edit", key())
    answer = client.post(url, typed("Tout neuf.", do="save"), follow=True)
    page = text_of(answer)
    assert "la prochaine relance l’utilisera" in page
    assert "version 2" in page
    assert Text.objects.get(current=True, **key().lookup).written_by == dora
    assert HistoryEntry.objects.latest("pk").action == "text.changed"


@pytest.mark.usefixtures("_dora")
def test_with_an_error_nothing_is_used_and_nothing_is_lost(client):
    late_invoice()
    url = text_url("text-edit", key())
    body = "Bonjour,\n\nla {facture.numro} de Œuvrard"
    answer = client.post(url, typed(body, do="save"))
    page = text_of(answer)

    assert answer.status_code == 422
    assert "la {facture.numro} de Œuvrard" in page
    assert "Ligne 3" in page
    assert "Vouliez-vous dire « facture.numero »" in page
    assert Text.objects.filter(version=2).count() == 0
    # Come back another day: the draft is shown, and may be thrown away.
    later = text_of(client.get(url))
    assert "Votre brouillon" in later
    assert "{facture.numro}" in later
    assert "{facture.numro}" not in text_of(client.get(url, {"show": "current"}))
    client.post(url, typed(body, do="discard"))
    assert not TextDraft.objects.exists()


@pytest.mark.usefixtures("_dora")
def test_a_draft_is_kept_without_what_no_database_takes(client):
    url = text_url("text-edit", key())
    answer = client.post(url, typed("a\x00b {faux}", do="draft"), follow=True)
    assert "Votre brouillon est gardé" in text_of(answer)
    assert TextDraft.objects.get().body == "ab {faux}"
    assert Text.objects.filter(version=2).count() == 0


@pytest.mark.usefixtures("_dora")
def test_without_script_the_preview_is_refreshed_by_a_button(client):
    late_invoice(number="FA-A")
    other = late_invoice(number="FA-B", customer=make.customer(name="Garage du Pont"))
    url = text_url("text-edit", key(channel="email"))
    page = text_of(client.post(url, typed("Facture {facture.numero} !", do="preview")))
    assert "Facture FA-A !" in page
    assert "Facture {facture.numero} !</textarea>" in page

    found = typed("Facture {facture.numero} !", do="preview", find="pont")
    page = text_of(client.post(url, found))
    assert f'name="invoice_to" value="{other.pk}"' in page
    chosen = typed("Facture {facture.numero} !", invoice_to=other.pk)
    assert "Facture FA-B !" in text_of(client.post(url, chosen))
    assert Text.objects.filter(version=2).count() == 0


@pytest.mark.usefixtures("_dora")
def test_one_click_replaces_what_was_misspelt(client):
    late_invoice()
    url = text_url("text-edit", key())
    asked = json.dumps(["{facture.numro}", "{facture.numero}"])
    page = text_of(client.post(url, typed("La {facture.numro}.", replace=asked)))
    assert "La {facture.numero}.</textarea>" in page
    assert "Rien à corriger" in page


@pytest.mark.usefixtures("_dora")
def test_a_text_of_dolibarr_is_recognised_and_taken_over(client):
    late_invoice()
    url = text_url("text-edit", key())
    pasted = "<p>Facture __REF__ : __TOTAL_HT__</p>"
    page = text_of(client.post(url, typed(pasted, do="save")))
    assert "Ce texte vient de Dolibarr" in page
    page = text_of(client.post(url, typed(pasted, do="convert")))
    assert "Facture {facture.numero} : __TOTAL_HT__</textarea>" in page
    # What has no equal stays to be seen, and blocks.
    assert "n’a pas d’équivalent" in page
    refused = client.post(url, typed("Facture __TOTAL_HT__", do="save"))
    assert refused.status_code == 422


@pytest.mark.usefixtures("_dora")
def test_typing_is_answered_with_problems_and_page(client):
    late_invoice(number="FA-VIVE")
    url = text_url("text-live", key(channel="email"))
    answer = text_of(client.post(url, typed("Facture {facture.numero}")))
    assert "Rien à corriger" in answer
    assert "Facture FA-VIVE" in answer
    assert "hx-swap-oob" in answer
    # With an error the page stays as it was: only the problems come.
    answer = text_of(client.post(url, typed("Facture {facture.numro}")))
    assert "#page-shown" not in answer
    assert "1 erreur" in answer
    assert "<mark>{facture.numro}</mark>" in answer


@pytest.mark.usefixtures("_dora")
@pytest.mark.parametrize(
    "body",
    ["<script>alert(1)</script>", "{{ 7|add:1 }}", "{% load static %}", "#sys.version"],
)
def test_what_is_typed_is_never_run(client, body):
    late_invoice()
    for channel in ("letter", "email"):
        url = text_url("text-live", key(channel=channel))
        answer = client.post(url, typed(body)).content.decode()
        assert "<script>alert" not in answer
        assert "3.13" not in answer


@pytest.mark.usefixtures("_dora")
def test_the_letter_opens_as_pdf_with_what_was_typed(client):
    late_invoice()
    url = text_url("text-pdf", key())
    answer = client.post(url, typed("Tout neuf."))
    assert answer["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF")
    assert client.post(url, typed("{faux}")).status_code == 422


@pytest.mark.usefixtures("_dora")
def test_invoices_are_found_by_customer_and_number(client):
    late_invoice(customer=make.customer(name="Éts Œuvrard"))
    late_invoice(customer=make.customer(name="Garage du Pont"))
    url = text_url("text-find", key())
    assert "Garage du Pont" in text_of(client.post(url, typed("a", find="pont")))
    answer = text_of(client.post(url, typed("a", find="oeuvrard")))
    assert "Garage" not in answer
    assert "Aucune facture" in text_of(client.post(url, typed("a", find="zzz")))


@pytest.mark.usefixtures("_dora")
def test_a_trial_goes_to_oneself_and_leaves_no_reminder(client, dora):
    late_invoice(number="FA-ESSAI")
    url = text_url("text-edit", key(channel="email"))
    message = typed("Facture {facture.numero} pour essai", do="test")
    refused = client.post(url, message)
    assert refused.status_code == 422
    assert "Aucun compte de messagerie" in text_of(refused)
    with smtp.running() as server:
        letterbox.account(server)
        answer = client.post(url, message)
        assert client.post(url, typed("{faux}", do="test")).status_code == 422

    assert "pour essai</textarea>" in text_of(answer)
    (received,) = server.received
    assert received.recipients == [dora.email]
    assert b"FA-ESSAI" in received.data
    assert not Reminder.objects.exists()
    assert Text.objects.filter(version=2).count() == 0


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


TYPED = st.lists(
    st.sampled_from(
        [
            "[[si B2B]]", "[[sinon]]", "[[fin]]", "{facture.numero}", "{lot.nombre}",
            "\n", "\n\n", "{tableau.factures}", "{tableau.sommes}", "- ", "# ", "**",
            "|a|b|\n|-|-|\n", "__REF__", "<p>", "\x00", "\u2028", "\U000f0000", "a",
            "\\", "{{ 7 }}", "{% load x %}", "#sys.version", "$", "@", "~", "株", "😀",
        ]
    ),
    max_size=30,
).map("".join) | st.text(max_size=300)  # fmt: skip


@pytest.mark.usefixtures("_dora")
@given(TYPED, TYPED, st.sampled_from(["letter", "email"]), st.booleans())
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
    ],
)
def test_whatever_is_typed_is_answered(client, subject, body, channel, grouped):
    if not Invoice.objects.exists():
        late_invoice()
    url = text_url("text-live", key(channel=channel, grouped=grouped))
    answer = client.post(url, typed(body, subject))
    assert answer.status_code == 200
    shown = answer.content.decode()
    assert "findings" in shown or "Rien à corriger" in shown
    if "#page-shown" in shown:
        page = shown.split("#page-shown")[1]
        assert not re.search(r"[{}]|\[\[|\]\]", re.sub(r"<[^>]*>", "", page))


@pytest.mark.usefixtures("_dora")
@pytest.mark.parametrize("body", ["{a}" * 5_000, "a" * 200_000, "[[si B2B]]" * 2_000])
def test_a_text_without_end_is_answered_too(client, body):
    late_invoice()
    url = text_url("text-edit", key())
    answer = client.post(url, typed(body, do="save"))
    assert answer.status_code == 422
    assert answer.content.count(b'class="error"') <= MOST_SAID
    assert Text.objects.filter(version=2).count() == 0
