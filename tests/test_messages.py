"""The check of the French catalogue finds what it should, each planted once."""

from __future__ import annotations

import io

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from tools.messages import compare, in_french

ASKED = "%(count)s letters: see them"


def french(entry: str) -> Catalog:
    head = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n'
    return read_po(io.BytesIO((head + entry).encode()), locale="fr")


def asked(*words, context=None) -> Catalog:
    catalogue = Catalog(locale="fr")
    for one in words:
        catalogue.add(one, locations=[("relance/place.py", 1)], context=context)
    return catalogue


def troubles(entry: str, *words, context=None) -> list[str]:
    found = asked(*(words or (ASKED,)), context=context)
    return [trouble.split(": ", 1)[1] for trouble in compare(found, french(entry))]


def entry(said: str) -> str:
    return f'msgid "{ASKED}"\nmsgstr "{said}"\n'


def test_a_good_translation_is_let_through():
    assert troubles(entry("%(count)s courriers\u00a0: les voir")) == []


@pytest.mark.parametrize("nothing", ["", entry("")])
def test_what_is_missing_is_found(nothing):
    assert troubles(nothing) == [f"not in French: {ASKED!r}"]


def test_what_another_context_says_does_not_count():
    same = 'msgctxt "letter"\nmsgid "Close"\nmsgstr "Clore"\n'

    assert "not in French: 'Close'" in troubles(same, "Close", context="window")


def test_what_django_says_is_said_here_again():
    assert troubles("", "Save") == ["not in French: 'Save'"]


def test_what_is_unsure_is_found():
    unsure = "#, fuzzy\n" + entry("%(count)s courriers\u00a0: les voir")

    assert troubles(unsure) == [f"unsure (fuzzy) in French: {ASKED!r}"]


@pytest.mark.parametrize("mark", ["", "#~ "])
def test_what_nobody_asks_for_is_found(mark):
    old = f'{mark}msgid "Old"\n{mark}msgstr "Ancien"\n'
    kept = entry("%(count)s courriers\u00a0: les voir") + "\n" + old

    assert troubles(kept) == ["nobody asks for 'Old' any more"]


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        ("Courriers", "%(count)s is lost in the French"),
        ("%(nombre)s %(count)s", "%(nombre)s is only in the French"),
        ("%(count)d courriers", "%(count)d is only in the French"),
        ("%(count)s : les voir", "a space that may break in the French (“0 :”)"),
        ("%(count)s: les voir", "no space in the French (“0:”)"),
        ("« %(count)s\u00a0»", "a space that may break in the French (“« 0”)"),
        ("l'un des %(count)s", "a straight apostrophe in the French (“l'un”)"),
        ("%(count)s...", "three dots in the French (“0...”)"),
        ("12 % de %(count)s", "a space that may break in the French (“12 %”)"),
    ],
)
def test_what_is_wrongly_written_is_found(said, fault):
    assert f"{fault}: {ASKED!r}" in troubles(entry(said))


@pytest.mark.parametrize(
    "said",
    [
        "à 12:30, %(count)s",
        "https://%(count)s.example",
        "%(count)s %%(x)",
        "R-1 (%(count)s)",
    ],
)
def test_what_only_looks_wrong_is_let_through(said):
    assert troubles(entry(said)) == []


def test_a_singular_may_do_without_the_number():
    words = ("one letter", "%(count)s letters")
    said = (
        'msgid "one letter"\nmsgid_plural "%(count)s letters"\n'
        'msgstr[0] "un courrier"\nmsgstr[1] "%(count)s courriers"\n'
    )

    assert troubles(said, words) == []


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("l'un : « deux » ...", "l’un\u00a0: «\u00a0deux\u00a0» …"),
        ("12 %% et %(x)s %(y)s", "12\u00a0%% et %(x)s %(y)s"),
        ("https://a.example : oui", "https://a.example\u00a0: oui"),
    ],
)
def test_french_typography_is_put_where_the_keyboard_has_none(typed, kept):
    assert in_french(typed) == kept
