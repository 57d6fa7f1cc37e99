"""The editor of a text shows its page and its problems, and loses nothing typed."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from relance.models import HistoryEntry, Invoice, Reminder, Text, TextDraft
from relance.web.text_editor import MOST_SAID
from relance.web.text_keys import text_url
from tests import letterbox, make, smtp
from tests.web._texts import key, text_of, typed

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _company() -> None:
    make.company()


@pytest.fixture
def _dora(client, dora) -> None:
    client.force_login(dora)


def late_invoice(**values):
    day = timezone.localdate() - timedelta(days=30)
    dates = {"issued_on": day - timedelta(days=30), "due_date": day}
    return make.invoice(**(dates | values))


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
