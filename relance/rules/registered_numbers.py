"""The numbers of registered letters: read however they are typed, and checked."""

from __future__ import annotations

import re
from enum import StrEnum

LONGEST = 30


class Kind(StrEnum):
    """The family of a number."""

    FRENCH = "french"
    S10 = "s10"
    OTHER = "other"


class Fault(StrEnum):
    """Why a text is no number."""

    NOT_A_NUMBER = "not_a_number"
    SHAPE = "shape"
    CHECK_DIGIT = "check_digit"
    TOO_LONG = "too_long"


class InvalidNumber(ValueError):
    """This text is no registered number; it carries why."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.value)
        self.fault = fault


# La Poste: ``1A 123 456 7890 1``, 13 to 15 characters. Its key is not published: only
# the shape is checked.
_FRENCH = re.compile(r"[0-9][A-Z0-9][0-9]{10,12}[A-Z0-9]")
_NEARLY_FRENCH = re.compile(r"[0-9][A-Z][0-9]{4}.*")
_S10 = re.compile(r"[A-Z]{2}[0-9]{9}[A-Z]{2}")
_NEARLY_S10 = re.compile(r"[A-Z]{2}[0-9]{6,12}FR")
# An online registered letter bears its provider's own reference.
_OTHER = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._/-]*[A-Za-z0-9])?")
_S10_WEIGHTS = (8, 6, 4, 2, 3, 5, 9, 7)


def read_number(text: str) -> str:
    """Return a number as it is stored: without spaces, in capitals where it is one
    of the post's. Raises InvalidNumber."""
    # The bars of some labels begin and end with a star.
    kept = "".join(text.split()).strip("*")
    bare = re.sub(r"[.\-_/]", "", kept).upper()
    if _FRENCH.fullmatch(bare):
        return bare
    if _S10.fullmatch(bare):
        if _s10_check_digit(bare[2:10]) != int(bare[10]):
            raise InvalidNumber(Fault.CHECK_DIGIT)
        return bare
    if _NEARLY_FRENCH.fullmatch(bare) or _NEARLY_S10.fullmatch(bare):
        raise InvalidNumber(Fault.SHAPE)
    if len(kept) > LONGEST:
        raise InvalidNumber(Fault.TOO_LONG)
    digits = sum(character.isdigit() for character in kept)
    if len(kept) < 8 or digits < 4 or not _OTHER.fullmatch(kept):
        raise InvalidNumber(Fault.NOT_A_NUMBER)
    return kept


def kind_of(number: str) -> Kind:
    """Return the family of a number as ``read_number`` returns it."""
    if _S10.fullmatch(number):
        return Kind.S10
    return Kind.FRENCH if _FRENCH.fullmatch(number) else Kind.OTHER


def spaced(number: str) -> str:
    """Return a number as labels print it: ``1A 123 456 7890 1``."""
    if kind_of(number) == Kind.OTHER:
        return number
    if kind_of(number) == Kind.FRENCH and len(number) != 13:
        return number
    cuts = (2, 5, 8, 12) if kind_of(number) == Kind.FRENCH else (2, 5, 8, 11)
    ends = (*cuts, len(number))
    return " ".join(
        number[start:end] for start, end in zip((0, *cuts), ends, strict=True)
    )


def tracking_url(number: str) -> str:
    """Return where La Poste shows a letter; empty for a number of somebody else."""
    if not number or kind_of(number) == Kind.OTHER:
        return ""
    return f"https://www.laposte.fr/outils/suivre-vos-envois?code={number}"


def _s10_check_digit(serial: str) -> int:
    """UPU S10: 11 less the weighted sum modulo 11; 10 is written 0 and 11 is 5."""
    total = sum(
        int(digit) * weight for digit, weight in zip(serial, _S10_WEIGHTS, strict=True)
    )
    return {10: 0, 11: 5}.get(11 - total % 11, 11 - total % 11)
