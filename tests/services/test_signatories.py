"""Who signs: one main signatory, others for chosen levels, each with a picture."""

from __future__ import annotations

import io
import uuid

import pypdf
import pytest
from django.db import IntegrityError, transaction

from relance.models import (
    Channel,
    Customer,
    Document,
    HistoryEntry,
    Level,
    Proposal,
    Signatory,
)
from relance.queries.stationery import signatories
from relance.services import documents, proposals
from relance.services.contents import content_of
from relance.services.drafts import Wish, draft
from relance.services.field_values import FieldValues
from relance.services.refusal import Refused
from relance.services.reminders import remind
from relance.services.signatories import (
    SignatoryData,
    add_signatory,
    edit_signatory,
)
from tests import make
from tests.make import NOW, TODAY
from tests.paper import SVG, picture

pytestmark = pytest.mark.django_db


@pytest.fixture
def claire(dora) -> Signatory:
    make.company()
    return Signatory.objects.get()


def drafted(rank: int = 1, customer: Customer | None = None):
    invoice = make.invoice(customer)
    level = Level.objects.get(rank=rank)
    wish = Wish(invoice=invoice, channel=Channel.LETTER, level=level)
    return draft(wish, today=TODAY)


def test_the_first_of_all_is_the_main_one(dora):
    first = add_signatory(SignatoryData(name=" Ann "), by=dora, now=NOW)
    second = add_signatory(SignatoryData(name="Bill"), by=dora, now=NOW)
    assert (first.name, first.is_main, second.is_main) == ("Ann", True, False)
    assert HistoryEntry.objects.filter(action="signatory.added").count() == 2


def test_a_new_main_one_takes_the_place_of_the_other(claire, dora):
    ann = add_signatory(SignatoryData(name="Ann", is_main=True), by=dora, now=NOW)
    claire.refresh_from_db()
    assert (ann.is_main, claire.is_main) == (True, False)
    edit_signatory(claire, SignatoryData(name="C", is_main=True), by=dora, now=NOW)
    assert signatories().main == claire


def test_the_database_keeps_one_main_signatory(claire):
    with pytest.raises(IntegrityError), transaction.atomic():
        Signatory.objects.create(name="Eve", is_main=True)


@pytest.mark.parametrize(
    ("data", "field"),
    [
        (SignatoryData(name=" "), "name"),
        (SignatoryData(name="x" * 121), "name"),
        (SignatoryData(name="x", position="x" * 121), "position"),
        (SignatoryData(name="x", position_in_english="x" * 121), "position_in_english"),
        (SignatoryData(name="x", signature=b"nothing"), "signature"),
        (SignatoryData(name="x", signature=SVG), "signature"),
        (SignatoryData(name="x", is_main=True, active=False), "active"),
    ],
)
def test_a_wrong_answer_is_refused_on_its_field(claire, dora, data, field):
    for act in (
        lambda: add_signatory(data, by=dora, now=NOW),
        lambda: edit_signatory(
            claire, SignatoryData(**vars(data) | {"is_main": True}), by=dora, now=NOW
        ),
    ):
        with pytest.raises(Refused) as refused:
            act()
        assert refused.value.field == field
    claire.refresh_from_db()
    assert (claire.name, claire.active) == ("Claire Vasseur", True)
    assert not Document.objects.filter(kind=Document.Kind.SIGNATURE).exists()


def test_somebody_must_sign(claire, dora):
    with pytest.raises(Refused, match="autre signataire principal") as refused:
        edit_signatory(claire, SignatoryData(name="Claire"), by=dora, now=NOW)
    assert refused.value.field == "is_main"


def test_a_level_has_its_own_signatory_while_active(claire, dora):
    notice = Level.objects.get(rank=3)
    data = SignatoryData(name="Me Durand", position="Avocat", levels=(notice.pk,))
    lawyer = add_signatory(data, by=dora, now=NOW)
    assert drafted(1).signatory == claire
    firm = drafted(3)
    assert firm.signatory == lawyer
    values = FieldValues(firm, number=1, letter_joined=False).values()
    assert values["signataire.nom"] == "Me Durand"
    assert values["signataire.fonction"] == "Avocat"
    letter = content_of(firm, number=1).letter
    assert letter.signatory == ("Me Durand", "Avocat")

    gone = SignatoryData(name="Me Durand", levels=(notice.pk,), active=False)
    edit_signatory(lawyer, gone, by=dora, now=NOW)
    assert drafted(3).signatory == claire

    edit_signatory(lawyer, SignatoryData(name="Me Durand"), by=dora, now=NOW)
    notice.refresh_from_db()
    assert notice.signatory is None


@pytest.mark.parametrize(
    ("in_english", "language", "said"),
    [
        ("Accounts manager", "en", "Accounts manager"),
        ("Accounts manager", "fr", "Responsable comptable"),
        ("", "en", "Responsable comptable"),
    ],
)
def test_letters_in_english_say_the_position_in_english(
    claire, dora, in_english, language, said
):
    data = SignatoryData(
        name=claire.name,
        position=claire.position,
        position_in_english=f" {in_english} ",
        is_main=True,
    )
    edit_signatory(claire, data, by=dora, now=NOW)
    drawn = drafted(customer=make.customer(language=language))
    values = FieldValues(drawn, number=1, letter_joined=False).values()
    assert values["signataire.fonction"] == said
    assert content_of(drawn, number=1).letter.signatory == (claire.name, said)


def test_a_level_passes_from_one_to_another(claire, dora):
    level = Level.objects.get(rank=2)
    for name in ("Ann", "Bill"):
        data = SignatoryData(name=name, levels=(level.pk,))
        add_signatory(data, by=dora, now=NOW)
    level.refresh_from_db()
    assert level.signatory.name == "Bill"


def test_the_signature_is_a_document_of_its_own_kind_and_stays(claire, dora):
    same = {"name": claire.name, "position": claire.position, "is_main": True}
    edit_signatory(claire, SignatoryData(**same, signature=picture()), by=dora, now=NOW)
    claire.refresh_from_db()
    kept = claire.signature
    assert kept.kind == Document.Kind.SIGNATURE
    assert documents.read(kept).startswith(b"\x89PNG")

    letter = remind_now()
    assert letter.content["letter"]["signature"] == kept.sha256
    before = documents.read(letter.document)
    assert pictures_on(letter) == 1

    edit_signatory(
        claire, SignatoryData(**same, without_signature=True), by=dora, now=NOW
    )
    letter.refresh_from_db()
    assert documents.read(letter.document) == before
    assert pictures_on(remind_now()) == 0


def pictures_on(letter) -> int:
    pdf = pypdf.PdfReader(io.BytesIO(documents.read(letter.document)))
    return len(pdf.pages[0].images)


def remind_now():
    wish = Wish(invoice=make.invoice(), channel=Channel.LETTER)
    return remind(wish, key=uuid.uuid4(), by=make.user(), now=NOW, today=TODAY)


def test_a_change_may_change_what_is_proposed(claire, dora):
    invoice = make.invoice()
    proposals.refresh(today=TODAY)
    assert not Proposal.objects.get(invoice=invoice).stale
    add_signatory(SignatoryData(name="Ann"), by=dora, now=NOW)
    assert Proposal.objects.get().stale
