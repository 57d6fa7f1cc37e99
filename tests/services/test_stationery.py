"""The letter paper: saved as chosen, refused in words, never in the way of a letter."""

from __future__ import annotations

import io
import uuid
from dataclasses import replace
from decimal import Decimal

import pypdf
import pytest

from relance.gateways.typesetter import Letter
from relance.models import (
    Channel,
    Company,
    Document,
    HistoryEntry,
    Signatory,
    Stationery,
)
from relance.queries.stationery import stationery
from relance.services import documents
from relance.services.checkup import Health, of_layout
from relance.services.drafts import Wish
from relance.services.look import current_look
from relance.services.refusal import Refused
from relance.services.reminders import remind
from relance.services.sample_letters import sample_letter, trial_letters
from relance.services.stationery import (
    StationeryData,
    contrast_words,
    preview,
    reset_stationery,
    save_stationery,
    saved_sample,
    shipped_template,
    use_shipped_template,
    use_template,
)
from tests import make
from tests.make import NOW, TODAY
from tests.paper import SVG, drawing, layout, picture

pytestmark = pytest.mark.django_db

CHOSEN = StationeryData(
    logo=SVG,
    logo_says_name=True,
    accent="#8A2B2B",
    font="Lora",
    margin_left=18,
    window_x=Decimal("2.5"),
    fold_marks=False,
    footer_text="Membre  d’un\ncentre agréé",
)


@pytest.fixture(autouse=True)
def _company(db) -> None:
    make.company()


def letter_now():
    wish = Wish(invoice=make.invoice(), channel=Channel.LETTER)
    return remind(wish, key=uuid.uuid4(), by=make.user(), now=NOW, today=TODAY)


def words_of(document) -> str:
    pdf = pypdf.PdfReader(io.BytesIO(documents.read(document)))
    return " ".join(pdf.pages[0].extract_text().split())


def test_before_anything_is_chosen_the_shipped_look_is_there():
    assert not Stationery.objects.exists()
    look = current_look()
    assert (look.accent, look.font, look.logo) == ("#0f5c6e", "Source Sans 3", None)


def test_what_is_chosen_is_on_the_next_letter_and_not_on_the_last(dora):
    before = letter_now()
    kept = documents.read(before.document)
    save_stationery(CHOSEN, by=dora, now=NOW)
    assert documents.read(before.document) == kept
    letter = letter_now()
    assert "Membre d’un centre agréé" in words_of(letter.document)
    pdf = pypdf.PdfReader(io.BytesIO(documents.read(letter.document)))
    fonts = pdf.pages[0]["/Resources"]["/Font"].values()
    assert any("Lora" in font.get_object()["/BaseFont"] for font in fonts)


def test_saving_keeps_the_logo_and_says_what_changed(dora):
    save_stationery(CHOSEN, by=dora, now=NOW)
    paper = stationery()
    assert (paper.accent, paper.margin_left, paper.logo.kind) == ("#8a2b2b", 18, "logo")
    assert "logo, logo portant" in HistoryEntry.objects.get().words or (
        "couleur" in HistoryEntry.objects.get().words
    )

    same = replace(CHOSEN, logo=None)
    save_stationery(same, by=dora, now=NOW)
    assert HistoryEntry.objects.count() == 1
    assert stationery().logo is not None

    save_stationery(replace(same, without_logo=True), by=dora, now=NOW)
    assert stationery().logo is None
    assert Document.objects.filter(kind="logo").exists()


def test_back_to_the_shipped_look(dora):
    save_stationery(CHOSEN, by=dora, now=NOW)
    use_template(layout().encode(), by=dora, now=NOW)
    reset_stationery(by=dora, now=NOW)
    shipped = Stationery(pk=1)
    saved = stationery()
    for column in Stationery._meta.concrete_fields:
        if not column.name.startswith("template"):
            assert getattr(saved, column.name) == getattr(shipped, column.name)
    assert saved.template is not None


BAD = [
    ({"accent": "red"}, "accent", "couleur"),
    ({"accent": "#ffff00"}, "accent", "ne se lit presque pas"),
    ({"accent": "#12345"}, "accent", "couleur"),
    ({"font": "Comic Sans"}, "font", "polices"),
    ({"margin_left": 14}, "margin_left", "15 à 30"),
    ({"margin_left": 31}, "margin_left", "15 à 30"),
    ({"margin_right": 14}, "margin_right", "15 à 30"),
    ({"margin_right": 31}, "margin_right", "15 à 30"),
    ({"margin_bottom": 19}, "margin_bottom", "20 à 40"),
    ({"margin_bottom": 41}, "margin_bottom", "20 à 40"),
    ({"window_x": Decimal("15.1")}, "window_x", "-15 à 15"),
    ({"window_x": Decimal("2.55")}, "window_x", "dixième"),
    ({"window_y": Decimal(-16)}, "window_y", "-15 à 15"),
    ({"footer_text": "x" * 301}, "footer_text", "300"),
    ({"logo": b"GIF89a"}, "logo", "PNG"),
    ({"logo": b""}, "logo", "vide"),
    ({"logo": picture()[:80]}, "logo", "abîmée"),
    ({"logo": drawing("<text>x</text>")}, "logo", "vectoriser"),
]


