"""A run of letters, each with its stamped invoice: 1,000 in 7 s at most.

From approved lines to one kept document a letter and one print file, database
included, with one worker; at most twice the floor, 400 MiB, and linear to 10,000.
``WORKERS=2`` measures two, started beforehand: 5 s at most.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import django

django.setup()

from django.utils import timezone  # noqa: E402

from bench import _company  # noqa: E402
from relance.gateways import typesetter  # noqa: E402
from relance.gateways.look import PLAIN  # noqa: E402
from relance.models import (  # noqa: E402
    Channel,
    Document,
    Reminder,
    Run,
)
from relance.services import documents, making, printing, run_work  # noqa: E402


def main(n: int = 1000) -> None:
    now = timezone.now()
    run = _company.approved_apart(n, Channel.LETTER)
    others = [
        _other_worker(run.pk) for _ in range(int(os.environ.get("WORKERS", 1)) - 1)
    ]
    start = time.perf_counter()
    for other in others:
        print("go", file=other.stdin, flush=True)
    work(run.pk)
    for other in others:
        other.wait()
    Run.objects.filter(pk=run.pk).update(state=Run.State.DONE)
    printing.build_print_file(run.pk, now=now)
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    letters = Document.objects.filter(kind=Document.Kind.LETTER).count()
    run.refresh_from_db()
    if letters != n or not run.print_file:
        raise SystemExit(f"{letters} letters of {n}; print: {run.print_trouble}")
    figure = {
        "n": n,
        "seconds": round(seconds, 3),
        "floor_seconds": floor(),
        "peak_mib": round(peak, 1),
    }
    print(json.dumps(figure))


def work(run_id: int) -> None:
    """Make what waits, chunk after chunk, as a worker does."""
    now, today = timezone.now(), timezone.localdate()
    while run_work.work(run_id, now=now, today=today):
        pass


def _other_worker(run_id: int) -> subprocess.Popen[str]:
    """Start one more worker, which waits for a word on its input."""
    script = (
        "from bench import mass_letters; print('ready', flush=True); input(); "
        f"mass_letters.work({run_id})"
    )
    other = subprocess.Popen(
        [sys.executable, "-c", script],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert other.stdout is not None
    other.stdout.readline()
    return other


def floor() -> float:
    """Set the same letters and join the same invoices with the libraries alone."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        reminders = Reminder.objects.order_by("number").prefetch_related(
            "lines__invoice__document"
        )
        for rank, reminder in enumerate(reminders.iterator(chunk_size=500)):
            letter = making.letter_from_data(reminder.content["letter"])
            written = json.dumps(
                json.loads(typesetter._letters_json([letter], PLAIN))["letters"][0]
            )
            (folder / f"{rank:06d}.json").write_text(written)
            [line] = reminder.lines.all()
            source = documents.storage().path(line.invoice.document.sha256)
            os.link(source, folder / f"{rank:06d}.pdf")
        done = subprocess.run(
            [sys.executable, "bench/floors/mass_letters.py", name],
            stdout=subprocess.PIPE,
            text=True,
            check=True,
            env=dict(os.environ),
        )
    return float(done.stdout)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
