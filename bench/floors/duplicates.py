"""The floor of ``duplicates``: the same rows read with the driver alone, and put under
each form of their name with one letter less; knows no accent, no legal form, no
place, and builds no pair. Prints the seconds."""

from __future__ import annotations

import sqlite3
import sys
import time


def main(database: str) -> None:
    start = time.perf_counter()
    rows = (
        sqlite3.connect(database)
        .execute(
            "SELECT id, name, siren, siret, vat_number, email, postcode, city "
            "FROM relance_customer"
        )
        .fetchall()
    )
    forms: dict[str, list[int]] = {}
    for pk, name, siren, *_others in rows:
        letters = "".join(name.upper().split())
        for at in range(len(letters)):
            forms.setdefault(letters[:at] + letters[at + 1 :], []).append(pk)
        forms.setdefault(siren, []).append(pk)
    assert sum(len(pks) > 1 for pks in forms.values())
    print(f"{time.perf_counter() - start:.3f}")


if __name__ == "__main__":
    main(*sys.argv[1:])