@pytest.mark.parametrize(("change", "field", "words"), BAD)
def test_a_bad_answer_is_refused_on_its_field(dora, change, field, words):
    data = replace(StationeryData(), **change)
    for act in (
        lambda: save_stationery(data, by=dora, now=NOW),
        lambda: preview(data),
    ):
        with pytest.raises(Refused, match=words) as refused:
            act()
        assert refused.value.field == field
    assert not Stationery.objects.exists()
    assert not HistoryEntry.objects.exists()


def test_a_drawing_that_cannot_be_drawn_is_refused(dora):
    """Each level repeats the one before it ten times: a page would never end."""
    levels = "".join(
        f'<g id="l{n}">' + f'<use href="#l{n - 1}"/>' * 10 + "</g>"
        for n in range(1, 12)
    )
    bomb = drawing(
        f'<defs><g id="l0"><path d="M0 0h1"/></g>{levels}</defs><use href="#l11"/>'
    )
    with pytest.raises(Refused) as refused:
        save_stationery(StationeryData(logo=bomb), by=dora, now=NOW)
    assert refused.value.field == "logo"


@pytest.mark.parametrize(
    ("colour", "words"),
    [
        ("#0f5c6e", "se lit bien"),
        ("#888888", "pâle"),
        ("#dddddd", "ne se lit presque pas"),
    ],
)
def test_the_contrast_is_said_in_words(colour, words):
    assert words in contrast_words(colour)
    assert "pour 1" in contrast_words(colour)


def test_a_preview_is_a_picture_and_saves_nothing():
    plain = saved_sample()
    assert plain.startswith(b"\x89PNG")
    assert preview(StationeryData()) == plain
    assert preview(CHOSEN) != plain
    assert not Stationery.objects.exists()
    assert not Document.objects.exists()


def test_the_sample_is_worded_in_the_companys_language():
    Company.objects.update(language="en")
    letter = sample_letter(Company.objects.get(), None)
    assert letter.subject.startswith("FORMAL NOTICE")
    assert len(trial_letters(Company.objects.get(), Signatory.objects.get())) == 4


# An own page layout


def test_an_own_layout_is_tried_then_used_then_left(dora):
    own = layout(title="  align(right, [NOTRE FAÇON])\n").encode()
    use_template(own, by=dora, now=NOW)
    assert "NOTRE FAÇON" in words_of(letter_now().document)
    assert [finding.health for finding in of_layout()] == [Health.FINE]
    use_shipped_template(by=dora, now=NOW)
    assert "NOTRE FAÇON" not in words_of(letter_now().document)
    assert list(of_layout()) == []
    assert HistoryEntry.objects.filter(action="stationery.template").count() == 2


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "vide"),
        (b" \n", "fichier de texte"),
        (b"\xff\xfe\x00a", "fichier de texte"),
        (b"a\0b", "fichier de texte"),
        (b"x" * 200_001, "200.ko"),
        (b"#let = (", "expected"),
        (b"Bonjour", "à quelle page"),
        (layout(more='#read("/etc/passwd")').encode(), "ligne .* not found"),
        (layout(more='#import "@preview/cetz:0.3.0"').encode(), "package"),
        # Works for a short letter, not for one with an annex.
        (layout().replace("statement(letter.statement)", "boom()").encode(), "boom"),
        (layout(title="  assert(letter.signatory.len() > 0)\n").encode(), "assert"),
    ],
)
def test_a_bad_layout_is_refused_in_words(dora, data, words):
    with pytest.raises(Refused, match=words) as refused:
        use_template(data, by=dora, now=NOW)
    assert refused.value.field == "template"
    assert stationery().template is None
    assert not Document.objects.filter(kind="template").exists()


def test_a_layout_that_fails_later_is_replaced_and_told(dora):
    """It refuses a customer that the samples did not know."""
    picky = layout(title='  assert(not letter.address.first().contains("Zut"))\n')
    use_template(picky.encode(), by=dora, now=NOW)
    owner = make.customer(name="Zut", legal_form="SARL")
    wish = Wish(invoice=make.invoice(owner), channel=Channel.LETTER)
    letter = remind(wish, key=uuid.uuid4(), by=dora, now=NOW, today=TODAY)
    letter.refresh_from_db()
    assert "Lyon, le 24 novembre 2026" in words_of(letter.document)
    [remark] = [one for one in letter.content["remarks"] if "mise en page" in one]
    assert "assertion failed" in remark
    paper = stationery()
    assert (paper.template_failed_at, "assertion" in paper.template_trouble) == (
        NOW,
        True,
    )
    [finding] = of_layout()
    assert finding.health == Health.MEND

    use_template(layout().encode(), by=dora, now=NOW)
    assert stationery().template_trouble == ""


def test_the_shipped_layout_may_be_used_as_ones_own(dora):
    use_template(shipped_template().encode(), by=dora, now=NOW)
    assert stationery().template.kind == Document.Kind.TEMPLATE


def test_a_lost_picture_does_not_stop_letters(dora):
    save_stationery(CHOSEN, by=dora, now=NOW)
    documents.storage().path(stationery().logo.sha256).unlink()
    letter = Letter(
        reference="R-1",
        sender=("A",),
        address=("B",),
        place_and_date="",
        subject="",
        body=(),
        signature="f" * 64,
    )
    look = current_look([letter])
    assert (look.logo, look.signatures) == (None, ())
    assert letter_now().document is not None
