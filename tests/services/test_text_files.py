"""All the texts in one file: taken away whole, brought back after a look."""

from __future__ import annotations

import pytest

from relance.gateways import text_archive
from relance.models import HistoryEntry, Level, Text
from relance.queries.texts import current_texts
from relance.services.defaults import seed_texts
from relance.services.refusal import Refused
from relance.services.text_files import Fate, export_texts, import_texts, plan_import
from tests import make
from tests.make import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _company() -> None:
    make.company()


def files() -> dict[str, str]:
    return {one.name: one.text or "" for one in text_archive.read(export_texts())}


def fates(data: bytes) -> dict[str, str]:
    return {one.name: one.fate.value for one in plan_import(data)}


def test_the_file_holds_every_text_as_the_defaults_are_named():
    found = files()
    assert "3 = Mise en demeure" in found.pop("LISEZMOI.txt")
    assert len(found) == len(current_texts()) == len(seed_texts())
    text = Text.objects.get(
        level__rank=3, channel="letter", language="fr", grouped=False, regime="B2C"
    )
    assert found["fr/3-letter-single-B2C.md"] == f"# {text.subject}\n\n{text.body}\n"


def test_brought_back_untouched_nothing_changes(dora):
    data = export_texts()
    assert set(fates(data).values()) == {"same"}
    names = list(fates(data))
    assert import_texts(data, names=names, by=dora, now=NOW) == []
    assert not HistoryEntry.objects.exists()


def test_what_would_change_is_told_before_and_done_after(dora):
    found = files()
    name = "fr/1-letter-single.md"
    found[name] = "# Objet nouveau\r\n\r\nBonjour,\r\n\r\n{lieu}\r\n"
    found["fr/1-letter-single-PUBLIC.md"] = "# Nouveau\n\nPour le secteur public."
    found["fr/2-letter-single.md"] = "# Faux\n\n{facture.numro}"
    found["fr/9-letter-single.md"] = "# Sans niveau\n\nBonjour"
    found["fr/notes.md"] = "à moi"
    data = text_archive.write(found)
    told = fates(data)

    assert told[name] == "changed"
    assert told["fr/1-letter-single-PUBLIC.md"] == "new"
    for wrong in ("fr/2-letter-single.md", "fr/9-letter-single.md", "fr/notes.md"):
        assert told[wrong] == "error"
    assert Text.objects.filter(version=2).count() == 0

    made = import_texts(data, names=list(told), by=dora, now=NOW)
    assert {(one.regime, one.version, one.subject) for one in made} == {
        ("", 2, "Objet nouveau"),
        ("PUBLIC", 1, "Nouveau"),
    }
    assert made[0].body == "Bonjour,\n\n{lieu}" or made[1].body == "Bonjour,\n\n{lieu}"
    assert {entry.action for entry in HistoryEntry.objects.all()} == {"text.imported"}


def test_only_what_was_ticked_is_taken(dora):
    found = files()
    for name in ("fr/1-letter-single.md", "en/1-letter-single.md"):
        found[name] = "# Objet\n\nBonjour"
    data = text_archive.write(found)
    (made,) = import_texts(data, names=["en/1-letter-single.md"], by=dora, now=NOW)
    assert made.language == "en"


def test_a_level_moved_since_keeps_its_texts(dora):
    data = export_texts()
    Text.objects.filter(level__rank=2).delete()
    Level.objects.filter(rank=2).update(rank=7)
    again = [one for one in plan_import(data) if one.fate == Fate.NEW]
    assert {one.key.level.rank for one in again if one.key} == {7}
    assert {one.key.level.name for one in again if one.key} == {"Rappel"}


def test_a_level_that_is_not_here_has_its_texts_refused():
    data = export_texts()
    Text.objects.filter(level__rank=2).delete()
    Level.objects.filter(rank=2).update(rank=7, name="Autre")
    assert "rang 2" in next(
        one.trouble for one in plan_import(data) if one.name == "fr/2-letter-single.md"
    )


@pytest.mark.parametrize("data", [b"", b"no zip", text_archive.write({"a.txt": "b"})])
def test_a_file_of_something_else_is_refused(data):
    with pytest.raises(Refused) as refused:
        plan_import(data)
    assert refused.value.field == "upload"
