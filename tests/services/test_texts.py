"""Texts changed alone: versions, drafts, refusals, what the next letter says."""

from __future__ import annotations

import io
import uuid

import pypdf
import pytest

from relance.models import (
    Channel,
    HistoryEntry,
    Level,
    Proposal,
    Text,
    TextDraft,
    User,
)
from relance.queries.texts import (
    TextKey,
    completeness,
    current,
    current_texts,
    text_serving,
    versions,
)
from relance.rules.regimes import Regime
from relance.services import documents, proposals, reminders, texts
from relance.services.defaults import default_text
from relance.services.drafts import Wish
from relance.services.refusal import Refused
from relance.services.text_trials import convert
from relance.services.texts import BadText, TextData
from tests import make
from tests.make import NOW, TODAY

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _company() -> None:
    make.company()


def key(rank: int = 1, *, channel: str = "letter", **changes: object) -> TextKey:
    values = {"language": "fr", "grouped": False, "regime": ""} | changes
    return TextKey(level=Level.objects.get(rank=rank), channel=channel, **values)


def words_of(of: TextKey) -> TextData:
    used = current(of)
    assert used is not None
    return TextData(subject=used.subject, body=used.body)


def save(of: TextKey, by: User, subject: str, body: str, seen: int = 1) -> Text:
    data = TextData(subject=subject, body=body)
    return texts.save_text(of, data, seen=seen, by=by, now=NOW)


def test_a_text_saved_is_a_new_version_and_the_old_one_stays(dora):
    before = words_of(key())
    made = save(key(), dora, "Facture {facture.numero}", "Bonjour.\n\n{lieu}")

    assert (made.version, made.current, made.written_by) == (2, True, dora)
    old = Text.objects.get(**key().lookup, version=1)
    assert (old.current, old.subject, old.body) == (False, *vars(before).values())
    entry = HistoryEntry.objects.get()
    assert (entry.action, entry.user) == ("text.changed", dora)
    assert "Relance simple, courrier, une facture, Français" in entry.words
    assert "version 2" in entry.words


def test_the_same_text_again_changes_nothing(dora):
    same = words_of(key())
    made = texts.save_text(key(), same, seen=1, by=dora, now=NOW)
    assert made.version == 1
    assert not HistoryEntry.objects.exists()


def test_the_next_letter_says_what_was_saved_and_names_its_version(dora):
    invoice = make.invoice()
    first = remind(invoice)
    save(key(), dora, "Nouvel objet {facture.numero}", "Un mot tout neuf : {lieu}.")
    second = remind(make.invoice())

    assert first.text == Text.objects.get(**key().lookup, version=1)
    assert second.text == Text.objects.get(**key().lookup, version=2)
    page = pypdf.PdfReader(io.BytesIO(documents.read(second.document))).pages[0]
    shown = page.extract_text().replace("\u00a0", " ")
    assert "Un mot tout neuf : Lyon." in shown
    assert "Un mot tout neuf" not in first.body


def remind(invoice):
    wish = Wish(invoice=invoice, channel=Channel.LETTER)
    return reminders.remind(wish, key=uuid.uuid4(), by=None, now=NOW, today=TODAY)


@pytest.mark.parametrize(
    "body",
    [
        "{facture.numro}",
        "[[si B2B]]jamais fermé",
        "__AMOUNT_TEXT__",
        "{penalites.taux}",
    ],
)
def test_a_text_with_an_error_is_not_used_and_kept_as_a_draft(dora, body):
    before = words_of(key())
    with pytest.raises(BadText) as refused:
        save(key(), dora, "Objet", body)

    assert refused.value.findings
    assert words_of(key()) == before
    assert TextDraft.objects.get(user=dora).body == body
    # Mended, it is used, and the draft is gone.
    save(key(), dora, "Objet", "Bonjour.")
    assert not TextDraft.objects.exists()


def test_two_who_write_at_once_do_not_undo_each_other(alice, dora):
    save(key(), dora, "Objet", "Version de Dora.")
    with pytest.raises(Refused, match="version"):
        save(key(), alice, "Objet", "Version d’Alice.", seen=1)
    assert words_of(key()).body == "Version de Dora."
    assert TextDraft.objects.get().body == "Version d’Alice."
    assert save(key(), alice, "Objet", "Version d’Alice.", seen=2).version == 3


def test_open_proposals_are_decided_again_when_a_text_changes(dora):
    make.invoice()
    proposals.refresh(today=TODAY)
    assert not Proposal.objects.get().stale
    save(key(), dora, "Objet", "Bonjour.")
    assert Proposal.objects.get().stale


