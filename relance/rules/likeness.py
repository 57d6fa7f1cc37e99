"""Which customers are most likely one and the same, and what says so."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations

# Beyond that many that share a value, each is held against the first only: an
# accountant's address on two hundred customers is not twenty thousand pairs.
MOST_TOGETHER = 12
# One letter may differ in a name from this length on.
LONG_ENOUGH = 6

_WORDS = re.compile(r"[A-Z]+|[0-9]+")
# Legal forms and titles say nothing of who somebody is.
_FORMS = frozenset(
    _WORDS.findall(
        "SARL SAS SASU SA EURL EI EIRL SNC SCI SCP SELARL SELAS SCOP SCIC GIE GAEC "
        "EARL SOCIETE STE ETS ETABLISSEMENTS ETABLISSEMENT ENTREPRISE ENT CIE "
        "COMPAGNIE GROUPE ASSOCIATION ASSOC M MR MME MLLE MONSIEUR MADAME MAITRE ME DR "
        "GMBH AG LTD LIMITED LLC INC PLC BV NV SPA SRL SL "
        "LE LA LES L DE DU DES D ET AND THE"
    )
)
_SPELT = {"ST": "SAINT", "FRERES": "FRERE"}


class Like(StrEnum):
    """What two customers have in common; the last says something against."""

    SIREN = "siren"
    SIRET = "siret"
    VAT = "vat"
    EMAIL = "email"
    SAME_NAME = "same_name"
    NEAR_NAME = "near_name"
    # Two places of one company: often two customers on purpose.
    OTHER_PLACE = "other_place"


SURE = frozenset({Like.SIREN, Like.SIRET, Like.VAT})


@dataclass(frozen=True, kw_only=True)
class Known:
    """What is known of a customer that may tell them from another."""

    pk: int
    name: str
    siren: str = ""
    siret: str = ""
    vat: str = ""
    email: str = ""
    postcode: str = ""
    city: str = ""


@dataclass(frozen=True, kw_only=True)
class Pair:
    """Two customers, the lower number first, and why they look like one."""

    one: int
    other: int
    why: tuple[Like, ...]

    @property
    def likely(self) -> int:
        """How much speaks for it: 3 a number of the State, 2 an address or the very
        name, 1 a name that is near, or two places of one company."""
        if Like.OTHER_PLACE in self.why:
            return 1
        if SURE & set(self.why):
            return 3
        return 2 if {Like.EMAIL, Like.SAME_NAME} & set(self.why) else 1


def pairs(customers: Iterable[Known]) -> list[Pair]:
    """Return every pair that looks like one customer, the likeliest first.

    Two different SIREN are two companies, whatever their name and e-mail address;
    names count for customers who may be at one place. Time grows as the customers do.
    """
    known = {one.pk: _read(one) for one in customers}
    found: defaultdict[tuple[int, int], set[Like]] = defaultdict(set)
    for like, key, pks in _blocks(known.values()):
        for pair in _together(pks):
            one, other = known[pair[0]], known[pair[1]]
            if _may_be(one, other, like, key):
                found[pair].add(like)
    rows = [
        Pair(one=one, other=other, why=_reasons(known[one], known[other], likes))
        for (one, other), likes in found.items()
    ]
    return sorted(rows, key=lambda pair: (-pair.likely, pair.one, pair.other))


def name_words(name: str) -> tuple[str, ...]:
    """Return the words that tell a name from others, sorted: "Éts Lefèvre & Fils,
    SARL" and "FILS LEFEVRE" are one. All of them, where nothing else is left."""
    letters = unicodedata.normalize("NFKD", name.upper().replace("Œ", "OE"))
    bare = "".join(char for char in letters if not unicodedata.combining(char))
    # S.A.R.L., S.A.S.: one word.
    bare = re.sub(r"\b([A-Z])\.(?=[A-Z]\b)", r"\1", bare).replace("'", " ")
    words = _WORDS.findall(bare)
    kept = [_SPELT.get(word, word) for word in words if word not in _FORMS]
    return tuple(sorted(kept or words))


