"""The three long lists, at 100,000 invoices: 150 ms a page, twelve queries at most.

The 95th percentile of *Relance massive*, of the follow-up of reminders and of the
list of invoices, whichever is slowest: first and later pages, filters, sorts,
searches, as a logged-in administrator gets them. 10,000 invoices are unpaid, a third
of those held; 20,000 customers, 150,000 reminders. ``best_seconds``: the slowest page
at the best of its rounds, what it takes when nothing else is at work.
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from itertools import chain
from pathlib import Path

import django

django.setup()

from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402

from bench import _ledger  # noqa: E402
from relance.models import User  # noqa: E402

QUERIES = 12
ROUNDS = 8
PAGES = {
    "worklist": (
        "/relances/massive/",
        "/relances/massive/?page=2",
        "/relances/massive/?which=late&page=5",
        "/relances/massive/?which=unpaid&page=150",
        "/relances/massive/?which=held",
        "/relances/massive/?which=reminded&sort=-last",
        "/relances/massive/?which=unpaid&sort=-amount&page=3",
        "/relances/massive/?which=unpaid&sort=customer",
        "/relances/massive/?which=unpaid&q=lefevre",
        "/relances/massive/?which=unpaid&currency=CHF&min_days=30",
    ),
    "follow_up": (
        "/relances/",
        "/relances/?page=2",
        "/relances/?page=100",
        "/relances/?sort=customer",
        "/relances/?sort=-level&page=3",
        "/relances/?q=lefevre",
    ),
    "invoices": (
        "/factures/",
        "/factures/?page=100",
        "/factures/?which=late&sort=-balance",
        "/factures/?which=held&page=2",
        "/factures/?which=all&page=50",
        "/factures/?which=settled&sort=-issued",
        "/factures/?q=lefevre",
        "/factures/?sort=customer",
    ),
}


def main(n: int = 100_000) -> None:
    unpaid = n * _ledger.UNPAID // (_ledger.UNPAID + _ledger.PAID)
    _ledger.build_apart(unpaid, decided=True)
    client = Client(SERVER_NAME="localhost")
    client.force_login(User.objects.get())
    asked = {address: _queries(client, address) for address in _addresses()}
    seconds = {
        name: [[_seconds(client, one) for one in addresses] for _ in range(ROUNDS)]
        for name, addresses in PAGES.items()
    }
    measured = {
        name: _slow(list(chain.from_iterable(rounds)))
        for name, rounds in seconds.items()
    }
    best = {
        name: max(map(min, zip(*rounds, strict=True)))
        for name, rounds in seconds.items()
    }
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    figure = {
        "n": n,
        "seconds": max(measured.values()),
        "best_seconds": round(max(best.values()), 4),
        "floor_seconds": floor(asked),
        "peak_mib": round(peak, 1),
        "queries": max(len(queries) for queries in asked.values()),
        "pages": measured,
    }
    print(json.dumps(figure))


def _addresses() -> list[str]:
    return [address for addresses in PAGES.values() for address in addresses]


def _queries(client: Client, address: str) -> list[str]:
    """Return the queries of a page; more than the budget ends the measure."""
    client.get(address)
    found = []
    # One page a minute reads the company's time zone again.
    for _ in range(2):
        with CaptureQueriesContext(connection) as captured:
            answer = client.get(address)
        found.append([query["sql"] for query in captured.captured_queries])
    queries = min(found, key=len)
    if answer.status_code != 200 or len(queries) > QUERIES:
        raise SystemExit(f"{address}: {answer.status_code}, {len(queries)} queries")
    return queries


def _seconds(client: Client, address: str) -> float:
    start = time.perf_counter()
    client.get(address)
    return time.perf_counter() - start


def _slow(seconds: Sequence[float]) -> float:
    return round(statistics.quantiles(seconds, n=20)[-1], 4)


def floor(asked: dict[str, list[str]]) -> float:
    """Run the same queries with the driver alone."""
    path = str(connection.settings_dict["NAME"])
    connection.close()
    with tempfile.TemporaryDirectory() as name:
        queries = Path(name) / "queries.json"
        pages = {
            name: [asked[address] for address in addresses]
            for name, addresses in PAGES.items()
        }
        queries.write_text(json.dumps(pages))
        done = subprocess.run(
            [sys.executable, "bench/floors/pages.py", path, str(queries)],
            stdout=subprocess.PIPE,
            text=True,
            check=True,
            env=dict(os.environ),
        )
    return float(done.stdout)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