def test_an_old_version_is_brought_back_as_a_new_one(dora):
    first = words_of(key())
    save(key(), dora, "Objet", "Autre chose.")
    old = Text.objects.get(**key().lookup, version=1)
    made = texts.bring_back(old, by=dora, now=NOW)

    assert made.version == 3
    assert words_of(key()) == first
    assert [one.version for one in versions(key())] == [3, 2, 1]
    assert "version 1" in HistoryEntry.objects.latest("pk").words


def test_an_old_version_that_is_wrong_today_is_not_brought_back(dora):
    old = Text.objects.create(
        **key().lookup,
        version=7,
        current=False,
        subject="Objet",
        body="{lot.nombre}",
        written_at=NOW,
    )
    with pytest.raises(BadText):
        texts.bring_back(old, by=dora, now=NOW)
    assert current(key()).version == 1


def test_reset_uses_the_default_again(dora):
    save(key(), dora, "Objet", "Autre chose.")
    texts.reset_text(key(), by=dora, now=NOW)
    assert vars(words_of(key())) == dict(
        zip(("subject", "body"), default_text(key()), strict=True)
    )
    assert current(key()).version == 3


def test_a_level_of_ones_own_has_no_default(dora):
    mine = Level.objects.create(rank=4, name="Dernier appel")
    assert default_text(TextKey(**vars(key()) | {"level": mine})) is None
    with pytest.raises(Refused):
        texts.reset_text(TextKey(**vars(key()) | {"level": mine}), by=dora, now=NOW)


def test_a_text_of_a_type_taken_out_leaves_the_one_for_all(dora):
    own = key(channel="email", regime="B2C")
    texts.stop_using(own, by=dora, now=NOW)
    serving = text_serving(current_texts(), own.place)
    assert serving is not None
    assert serving.regime == ""
    # The versions stay, and a new start does not bring it back by itself.
    assert versions(own).count() == 1
    with pytest.raises(Refused):
        texts.stop_using(key(3, regime="B2B"), by=dora, now=NOW)


def test_a_level_is_given_the_texts_of_another(dora):
    mine = Level.objects.create(rank=4, name="Dernier appel")
    save(TextKey(**vars(key()) | {"level": mine}), dora, "À moi", "Déjà là.", seen=0)
    done = texts.copy_texts(Level.objects.get(rank=1), mine, by=dora, now=NOW)

    of_first = Text.objects.filter(level__rank=1, current=True).count()
    assert (done.made, done.refused) == (of_first - 1, ())
    found = completeness()[-1]
    assert (found.level, found.missing) == (mine, 0)
    kept = Text.objects.get(level=mine, **without_level(key()))
    assert kept.body == "Déjà là."


def test_what_would_be_no_formal_notice_is_not_copied_to_one(dora):
    notice = Level.objects.create(
        rank=4, name="Seconde mise en demeure", kind=Level.Kind.FORMAL_NOTICE
    )
    done = texts.copy_texts(Level.objects.get(rank=1), notice, by=dora, now=NOW)
    assert {one.channel for one in done.refused} == {"letter"}
    assert set(Text.objects.filter(level=notice).values_list("channel", flat=True)) == {
        "email"
    }


def without_level(of: TextKey) -> dict[str, object]:
    return {name: value for name, value in of.lookup.items() if name != "level"}


def test_the_table_tells_what_drafts_use():
    Text.objects.filter(level__rank=1, channel="letter", language="en").delete()
    used = current_texts()
    for level in completeness():
        for row in level.rows:
            for cell in row.cells:
                assert cell.serving == text_serving(used, cell.key.place)
    first = next(one for one in completeness() if one.level.rank == 1)
    # Single and grouped, for each type of customer.
    assert first.missing == 2 * len(Regime)


def test_all_the_levels_come_with_all_their_texts():
    assert [(one.level.rank, one.missing) for one in completeness()] == [
        (0, 0),
        (1, 0),
        (2, 0),
        (3, 0),
    ]


def test_a_text_of_dolibarr_is_taken_over_whole():
    pasted = TextData(
        subject="[__MYCOMPANY_NAME__] Facture __REF__",
        body="<p>__(Hello)__</p><p>La facture <strong>__REF__</strong> de "
        "__AMOUNT_REMAIN_FORMATED__ est &eacute;chue.</p><ul><li>un</li></ul>",
    )
    taken = convert(key(), pasted)
    assert taken.subject == "[{societe.nom}] Facture {facture.numero}"
    assert taken.body == (
        "Bonjour,\n\nLa facture **{facture.numero}** de {facture.reste_a_payer} est "
        "échue.\n\n- un"
    )
