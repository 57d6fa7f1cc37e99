"""A first synchronisation of 5,000 unpaid invoices of 1,000 customers from a Dolibarr
on this machine, a fifth of them partly paid, and a second one that changes nothing.

The server runs in a process of its own; its time is in the figure and in the floor.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from datetime import date, datetime

import django

django.setup()

from django.utils import timezone  # noqa: E402

from bench import _company  # noqa: E402
from relance.models import Invoice  # noqa: E402
from relance.services import dolibarr_connection, dolibarr_sync  # noqa: E402
from relance.services.dolibarr_connection import ConnectionData  # noqa: E402

# Invoices of each customer; one in so many is partly paid.
OWED, PARTLY = 5, 5


def main(n: int = 5_000) -> None:
    _company.company()
    pipe = subprocess.PIPE
    serve = [sys.executable, "-m", "bench._dolibarr", str(n), str(OWED), str(PARTLY)]
    with subprocess.Popen(serve, stdin=pipe, stdout=pipe, text=True) as server:
        assert server.stdout is not None
        address, key = server.stdout.readline().split()
        data = ConnectionData(address=address, key=key)
        dolibarr_connection.save_connection(data, by=None, now=timezone.now())
        first = synchronise()
        again = synchronise()
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        bare = floor(address, key)
        server.communicate()
    owed = Invoice.objects.unpaid().count()
    if owed != n:
        raise SystemExit(f"{owed} unpaid invoices of {n}")
    figure = {
        "n": n,
        "seconds": round(first, 3),
        "floor_seconds": bare,
        "peak_mib": round(peak, 1),
        "again_seconds": round(again, 3),
    }
    print(json.dumps(figure))


def synchronise() -> float:
    """Synchronise from the first step to the last; return the seconds."""
    start = time.perf_counter()
    sync = dolibarr_sync.start(full=False, by=None, now=timezone.now())
    done = dolibarr_sync.work_through(sync, clock=_clock)
    if done.state != done.State.DONE or done.warnings:
        raise SystemExit(done.error or str(done.warnings))
    return time.perf_counter() - start


def floor(address: str, key: str) -> float:
    """Read the same answers with httpx2 alone."""
    done = subprocess.run(
        [sys.executable, "bench/floors/sync.py", address, key],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return float(done.stdout)


def _clock() -> tuple[datetime, date]:
    return timezone.now(), timezone.localdate()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
