"""Duplicates among 20,000 customers: read, compared, the first page with its figures.

What happens when the page *Doublons* is opened. Budget: 2 s.
"""

from __future__ import annotations

import json
import random
import resource
import subprocess
import sys
import time

import django

django.setup()

from django.db import connection  # noqa: E402
from django.utils import timezone  # noqa: E402

from bench import _company  # noqa: E402
from relance.models import Customer  # noqa: E402
from relance.queries.duplicates import lookalikes, side_by_side  # noqa: E402

TRADES = ("Menuiserie", "Boulangerie", "Garage", "Pharmacie", "Transports", "Librairie")
SOUNDS = ("ba", "ce", "di", "fo", "gu", "la", "me", "ni", "po", "ra", "se", "ti", "vo")
# One customer in a hundred is there twice, with a slip.
TWICE = 100
PAGE = 20


def main(n: int = 20_000) -> None:
    _company.company()
    planted = _customers(n)
    start = time.perf_counter()
    found = lookalikes()
    shown = side_by_side(found[:PAGE], today=timezone.localdate())
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    if len(shown) != PAGE or not planted * 0.9 < len(found) < planted * 1.2:
        raise SystemExit(f"{len(found)} pairs found of {planted} planted")
    figure = {
        "n": n,
        "seconds": round(seconds, 3),
        "floor_seconds": floor(),
        "peak_mib": round(peak, 1),
        "pairs": len(found),
    }
    print(json.dumps(figure))


def _customers(count: int) -> int:
    chance = random.Random(2026)
    made = []
    for rank in range(count - count // TWICE):
        sounds = chance.choices(SOUNDS, k=6)
        name = f"{chance.choice(TRADES)} {''.join(sounds[:3])} {''.join(sounds[3:])}"
        made.append(
            Customer(
                code=f"B{rank:06d}",
                name=f"{name.title()} SARL",
                siren=f"{400_000_000 + rank}" if rank % 2 else "",
                email=f"compta{rank}@client.example",
                postcode=f"{chance.randrange(1_000, 96_000):05d}",
                city="Nantes",
            )
        )
    for rank in range(count // TWICE):
        twin = made[rank * 7]
        at = len(twin.name) - len("abc SARL")
        slipped = f"{twin.name[:at]}{twin.name[at + 1 :]}"
        made.append(Customer(code=f"D{rank:06d}", name=slipped, postcode=twin.postcode))
    Customer.objects.bulk_create(made, batch_size=1000)
    return count // TWICE


def floor() -> float:
    """Compare what is exactly the same, with the driver alone."""
    path = str(connection.settings_dict["NAME"])
    connection.close()
    done = subprocess.run(
        [sys.executable, "bench/floors/duplicates.py", path],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return float(done.stdout)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
