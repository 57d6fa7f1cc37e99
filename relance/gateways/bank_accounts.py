"""One account, however a bank writes it: as an IBAN where that can be computed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from stdnum import iban

_BARE: Final = re.compile(r"[^0-9A-Z]")
# Bank, branch, account number, and the key that some formats leave out.
_FRENCH: Final = re.compile(r"(\d{5})(\d{5})([0-9A-Z]{11})(\d{2})?")
# Bank and account number alone, as MT940 has them.
_SHORT: Final = re.compile(r"(\d{5})([0-9A-Z]{11})")
# Letters of a RIB stand for digits: A and J are 1, B, K and S are 2…
_DIGITS: Final = str.maketrans(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "12345678912345678923456789"
)


def same_account(written: str, known: Iterable[str] = ()) -> str:
    """Return an account as an IBAN: one that is, or a French RIB with or without its
    key. A bank and account number without branch is the IBAN among ``known`` that has
    them; anything else is returned as it is written."""
    bare = _BARE.sub("", written.upper())
    if iban.is_valid(bare):
        return bare
    if found := _FRENCH.fullmatch(bare):
        bank, branch, number, key = found.groups()
        right = rib_key(bank, branch, number)
        return french_iban(bank, branch, number) if key in (None, right) else written
    if found := _SHORT.fullmatch(bare):
        bank, number = found.groups()
        alike = {
            one
            for one in known
            if one.startswith("FR") and (one[4:9], one[14:25]) == (bank, number)
        }
        if len(alike) == 1:
            return alike.pop()
    return written


def rib_key(bank: str, branch: str, number: str) -> str:
    """Return the two digits that end a French RIB (Banque de France, 97 minus the
    rest of the whole divided by 97)."""
    digits = number.translate(_DIGITS)
    rest = (89 * int(bank) + 15 * int(branch) + 3 * int(digits)) % 97
    return f"{97 - rest:02d}"


def french_iban(bank: str, branch: str, number: str) -> str:
    """Return the IBAN of a French account."""
    rib = f"{bank}{branch}{number}{rib_key(bank, branch, number)}"
    return f"FR{iban.calc_check_digits(f'FR00{rib}')}{rib}"
