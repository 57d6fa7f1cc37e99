"""Every proposal decided again: 10,000 in 2 s at most.

What happens on the first page of a new morning, and after a change that concerns
all: the slower of the two. A hundred thousand invoices, a third of the unpaid held.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from datetime import date, timedelta
from decimal import Decimal

import django

django.setup()

from django.db import connection  # noqa: E402
from django.utils import timezone  # noqa: E402

from bench import _ledger  # noqa: E402
from relance.models import Company, Proposal  # noqa: E402
from relance.services import proposals  # noqa: E402
from relance.services.touching import touch_all  # noqa: E402


def main(n: int = _ledger.UNPAID) -> None:
    _ledger.build_apart(n)
    today = timezone.localdate()
    made = _refresh(n, today=today)
    morning = _refresh(n, today=today + timedelta(days=1))
    # An answer changes on every row.
    Company.objects.update(minimum_amount=Decimal(100_000))
    touch_all()
    changed = _refresh(n, today=today + timedelta(days=1))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    held = Proposal.objects.filter(standing=Proposal.Standing.HELD).count()
    if held < n // 2:
        raise SystemExit(f"only {held} rows of {n} have changed")
    figure = {
        "n": n,
        "seconds": round(max(morning, changed), 3),
        "floor_seconds": floor(),
        "peak_mib": round(peak, 1),
        "first_seconds": round(made, 3),
        "morning_seconds": round(morning, 3),
    }
    print(json.dumps(figure))


def _refresh(n: int, *, today: date) -> float:
    start = time.perf_counter()
    decided = proposals.refresh(today=today)
    seconds = time.perf_counter() - start
    if decided != n:
        raise SystemExit(f"{decided} rows decided of {n}")
    return seconds


def floor() -> float:
    """Read and write the same rows with the driver alone."""
    path = str(connection.settings_dict["NAME"])
    connection.close()
    done = subprocess.run(
        [sys.executable, "bench/floors/proposals.py", path],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        env=dict(os.environ),
    )
    return float(done.stdout)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
