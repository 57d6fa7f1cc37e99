"""The floor of ``fec``: the same file split by the csv module, its two amounts of each
line read as decimals and added up by customer and letter. Knows no other form, checks
nothing; prints the seconds."""

from __future__ import annotations

import csv
import sys
import time
from collections import defaultdict
from decimal import Decimal
from pathlib import Path


def main(path: str) -> None:
    start = time.perf_counter()
    sums: defaultdict[tuple[str, str], Decimal] = defaultdict(Decimal)
    total = Decimal(0)
    with Path(path).open(encoding="cp1252", newline="") as file:
        for row in csv.DictReader(file, delimiter="|"):
            debit = Decimal(row["Debit"].replace(",", "."))
            amount = debit - Decimal(row["Credit"].replace(",", "."))
            total += amount
            if row["CompteNum"].startswith("411"):
                sums[row["CompAuxNum"], row["EcritureLet"]] += amount
    assert total == 0
    assert sums
    print(f"{time.perf_counter() - start:.3f}")


if __name__ == "__main__":
    main(*sys.argv[1:])
