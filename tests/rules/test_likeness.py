"""Customers who look like one: what says so, and what says that they are two."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relance.rules.likeness import Known, Like, Pair, name_words, pairs, within_one

PLACE = {"postcode": "44000", "city": "Nantes"}


def pair(one: dict[str, str], other: dict[str, str]) -> Pair | None:
    found = pairs([Known(pk=1, **one), Known(pk=2, **other)])
    assert len(found) <= 1
    return found[0] if found else None


def why(one: dict[str, str], other: dict[str, str]) -> list[str]:
    found = pair(one, other)
    return [like.value for like in found.why] if found else []


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("SARL Dupont", ("DUPONT",)),
        ("Dupont S.A.R.L.", ("DUPONT",)),
        ("Éts Lefèvre & Fils", ("FILS", "LEFEVRE")),
        ("Société Lefèvre et Fils (SAS)", ("FILS", "LEFEVRE")),
        ("St-Gobain", ("GOBAIN", "SAINT")),
        ("L'Œuf Cocotte", ("COCOTTE", "OEUF")),
        ("MARTIN  Paul", ("MARTIN", "PAUL")),
        # Nothing but forms: they are the name.
        ("La Société", ("LA", "SOCIETE")),
        ("", ()),
    ],
)
def test_a_name_is_what_tells_it_from_others(name: str, words: tuple[str, ...]) -> None:
    assert name_words(name) == words


@pytest.mark.parametrize(
    ("one", "other", "reasons"),
    [
        # A number of the State is enough, whatever the names.
        (
            {"name": "A", "siren": "732829320"},
            {"name": "B", "siren": "732829320"},
            ["siren"],
        ),
        (
            {"name": "A", "siret": "73282932000074"},
            {"name": "B", "siren": "732829320"},
            ["siren"],
        ),
        (
            {"name": "A", "siret": "73282932000074"},
            {"name": "B", "siret": "73282932000074"},
            ["siren", "siret"],
        ),
        # Two establishments: said, and hardly likely.
        (
            {"name": "A", "siret": "73282932000074"},
            {"name": "B", "siret": "73282932000082"},
            ["siren", "other_place"],
        ),
        (
            {"name": "A", "vat": "FR 44 732829320"},
            {"name": "B", "vat": "fr44732829320"},
            ["vat"],
        ),
        (
            {"name": "A", "email": "Compta@Port.example "},
            {"name": "B", "email": "compta@port.example"},
            ["email"],
        ),
        # One accountant for two companies.
        (
            {"name": "A", "email": "c@x.example", "siren": "732829320"},
            {"name": "B", "email": "c@x.example", "siren": "552100554"},
            [],
        ),
        # Names count at one place, or where no place is known.
        (
            {"name": "SARL Dupont Frères", **PLACE},
            {"name": "Dupont Frère", **PLACE},
            ["same_name"],
        ),
        ({"name": "Dupont", **PLACE}, {"name": "DUPONT SA"}, ["same_name"]),
        (
            {"name": "Boulangerie Martin", "postcode": "44000"},
            {"name": "Boulangerie Martin", "postcode": "69001"},
            [],
        ),
        (
            {"name": "Menuiserie Dupont", **PLACE},
            {"name": "Menuiserie Dupond", **PLACE},
            ["near_name"],
        ),
        (
            {"name": "Menuiserie Dupont", **PLACE},
            {"name": "Menuiserei Dupont", **PLACE},
            ["near_name"],
        ),
        (
            {"name": "Menuiserie Dupont", **PLACE},
            {"name": "Menuiserie Dupont et fils", **PLACE},
            ["near_name"],
        ),
        # Too short for a letter to be a slip.
        ({"name": "Abel", **PLACE}, {"name": "Axel", **PLACE}, []),
        # Numbers tell apart.
        ({"name": "Résidence 12", **PLACE}, {"name": "Résidence 13", **PLACE}, []),
        ({"name": "Client 1", **PLACE}, {"name": "Client 11", **PLACE}, []),
        # Two companies, whatever the name.
        (
            {"name": "Dupont", "siren": "732829320", **PLACE},
            {"name": "Dupont", "siren": "552100554", **PLACE},
            [],
        ),
        ({"name": ""}, {"name": ""}, []),
    ],
)
def test_what_makes_two_customers_look_like_one(
    one: dict[str, str], other: dict[str, str], reasons: list[str]
) -> None:
    assert why(one, other) == reasons
    assert why(other, one) == reasons


def test_the_likeliest_come_first() -> None:
    found = pairs(
        [
            Known(pk=1, name="Menuiserie Dupont", **PLACE),
            Known(pk=2, name="Menuiserie Dupond", **PLACE),
            Known(pk=3, name="A", email="c@x.example"),
            Known(pk=4, name="B", email="c@x.example"),
            Known(pk=5, name="C", siren="732829320"),
            Known(pk=6, name="D", siren="732829320"),
        ]
    )

    assert [(one.one, one.other) for one in found] == [(5, 6), (3, 4), (1, 2)]
    assert [one.likely for one in found] == [3, 2, 1]


def test_an_address_that_hundreds_share_makes_no_thousands_of_pairs() -> None:
    many = [Known(pk=pk, name=f"N {pk}", email="c@x.example") for pk in range(1, 301)]

    found = pairs(many)

    assert len(found) == 299
    assert {one.one for one in found} == {1}
    assert all(Like.EMAIL in one.why for one in found)


def distance(one: str, other: str) -> int:
    """The textbook distance, with neighbours swapped as one step."""
    rows = [list(range(len(other) + 1))]
    for i, a in enumerate(one, start=1):
        row = [i]
        for j, b in enumerate(other, start=1):
            best = min(rows[-1][j] + 1, row[-1] + 1, rows[-1][j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                best = min(best, rows[-2][j - 2] + 1)
            row.append(best)
        rows.append(row)
    return rows[-1][-1]


@given(st.text("ABC", max_size=7), st.text("ABC", max_size=7))
def test_one_letter_is_what_the_textbook_says(one: str, other: str) -> None:
    assert within_one(one, other) == (distance(one, other) <= 1)


@given(
    st.text("ABCDEFGH", min_size=6, max_size=12),
    st.integers(0, 11),
    st.sampled_from("XYZ"),
    st.sampled_from(["change", "drop", "add"]),
)
def test_a_slip_anywhere_in_a_name_is_found(
    name: str, at: int, letter: str, how: str
) -> None:
    at = min(at, len(name) - 1)
    after = name[at + 1 :] if how != "add" else name[at:]
    slipped = name[:at] + ("" if how == "drop" else letter) + after
    if len(slipped) < 6 or len(name_words(name)) != len(name_words(slipped)):
        return

    assert pair({"name": name, **PLACE}, {"name": slipped, **PLACE}) is not None


@given(
    st.lists(
        st.builds(
            Known,
            pk=st.integers(1, 30),
            name=st.text(max_size=12),
            siren=st.sampled_from(["", "732829320", "552100554"]),
            email=st.sampled_from(["", "a@b.example"]),
            postcode=st.sampled_from(["", "44000"]),
        ),
        max_size=12,
        unique_by=lambda one: one.pk,
    )
)
def test_any_names_give_pairs_in_order_each_once(customers: list[Known]) -> None:
    found = pairs(customers)

    seen = [(one.one, one.other) for one in found]
    assert len(seen) == len(set(seen))
    assert all(one < other for one, other in seen)
    assert all(one.why for one in found)
