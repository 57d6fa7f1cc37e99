"""A FEC of 100,000 lines read into the open items of its customers (budget: 8 s,
300 MiB): a year of 20,000 invoices, nine in ten of them paid and lettered."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from relance.gateways import fec
from relance.rules import open_items

HEADER = (
    "JournalCode|JournalLib|EcritureNum|EcritureDate|CompteNum|CompteLib|CompAuxNum|"
    "CompAuxLib|PieceRef|PieceDate|EcritureLib|Debit|Credit|EcritureLet|DateLet|"
    "ValidDate|Montantdevise|Idevise"
)
# Three lines of a sale and two of its payment.
LINES_EACH = 5
PAID_OF_TEN = 9


def main(n: int = 100_000) -> None:
    data = ledger(n // LINES_EACH)
    start = time.perf_counter()
    found = open_items.read(fec.opened(data, "123456789FEC20261231.txt").lines())
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    unpaid = n // LINES_EACH // 10
    if found.lines != n - 2 * unpaid or len(found.items) != unpaid or found.difference:
        raise SystemExit(f"{found.lines} lines, {len(found.items)} open of {unpaid}")
    figure = {
        "n": n,
        "seconds": round(seconds, 3),
        "floor_seconds": floor(data),
        "peak_mib": round(peak, 1),
        "megabytes": round(len(data) / 1024 / 1024, 1),
    }
    print(json.dumps(figure))


def ledger(invoices: int) -> bytes:
    """Return the file: Windows-1252, as most programs still write it."""
    rows = [HEADER]
    for rank in range(invoices):
        rows += _sale(rank)
        if rank % 10 < PAID_OF_TEN:
            rows += _payment(rank)
    return ("\r\n".join(rows) + "\r\n").encode("cp1252")


def _sale(rank: int) -> list[str]:
    day, net = f"2026{1 + rank % 12:02}{1 + rank % 28:02}", 100 + rank % 977
    piece, who = f"FA26-{rank:06}", f"C{rank % 4000:05}|Société {rank % 4000} & fils"
    vat, paid = f"{net * 20 // 100},00", rank % 10 < PAID_OF_TEN
    gross, letter = net + net * 20 // 100, f"{rank:X}|20261215" if paid else "|"
    start = f"VE|Ventes|V{rank}|{day}"
    end = f"{piece}|{day}|Facture {piece}"
    return [
        f"{start}|411000|Clients|{who}|{end}|{gross},00|0,00|{letter}|20261231||",
        f"{start}|706000|Prestations|||{end}|0,00|{net},00|||20261231||",
        f"{start}|445710|TVA collectée|||{end}|0,00|{vat}|||20261231||",
    ]


def _payment(rank: int) -> list[str]:
    net = 100 + rank % 977
    gross, day = net + net * 20 // 100, f"202612{1 + rank % 28:02}"
    who = f"C{rank % 4000:05}|Société {rank % 4000} & fils"
    start, end = f"BQ|Banque|B{rank}|{day}", f"VIR{rank}|{day}|Virement reçu"
    return [
        f"{start}|512000|Banque|||{end}|{gross},00|0,00|||20261231||",
        f"{start}|411000|Clients|{who}|{end}|0,00|{gross},00|{rank:X}|20261215|20261231||",
    ]


def floor(data: bytes) -> float:
    """Read the same file with the csv module and add its amounts up, in a process of
    its own."""
    with tempfile.NamedTemporaryFile(suffix=".txt") as file:
        Path(file.name).write_bytes(data)
        done = subprocess.run(
            [sys.executable, "bench/floors/fec.py", file.name],
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
    return float(done.stdout)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