def within_one(one: str, other: str) -> bool:
    """Say whether two texts differ by one letter at most: another, one more, one
    less, or two neighbours in the other order."""
    if one == other:
        return True
    if abs(len(one) - len(other)) > 1:
        return False
    start = next(
        (at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b),
        min(len(one), len(other)),
    )
    rest, against = one[start:], other[start:]
    if len(one) == len(other):
        swapped = rest[:2] == against[:2][::-1] and rest[2:] == against[2:]
        return rest[1:] == against[1:] or swapped
    return rest[1:] == against or rest == against[1:]


@dataclass(frozen=True, kw_only=True)
class _Read:
    """A customer with the name already taken apart."""

    known: Known
    words: tuple[str, ...]
    # Numbers tell apart: "Résidence 12" is not "Résidence 13".
    numbers: tuple[str, ...]
    letters: str
    place: str

    @property
    def pk(self) -> int:
        return self.known.pk


def _read(known: Known) -> _Read:
    words = name_words(known.name)
    city = " ".join(name_words(known.city))
    return _Read(
        known=known,
        words=words,
        numbers=tuple(word for word in words if word.isdigit()),
        letters="".join(word for word in words if not word.isdigit()),
        place=known.postcode.replace(" ", "") or city,
    )


def _blocks(
    customers: Iterable[_Read],
) -> Iterator[tuple[Like, str, Sequence[int]]]:
    """Yield the customers who share something, with what it is."""
    blocks: defaultdict[tuple[Like, str], list[int]] = defaultdict(list)
    for one in customers:
        for like, key in _keys(one):
            blocks[like, key].append(one.pk)
    for (like, key), pks in blocks.items():
        if len(pks) > 1:
            yield like, key, pks


def _keys(one: _Read) -> Iterator[tuple[Like, str]]:
    known = one.known
    for like, value in (
        (Like.SIREN, known.siren or known.siret[:9]),
        (Like.SIRET, known.siret),
        (Like.VAT, known.vat.upper().replace(" ", "")),
        (Like.EMAIL, known.email.strip().lower()),
        (Like.SAME_NAME, " ".join(one.words)),
    ):
        if value:
            yield like, value
    # Two names that differ by one letter have a shortened form in common.
    if len(one.letters) >= LONG_ENOUGH:
        numbers = " ".join(one.numbers)
        shorter = {
            one.letters[:at] + one.letters[at + 1 :] for at in range(len(one.letters))
        }
        for form in {one.letters, *shorter}:
            yield Like.NEAR_NAME, f"{numbers}|{form}"
    # One has a word more, at the same place.
    if one.place:
        for word in set(one.words):
            if len(word) >= LONG_ENOUGH:
                yield Like.NEAR_NAME, f"@{one.place}|{word}"


def _together(pks: Sequence[int]) -> Iterator[tuple[int, int]]:
    ordered = sorted(set(pks))
    if len(ordered) <= MOST_TOGETHER:
        yield from combinations(ordered, 2)
    else:
        yield from ((ordered[0], other) for other in ordered[1:])


def _may_be(one: _Read, other: _Read, like: Like, key: str) -> bool:
    """Say whether what two customers share makes them look like one."""
    if like in SURE:
        return True
    siren = one.known.siren or one.known.siret[:9]
    against = other.known.siren or other.known.siret[:9]
    if siren and against and siren != against:
        return False
    if like == Like.EMAIL:
        return True
    if one.place and other.place and one.place != other.place:
        return False
    if like == Like.SAME_NAME:
        return True
    if key.startswith("@"):
        fewer, more = sorted((set(one.words), set(other.words)), key=len)
        return fewer < more and one.numbers == other.numbers
    return one.words != other.words and within_one(one.letters, other.letters)


def _reasons(one: _Read, other: _Read, likes: set[Like]) -> tuple[Like, ...]:
    siret, against = one.known.siret, other.known.siret
    if Like.SAME_NAME in likes:
        likes = likes - {Like.NEAR_NAME}
    if siret and against and siret != against:
        likes = likes | {Like.OTHER_PLACE}
    return tuple(like for like in Like if like in likes)
